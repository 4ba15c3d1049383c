/** Registers everybody through the API: parties, clients, places, products, keys, certificates. */
import { creditCodeCheck } from '../../src/core/credit-code.ts';
import { gs1CheckDigit } from '../../src/core/gs1/identifiers.ts';
import { Client } from '../api.ts';
import type { Random } from '../random.ts';
import {
  type City,
  cities,
  distributorName,
  firmName,
  makerName,
  type ProductLine,
  productLines,
  userName,
} from './world.ts';

export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly city: City;
  readonly client: Client;
  readonly credentials: { readonly id: string; readonly secret: string };
  /** Its warehouse, shop, factory or building. */
  readonly place: string;
}

export interface Maker extends Actor {
  readonly line: ProductLine;
  readonly gtin: string;
  readonly lot: string;
}

export interface Cast {
  readonly makers: readonly Maker[];
  /** Distributors by tier, 1 to 3. */
  readonly tiers: readonly (readonly Actor[])[];
  readonly users: readonly Actor[];
  readonly firms: readonly Actor[];
  readonly regulator: Actor;
  readonly laboratory: Actor;
}

export interface Sizes {
  readonly makers: number;
  readonly tiers: readonly [number, number, number];
  readonly users: number;
  readonly firms: number;
}

/** How many requests are under way at once. */
export const atOnce = 8;

/** Does the work of a list, several at a time, in order of its beginning. */
export async function each<T, R>(list: readonly T[], work: (item: T, i: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < list.length; i = next++) {
      const item = list[i];
      if (item !== undefined) results[i] = await work(item, i);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

export async function registerCast(
  operator: Client,
  random: Random,
  sizes: Sizes,
  done: () => void,
): Promise<Cast> {
  let number = 0;
  const register = async (
    name: string,
    city: City,
    roles: readonly string[],
    placeType: string,
    more: object = {},
  ): Promise<Actor> => {
    const body = `91${city.region}${String(++number).padStart(9, '0')}`;
    const party = await operator.post<{ id: string }>('/v1/parties', {
      name,
      roles,
      region: city.region,
      creditCode: body + creditCodeCheck(body),
      ...more,
    });
    const [client, place] = await Promise.all([
      operator.post<{ client_id: string; client_secret: string }>(`/v1/parties/${party.id}/clients`, {
        label: 'demo',
      }),
      operator.post<{ id: string }>('/v1/places', {
        party: party.id,
        type: placeType,
        name,
        region: city.region,
        ...(placeType === 'project'
          ? {
              permit: `${city.region}-2025-${String(number).padStart(4, '0')}`,
              design: [{ category: 'fire-hoses', quantity: '200', uom: 'MTR' }],
            }
          : {}),
      }),
    ]);
    done();
    const credentials = { id: client.client_id, secret: client.client_secret };
    return {
      id: party.id,
      name,
      city,
      client: new Client(operator.baseUrl, credentials.id, credentials.secret),
      credentials,
      place: place.id,
    };
  };

  const many = (
    count: number,
    name: (i: number, city: City) => string,
    roles: readonly string[],
    placeType: (i: number) => string,
  ): Promise<Actor[]> =>
    each(
      Array.from({ length: count }, () => random.pick(cities)),
      (city, i) => register(name(i, city), city, roles, placeType(i)),
    );

  const [body, regulator, laboratory] = await Promise.all([
    register('应急管理产品认证中心', cities[0] ?? random.pick(cities), ['certification-body'], 'other'),
    register('市场监督管理局', cities[1] ?? random.pick(cities), ['regulator'], 'other', {
      jurisdiction: { regions: ['000000'] },
    }),
    register('消防产品质量检验中心', cities[2] ?? random.pick(cities), ['laboratory'], 'other'),
  ]);
  const makers = await many(sizes.makers, makerName, ['manufacturer'], () => 'factory');
  const tiers = [];
  for (const [tier, count] of sizes.tiers.entries())
    tiers.push(
      await many(
        count,
        (i, city) => distributorName(tier + 1, i, city),
        ['distributor', 'seller'],
        () => (tier === 2 ? 'shop' : 'warehouse'),
      ),
    );
  // One in ten using units is a construction project with a design list.
  const users = await many(sizes.users, userName, ['using-unit'], (i) =>
    i % 10 === 9 ? 'project' : 'building',
  );
  const firms = await many(sizes.firms, firmName, ['maintenance-firm', 'installer'], () => 'workshop');
  return {
    makers: await each(makers, (maker, i) => equip(operator, body, maker, i)),
    tiers,
    users,
    firms,
    regulator,
    laboratory,
  };
}

/** Vets a GTIN for a manufacturer, registers its product, makes its key and certifies it. */
async function equip(operator: Client, body: Actor, maker: Actor, i: number): Promise<Maker> {
  const line = productLines[i % productLines.length];
  if (line === undefined) throw new Error('no product line');
  const digits = `069012345${String(6000 + i)}`;
  const gtin = digits + gs1CheckDigit(digits);
  await operator.post('/v1/gtins', {
    party: maker.id,
    gtins: [gtin],
    evidence: '系统成员证书 GS1 membership certificate',
    vettedBy: '溯源平台 Suyuan demo',
    vettedAt: '2025-01-02',
  });
  await maker.client.post('/v1/products', {
    gtin,
    name: line.zh,
    nameEn: line.en,
    model: line.model,
    category: line.category,
    uom: line.uom,
    serviceLifeMonths: line.serviceLifeMonths,
    ...(line.firstMaintenanceMonths === null ? {} : { firstMaintenanceMonths: line.firstMaintenanceMonths }),
    ...(line.maintenanceMonths === null ? {} : { maintenanceMonths: line.maintenanceMonths }),
  });
  await maker.client.post('/v1/keys', { custody: 'operator' });
  await body.client.post('/v1/certificates', {
    number: `2025${String(180_000 + i)}`,
    holder: maker.id,
    scheme: 'CCC',
    gtins: [gtin],
    models: [line.model],
    factories: [maker.place],
    validFrom: '2025-01-01',
    validUntil: '2029-12-31',
  });
  return { ...maker, line, gtin, lot: `L2025-${String(i + 1).padStart(2, '0')}` };
}

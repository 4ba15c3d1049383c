/** A small supply chain on a service of its own: parties, places and a GTIN, recorded as facts. */

import type { PartyId, PlaceId, Role } from '../../src/core/events/hop.ts';
import type { Fact } from '../../src/core/log/fact.ts';
import { ownPlace } from '../../src/core/opaque-id.ts';
import { newId, newPartyId } from '../../src/features/new-id.ts';
import type { TestService } from './service.ts';

export const gtin = '06901234567892';
export const otherGtin = '06923450657232';
export const unit = (serial: string): string => `01/${gtin}/21/${serial}`;
export const lot = (batch: string): string => `01/${gtin}/10/${batch}`;
/** SSCCs of a small range, with their check digits. */
export const container = (n: number): string => {
  const body = `0690123456789${String(n).padStart(4, '0')}`;
  const sum = [...body].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return `00/${body}${(10 - (sum % 10)) % 10}`;
};

export interface Actor {
  readonly id: PartyId;
  readonly roles: readonly Role[];
  /** Value of an Authorization header. */
  readonly bearer: string;
  readonly place: PlaceId;
}

export interface SupplyChain {
  readonly maker: Actor;
  readonly distributor: Actor;
  readonly seller: Actor;
  readonly user: Actor;
  readonly firm: Actor;
  readonly regulator: Actor;
  readonly stranger: Actor;
  actor(roles: readonly Role[]): Promise<Actor>;
  /** A regulator in charge of these regions. */
  officer(regions: readonly string[]): Promise<Actor>;
  post(actor: Actor, hops: readonly object[], headers?: Record<string, string>): Promise<Posted>;
  size(): Promise<number>;
}

export interface Posted {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into by the tests
  readonly body: any;
}

let keys = 0;

export async function supplyChain(service: TestService): Promise<SupplyChain> {
  const { app, deps } = service;
  const by = deps.genesis.operator;
  const record = (...facts: Fact[]) => deps.ledger.append(facts.map((fact) => ({ fact })));

  async function actor(roles: readonly Role[]): Promise<Actor> {
    const id = newPartyId();
    const place = ownPlace(newId());
    await record(
      { kind: 'party', by, id, stub: false, name: roles.join(), roles, region: '330106' },
      { kind: 'place', by: id, id: place, party: id, type: 'warehouse', name: 'W', region: '330106' },
    );
    return { id, roles, place, bearer: service.bearer(roles, id) };
  }

  async function officer(regions: readonly string[]): Promise<Actor> {
    const regulator = await actor(['regulator']);
    const { id, roles } = regulator;
    const jurisdiction = { regions, places: [] };
    await record({ kind: 'party', by, id, stub: false, name: 'office', roles, jurisdiction });
    return regulator;
  }

  const [maker, distributor, seller, user, firm, regulator, stranger] = [
    await actor(['manufacturer']),
    await actor(['distributor']),
    await actor(['seller']),
    await actor(['using-unit']),
    await actor(['maintenance-firm']),
    await actor(['regulator']),
    await actor(['distributor']),
  ] as const;
  await record({
    kind: 'gtin',
    by,
    gtin,
    party: maker.id,
    evidence: 'e',
    vettedBy: 'v',
    vettedAt: '2025-01-01',
  });

  return {
    maker,
    distributor,
    seller,
    user,
    firm,
    regulator,
    stranger,
    actor,
    officer,
    async post(who, hops, headers = {}) {
      const response = await app.inject({
        method: 'POST',
        url: '/v1/events',
        headers: { authorization: who.bearer, 'idempotency-key': `key-${keys++}`, ...headers },
        payload: { hops },
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        body: response.json(),
      };
    },
    size: () => deps.ledger.size(),
  };
}

let refs = 0;
/** Members that every hop has; a fresh ref each. */
export const act = (time = '2025-07-01T10:00:00+08:00') => ({ ref: `DN-${refs++}`, time });

/** A small trade recorded straight into the ledger: a maker with a product, those it deals with, and codes to verify. */
import type { Test } from 'tap';
import { type CodeSignature, formatCode, signingInput } from '../../../src/core/codes/code.ts';
import type { EventBody } from '../../../src/core/events/epcis.ts';
import type { Epc, PartyId, PlaceId, Role } from '../../../src/core/events/hop.ts';
import { hopToEvents } from '../../../src/core/events/hop-event.ts';
import type { ResolvedHop } from '../../../src/core/events/resolved-hop.ts';
import {
  formatContainer,
  formatLot,
  formatUnit,
  parseGtin,
  parseLot,
  parseSerial,
  parseSscc,
} from '../../../src/core/gs1/identifiers.ts';
import type { CertificateFact, Fact, KeyFact } from '../../../src/core/log/fact.ts';
import { parseEventTime } from '../../../src/core/time.ts';
import { required } from '../../../src/errors.ts';
import { eventFact } from '../../../src/features/events/event-fact.ts';
import { makeKey } from '../../../src/features/keys/make-key.ts';
import { newId, newPartyId } from '../../../src/features/new-id.ts';
import { type TestOverrides, type TestService, testService } from '../../support/service.ts';

export const gtin = required(parseGtin('06901234567892'));
export const otherGtin = required(parseGtin('06923456789012'));
export const lotNumber = 'L20260301A';
export const unit = (serial: string, of = gtin): Epc => formatUnit(of, required(parseSerial(serial)));
export const lot = (of = gtin, number = lotNumber): Epc => formatLot(of, required(parseLot(number)));
export const container = formatContainer(required(parseSscc('069012345678900019')));

/** A hop as a test writes it: the rest is filled in, an event time in May 2026 unless `at` says another. */
export type Told = { readonly hop: ResolvedHop['hop']; readonly [member: string]: unknown };

export interface World extends TestService {
  readonly parties: Readonly<
    Record<'maker' | 'rival' | 'dealer' | 'shop' | 'regulator' | 'user' | 'body', PartyId>
  >;
  readonly places: Readonly<Record<'factory' | 'store' | 'site', PlaceId>>;
  /** Key ids of the maker and of the rival. */
  readonly kid: string;
  readonly rivalKid: string;
  readonly certificate: CertificateFact;
  readonly origin: string;
  /** Records facts; the seq of the first. */
  append(...facts: readonly Fact[]): Promise<number>;
  /** Records a hop; the bodies of its events. */
  record(recorder: PartyId, as: Role, told: Told): Promise<EventBody[]>;
  issue(
    epcs: readonly Epc[],
    about?: { kid?: string; gtin?: string | null; lot?: string | null },
  ): Promise<number>;
  /** A fresh issuing key of a party. */
  newKey(owner: PartyId): Promise<string>;
  setKey(kid: string, change: Pick<KeyFact, 'status'> & Partial<KeyFact>): Promise<number>;
  /** The code of an identifier, signed with a key whether it may or not. */
  code(epc: Epc, kid?: string, host?: string): Promise<string>;
  sign(epc: Epc, kid: string): Promise<CodeSignature>;
}

export const dayMs = 86_400_000;
const noGoods = { epcs: [], lots: [] };

export async function world(t: Test, overrides: TestOverrides = {}): Promise<World> {
  const service = await testService(t, overrides);
  const { ledger, keystore, genesis } = service.deps;
  const parties = {
    maker: newPartyId(),
    rival: newPartyId(),
    dealer: newPartyId(),
    shop: newPartyId(),
    regulator: newPartyId(),
    user: newPartyId(),
    body: newPartyId(),
  };
  const place = (): PlaceId => `place/${newId()}` as PlaceId;
  const places = { factory: place(), store: place(), site: place() };
  const by = genesis.operator;
  const append = async (...facts: readonly Fact[]): Promise<number> =>
    (await ledger.append(facts.map((fact) => ({ fact })))).facts[0]?.seq ?? -1;
  const party = (id: PartyId, name: string, roles: readonly Role[], region: string): Fact => ({
    kind: 'party',
    by,
    id,
    stub: false,
    name,
    roles,
    region,
  });
  await append(
    party(parties.maker, '江南消防器材有限公司', ['manufacturer'], '330106'),
    party(parties.rival, '仿佛消防器材有限公司', ['manufacturer'], '440305'),
    party(parties.dealer, '浦江消防贸易有限公司', ['distributor'], '310105'),
    party(parties.shop, '长宁安全用品商店', ['seller'], '310105'),
    party(parties.regulator, '长宁区市场监督管理局', ['regulator'], '310105'),
    party(parties.user, '长宁某酒店', ['using-unit'], '310105'),
    party(parties.body, '应急管理部消防产品合格评定中心', ['certification-body'], '110106'),
    {
      kind: 'gtin',
      by,
      gtin,
      party: parties.maker,
      evidence: 'GS1 China',
      vettedBy: 'A',
      vettedAt: '2026-01-01',
    },
    {
      kind: 'gtin',
      by,
      gtin: otherGtin,
      party: parties.rival,
      evidence: 'GS1 China',
      vettedBy: 'A',
      vettedAt: '2026-01-01',
    },
    {
      kind: 'product',
      by: parties.maker,
      gtin,
      party: parties.maker,
      local: false,
      name: '手提式干粉灭火器',
      nameEn: 'Portable dry powder extinguisher',
      model: 'MFZ/ABC4',
      category: 'portable-extinguishers',
      uom: 'H87',
      serviceLifeMonths: 120,
    },
    {
      kind: 'product',
      by: parties.rival,
      gtin: otherGtin,
      party: parties.rival,
      local: false,
      name: '消防水带',
      model: 'X',
      category: 'fire-hoses',
      uom: 'H87',
    },
  );
  const placeFact = (
    id: PlaceId,
    owner: PartyId,
    type: 'factory' | 'shop' | 'building',
    region: string,
  ): Fact => ({
    kind: 'place',
    by: owner,
    id,
    party: owner,
    type,
    name: type,
    region,
  });
  const certificate: CertificateFact = {
    kind: 'certificate',
    by: parties.body,
    id: newId(),
    number: '2025081801000123',
    issuer: parties.body,
    holder: parties.maker,
    status: 'issued',
    since: '2025-08-18',
    scheme: 'CCC',
    gtins: [gtin],
    models: [],
    factories: [],
    validFrom: '2025-08-18',
    validUntil: '2030-08-17',
  };
  await append(
    placeFact(places.factory, parties.maker, 'factory', '330106'),
    placeFact(places.store, parties.shop, 'shop', '310105'),
    placeFact(places.site, parties.user, 'building', '310105'),
    certificate,
  );
  const keys = new Map<string, KeyFact>();
  const newKey = async (owner: PartyId): Promise<string> => {
    const { fact } = await makeKey({ ledger, keystore }, { by, party: owner, purpose: 'issuing', own: null });
    keys.set(fact.kid, fact);
    return fact.kid;
  };
  const kid = await newKey(parties.maker);
  const rivalKid = await newKey(parties.rival);
  let refs = 0;

  const sign = async (epc: Epc, kid: string): Promise<CodeSignature> => ({
    kid,
    signature: await keystore.sign(kid, signingInput(kid, epc)),
  });

  return {
    ...service,
    parties,
    places,
    kid,
    rivalKid,
    newKey,
    certificate,
    origin: await service.listen(),
    append,
    async record(recorder, as, told) {
      const { hop, at = '2026-05-04T10:00:00+08:00', ...rest } = told;
      const full = {
        ref: `R${++refs}`,
        time: required(parseEventTime(String(at))),
        recorder,
        as,
        delegation: null,
        place: null,
        documents: [],
        note: null,
        ...noGoods,
        ...rest,
        hop,
      } as ResolvedHop;
      const bodies = required(hopToEvents(full, genesis.host));
      await append(...bodies.map((body) => eventFact(recorder, body)));
      return bodies;
    },
    issue: (epcs, { kid: key = kid, gtin: of = gtin, lot: number = lotNumber } = {}) =>
      append({
        kind: 'issue',
        by: keys.get(key)?.party ?? by,
        batch: newId(),
        kid: key,
        serials: 'own',
        epcs: [...epcs].sort(),
        ...(of === null ? {} : { gtin: of }),
        ...(number === null ? {} : { lot: number }),
      }),
    async setKey(kid, change) {
      const fact = keys.get(kid);
      if (fact === undefined) throw new Error(`no key ${kid}`);
      return append({ ...fact, ...change });
    },
    sign,
    code: async (epc, key = kid, host = service.deps.host) =>
      formatCode({ host, epc, ...(await sign(epc, key)) }),
  };
}

/** Produced, shipped to the dealer and received. */
export async function distribute(w: World, epcs: readonly Epc[]): Promise<void> {
  const { maker, dealer } = w.parties;
  const { factory } = w.places;
  await produce(w, epcs);
  const goods = { epcs, place: factory };
  await w.record(maker, 'manufacturer', {
    hop: 'ship',
    ...goods,
    to: dealer,
    toPlace: null,
    transfer: 'sale',
    at: '2026-04-02T09:00:00+08:00',
  });
  await w.record(dealer, 'distributor', {
    hop: 'receive',
    epcs,
    from: maker,
    fromPlace: factory,
    differences: [],
    at: '2026-04-05T09:00:00+08:00',
  });
}

export const produce = (w: World, epcs: readonly Epc[]): Promise<EventBody[]> =>
  w.record(w.parties.maker, 'manufacturer', {
    hop: 'produce',
    epcs,
    place: w.places.factory,
    lot: lotNumber,
    productionDate: '2026-03-01',
    bestBefore: null,
    factory: w.places.factory,
    begun: false,
    at: '2026-03-01T08:00:00+08:00',
  });

/** What `POST /v1/verify` answers. */
export async function post(
  w: World,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; type: string | null; body: Answer }> {
  const response = await fetch(`${w.origin}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'a phone', ...headers },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: (await response.json()) as Answer,
  };
}

/** An answer of any kind, to be compared whole. */
// biome-ignore lint/suspicious/noExplicitAny: tests compare what came over the wire
export type Answer = any;

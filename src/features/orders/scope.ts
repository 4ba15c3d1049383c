/** The scope of an order as people write it, read: every identifier in canonical form, every party by its id. */
import type { Epc, PartyId } from '../../core/events/hop.ts';
import { parseGtin, parseIdentifier } from '../../core/gs1/identifiers.ts';
import { anchorOf, anchors, type Downstream, type OrderScope, type Period } from '../../core/orders/order.ts';
import { parseDate, parseEventTime } from '../../core/time.ts';
import { fault, ok, type Result, refusalAt, required } from '../../errors.ts';
import type { FeatureDeps } from '../feature.ts';
import { requireParty } from '../parties/references.ts';
import { parsePlace } from '../places/references.ts';
import type { ScopeBody } from './schemas.ts';

const listed = { units: 'unit', lots: 'lot', containers: 'container' } as const;
const named = ['made', 'held', 'holding'] as const;
const periods = ['produced', 'recorded'] as const;

/** Refuses, naming the member, what cannot be read, and a scope by which nothing could be found. */
export async function readScope(
  { db, policies }: Pick<FeatureDeps, 'db' | 'policies'>,
  body: ScopeBody,
  by: PartyId,
): Promise<OrderScope> {
  const things: { units?: Epc[]; lots?: Epc[]; containers?: Epc[] } = {};
  for (const [name, type] of entriesOf(listed)) {
    const texts = body[name];
    if (texts !== undefined)
      things[name] = sorted(texts.map((text, i) => required(thingOf(text, type), `/scope/${name}/${i}`)));
  }
  const parties: { made?: PartyId; held?: PartyId; holding?: PartyId } = {};
  for (const name of named) {
    const text = body[name];
    if (text !== undefined) parties[name] = await requireParty(db.sql, policies, text, by, `/scope/${name}`);
  }
  const within: { produced?: Period; recorded?: Period } = {};
  for (const name of periods) {
    const period = body[name];
    if (period !== undefined) within[name] = periodOf(period, `/scope/${name}`);
  }
  const scope = {
    ...(body.downstream === undefined
      ? {}
      : { downstream: await downstreamOf({ db, policies }, body.downstream, by) }),
    ...things,
    ...(body.products === undefined
      ? {}
      : {
          products: sorted(body.products.map((text, i) => required(parseGtin(text), `/scope/products/${i}`))),
        }),
    ...parties,
    ...within,
  };
  if (anchorOf(scope) === null) {
    const detail = `Say what it is about: name at least one of ${[...anchors].sort().join(', ')}.`;
    throw refusalAt('/scope', 'invalid-request', detail);
  }
  return scope;
}

const origins = ['party', 'place', 'unit', 'lot', 'container'] as const;

async function downstreamOf(
  { db, policies }: Pick<FeatureDeps, 'db' | 'policies'>,
  body: NonNullable<ScopeBody['downstream']>,
  by: PartyId,
): Promise<Downstream> {
  const [origin, ...others] = origins.filter((name) => body[name] !== undefined);
  const text = origin === undefined ? undefined : body[origin];
  if (origin === undefined || text === undefined || others.length > 0)
    throw refusalAt('/scope/downstream', 'invalid-request', `Name one of ${origins.join(', ')}.`);
  const pointer = `/scope/downstream/${origin}`;
  const since =
    body.since === undefined
      ? {}
      : {
          since: new Date(required(parseEventTime(body.since), '/scope/downstream/since').from).toISOString(),
        };
  switch (origin) {
    case 'party':
      return { party: await requireParty(db.sql, policies, text, by, pointer), ...since };
    case 'place':
      return { place: required(parsePlace(text), pointer), ...since };
    case 'unit':
    case 'lot':
    case 'container':
      return { [origin]: required(thingOf(text, origin), pointer), ...since };
  }
}

const entriesOf = <K extends string, V>(object: Readonly<Record<K, V>>) =>
  Object.entries(object) as unknown as [K, V][];

/** Identifiers are ASCII, so the default order is that of code points. */
const sorted = <T extends string>(list: readonly T[]): T[] => [...new Set(list)].sort();

function thingOf(text: string, type: 'unit' | 'lot' | 'container'): Result<Epc> {
  const parsed = parseIdentifier(text);
  if (!parsed.ok) return parsed;
  return parsed.value.type === type
    ? ok(parsed.value.epc)
    : fault('invalid-identifier', `This names no ${type}; put it under what it is.`);
}

function periodOf({ from, until }: Period, pointer: string): Period {
  const first = from === undefined ? undefined : required(parseDate(from), `${pointer}/from`);
  const last = until === undefined ? undefined : required(parseDate(until), `${pointer}/until`);
  if (first !== undefined && last !== undefined && last < first)
    throw refusalAt(`${pointer}/until`, 'invalid-time', 'It ends before it begins; mend one of the two.');
  return {
    ...(first === undefined ? {} : { from: first }),
    ...(last === undefined ? {} : { until: last }),
  };
}

/** A unit, container or lot that somebody asks about, with all that is needed to tell them what they may see. */
import type { Epc, HopRecord, PartyId } from '../../core/hop.ts';
import { parseIdentifier } from '../../core/identifiers.ts';
import type { Life } from '../../core/lifecycle.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import { type Involved, type Vision, visionOf } from '../access/reading.ts';
import { unitNumbers } from '../events/chains.ts';
import { involvedIn } from '../events/involved.ts';
import type { FeatureDeps } from '../feature.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { type LoadedHistories, loadHistories, mastersOf } from './histories.ts';

export type ReadingDeps = Pick<FeatureDeps, 'reads' | 'ledger' | 'audit' | 'now'>;

export interface Subject {
  readonly epc: Epc;
  /** Internal number. */
  readonly unit: number;
  readonly histories: LoadedHistories;
  /** The moment that is asked about, ms since the epoch; null for now. */
  readonly at: number | null;
  /** As it stands at that moment. */
  readonly life: Life;
  /** Hops of its effective history by seq. */
  readonly hops: ReadonlyMap<number, HopRecord>;
  readonly vision: Vision;
  readonly involved: ReadonlyMap<number, Involved>;
}

/** Canonical form of what an address names. */
export function pathIdentifier(path: string): Epc {
  const identifier = required(parseIdentifier(path));
  switch (identifier.type) {
    case 'unit':
    case 'lot':
    case 'container':
      return identifier.epc;
    case 'product':
    case 'place':
    case 'party':
      throw new Error(`${path} is no thing`);
  }
}

/** Internal number of a thing. Refuses with `unknown-unit` what no entry names. */
export async function numberOf(sql: Sql, epc: Epc): Promise<number> {
  const unit = (await unitNumbers(sql, [epc])).get(epc);
  if (unit === undefined) throw unknownThing(epc);
  return unit;
}

const unknownThing = (epc: Epc): Refusal =>
  new Refusal('unknown-unit', `Nothing is recorded of ${epc}; check how it is spelled.`);

/**
 * Loads a unit or container as the caller may see it, now or at a moment. Refuses with `forbidden` a caller to whom
 * all of it, or all until that moment, is hidden. The read is audited when it shows what others recorded.
 */
export async function loadSubject(
  { reads: { sql }, ledger, audit, now }: ReadingDeps,
  caller: Caller,
  epc: Epc,
  route: string,
  at: number | null = null,
): Promise<Subject> {
  const unit = await numberOf(sql, epc);
  const histories = await loadHistories({ sql, masters: mastersOf(ledger, sql) }, [unit]);
  const whole = histories.lifeOf(unit, now());
  const steps = new Map(histories.histories.concerning(unit).map((step) => [step.hop.seq, step]));
  const claims = whole.claims.flatMap(({ seq }) => steps.get(seq) ?? []);
  const hops = new Map(claims.map(({ hop }) => [hop.seq, hop]));
  const maker = histories.issuedOf(unit)?.issuer ?? (await makerOf(sql, epc));
  const { vision, involved } = await visionFor(sql, caller, [...hops.values()], maker);
  // A claim about a container is no claim about what is inside.
  const own = claims.filter(({ depth }) => vision.tied || depth === 0);
  requireSight(
    caller,
    maker,
    vision,
    own.flatMap(({ hop }) => involved.get(hop.seq) ?? []),
  );
  const life = at === null ? whole : histories.lifeAt(at, unit);
  if (at !== null) requireSightOf(life, caller, maker, vision, involved);
  if ([...hops.values()].some(({ recorder }) => recorder !== caller.party)) audit.note(caller, route, epc);
  return { epc, unit, histories, at, life, hops, vision, involved };
}

/**
 * Refuses a caller that had nothing to do with a thing until the moment that it asks about: else asking for one moment
 * after another would show when what is hidden happened. A stranger's claim counts for nothing here, or anybody could
 * take part in what is long past.
 */
function requireSightOf(
  life: Life,
  caller: Caller,
  maker: PartyId | null,
  vision: Vision,
  involved: ReadonlyMap<number, Involved>,
): void {
  if (maker === caller.party || vision.overseer) return;
  for (const { seq, standing } of life.claims) {
    const hop = standing === 'stranger' ? undefined : involved.get(seq);
    if (hop !== undefined && vision.sightOf(hop) !== 'hidden') return;
  }
  throw new Refusal('forbidden', 'You took no part in its history until then; ask for a later moment.');
}

/** The vetted owner of the GTIN in an identifier. */
export async function makerOf(sql: Sql, epc: Epc): Promise<PartyId | null> {
  if (!epc.startsWith('01/')) return null;
  const key = gtinKey(epc.slice(3, 17));
  return (await ownersOf(sql, [key])).get(key) ?? null;
}

/** What a caller sees of hops of one thing. */
export async function visionFor(
  sql: Sql,
  caller: Caller,
  hops: readonly HopRecord[],
  maker: PartyId | null,
): Promise<{ vision: Vision; involved: ReadonlyMap<number, Involved> }> {
  const [reader, involved] = await Promise.all([readerOf(sql, caller), involvedIn(sql, hops, maker)]);
  return { vision: visionOf(reader, { maker, hops: [...involved.values()] }), involved };
}

/** Refuses a caller that has nothing to do with a thing. */
export function requireSight(
  caller: Caller,
  maker: PartyId | null,
  vision: Vision,
  hops: Iterable<Involved>,
): void {
  if (maker === caller.party) return;
  for (const hop of hops) if (vision.sightOf(hop) !== 'hidden') return;
  throw new Refusal('forbidden', 'You took no part in its history; verification is open to everybody.');
}

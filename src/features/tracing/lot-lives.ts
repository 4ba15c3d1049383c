/**
 * A lot, or a product with all its lots, folded: the life of every cohort of its units, and the balances of what is dealt
 * of it by measure. The few last ones are kept in memory, so that paging into a number folds nothing again.
 */
import type { PartyId } from '../../core/events/hop.ts';
import type { Step } from '../../core/life/history.ts';
import { foldLot, type LotLife } from '../../core/life/lot.ts';
import { commonUnit, measureOf } from '../../core/measures.ts';
import type { Cohort } from '../../core/tracing/flow.ts';
import { lotsTogether, type MeasuredFlow } from '../../core/tracing/lots-together.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { loadChains, loadLotWide } from '../events/chains.ts';
import { contextOf, type Issued, loadIssued } from '../events/context.ts';
import type { FeatureDeps } from '../feature.ts';
import { breathing } from '../in-turns.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { historiesOf, mastersOf } from '../units/histories.ts';
import { cohortChains, type LotUnits, lotUnits } from './cohorts.ts';
import { measuredLots, namedLots, type Whole } from './queries.ts';

export interface LotLives {
  /** The lot or product in canonical form. */
  readonly epc: string;
  /** Only entries with seq below this are counted. */
  readonly before: number;
  /** Only what happened until then is counted, ms since the epoch; null for all. */
  readonly at: number | null;
  readonly maker: PartyId | null;
  readonly units: LotUnits;
  /** In the order of `units.cohorts`; the key is the index. */
  readonly cohorts: readonly Cohort[];
  /** Of the lots of the kind, mass or length, of which most are. */
  readonly measured: Dealt | null;
}

interface Dealt {
  /** The unit of measure to tell amounts in. */
  readonly uom: string;
  readonly life: MeasuredFlow;
}

export type LotDeps = Pick<FeatureDeps, 'reads' | 'ledger' | 'now'>;
/** What counts: entries before one, of what happened until a moment or, for null, ever. */
export interface Known {
  readonly before: number;
  readonly at: number | null;
}
export type LivesOf = (whole: Whole, known: Known) => Promise<LotLives | null>;

const keptMax = 4;
/** Steps of histories gone through before other requests get their turn. */
const stepsAtOnce = 4_000;
/** Lots of a product that are told of by themselves, at most. */
const lotsMax = 10_000;

/** Folds lots and products; null for one that no entry names. */
export function lotLives(deps: LotDeps): LivesOf {
  const kept = new Map<string, Promise<LotLives | null>>();
  return (whole, known) => {
    const key = `${known.before} ${known.at} ${epcOf(whole)}`;
    const lives = kept.get(key) ?? foldOf(deps, whole, known);
    kept.delete(key);
    kept.set(key, lives);
    lives.catch(() => kept.delete(key));
    const oldest = kept.size > keptMax ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return lives;
  };
}

const epcOf = ({ gtin, lot }: Whole): string => lot ?? `01/${gtin}`;

async function foldOf(deps: LotDeps, whole: Whole, { before, at }: Known): Promise<LotLives | null> {
  const { gtin } = whole;
  const { sql } = deps.reads;
  const masters = mastersOf(deps.ledger, sql);
  const [lots, units, owners] = await Promise.all([
    namedLots(sql, whole, lotsMax),
    lotUnits(sql, whole, before),
    ownersOf(sql, [gtinKey(gtin)]),
    masters.freshen(),
  ]);
  if (lots.length === 0 && units.cohorts.length === 0) return null;
  if (lots.length > lotsMax)
    throw new Refusal(
      'too-many-epcs',
      `This product has more than ${lotsMax} lots that are told of by themselves; ask for single lots.`,
    );
  const standing = units.cohorts.map(({ unit }) => unit);
  const [issued, chains, lotWide, dealt] = await Promise.all([
    loadIssued(sql, standing),
    cohortChains(sql, units.cohorts, before),
    loadLotWide(sql, lots, before),
    measuredChains(sql, lots, before),
  ]);
  const loaded = historiesOf(until(chains, at), until(lotWide, at), issued, masters, before);
  const asOf = at ?? deps.now();
  const cohorts: Cohort[] = [];
  const breathe = breathing(stepsAtOnce);
  for (const [key, { unit, count }] of units.cohorts.entries()) {
    const { state, moves } = loaded.lifeOf(unit, asOf);
    cohorts.push({ key, count, life: { state, moves } });
    await breathe(1 + loaded.histories.own(unit).length);
  }
  const maker = owners.get(gtinKey(gtin)) ?? null;
  return { epc: epcOf(whole), before, at, maker, units, cohorts, measured: lifeByMeasure() };

  function lifeByMeasure(): LotLives['measured'] {
    const of: Issued = { seq: -1, batch: '', kid: '', gtin, lot: null, lotUnit: null, issuer: maker };
    const lives = dealt.map((all) => {
      const steps = happened(all, at);
      return foldLot(steps, { ...contextOf(of, steps, masters, { asOf, before }), planned: null });
    });
    return dealtAlike(lives);
  }
}

/** Steps of what had happened at a moment. What was taken back since never happened: who says so may say it later. */
const happened = (steps: readonly Step[], at: number | null): readonly Step[] =>
  at === null
    ? steps
    : steps.filter(({ hop }) => hop.from <= at || hop.hop === 'void' || hop.hop === 'correct');

const until = (
  chains: ReadonlyMap<number, readonly Step[]>,
  at: number | null,
): ReadonlyMap<number, readonly Step[]> =>
  at === null ? chains : new Map([...chains].map(([number, steps]) => [number, happened(steps, at)]));

/** Chains of those lots of which some entry tells an amount. */
async function measuredChains(
  sql: Sql,
  lots: readonly number[],
  before: number,
): Promise<readonly (readonly Step[])[]> {
  const numbers = await measuredLots(sql, lots);
  const chains = await loadChains(sql, numbers, before);
  return numbers.map((lot) => chains.get(lot) ?? []);
}

/** Lots of one kind together, that of which most are; null when there is none. */
function dealtAlike(lives: readonly LotLife[]): Dealt | null {
  const kinds = new Map<string, { readonly uoms: string[]; readonly lots: LotLife[] }>();
  for (const life of lives) {
    if (life.uom === null) continue;
    const { kind } = measureOf(life.uom);
    const alike = kinds.get(kind) ?? { uoms: [], lots: [] };
    alike.uoms.push(life.uom);
    alike.lots.push(life);
    kinds.set(kind, alike);
  }
  const [most] = [...kinds].sort(([a, m], [b, n]) => n.lots.length - m.lots.length || (a < b ? -1 : 1));
  if (most === undefined) return null;
  const [, { uoms, lots }] = most;
  const [only, ...others] = lots;
  return { uom: commonUnit(uoms), life: only === undefined || others.length > 0 ? lotsTogether(lots) : only };
}

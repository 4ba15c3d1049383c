/**
 * A lot, or a product with all its lots, folded: the life of every cohort of its units, and the balances of what is dealt
 * of it by measure. The few last ones are kept in memory, so that paging into a number folds nothing again.
 */
import type { PartyId } from '../../core/events/hop.ts';
import type { Step } from '../../core/life/history.ts';
import { foldLot } from '../../core/life/lot.ts';
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
import { namedLots, unitsOfMeasure, type Whole } from './queries.ts';

export interface LotLives {
  /** The lot or product in canonical form. */
  readonly epc: string;
  /** Only entries with seq below this are counted. */
  readonly before: number;
  readonly maker: PartyId | null;
  readonly units: LotUnits;
  /** In the order of `units.cohorts`; the key is the index. */
  readonly cohorts: readonly Cohort[];
  /** Of lots in the unit of measure in which most of them are dealt. */
  readonly measured: { readonly uom: string; readonly life: MeasuredFlow } | null;
}

export type LotDeps = Pick<FeatureDeps, 'reads' | 'ledger' | 'now'>;
export type LivesOf = (whole: Whole, before: number) => Promise<LotLives | null>;

const keptMax = 4;
/** Steps of histories gone through before other requests get their turn. */
const stepsAtOnce = 4_000;
/** Lots of a product that are told of by themselves, at most. */
const lotsMax = 10_000;

/** Folds lots and products; null for one that no entry names. */
export function lotLives(deps: LotDeps): LivesOf {
  const kept = new Map<string, Promise<LotLives | null>>();
  return (whole, before) => {
    const key = `${before} ${epcOf(whole)}`;
    const known = kept.get(key);
    kept.delete(key);
    const lives = known ?? foldOf(deps, whole, before);
    kept.set(key, lives);
    lives.catch(() => kept.delete(key));
    const oldest = kept.size > keptMax ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return lives;
  };
}

const epcOf = ({ gtin, lot }: Whole): string => lot ?? `01/${gtin}`;

async function foldOf(deps: LotDeps, whole: Whole, before: number): Promise<LotLives | null> {
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
  const [issued, chains, lotWide, measure] = await Promise.all([
    loadIssued(sql, standing),
    cohortChains(sql, units.cohorts, before),
    loadLotWide(sql, lots, before),
    measured(sql, lots, before),
  ]);
  const loaded = historiesOf(chains, lotWide, issued, masters, before);
  const asOf = deps.now();
  const cohorts: Cohort[] = [];
  const breathe = breathing(stepsAtOnce);
  for (const [key, { unit, count }] of units.cohorts.entries()) {
    const { state, moves } = loaded.lifeOf(unit, asOf);
    cohorts.push({ key, count, life: { state, moves } });
    await breathe(1 + loaded.histories.own(unit).length);
  }
  const maker = owners.get(gtinKey(gtin)) ?? null;
  return { epc: epcOf(whole), before, maker, units, cohorts, measured: lifeByMeasure() };

  function lifeByMeasure(): LotLives['measured'] {
    if (measure === null) return null;
    const of: Issued = { seq: -1, batch: '', kid: '', gtin, lot: null, lotUnit: null, issuer: maker };
    const lives = measure.chains.map((steps) =>
      foldLot(steps, { ...contextOf(of, steps, masters, { asOf, before }), planned: null }),
    );
    const [only, ...others] = lives;
    return { uom: measure.uom, life: only === undefined || others.length > 0 ? lotsTogether(lives) : only };
  }
}

/** Chains of the lots in the unit of measure in which most of them are dealt; null when none is. */
async function measured(
  sql: Sql,
  lots: readonly number[],
  before: number,
): Promise<{ readonly uom: string; readonly chains: readonly (readonly Step[])[] } | null> {
  const uoms = await unitsOfMeasure(sql, lots);
  const counts = new Map<string, number>();
  for (const uom of uoms.values()) counts.set(uom, (counts.get(uom) ?? 0) + 1);
  const [most] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (most === undefined) return null;
  const [uom] = most;
  const numbers = lots.filter((lot) => uoms.get(lot) === uom);
  const chains = await loadChains(sql, numbers, before);
  return { uom, chains: numbers.map((lot) => chains.get(lot) ?? []) };
}

/**
 * A lot folded: the life of every cohort of its units, and the balances of what is dealt of it by measure. The few
 * last ones are kept in memory, so that paging into a number folds nothing again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Cohort } from '../../core/flow.ts';
import type { Epc, PartyId } from '../../core/hop.ts';
import { foldLot, type LotLife } from '../../core/lot.ts';
import type { Sql } from '../../database/connection.ts';
import { loadChains, loadLotWide, unitNumbers } from '../events/chains.ts';
import { contextOf, type Issued, loadIssued } from '../events/context.ts';
import type { FeatureDeps } from '../feature.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { historiesOf, mastersOf } from '../units/histories.ts';
import { cohortChains, type LotUnits, lotUnits } from './cohorts.ts';
import { uomOf } from './queries.ts';

export interface LotLives {
  readonly lot: Epc;
  /** Only entries with seq below this are counted. */
  readonly before: number;
  readonly maker: PartyId | null;
  readonly units: LotUnits;
  /** In the order of `units.cohorts`; the key is the index. */
  readonly cohorts: readonly Cohort[];
  readonly measured: { readonly uom: string; readonly life: LotLife } | null;
}

export type LotDeps = Pick<FeatureDeps, 'reads' | 'ledger' | 'now'>;
export type LivesOf = (lot: Epc, gtin: string, before: number) => Promise<LotLives | null>;

const keptMax = 4;
/** Folds between two breaths, so that other requests are answered meanwhile. */
const foldsAtOnce = 500;

/** Folds lots; null for one that no entry names. */
export function lotLives(deps: LotDeps): LivesOf {
  const kept = new Map<string, Promise<LotLives | null>>();
  return (lot, gtin, before) => {
    const key = `${before} ${lot}`;
    const known = kept.get(key);
    kept.delete(key);
    const lives = known ?? foldOf(deps, lot, gtin, before);
    kept.set(key, lives);
    lives.catch(() => kept.delete(key));
    const oldest = kept.size > keptMax ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return lives;
  };
}

async function foldOf(deps: LotDeps, lot: Epc, gtin: string, before: number): Promise<LotLives | null> {
  const { sql } = deps.reads;
  const masters = mastersOf(deps.ledger, sql);
  const [numbers, units, owners] = await Promise.all([
    unitNumbers(sql, [lot]),
    lotUnits(sql, lot, before),
    ownersOf(sql, [gtinKey(gtin)]),
    masters.freshen(),
  ]);
  const number = numbers.get(lot) ?? null;
  if (number === null && units.cohorts.length === 0) return null;
  const standing = units.cohorts.map(({ unit }) => unit);
  const [issued, chains, lotWide, measure] = await Promise.all([
    loadIssued(sql, standing),
    cohortChains(sql, units.cohorts, before),
    loadLotWide(sql, number === null ? [] : [number], before),
    number === null ? null : measured(sql, number, before),
  ]);
  const loaded = historiesOf(chains, lotWide, issued, masters, before);
  const asOf = deps.now();
  const cohorts: Cohort[] = [];
  for (const [key, { unit, count }] of units.cohorts.entries()) {
    const { state, moves } = loaded.lifeOf(unit, asOf);
    cohorts.push({ key, count, life: { state, moves } });
    if (key % foldsAtOnce === foldsAtOnce - 1) await setImmediate();
  }
  const maker = owners.get(gtinKey(gtin)) ?? null;
  return { lot, before, maker, units, cohorts, measured: lifeByMeasure() };

  function lifeByMeasure(): LotLives['measured'] {
    if (measure === null || measure.uom === null) return null;
    const of: Issued = { seq: -1, batch: '', kid: '', gtin, lot: null, lotUnit: null, issuer: maker };
    const context = contextOf(of, measure.steps, masters, { asOf, before });
    return { uom: measure.uom, life: foldLot(measure.steps, { ...context, planned: null }) };
  }
}

async function measured(sql: Sql, lot: number, before: number) {
  const [uom, chains] = await Promise.all([uomOf(sql, lot), loadChains(sql, [lot], before)]);
  return { uom, steps: chains.get(lot) ?? [] };
}

/**
 * The histories of things whole, ready to fold: their own steps, those of the containers they were in, what was
 * said of their lot, whose codes they are. This is what verification, unit state and findings read.
 */
import { type Life, lifeAt, lifeOf } from '../../core/life/lifecycle.ts';
import type { LifecycleContext } from '../../core/life/lifecycle-state.ts';
import { type Chain, type Histories, histories } from '../../core/life/membership.ts';
import type { Sql } from '../../database/connection.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { loadChains, loadLotWide } from '../events/chains.ts';
import { contextOf, type Issued, loadIssued } from '../events/context.ts';
import { createMasters, type Masters } from '../events/masters.ts';

export interface LoadedHistories {
  issuedOf(unit: number): Issued | undefined;
  /** Own steps, in order of seq; also of every container that one of the units was in. */
  chainOf(number: number): Chain;
  /** The same chains as the fold reads them, shared between units. */
  readonly histories: Histories;
  contextOf(unit: number, asOf: number): LifecycleContext;
  lifeOf(unit: number, asOf: number): Life;
  /** As it stood at a moment, ms since the epoch. */
  lifeAt(moment: number, unit: number): Life;
}

const everything = Number.MAX_SAFE_INTEGER;

/**
 * Loads the histories of things by internal number: a statement for issue, one a level of nesting, one for lots
 * when there are any. Never more than the facts about these things.
 */
export async function loadHistories(
  { sql, masters }: { sql: Sql; masters: Masters },
  units: Iterable<number>,
): Promise<LoadedHistories> {
  const list = [...new Set(units)];
  const [issued, chains] = await Promise.all([
    loadIssued(sql, list),
    loadChains(sql, list),
    masters.freshen(),
  ]);
  return historiesOf(chains, await loadLotWide(sql, lotsOf(issued)), issued, masters, everything);
}

/** Internal numbers of the lots of units, where any entry names them. */
export const lotsOf = (issued: ReadonlyMap<number, Issued>): Set<number> =>
  new Set([...issued.values()].flatMap(({ lotUnit }) => (lotUnit === null ? [] : [lotUnit])));

/** Histories of what is loaded already. Chains hold entries with seq below `before` alone. */
export function historiesOf(
  chains: ReadonlyMap<number, Chain>,
  lotWide: ReadonlyMap<number, Chain>,
  issued: ReadonlyMap<number, Issued>,
  masters: Masters,
  before: number,
): LoadedHistories {
  const chainOf = (number: number): Chain => chains.get(number) ?? lotWide.get(number) ?? [];
  const shared = histories(chainOf, (unit) => issued.get(unit)?.lotUnit ?? null);
  const context = (unit: number, asOf: number): LifecycleContext =>
    contextOf(issued.get(unit), shared.concerning(unit), masters, { asOf, before });
  return {
    issuedOf: (unit) => issued.get(unit),
    chainOf,
    histories: shared,
    contextOf: context,
    lifeOf: (unit, asOf) => lifeOf(unit, shared, context(unit, asOf)),
    lifeAt: (moment, unit) => lifeAt(moment, unit, shared, context(unit, moment)),
  };
}

/** Facts that the master data rest on. */
const masterKinds = ['party', 'delegation', 'certificate', 'product', 'policy'] as const;

const mastersOfLedgers = new WeakMap<Ledger, Masters>();

/** The master data that this process keeps in memory for a ledger. */
export function mastersOf(ledger: Ledger, sql: Sql): Masters {
  const known = mastersOfLedgers.get(ledger);
  if (known) return known;
  const masters = createMasters(sql);
  mastersOfLedgers.set(ledger, masters);
  ledger.onCommit((kinds) => {
    if (masterKinds.some((kind) => kinds.has(kind))) masters.expire();
  });
  return masters;
}

/** What enrolling things under an order takes and gives. */
import type { Epc } from '../../core/events/hop.ts';
import type { Standing } from '../../core/life/lifecycle-state.ts';
import type { HeldAs } from '../../core/orders/order-effect.ts';
import type { Sql } from '../../database/connection.ts';
import type { Masters } from '../events/masters.ts';
import type { LoadNames } from '../tracing/names.ts';

/** Where a thing, or a part of one, is. */
export interface Enrolled extends HeldAs {
  readonly unit: number;
  readonly i: number;
  /** The unit of measure to tell it in. */
  readonly uom: string;
  /** In grains (core/measures.ts). */
  readonly amount: bigint;
}

export interface EnrolDeps {
  readonly sql: Sql;
  readonly names: LoadNames;
  readonly masters: Masters;
  readonly now: () => number;
}

/**
 * Candidates that were made of what the order is about, by the entries that say so. It counts only where the thing's own
 * history believes whoever says it, and nobody took it back: else anybody could draw others' goods in.
 */
export type Derived = ReadonlyMap<number, ReadonlySet<number>>;

export const isDerivedBy = (
  seqs: ReadonlySet<number> | undefined,
  claims: readonly { readonly seq: number; readonly standing: Standing }[],
): boolean =>
  seqs !== undefined && claims.some(({ seq, standing }) => standing !== 'stranger' && seqs.has(seq));

/** Candidates of one kind. */
export interface Batch {
  readonly numbers: readonly number[];
  readonly texts: ReadonlyMap<number, Epc>;
  readonly before: number;
  readonly derived: Derived;
}

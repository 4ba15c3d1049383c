/** What enrolling things under an order takes and gives. */
import type { Epc } from '../../core/events/hop.ts';
import { type Making, makingsIn } from '../../core/orders/descent.ts';
import type { HeldAs } from '../../core/orders/order-effect.ts';
import type { Sql } from '../../database/connection.ts';
import type { Masters } from '../events/masters.ts';
import type { LoadNames } from '../tracing/names.ts';

/** Where a thing, or a part of one, is. */
export interface Enrolled extends HeldAs {
  readonly unit: number;
  readonly i: number;
  /** Since when it is under the order, ms since the epoch; apart from when that was made. */
  readonly since: number;
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
 * Candidates that were made of what the order is about, or into which that was put, by the entries that say so. It counts
 * only where the thing's own history believes them (core/orders/descent.ts).
 */
export type Derived = ReadonlyMap<number, ReadonlySet<number>>;

export const believedAmong = (
  seqs: ReadonlySet<number> | undefined,
  ...told: Parameters<typeof makingsIn>
): readonly Making[] => (seqs === undefined ? [] : makingsIn(...told).filter(({ seq }) => seqs.has(seq)));

/** Candidates of one kind. */
export interface Batch {
  readonly numbers: readonly number[];
  readonly texts: ReadonlyMap<number, Epc>;
  readonly before: number;
  readonly derived: Derived;
}

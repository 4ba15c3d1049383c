/**
 * What derives state from the log. A projection turns facts into rows inside the transaction that records them,
 * and again whenever `suyuan rebuild` asks. It must be a function of the facts up to and including the row's own
 * alone: no clock, configuration, batch boundary or other table that is not a projection.
 */
import type { Fact, FactKind, FactOf } from '../core/log/fact.ts';
import type { Sql } from '../database/connection.ts';
import type { ProjectionTable } from '../database/tables.ts';
import type { Fault } from '../errors.ts';

/** A fact with its place in the log. */
export interface Projected<F extends Fact = Fact> {
  readonly seq: number;
  /** When it was recorded, ms since the epoch. */
  readonly at: number;
  readonly fact: F;
}

/** Facts to project together, in order of seq. */
export interface Batch {
  readonly facts: readonly Projected[];
  /** The same, apart by kind. */
  readonly byKind: ReadonlyMap<FactKind, readonly Projected[]>;
  /** Internal number of an identifier that one of the facts names. */
  unitOf(epc: string): number;
}

export interface Projection {
  readonly tables: readonly ProjectionTable[];
  /** What a violated constraint of these tables means to whoever sent the fact. */
  readonly conflicts?: Readonly<Record<string, Pick<Fault, 'code' | 'detail'>>>;
  /** Sends set-based statements without waiting for their answers, and returns what to wait for. */
  insert(sql: Sql, batch: Batch): readonly Promise<unknown>[];
}

/** The facts of one kind. */
export const ofKind = <K extends FactKind>(batch: Batch, kind: K): Projected<FactOf<K>>[] =>
  (batch.byKind.get(kind) ?? []).filter((item): item is Projected<FactOf<K>> => item.fact.kind === kind);

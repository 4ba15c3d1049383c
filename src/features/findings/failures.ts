/**
 * Failed samples, and what was taken back, kept in memory by whoever derives findings: few beside the log, read once in
 * the order of it. Any earlier prefix of the log can be asked for afterwards.
 */
import type { HopRecord, PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { failsSample } from '../../core/rules/repeat-failure.ts';
import type { SampleFailure } from '../../core/rules/thing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Docket } from './docket.ts';

export interface Failures {
  /** Reads what was recorded since. Two statements at most. */
  catchUp(): Promise<void>;
  /** Failed samples of products, by the entries before `before`, that officers did not find to be no fault of the maker. */
  of(gtins: readonly string[], docket: Docket, before: number): SampleFailure[];
  /** Whether a failed sample of a product is held against it: not taken back before `before`, nor rejected by officers. */
  isHeldAgainst(failure: Tested, gtin: string, docket: Docket, before: number): boolean;
  /** Whether the recorder of an entry took it back before `before`. */
  isWithdrawn(seq: number, recorder: PartyId, before: number): boolean;
  /** Entries that take others back, those of other recorders among them, in order of seq. */
  withdrawals(): readonly Withdrawal[];
}

type Row = Pick<HopRecord, 'seq' | 'hop' | 'as' | 'outcome' | 'note' | 'target' | 'recorder' | 'until'>;

/** A result, by the entry that told it and who told it. */
type Tested = Pick<HopRecord, 'seq' | 'recorder'>;

interface Failure extends SampleFailure {
  readonly recorder: PartyId;
}

export interface Withdrawal {
  readonly seq: number;
  readonly recorder: PartyId;
  /** The entry that is taken back. */
  readonly target: number;
}

export function createFailures(sql: Sql): Failures {
  const failures = new Map<string, Failure[]>();
  const withdrawals = new Map<number, Withdrawal[]>();
  const told: Withdrawal[] = [];
  let last = -1;

  async function takeFailures(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const named = await samplesIn(sql, rows);
    const bySeq = new Map(rows.map((row) => [row.seq, row]));
    for (const { seq, gtin, of } of named) {
      const row = bySeq.get(seq);
      if (row !== undefined) append(failures, gtin, { seq, of, at: row.until, recorder: row.recorder });
    }
  }

  const isWithdrawn = (seq: number, recorder: PartyId, before: number): boolean =>
    withdrawals.get(seq)?.some((it) => it.recorder === recorder && it.seq < before) ?? false;

  function isHeldAgainst({ seq, recorder }: Tested, gtin: string, docket: Docket, before: number): boolean {
    if (isWithdrawn(seq, recorder, before)) return false;
    const subject = { rule: 'failed-sample', severity: 'risk', party: recorder, gtin } as const;
    const said = docket.judgementOf(subject, seq, before);
    return said === null || (said.outcome === 'confirmed' && said.cause !== 'clone');
  }

  return {
    async catchUp() {
      const rows = await sql<Row[]>`
        SELECT seq, hop, as_role AS "as", outcome, note, target, recorder, time_until AS until FROM hops
        WHERE (outcome = 'non-conformant' OR hop IN ('void', 'correct')) AND seq > ${last} ORDER BY seq`;
      for (const { seq, hop, target, recorder } of rows)
        if ((hop === 'void' || hop === 'correct') && target !== null) {
          const withdrawal = { seq, recorder, target };
          told.push(withdrawal);
          append(withdrawals, target, withdrawal);
        }
      await takeFailures(rows.filter(failsSample));
      last = rows.at(-1)?.seq ?? last;
    },
    of: (gtins, docket, before) =>
      gtins.flatMap((gtin) =>
        (failures.get(gtin) ?? []).filter(
          (failure) => failure.seq < before && isHeldAgainst(failure, gtin, docket, before),
        ),
      ),
    isHeldAgainst,
    isWithdrawn,
    withdrawals: () => told,
  };
}

/** Which samples entries name, once each: the lot, or the thing where none is known. One statement. */
export const samplesIn = (
  sql: Sql,
  entries: readonly { readonly seq: number }[],
): Promise<{ readonly seq: number; readonly gtin: string; readonly of: string }[]> =>
  sql<{ seq: number; gtin: string; of: string }[]>`
    SELECT DISTINCT c.seq, substr(e.epc, 4, 14) AS gtin, coalesce(i.lot, e.epc) AS of
    FROM unnest(${arrayLiteral(entries.map(({ seq }) => seq))}::bigint[]) AS asked (seq)
    JOIN unit_chain c USING (seq) JOIN epcs e USING (unit)
    LEFT JOIN LATERAL (
      SELECT lot, last_unit FROM issues WHERE first_unit <= c.unit ORDER BY first_unit DESC LIMIT 1) i
      ON i.last_unit >= c.unit
    WHERE e.epc LIKE '01/%' ORDER BY c.seq, of`;

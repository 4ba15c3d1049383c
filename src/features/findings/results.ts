/**
 * What laboratories and authorities found in samples, kept in memory by whoever derives findings: one line for each
 * result and lot, few beside the log, read in the order of it and a page at a time. Any earlier prefix of the log can be
 * asked for afterwards.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { recordsIn, type TestResult } from '../../core/rules/pass-rate-above-peers.ts';
import type { TestRecord } from '../../core/rules/thing.ts';
import type { Sql } from '../../database/connection.ts';
import type { Atlas } from './atlas.ts';
import type { Docket } from './docket.ts';
import { type Failures, samplesIn } from './failures.ts';

export interface Results {
  /** Reads what was recorded since. Two statements a page. */
  catchUp(): Promise<void>;
  /**
   * The records of laboratories in a category of product, by the entries before `before`; judged again is what others
   * judged within so many days.
   */
  records(category: string, before: number, daysMax: number): ReadonlyMap<PartyId, TestRecord>;
}

interface Row extends Pick<TestResult, 'recorder' | 'as' | 'from' | 'until' | 'passed'> {
  readonly seq: number;
}
type Result = TestResult & Row;

const page = 5_000;
/** Answers that are kept: one is asked for by every thing that the same entry names. */
const keptMax = 100;

export function createResults(
  sql: Sql,
  { docket, atlas, failures }: { docket: Docket; atlas: Atlas; failures: Failures },
): Results {
  const byProduct = new Map<string, Result[]>();
  const kept = new Map<string, ReadonlyMap<PartyId, TestRecord>>();
  let last = -1;

  async function take(rows: readonly Row[]): Promise<void> {
    const bySeq = new Map(rows.map((row) => [row.seq, row]));
    for (const { seq, gtin, of } of await samplesIn(sql, rows)) {
      const row = bySeq.get(seq);
      if (row === undefined) continue;
      const known = byProduct.get(gtin);
      if (known === undefined) byProduct.set(gtin, [{ ...row, of }]);
      else known.push({ ...row, of });
    }
  }

  const counts = (result: Result, gtin: string, before: number): boolean =>
    result.seq < before &&
    (result.passed
      ? !failures.isWithdrawn(result.seq, result.recorder, before)
      : failures.isHeldAgainst(result, gtin, docket, before));

  return {
    async catchUp() {
      for (let rows: Row[] | null = null; rows === null || rows.length === page; ) {
        // A regulator that looks at goods without taking a sample judges none.
        rows = await sql<Row[]>`
          SELECT seq, recorder, as_role AS "as", time_from AS "from", time_until AS until, outcome = 'conformant' AS passed
          FROM hops WHERE hop = 'inspect' AND outcome IS NOT NULL AND as_role IN ('regulator', 'laboratory')
            AND (as_role = 'laboratory' OR note IS NOT NULL) AND seq > ${last}
          ORDER BY seq LIMIT ${page}`;
        if (rows.length > 0) await take(rows);
        last = rows.at(-1)?.seq ?? last;
      }
    },
    records(category, before, daysMax) {
      const key = `${category}/${before}/${daysMax}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const results = [...byProduct].flatMap(([gtin, told]) =>
        atlas.product(gtin, before)?.category === category
          ? told.filter((result) => counts(result, gtin, before))
          : [],
      );
      const records = recordsIn(results, daysMax);
      if (kept.size >= keptMax) kept.clear();
      kept.set(key, records);
      return records;
    },
  };
}

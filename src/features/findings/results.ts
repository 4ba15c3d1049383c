/**
 * What laboratories and authorities found in samples, kept in memory by whoever derives findings: one line for each
 * result and lot, few beside the log, read in the order of it and a page at a time. Any earlier prefix of the log can be
 * asked for afterwards.
 *
 * The records of laboratories are kept up entry by entry (core/rules/test-book.ts) for as many days as the rule compares,
 * up to the newest entry that was asked about: what came of a result is never summed up over all of them again.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { leading } from '../../core/halving.ts';
import { createTestBook, type TestBook, type ToldResult } from '../../core/rules/test-book.ts';
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

interface Result extends ToldResult {
  readonly gtin: string;
}

/** A book, and the entry up to which it is kept. */
interface Kept {
  readonly book: TestBook;
  next: number;
}

const page = 5_000;
/** Answers that are kept: one is asked for by every thing that the same entry names. */
const keptMax = 100;
/** Books that are kept: thresholds change seldom. */
const booksMax = 4;

export function createResults(
  sql: Sql,
  { docket, atlas, failures }: { docket: Docket; atlas: Atlas; failures: Failures },
): Results {
  const results: Result[] = [];
  const bySeq = new Map<number, Result[]>();
  const failed = new Map<string, Result[]>();
  const books = new Map<number, Kept>();
  const answers = new Map<string, ReadonlyMap<PartyId, TestRecord>>();
  let last = -1;

  const subjectOf = (party: string, gtin: string): string => `${party}|${gtin}`;

  async function take(rows: readonly Omit<ToldResult, 'of'>[]): Promise<void> {
    const told = new Map(rows.map((row) => [row.seq, row]));
    for (const { seq, gtin, of } of await samplesIn(sql, rows)) {
      const row = told.get(seq);
      if (row === undefined) continue;
      const result = { ...row, of, gtin };
      results.push(result);
      append(bySeq, seq, result);
      if (!result.passed) append(failed, subjectOf(result.recorder, gtin), result);
    }
  }

  const counts = (result: ToldResult, gtin: string, before: number): boolean =>
    result.passed
      ? !failures.isWithdrawn(result.seq, result.recorder, before)
      : failures.isHeldAgainst(result, gtin, docket, before);

  /** What the entries `from` ≤ seq < `before` say, each as it is entered in a book, in their order. */
  function newsIn(from: number, before: number): ((book: TestBook) => void)[] {
    const told = between(results, from, before).map((result) => ({
      seq: result.seq,
      enter: (book: TestBook) =>
        book.tell(result, result.gtin, atlas.product(result.gtin, result.seq + 1)?.category ?? null),
    }));
    const withdrawn = between(failures.withdrawals(), from, before).flatMap(({ seq, target }) =>
      [...byProduct(bySeq.get(target) ?? [])].map(([gtin, some]) => ({
        seq,
        enter: (book: TestBook) => book.count(seq, some, gtin, (it) => counts(it, gtin, seq + 1)),
      })),
    );
    const judged = between(docket.rulings('failed-sample'), from, before).map(
      ({ seq, party, gtin, sample, after, until }) => ({
        seq,
        enter: (book: TestBook) => {
          const some = between(failed.get(subjectOf(party, gtin)) ?? [], after + 1, until + 1).filter(
            ({ of }) => sample === '' || of === sample,
          );
          book.count(seq, some, gtin, (it) => counts(it, gtin, seq + 1));
        },
      }),
    );
    const filed = between(atlas.filings(), from, before).map(({ seq, gtin, category }) => ({
      seq,
      enter: (book: TestBook) => book.file(seq, gtin, category),
    }));
    return [...told, ...withdrawn, ...judged, ...filed]
      .sort((a, b) => a.seq - b.seq)
      .map(({ enter }) => enter);
  }

  function bookOf(daysMax: number, before: number): TestBook {
    const kept = books.get(daysMax) ?? { book: createTestBook(daysMax), next: 0 };
    if (books.size === booksMax && !books.has(daysMax)) books.clear();
    books.set(daysMax, kept);
    if (before > kept.next) {
      for (const enter of newsIn(kept.next, before)) enter(kept.book);
      kept.next = before;
    }
    return kept.book;
  }

  return {
    async catchUp() {
      for (let rows: Omit<ToldResult, 'of'>[] | null = null; rows === null || rows.length === page; ) {
        // A regulator that looks at goods without taking a sample judges none.
        rows = await sql<Omit<ToldResult, 'of'>[]>`
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
      const known = answers.get(key);
      if (known !== undefined) return known;
      const records = bookOf(daysMax, before).records(category, before);
      if (answers.size >= keptMax) answers.clear();
      answers.set(key, records);
      return records;
    },
  };
}

function byProduct(results: readonly Result[]): Map<string, Result[]> {
  const found = new Map<string, Result[]>();
  for (const result of results) append(found, result.gtin, result);
  return found;
}

/** Those of a list in order of seq with `from` ≤ seq < `before`. */
const between = <T extends { readonly seq: number }>(
  list: readonly T[],
  from: number,
  before: number,
): readonly T[] =>
  list.slice(
    leading(list, ({ seq }) => seq < from),
    leading(list, ({ seq }) => seq < before),
  );

/**
 * What laboratories and authorities found in samples, kept in memory by whoever derives findings: one line for each
 * result and lot, few beside the log, read in the order of it and a page at a time. Any earlier prefix of the log can be
 * asked for afterwards.
 *
 * The records of laboratories and of certification bodies are kept up entry by entry (core/rules/sample-book.ts), those of
 * laboratories for as many days as the rule compares, up to the newest entry that was asked about: what came of a result is
 * never summed up over all of them again.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { between } from '../../core/halving.ts';
import {
  type Certified,
  type CertifiedBook,
  type CertifiedResult,
  certifiedAt,
  createCertifiedBook,
} from '../../core/rules/certified-goods-fail.ts';
import { createTestBook, type TestBook } from '../../core/rules/pass-rate-above-peers.ts';
import type { ToldResult } from '../../core/rules/sample-book.ts';
import type { CertifiedRecords, TestRecord } from '../../core/rules/thing.ts';
import type { Sql } from '../../database/connection.ts';
import type { Masters } from '../events/masters.ts';
import type { Atlas } from './atlas.ts';
import type { Docket } from './docket.ts';
import { type Failures, samplesIn } from './failures.ts';
import { type SupervisedResult, supervisedIn } from './supervision.ts';

export interface Results {
  /** Reads what was recorded since. Three statements a page. */
  catchUp(): Promise<void>;
  /**
   * The records of laboratories in a category of product, by the entries before `before`; judged again is what others
   * judged within so many days.
   */
  records(category: string, before: number, daysMax: number): ReadonlyMap<PartyId, TestRecord>;
  /** How samples of certified goods of a category turned out, by the entries before `before`. */
  certifiedRecords(category: string, before: number): CertifiedRecords;
  /** Under which certificate a supervision sample was made, by the entry of a result of it. */
  certifiedBy(seq: number, of: string): Certified | null;
}

interface Result extends ToldResult {
  readonly gtin: string;
  /** What is known of it as a supervision sample; null where no regulator took one. */
  readonly supervised: SupervisedResult | null;
}
type SupervisedOf = Result & { readonly supervised: SupervisedResult };

/** A book, and the entry up to which it is kept. */
interface Kept<Book> {
  readonly book: Book;
  next: number;
}
/** What an entry says that changes records. */
interface News {
  readonly seq: number;
  tests(book: TestBook): void;
  certified(book: CertifiedBook): void;
}

const page = 5_000;
/** Answers that are kept: one is asked for by every thing that the same entry names. */
const keptMax = 100;
/** Books that are kept: thresholds change seldom. */
const booksMax = 4;

export function createResults(
  sql: Sql,
  {
    docket,
    atlas,
    failures,
    masters,
  }: { docket: Docket; atlas: Atlas; failures: Failures; masters: Pick<Masters, 'certificates'> },
): Results {
  const results: Result[] = [];
  const bySeq = new Map<number, Result[]>();
  const failed = new Map<string, Result[]>();
  const bySampling = new Map<number, SupervisedOf[]>();
  const certifiedResults = new Map<Result, CertifiedResult | null>();
  const books = new Map<number, Kept<TestBook>>();
  const certifiedBook: Kept<CertifiedBook> = { book: createCertifiedBook(), next: 0 };
  const answers = new Map<string, ReadonlyMap<PartyId, TestRecord>>();
  let last = -1;

  const subjectOf = (party: string, gtin: string): string => `${party}|${gtin}`;

  async function take(rows: readonly Omit<ToldResult, 'of'>[]): Promise<void> {
    const told = new Map(rows.map((row) => [row.seq, row]));
    const [samples, supervised] = await Promise.all([
      samplesIn(sql, rows),
      supervisedIn(sql, [...told.keys()]),
    ]);
    const official = new Map(supervised.map((it) => [`${it.seq} ${it.of}`, it]));
    for (const { seq, gtin, of } of samples) {
      const row = told.get(seq);
      if (row === undefined) continue;
      const result: Result = { ...row, of, gtin, supervised: official.get(`${seq} ${of}`) ?? null };
      results.push(result);
      if (isSupervised(result))
        for (const sampling of result.supervised.samplings) append(bySampling, sampling.seq, result);
      append(bySeq, seq, result);
      if (!result.passed) append(failed, subjectOf(result.recorder, gtin), result);
    }
  }

  const counts = (result: ToldResult, gtin: string, before: number): boolean =>
    result.passed
      ? !failures.isWithdrawn(result.seq, result.recorder, before)
      : failures.isHeldAgainst(result, gtin, docket, before);

  /** A result as that of a supervision sample of certified goods, by what was recorded up to it; null where it is none. */
  function certifiedOf(result: Result): CertifiedResult | null {
    const made = result.supervised?.made ?? null;
    if (made === null) return null;
    const known = certifiedResults.get(result);
    if (known !== undefined) return known;
    const certified = certifiedAt(masters.certificates(result.gtin, result.seq + 1), made);
    const told = certified === null ? null : { ...result, certified };
    certifiedResults.set(result, told);
    return told;
  }

  const countsCertified = ({ seq, of }: CertifiedResult, before: number): boolean => {
    const result = resultOf(seq, of);
    return (
      result !== null &&
      counts(result, result.gtin, before) &&
      failures.isOfAny(result.supervised?.samplings ?? [], result, before)
    );
  };

  const resultOf = (seq: number, of: string): Result | null =>
    bySeq.get(seq)?.find((result) => result.of === of) ?? null;

  /** What the entries `from` ≤ seq < `before` say, in their order. */
  function newsIn(from: number, before: number): News[] {
    const told = between(results, from, before).map((result): News => {
      const category = () => atlas.product(result.gtin, result.seq + 1)?.category ?? null;
      return {
        seq: result.seq,
        tests: (book) => book.tell(result, result.gtin, category()),
        certified(book) {
          const certified = certifiedOf(result);
          if (certified !== null && countsCertified(certified, result.seq + 1))
            book.tell(certified, result.gtin, category());
        },
      };
    });
    const counted = (seq: number, gtin: string, some: readonly Result[]): News => ({
      seq,
      tests: (book) => book.count(seq, some, gtin, (it) => counts(it, gtin, seq + 1)),
      certified(book) {
        const certified = some.flatMap((it) => certifiedOf(it) ?? []);
        book.count(seq, certified, gtin, (it) => countsCertified(it, seq + 1));
      },
    });
    const withdrawn = between(failures.withdrawals(), from, before).flatMap(({ seq, target }) =>
      [...byProduct([...(bySeq.get(target) ?? []), ...(bySampling.get(target) ?? [])])].map(([gtin, some]) =>
        counted(seq, gtin, some),
      ),
    );
    const judged = between(docket.rulings('failed-sample'), from, before).map(
      ({ seq, party, gtin, sample, after, until }) => {
        const some = between(failed.get(subjectOf(party, gtin)) ?? [], after + 1, until + 1);
        return counted(
          seq,
          gtin,
          some.filter(({ of }) => sample === '' || of === sample),
        );
      },
    );
    const filed = between(atlas.filings(), from, before).map(
      ({ seq, gtin, category }): News => ({
        seq,
        tests: (book) => book.file(seq, gtin, category),
        certified: (book) => book.file(seq, gtin, category),
      }),
    );
    return [...told, ...withdrawn, ...judged, ...filed].sort((a, b) => a.seq - b.seq);
  }

  /** A book with what the entries before `before` say. */
  function upTo<Book>(kept: Kept<Book>, before: number, enter: (news: News, book: Book) => void): Book {
    if (before > kept.next) {
      for (const news of newsIn(kept.next, before)) enter(news, kept.book);
      kept.next = before;
    }
    return kept.book;
  }

  function bookOf(daysMax: number, before: number): TestBook {
    const kept = books.get(daysMax) ?? { book: createTestBook(daysMax), next: 0 };
    if (books.size === booksMax && !books.has(daysMax)) books.clear();
    books.set(daysMax, kept);
    return upTo(kept, before, (news, book) => news.tests(book));
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
    certifiedRecords: (category, before) =>
      upTo(certifiedBook, before, (news, book) => news.certified(book)).records(category, before),
    certifiedBy(seq, of) {
      const result = resultOf(seq, of);
      return result === null ? null : (certifiedOf(result)?.certified ?? null);
    },
  };
}

const isSupervised = (result: Result): result is SupervisedOf => result.supervised !== null;

function byProduct(results: readonly Result[]): Map<string, Result[]> {
  const found = new Map<string, Result[]>();
  for (const result of results) append(found, result.gtin, result);
  return found;
}

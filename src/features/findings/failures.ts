/**
 * Failed supervision samples (core/rules/supervision.ts), and what was taken back, kept in memory by whoever derives
 * findings: few beside the log, read once in the order of it. Any earlier prefix of the log can be asked for afterwards.
 */
import type { HopRecord, PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { between } from '../../core/halving.ts';
import { findsFault, isEntrusted, precedes, takesOfficialSample } from '../../core/rules/supervision.ts';
import type { SampleFailure } from '../../core/rules/thing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Docket } from './docket.ts';

export interface Failures {
  /** Reads what was recorded since. Two statements at most. */
  catchUp(): Promise<void>;
  /** Failed samples of products, by the entries before `before`, that officers did not find to be no fault of the maker. */
  of(gtins: readonly string[], docket: Docket, before: number): SampleFailure[];
  /** Whether a failed test of a product is held against it: not taken back before `before`, nor rejected by officers. */
  isHeldAgainst(
    failure: Tested & { readonly of: string },
    gtin: string,
    docket: Docket,
    before: number,
  ): boolean;
  /** Whether the fault that entry `seq` tells of a thing, or of what it is in, was found in a supervision sample. */
  isSupervised(seq: number, thing: { readonly unit: number; readonly of: string }, before: number): boolean;
  /** Whether the recorder of an entry took it back before `before`. */
  isWithdrawn(seq: number, recorder: PartyId, before: number): boolean;
  /** Whether a result is of one of these samplings of what it names, by the entries before `before`. */
  isOfAny(
    samplings: readonly Sampling[],
    result: Pick<HopRecord, 'as' | 'recorder'>,
    before: number,
  ): boolean;
  /** Entries that take others back, those of other recorders among them, in order of seq. */
  withdrawals(): readonly Withdrawal[];
  /** By which of the entries `from` ≤ seq < `until` other failed samples may begin or cease to count. */
  changes(docket: Docket, from: number, until: number): Change[];
  /** Entries before `before` that told of failed samples of products that were later than a moment. */
  entries(gtins: readonly string[], since: number, before: number): number[];
}

/** That an entry changes how failed samples of a product, and so of its maker, count. */
interface Change {
  readonly seq: number;
  readonly gtin: string;
  /** Only of those that were later, ms since the epoch. */
  readonly since: number;
}

type Row = Pick<
  HopRecord,
  'seq' | 'hop' | 'as' | 'outcome' | 'note' | 'target' | 'recorder' | 'taker' | 'from' | 'until'
>;

/** A result, by the entry that told it and who told it. */
type Tested = Pick<HopRecord, 'seq' | 'recorder'>;

/** That a regulator took a thing that a result names as a sample before. */
export interface Sampling {
  readonly seq: number;
  readonly recorder: PartyId;
  readonly unit: number;
}

/** Samplings of what a result names: of lots and things without one, also by their units, and of all else, such as containers. */
interface Sampled {
  readonly result: Pick<HopRecord, 'as' | 'recorder'>;
  readonly of: ReadonlyMap<string, readonly Sampling[]>;
  readonly units: ReadonlyMap<number, readonly Sampling[]>;
  readonly others: readonly Sampling[];
}

interface Failure extends SampleFailure {
  readonly recorder: PartyId;
}

export interface Withdrawal {
  readonly seq: number;
  readonly hop: 'void' | 'correct';
  readonly recorder: PartyId;
  /** The entry that is taken back. */
  readonly target: number;
}

export function createFailures(sql: Sql): Failures {
  const failures = new Map<string, Failure[]>();
  const withdrawals = new Map<number, Withdrawal[]>();
  /** Samplings by regulators: of each thing, and by the entry of what was found in them. */
  const taken = new Map<number, Row[]>();
  const samplings = new Map<number, Sampled>();
  /** What regulators sent to laboratories, by thing. */
  const sent = new Map<number, Row[]>();
  /** What of that they cancelled. */
  const cancelled = new Map<number, Row[]>();
  const told: Withdrawal[] = [];
  /** Samplings, what was sent to laboratories or cancelled, and faults, in order of seq; and the products that each names. */
  const tests: Row[] = [];
  const products = new Map<number, ReadonlySet<string>>();
  let last = -1;

  /** Samplings, what was sent to laboratories or cancelled, and faults, in order of seq. */
  async function takeTests(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const things = await thingsIn(sql, rows);
    for (const row of rows) {
      const named = things.get(row.seq) ?? [];
      tests.push(row);
      products.set(row.seq, new Set(named.flatMap(({ gtin }) => gtin ?? [])));
      if (takesOfficialSample(row)) for (const { unit } of named) append(taken, unit, row);
      if (row.hop === 'ship') for (const { unit } of named) append(sent, unit, row);
      if (row.hop === 'cancel') for (const { unit } of named) append(cancelled, unit, row);
      if (!findsFault(row)) continue;
      const found = new Map<string, Sampling[]>();
      const units = new Map<number, Sampling[]>();
      const others: Sampling[] = [];
      for (const { unit, gtin, of } of named) {
        const own = gtin === null ? others : (found.get(of) ?? []);
        if (gtin !== null) found.set(of, own);
        units.set(unit, own);
        for (const sampling of taken.get(unit) ?? [])
          if (precedes(sampling, row)) own.push({ seq: sampling.seq, recorder: sampling.recorder, unit });
      }
      samplings.set(row.seq, { result: row, of: found, units, others });
      const { seq, until, recorder } = row;
      for (const [of, gtin] of new Map(named.map(({ of, gtin }) => [of, gtin])))
        if (gtin !== null && found.get(of)?.length) append(failures, gtin, { seq, of, at: until, recorder });
    }
  }

  /** Whether what its recorder told by an entry was withdrawn before `before`; putting it right is not that. */
  const isVoided = (seq: number, recorder: PartyId, before: number): boolean =>
    withdrawals.get(seq)?.some((it) => it.hop === 'void' && it.recorder === recorder && it.seq < before) ??
    false;

  const isCancelled = (unit: number, seq: number, recorder: PartyId, before: number): boolean =>
    cancelled
      .get(unit)
      ?.some((it) => it.target === seq && it.seq < before && !isVoided(it.seq, recorder, before)) ?? false;

  /** The laboratories to which whoever took a thing as a sample sent it since. */
  const sentTo = (sampling: Sampling, before: number): PartyId[] =>
    (sent.get(sampling.unit) ?? []).flatMap(({ seq, recorder, taker }) =>
      taker !== null &&
      recorder === sampling.recorder &&
      seq > sampling.seq &&
      seq < before &&
      !isVoided(seq, recorder, before) &&
      !isCancelled(sampling.unit, seq, recorder, before)
        ? [taker]
        : [],
    );

  const isOfAny: Failures['isOfAny'] = (list, result, before) =>
    list.some(
      (sampling) =>
        !isVoided(sampling.seq, sampling.recorder, before) && isEntrusted(result, sentTo(sampling, before)),
    );

  function isOfficial(
    seq: number,
    samplingsOf: (sampled: Sampled) => readonly Sampling[] | undefined,
    before: number,
  ): boolean {
    const sampled = samplings.get(seq);
    return sampled !== undefined && isOfAny(samplingsOf(sampled) ?? [], sampled.result, before);
  }

  const isWithdrawn = (seq: number, recorder: PartyId, before: number): boolean =>
    withdrawals.get(seq)?.some((it) => it.recorder === recorder && it.seq < before) ?? false;

  function isHeldAgainst(
    { seq, recorder, of }: Tested & { readonly of: string },
    gtin: string,
    docket: Docket,
    before: number,
  ): boolean {
    if (isWithdrawn(seq, recorder, before)) return false;
    const subject = { rule: 'failed-sample', severity: 'risk', party: recorder, gtin, sample: of } as const;
    const said = docket.judgementOf(subject, seq, before);
    return said === null || (said.outcome === 'confirmed' && said.cause !== 'clone');
  }

  return {
    async catchUp() {
      const rows = await sql<Row[]>`
        SELECT seq, hop, as_role AS "as", outcome, note, target, recorder, taker, time_from AS "from",
          time_until AS until FROM (
          SELECT * FROM hops
          WHERE (outcome = 'non-conformant' OR hop IN ('void', 'correct')) AND seq > ${last}
          UNION
          SELECT * FROM hops
          WHERE hop = 'inspect' AND as_role = 'regulator' AND note IS NOT NULL AND seq > ${last}
          UNION
          SELECT * FROM hops h
          WHERE hop = 'ship' AND as_role = 'regulator' AND seq > ${last} AND ${isLaboratory(sql, sql`taker`)}
          UNION
          SELECT h.* FROM hops h JOIN hops t ON t.seq = h.target
          WHERE h.hop = 'cancel' AND h.seq > ${last} AND t.hop = 'ship' AND t.as_role = 'regulator'
            AND t.recorder = h.recorder) told
        ORDER BY seq`;
      for (const { seq, hop, target, recorder } of rows)
        if ((hop === 'void' || hop === 'correct') && target !== null) {
          const withdrawal = { seq, hop, recorder, target };
          told.push(withdrawal);
          append(withdrawals, target, withdrawal);
        }
      await takeTests(
        rows.filter(
          (row) => findsFault(row) || takesOfficialSample(row) || row.hop === 'ship' || row.hop === 'cancel',
        ),
      );
      last = rows.at(-1)?.seq ?? last;
    },
    of: (gtins, docket, before) =>
      gtins.flatMap((gtin) =>
        (failures.get(gtin) ?? []).filter(
          (failure) =>
            failure.seq < before &&
            isOfficial(failure.seq, ({ of }) => of.get(failure.of), before) &&
            isHeldAgainst(failure, gtin, docket, before),
        ),
      ),
    isSupervised(seq, { unit, of }, before) {
      // What is inside of something that was sampled was sampled with it.
      return isOfficial(
        seq,
        (sampled) => sampled.units.get(unit) ?? sampled.of.get(of) ?? sampled.others,
        before,
      );
    },
    isHeldAgainst,
    isWithdrawn,
    isOfAny,
    withdrawals: () => told,
    changes(docket, from, until) {
      const always = Number.NEGATIVE_INFINITY;
      const about = (seq: number, test: number, since: number): Change[] =>
        [...(products.get(test) ?? [])].map((gtin) => ({ seq, gtin, since }));
      return [
        ...between(docket.rulings('failed-sample'), from, until).map(({ seq, gtin }) => ({
          ...{ seq, gtin, since: always },
        })),
        ...between(told, from, until).flatMap(({ seq, target }) => about(seq, target, always)),
        ...between(tests, from, until).flatMap((test) => {
          if (takesOfficialSample(test) && !findsFault(test)) return [];
          return about(test.seq, test.seq, findsFault(test) ? test.until : always);
        }),
      ];
    },
    entries: (gtins, since, before) => [
      ...new Set(
        gtins.flatMap((gtin) =>
          (failures.get(gtin) ?? []).flatMap(({ seq, at }) => (at > since && seq < before ? [seq] : [])),
        ),
      ),
    ],
  };
}

/** Whether a party was registered as a laboratory when hop `h` was recorded. */
export const isLaboratory = (sql: Sql, party: ReturnType<Sql>) => sql`EXISTS (
  SELECT FROM parties p WHERE p.id = ${party} AND p.seq < h.seq AND p.body -> 'roles' ? 'laboratory')`;

interface NamedThing {
  readonly seq: number;
  readonly unit: number;
  /** Null of what is no product, such as a container. */
  readonly gtin: string | null;
  /** The lot, or the thing where none is known. */
  readonly of: string;
}

/** Things that entries name. One statement. */
async function thingsIn(
  sql: Sql,
  entries: readonly { readonly seq: number }[],
): Promise<ReadonlyMap<number, readonly NamedThing[]>> {
  const rows = await sql<NamedThing[]>`
    SELECT c.seq, c.unit, CASE WHEN e.epc LIKE '01/%' THEN substr(e.epc, 4, 14) END AS gtin, coalesce(i.lot, e.epc) AS of
    FROM unnest(${arrayLiteral(entries.map(({ seq }) => seq))}::bigint[]) AS asked (seq)
    JOIN unit_chain c USING (seq) JOIN epcs e USING (unit) LEFT JOIN ${issueOf(sql)}`;
  const found = new Map<number, NamedThing[]>();
  for (const row of rows) append(found, row.seq, row);
  return found;
}

/** The issue of thing `c.unit`, if there is one: to be joined. */
export const issueOf = (sql: Sql) => sql`LATERAL (
  SELECT lot, last_unit FROM issues WHERE first_unit <= c.unit ORDER BY first_unit DESC LIMIT 1) i ON i.last_unit >= c.unit`;

/** Which samples entries name, once each: the lot, or the thing where none is known. One statement. */
export const samplesIn = (
  sql: Sql,
  entries: readonly { readonly seq: number }[],
): Promise<{ readonly seq: number; readonly gtin: string; readonly of: string }[]> =>
  sql<{ seq: number; gtin: string; of: string }[]>`
    SELECT DISTINCT c.seq, substr(e.epc, 4, 14) AS gtin, coalesce(i.lot, e.epc) AS of
    FROM unnest(${arrayLiteral(entries.map(({ seq }) => seq))}::bigint[]) AS asked (seq)
    JOIN unit_chain c USING (seq) JOIN epcs e USING (unit)
    LEFT JOIN ${issueOf(sql)} WHERE e.epc LIKE '01/%' ORDER BY c.seq, of`;

/**
 * What rules count beyond one thing: refills of a day, what went into a transformation and came out of it; and what they ask
 * of the making of goods.
 */
import { dateOf, endOf } from '../../core/china-dates.ts';
import { type HopRecord, type PartyId, positions } from '../../core/events/hop.ts';
import { leading } from '../../core/halving.ts';
import type { Step } from '../../core/life/history.ts';
import { grainsOf, measureOf } from '../../core/measures.ts';
import { pieces } from '../../core/quantity.ts';
import type { Making } from '../../core/rules/thing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Known } from './known.ts';

const dayMs = 86_400_000;

interface Refill {
  readonly seq: number;
  readonly recorder: PartyId;
  readonly from: number;
  readonly parts: number;
}

/** Answers how many things the recorder of a refill refilled that day, by the entries up to it and those below `before`. */
export type CountRefills = (refill: HopRecord, before: number) => number;

/** One statement, or none where no list tells capacities; by the index of times, as a firm refills for years. */
export async function loadRefills(
  sql: Sql,
  { lists, failures }: Known,
  steps: readonly Step[],
  until: number,
): Promise<CountRefills> {
  const firms = lists.firms(until)?.list.get('maintenance-firm');
  const days = new Map<string, { readonly recorder: PartyId; readonly end: number }>();
  if (firms !== undefined)
    for (const { hop } of steps)
      if (hop.hop === 'refill' && hop.as === 'maintenance-firm') {
        const end = endOf(dateOf(hop.from));
        days.set(`${hop.recorder}/${end}`, { recorder: hop.recorder, end });
      }
  if (days.size === 0) return () => 0;
  const asked = [...days.values()];
  const rows = await sql<Refill[]>`
    SELECT h.seq, h.recorder, h.time_from AS "from", h.parts
    FROM unnest(${arrayLiteral(asked.map(({ recorder }) => recorder))}::text[],
      ${arrayLiteral(asked.map(({ end }) => end))}::bigint[]) AS asked (recorder, last)
    CROSS JOIN LATERAL (
      SELECT * FROM hops WHERE time_from > asked.last - ${dayMs} AND time_from <= asked.last OFFSET 0) h
    WHERE h.recorder = asked.recorder AND h.hop = 'refill' AND h.parent IS NULL AND h.seq < ${until} ORDER BY h.seq`;
  const byDay = new Map<string, DayOfRefills>();
  for (const row of rows) {
    const key = `${row.recorder}/${endOf(dateOf(row.from))}`;
    const { refills, withdrawn } = byDay.get(key) ?? { refills: [], withdrawn: [] };
    refills.push({ seq: row.seq, sum: (refills.at(-1)?.sum ?? 0) + row.parts });
    if (failures.isWithdrawn(row.seq, row.recorder, until)) withdrawn.push(row);
    byDay.set(key, { refills, withdrawn });
  }
  return (refill, before) => {
    const sameDay = byDay.get(`${refill.recorder}/${endOf(dateOf(refill.from))}`);
    const last = sameDay?.refills[leading(sameDay.refills, ({ seq }) => seq <= refill.seq) - 1];
    if (sameDay === undefined || last?.seq !== refill.seq) return 0;
    return sameDay.withdrawn
      .filter(({ seq, recorder }) => seq <= refill.seq && failures.isWithdrawn(seq, recorder, before))
      .reduce((sum, { parts }) => sum - parts, last.sum);
  };
}

/** The refills of one firm on one day, in order of seq. */
interface DayOfRefills {
  /** Each with how many things it and those before it name. */
  readonly refills: { readonly seq: number; readonly sum: number }[];
  /** Those that were ever taken back. */
  readonly withdrawn: Refill[];
}

interface MadeRow {
  readonly seq: number;
  readonly position: number;
  /** null for units. */
  readonly uom: string | null;
  readonly gtin: string;
  readonly amount: string | null;
  readonly things: number;
}

/** What went into transformations and came out of them, by entry; one statement, or none. */
export async function loadMakings(
  sql: Sql,
  { atlas }: Known,
  steps: readonly Step[],
): Promise<ReadonlyMap<number, readonly Making[]>> {
  const seqs = new Set(
    steps.flatMap(({ hop }) => (hop.hop === 'transform' || hop.hop === 'split' ? [hop.seq] : [])),
  );
  if (seqs.size === 0) return new Map();
  const rows = await sql<MadeRow[]>`
    SELECT c.seq, coalesce(q.position, c.position) AS position, q.uom, substr(e.epc, 4, 14) AS gtin,
      sum(q.amount)::text AS amount, count(*)::int AS things
    FROM unnest(${arrayLiteral([...seqs])}::bigint[]) AS asked (seq)
    JOIN unit_chain c USING (seq) JOIN epcs e USING (unit)
    LEFT JOIN quantities q ON q.unit = c.unit AND q.seq = c.seq
    GROUP BY 1, 2, 3, 4`;
  const found = new Map<number, Map<string, { input: bigint; output: bigint }>>();
  for (const { seq, position, uom, gtin, amount, things } of rows) {
    const content = uom === null ? (atlas.product(gtin, seq + 1)?.content ?? null) : null;
    const each = content ?? { amount: 1_000_000n, uom: pieces };
    const told = uom ?? each.uom;
    const millionths = amount === null ? each.amount * BigInt(things) : BigInt(amount);
    const { kind } = measureOf(told);
    const sum = grainsOf({ millionths, uom: told });
    const sums = found.get(seq) ?? new Map<string, { input: bigint; output: bigint }>();
    const making = sums.get(kind) ?? { input: 0n, output: 0n };
    if (positions[position] === 'input') making.input += sum;
    else if (positions[position] === 'output') making.output += sum;
    found.set(seq, sums.set(kind, making));
  }
  return new Map([...found].map(([seq, sums]) => [seq, [...sums].map(([kind, sum]) => ({ kind, ...sum }))]));
}

/** Until when what these steps made is best used, by entry; RFC 3339 full-dates. One statement, or none. */
export async function loadBestBefores(
  sql: Sql,
  steps: readonly Step[],
): Promise<ReadonlyMap<number, string>> {
  const makings = new Set(
    steps.flatMap(({ hop }) => (hop.hop === 'produce' || hop.hop === 'adopt' ? [hop.seq] : [])),
  );
  if (makings.size === 0) return new Map();
  const rows = await sql<{ seq: number; day: string }[]>`
    SELECT b.seq, b.day FROM unnest(${arrayLiteral([...makings])}::bigint[]) AS asked (seq)
    JOIN best_befores b USING (seq)`;
  return new Map(rows.map(({ seq, day }) => [seq, day]));
}

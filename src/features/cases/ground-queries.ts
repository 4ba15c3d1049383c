/** What is read of the entries that findings rest on, and of what their rules compare them with. */
import { type HopRecord, type PartyId, type PlaceId, positions } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { OrderType } from '../../core/orders/order.ts';
import { formatQuantity } from '../../core/quantity.ts';
import type { Position } from '../../core/rules/thing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Bilingual } from '../../web/words.ts';
import { amountWords, together } from './act-words.ts';
import type { Ground } from './explanation.ts';
import type { FindingRow } from './queries.ts';

/** Amounts as they were told: `100米`, `100 metres`. */
const amountIn = (millionths: string, uom: string): Bilingual =>
  amountWords(formatQuantity(BigInt(millionths)), uom);

/** How much of goods by measure entries tell, by their number and that of the entry. One statement, or none. */
export async function amountsOf(
  sql: Sql,
  rows: readonly FindingRow[],
): Promise<(unit: number, seq: number) => Bilingual | null> {
  if (rows.length === 0) return () => null;
  const asked = rows.flatMap(({ unit, one, other }) => [
    [unit, one],
    [unit, other],
  ]);
  const told = await sql<{ unit: number; seq: number; uom: string; amount: string }[]>`
    SELECT q.unit, q.seq, q.uom, sum(q.amount)::text AS amount
    FROM (SELECT DISTINCT * FROM unnest(${arrayLiteral(asked.map(([unit]) => unit ?? 0))}::bigint[],
      ${arrayLiteral(asked.map(([, seq]) => seq ?? 0))}::bigint[]) AS asked (unit, seq)) asked
    JOIN quantities q USING (unit, seq)
    WHERE q.position <> ${positions.indexOf('parent')} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
  const found = new Map<string, Bilingual[]>();
  for (const { unit, seq, uom, amount } of told) append(found, `${unit} ${seq}`, amountIn(amount, uom));
  return (unit, seq) => {
    const all = found.get(`${unit} ${seq}`);
    return all === undefined ? null : together(all);
  };
}

/** What went into entries and came out of them, where both are goods by measure; by entry. One statement, or none. */
export async function makingsOf(sql: Sql, seqs: readonly number[]): Promise<Map<number, Ground['making']>> {
  if (seqs.length === 0) return new Map();
  const rows = await sql<{ seq: number; position: number; uom: string; amount: string }[]>`
    SELECT q.seq, q.position, q.uom, sum(q.amount)::text AS amount
    FROM (SELECT DISTINCT unnest(${arrayLiteral(seqs)}::bigint[]) AS seq) asked
    JOIN unit_chain c USING (seq) JOIN quantities q ON q.unit = c.unit AND q.seq = c.seq
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
  const sides = new Map<number, { readonly input: Bilingual[]; readonly output: Bilingual[] }>();
  for (const { seq, position, uom, amount } of rows) {
    const sums = sides.get(seq) ?? { input: [], output: [] };
    sides.set(seq, sums);
    if (positions[position] === 'input') sums.input.push(amountIn(amount, uom));
    else if (positions[position] === 'output') sums.output.push(amountIn(amount, uom));
  }
  return new Map(
    [...sides].flatMap(([seq, { input, output }]) =>
      input.length === 0 || output.length === 0
        ? []
        : [[seq, { input: together(input), output: together(output) }] as const],
    ),
  );
}

interface PositionRow {
  readonly id: string;
  readonly opened: number;
  readonly latitude: string | null;
  readonly longitude: string | null;
  readonly radius: number | null;
}

/** Where places were by the entries up to one. One statement, or none. */
export async function positionsOf(
  sql: Sql,
  rows: readonly FindingRow[],
  hops: ReadonlyMap<number, HopRecord>,
): Promise<(place: PlaceId | null | undefined, opened: number) => Position | null> {
  const asked = rows.flatMap(({ one, other, opened }) =>
    [one, other].flatMap((seq) => {
      const place = hops.get(seq)?.place ?? null;
      return place === null ? [] : [{ place, opened }];
    }),
  );
  if (asked.length === 0) return () => null;
  const told = await sql<PositionRow[]>`
    SELECT asked.id, asked.opened, p.position ->> 'latitude' AS latitude, p.position ->> 'longitude' AS longitude,
      (p.position ->> 'radius')::float8 AS radius
    FROM (SELECT DISTINCT * FROM unnest(${arrayLiteral(asked.map(({ place }) => place))}::text[],
      ${arrayLiteral(asked.map(({ opened }) => opened))}::bigint[]) AS asked (id, opened)) asked
    CROSS JOIN LATERAL (
      SELECT body -> 'position' AS position FROM places
      WHERE id = asked.id AND seq <= asked.opened ORDER BY seq DESC LIMIT 1) p`;
  const found = new Map(told.map((row) => [`${row.id} ${row.opened}`, row]));
  return (place, opened) => {
    const { latitude = null, longitude = null, radius = null } = found.get(`${place} ${opened}`) ?? {};
    return latitude === null || longitude === null || radius === null
      ? null
      : { latitude: Number(latitude), longitude: Number(longitude), radius };
  };
}

export interface ProductThen {
  readonly model: string | null;
  readonly standard: string | null;
  readonly serviceLifeMonths: number | null;
}

/** Products as they were described when findings came to be, by GTIN and entry. One statement, or none. */
export async function productsOf(sql: Sql, rows: readonly FindingRow[]): Promise<Map<string, ProductThen>> {
  if (rows.length === 0) return new Map();
  const told = await sql<(ProductThen & { gtin: string; opened: number })[]>`
    SELECT asked.*, p.body ->> 'model' AS model, p.body ->> 'standard' AS standard,
      (p.body ->> 'serviceLifeMonths')::int AS "serviceLifeMonths"
    FROM (SELECT DISTINCT * FROM unnest(${arrayLiteral(rows.map(({ gtin }) => gtin))}::text[],
      ${arrayLiteral(rows.map(({ opened }) => opened))}::bigint[]) AS asked (gtin, opened)) asked
    CROSS JOIN LATERAL (
      SELECT body FROM products WHERE gtin = asked.gtin AND seq <= asked.opened ORDER BY seq DESC LIMIT 1) p`;
  return new Map(told.map((row) => [`${row.gtin} ${row.opened}`, row]));
}

/** Until when what entries made is best used. One statement, or none. */
export async function bestBeforesOf(sql: Sql, seqs: readonly number[]): Promise<Map<number, string>> {
  if (seqs.length === 0) return new Map();
  const rows = await sql<{ seq: number; day: string }[]>`
    SELECT seq, day FROM best_befores WHERE seq = ANY (${arrayLiteral(seqs)}::bigint[])`;
  return new Map(rows.map(({ seq, day }) => [seq, day]));
}

/** Certificates by the entry of their status. One statement, or none. */
export async function certificatesOf(
  sql: Sql,
  seqs: readonly number[],
): Promise<Map<number, NonNullable<Ground['certificate']>>> {
  if (seqs.length === 0) return new Map();
  const rows = await sql<(NonNullable<Ground['certificate']> & { seq: number })[]>`
    SELECT c.seq, c.number, c.body ->> 'validFrom' AS "from", c.body ->> 'validUntil' AS until,
      CASE WHEN c.status <> 'issued' THEN c.body ->> 'since' END AS ceased
    FROM certificates c WHERE c.seq = ANY (${arrayLiteral(seqs)}::bigint[])`;
  return new Map(rows.map(({ seq, ...certificate }) => [seq, certificate]));
}

interface OrderRow {
  readonly type: OrderType;
  readonly by: PartyId;
}

/** Orders by entry. One statement, or none. */
export async function ordersOf(sql: Sql, seqs: readonly number[]): Promise<Map<number, OrderRow>> {
  if (seqs.length === 0) return new Map();
  const rows = await sql<(OrderRow & { seq: number })[]>`
    SELECT seq, type, party AS "by" FROM orders
    WHERE seq = ANY (${arrayLiteral(seqs)}::bigint[]) AND type <> 'release'`;
  return new Map(rows.map(({ seq, ...order }) => [seq, order]));
}

/** Published lists by entry. One statement, or none. */
export async function listsOf(sql: Sql, seqs: readonly number[]): Promise<Map<number, unknown>> {
  if (seqs.length === 0) return new Map();
  const rows = await sql<{ seq: number; body: unknown }[]>`
    SELECT seq, body FROM policies WHERE seq = ANY (${arrayLiteral(seqs)}::bigint[])`;
  return new Map(rows.map(({ seq, body }) => [seq, body]));
}

/** Codes issued of lots by the entries up to one, by number of the lot and entry. One statement, or none. */
export async function codesOf(sql: Sql, rows: readonly FindingRow[]): Promise<Map<string, number>> {
  const lots = rows.filter(({ lot, epc }) => lot === epc);
  if (lots.length === 0) return new Map();
  const told = await sql<{ unit: number; seq: number; codes: number }[]>`
    SELECT asked.unit, asked.seq, sum(i.last_unit - i.first_unit + 1)::float8 AS codes
    FROM (SELECT DISTINCT * FROM unnest(${arrayLiteral(lots.map(({ unit }) => unit))}::bigint[],
      ${arrayLiteral(lots.map(({ other }) => other))}::bigint[]) AS asked (unit, seq)) asked
    JOIN epcs e USING (unit) JOIN issues i ON i.lot = e.epc AND i.seq <= asked.seq
    GROUP BY 1, 2`;
  return new Map(told.map(({ unit, seq, codes }) => [`${unit} ${seq}`, codes]));
}

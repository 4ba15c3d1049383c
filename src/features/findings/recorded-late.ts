/**
 * What is recorded late, and explains what nobody may tell of any more: things of which a finding is open that it may explain
 * are looked at again with its entry.
 *
 * Certificates: what was made without one is found when that is recorded, and explained by a certificate of the product, be it
 * a new one or a change of its status. One that is taken away for a time that is over opens nothing here: what was made
 * meanwhile is found with the next that is told of it, and by its verdict at once. And owners: what is found of a product
 * because nobody owns it is explained by the vetting of who does.
 */
import type { RuleName } from '../../core/rules/catalogue.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Units looked at together, so that a product of a million fits in memory. */
const batchMax = 5_000;

/** What a certificate explains. */
const explained: readonly RuleName[] = [
  'certificate-not-valid-at-production',
  'certificate-other-model',
  'certificate-other-factory',
  'certified-outside-scope',
];

/** Of products that nobody owned. */
const ofNobody: RuleName = 'unregistered-product';

/**
 * Entries `from` ≤ seq < `until` that tell of certificates, or who owns a product of which somebody had told before, in order.
 * One statement.
 */
export async function explaining(sql: Sql, from: number, until: number): Promise<number[]> {
  const rows = await sql<{ seq: number }[]>`
    SELECT seq FROM certificates WHERE seq >= ${from} AND seq < ${until}
    UNION
    SELECT seq FROM owners WHERE seq >= ${from} AND seq < ${until} AND substr(identifier, 6) IN (
      SELECT gtin FROM cases WHERE rule = ${ofNobody}
      UNION ALL
      SELECT substr(e.epc, 4, 14) FROM unit_chain c JOIN epcs e USING (unit)
      WHERE c.seq >= ${from} AND c.seq < ${until} AND e.epc LIKE '01/%')
    ORDER BY seq`;
  return rows.map(({ seq }) => seq);
}

/** Units of which a finding is open that such an entry may explain, in order. One statement. */
export async function awaiting(sql: Sql, seq: number): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT f.unit FROM (
      SELECT c.id FROM certificates k JOIN cases c ON k.body -> 'gtins' ? c.gtin
      WHERE k.seq = ${seq} AND c.rule = ANY (${arrayLiteral(explained)}::text[])
      UNION ALL
      SELECT c.id FROM owners o JOIN cases c ON c.gtin = substr(o.identifier, 6)
      WHERE o.seq = ${seq} AND c.rule = ${ofNobody}) c
    JOIN findings f ON f.case_id = c.id
    WHERE NOT EXISTS (
      SELECT FROM finding_closings x
      WHERE (x.unit, x.rule, x.opened, x.one, x.other) = (f.unit, f.rule, f.opened, f.one, f.other))
    ORDER BY f.unit`;
  return rows.map(({ unit }) => unit);
}

/** So many at a time. */
export function* inBatches(units: readonly number[]): Generator<readonly number[]> {
  for (let i = 0; i < units.length; i += batchMax) yield units.slice(i, i + batchMax);
}

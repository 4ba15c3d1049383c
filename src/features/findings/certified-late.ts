/**
 * Certificates that are recorded late. What was made without one is found when that is recorded, and nobody may tell of such
 * a thing any more; so those of which such a finding is open are looked at again with the entry of a certificate of the
 * product, be it a new one or a change of its status. A certificate that is taken away for a time that is over opens nothing
 * here: what was made meanwhile is found with the next that is told of it, and by its verdict at once.
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

/** Entries `from` ≤ seq < `until` that tell of certificates, in order. One statement. */
export async function certificatesIn(sql: Sql, from: number, until: number): Promise<number[]> {
  const rows = await sql<{ seq: number }[]>`
    SELECT seq FROM certificates WHERE seq >= ${from} AND seq < ${until} ORDER BY seq`;
  return rows.map(({ seq }) => seq);
}

/** Units of which a finding is open that the certificate of an entry may explain, in order. One statement. */
export async function awaitingCertificate(sql: Sql, seq: number): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT f.unit FROM certificates k JOIN cases c ON k.body -> 'gtins' ? c.gtin
    JOIN findings f ON f.case_id = c.id
    WHERE k.seq = ${seq} AND c.rule = ANY (${arrayLiteral(explained)}::text[]) AND NOT EXISTS (
      SELECT FROM finding_closings x
      WHERE (x.unit, x.rule, x.opened, x.one, x.other) = (f.unit, f.rule, f.opened, f.one, f.other))
    ORDER BY f.unit`;
  return rows.map(({ unit }) => unit);
}

/** So many at a time. */
export function* inBatches(units: readonly number[]): Generator<readonly number[]> {
  for (let i = 0; i < units.length; i += batchMax) yield units.slice(i, i + batchMax);
}

/** Certificates with the history of their status. */

import type { PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { CertificateFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** One version of a certificate. */
export interface CertificateVersion {
  readonly seq: number;
  readonly fact: CertificateFact;
}
/** All versions of one certificate, in the order they were recorded; never empty. */
export type Certificate = readonly [CertificateVersion, ...CertificateVersion[]];

/** What the versions of a certificate say. */
export const factsOf = (certificate: Certificate): readonly CertificateFact[] =>
  certificate.map(({ fact }) => fact);

/** Rows in order of (id, seq) as certificates. */
function grouped(rows: readonly CertificateVersion[]): Certificate[] {
  const certificates = new Map<string, [CertificateVersion, ...CertificateVersion[]]>();
  for (const row of rows) {
    append(certificates, row.fact.id, row);
  }
  return [...certificates.values()];
}

export async function certificateById(sql: Sql, id: string): Promise<Certificate | null> {
  const rows = await sql<CertificateVersion[]>`
    SELECT seq, body AS fact FROM certificates WHERE id = ${id} ORDER BY seq`;
  return grouped(rows)[0] ?? null;
}

/** Whose scope names each of these GTINs. GTINs without any are missing. One statement. */
export async function certificatesOf(
  sql: Sql,
  gtins: readonly string[],
): Promise<Map<string, readonly Certificate[]>> {
  if (gtins.length === 0) return new Map();
  const rows = await sql<CertificateVersion[]>`
    SELECT seq, body AS fact FROM certificates WHERE id IN (
      SELECT id FROM certificates WHERE body -> 'gtins' ?| ${arrayLiteral([...new Set(gtins)])}::text[])
    ORDER BY id, seq`;
  const found = new Map<string, Certificate[]>();
  for (const certificate of grouped(rows))
    for (const gtin of certificate[0].fact.gtins) {
      append(found, gtin, certificate);
    }
  return new Map(gtins.flatMap((gtin) => (found.has(gtin) ? [[gtin, found.get(gtin) ?? []]] : [])));
}

/** A page of the certificates that a party has issued or holds, in order of id. */
export async function certificatesOfParty(
  sql: Sql,
  party: PartyId,
  after: string,
  limit: number,
): Promise<Certificate[]> {
  const rows = await sql<CertificateVersion[]>`
    SELECT c.seq, c.body AS fact FROM (
      SELECT DISTINCT id FROM certificates
      WHERE (issuer = ${party} OR holder = ${party}) AND id > ${after} ORDER BY id LIMIT ${limit}
    ) listed JOIN certificates c USING (id) ORDER BY c.id, c.seq`;
  return grouped(rows);
}

/** What evidence is made of, read by key from the tables. */

import type { Epc } from '../../core/events/hop.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { IssuedUnit } from '../codes/issued.ts';

/** An entry with its fact, salt and hash of personal data. */
export interface StoredFact {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly digest: Buffer;
  /** Leaf hash of the entry before; null for the first. */
  readonly prev: Buffer | null;
  readonly payload: JsonObject;
  readonly salt: Buffer;
  readonly personal: Buffer | null;
}

/** Entries with their facts, in order of seq. One statement. */
export async function storedFacts(sql: Sql, seqs: Iterable<number>): Promise<StoredFact[]> {
  const rows = await sql<(Omit<StoredFact, 'payload'> & { payload: string })[]>`
    SELECT e.seq, e.at, e.digest, b.leaf AS prev, f.payload, f.salt, p.hash AS personal
    FROM unnest(${arrayLiteral([...new Set(seqs)])}::bigint[]) AS asked (seq)
    JOIN entries e USING (seq) JOIN facts f USING (seq)
    LEFT JOIN entries b ON b.seq = asked.seq - 1
    LEFT JOIN privates p ON p.seq = asked.seq
    ORDER BY e.seq`;
  return rows.map((row) => {
    const payload: JsonObject = JSON.parse(row.payload);
    return { ...row, payload };
  });
}

export interface ChainRow {
  readonly unit: number;
  readonly seq: number;
  readonly link: Buffer;
}

/** Links of one chain that are told. */
export const linksMax = 10_000;

/** The chains of things, in order, at most `linksMax` links of each. One statement. */
export async function chainRows(sql: Sql, units: Iterable<number>): Promise<Map<number, ChainRow[]>> {
  const list = [...new Set(units)];
  const rows = await sql<ChainRow[]>`
    SELECT c.unit, c.seq, c.link FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit)
    JOIN unit_chain c USING (unit) WHERE c.n <= ${linksMax} ORDER BY c.unit, c.n`;
  const chains = new Map<number, ChainRow[]>(list.map((unit) => [unit, []]));
  for (const row of rows) chains.get(row.unit)?.push(row);
  return chains;
}

/** Entries that announce keys or change their status: those of these numbers, and all of these purposes. */
export async function keyEntries(
  sql: Sql,
  kids: readonly string[],
  purposes: readonly string[],
): Promise<number[]> {
  const rows = await sql<{ seq: number }[]>`
    SELECT seq FROM keys
    WHERE kid = ANY (${arrayLiteral(kids)}::text[]) OR purpose = ANY (${arrayLiteral(purposes)}::text[])`;
  return rows.map(({ seq }) => seq);
}

/** Entries that bind GTINs to owners, and the newest versions of their products. */
export async function gtinEntries(sql: Sql, gtins: readonly string[]): Promise<number[]> {
  const list = arrayLiteral([...new Set(gtins)]);
  const rows = await sql<{ seq: number }[]>`
    SELECT o.seq FROM unnest(${list}::text[]) AS asked (gtin) JOIN owners o ON o.identifier = 'gtin:' || gtin
    UNION
    SELECT p.seq FROM unnest(${list}::text[]) AS asked (gtin)
    CROSS JOIN LATERAL (SELECT seq FROM products WHERE gtin = asked.gtin ORDER BY seq DESC LIMIT 1) p`;
  return rows.map(({ seq }) => seq);
}

/** Entries of delegations to those who issued codes for the owners of their GTINs, in all versions. One statement. */
export async function delegationEntries(sql: Sql, issued: readonly IssuedUnit[]): Promise<number[]> {
  const asked = new Map(
    issued.flatMap(({ gtin, issuedBy }) =>
      gtin === null ? [] : [[`${gtin} ${issuedBy}`, { gtin, issuedBy }] as const],
    ),
  );
  const list = [...asked.values()];
  const rows = await sql<{ seq: number }[]>`
    SELECT DISTINCT d.seq
    FROM unnest(${arrayLiteral(list.map(({ gtin }) => gtin))}::text[],
      ${arrayLiteral(list.map(({ issuedBy }) => issuedBy))}::text[]) AS asked (gtin, party)
    JOIN owners o ON o.identifier = 'gtin:' || asked.gtin AND o.party <> asked.party
    JOIN delegations d ON d.grantee = asked.party AND d.grantor = o.party
    WHERE d.body -> 'gtins' ? asked.gtin AND d.body -> 'acts' ? 'issue'`;
  return rows.map(({ seq }) => seq);
}

/** The newest entries of parties and places by id; ids that are neither are passed over. */
export async function nameEntries(sql: Sql, ids: readonly string[]): Promise<number[]> {
  const list = arrayLiteral([...new Set(ids)]);
  const rows = await sql<{ seq: number }[]>`
    SELECT max(seq) AS seq FROM parties WHERE id = ANY (${list}::text[]) GROUP BY id
    UNION
    SELECT max(seq) FROM places WHERE id = ANY (${list}::text[]) GROUP BY id`;
  return rows.map(({ seq }) => seq);
}

/** The units of runs of internal numbers, in order. One statement. */
export async function epcsOfRuns(
  sql: Sql,
  runs: readonly { readonly first: number; readonly last: number }[],
): Promise<Epc[]> {
  const rows = await sql<{ epc: Epc }[]>`
    SELECT e.epc
    FROM unnest(${arrayLiteral(runs.map(({ first }) => first))}::bigint[],
      ${arrayLiteral(runs.map(({ last }) => last))}::bigint[]) AS run (first, last)
    JOIN epcs e ON e.unit BETWEEN run.first AND run.last ORDER BY e.unit`;
  return rows.map(({ epc }) => epc);
}

/** Products as they stand: the newest version of each. */

import type { PartyId } from '../../core/events/hop.ts';
import type { ProductFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** A product in its newest version. */
export interface Product {
  /** Entry of this version. */
  readonly seq: number;
  readonly fact: ProductFact;
}

/** The products with these GTINs; those that do not exist are missing. */
export async function productsByGtin(sql: Sql, gtins: readonly string[]): Promise<Map<string, Product>> {
  if (gtins.length === 0) return new Map();
  const rows = await sql<Product[]>`
    SELECT DISTINCT ON (gtin) seq, body AS fact FROM products
    WHERE gtin = ANY (${arrayLiteral([...new Set(gtins)])}::text[]) ORDER BY gtin, seq DESC`;
  return new Map(rows.map((product) => [product.fact.gtin, product]));
}

export async function productByGtin(sql: Sql, gtin: string): Promise<Product | null> {
  return (await productsByGtin(sql, [gtin])).get(gtin) ?? null;
}

/** A page of a party's products in order of GTIN. */
export async function productsOf(sql: Sql, party: PartyId, after: string, limit: number): Promise<Product[]> {
  return sql<Product[]>`
    SELECT DISTINCT ON (gtin) seq, body AS fact FROM products
    WHERE party = ${party} AND gtin > ${after} ORDER BY gtin, seq DESC LIMIT ${limit}`;
}

/** A page of the GTINs a party owns: vetted ones and local numbers. `seq` is the entry that bound it. */
export async function gtinsOf(
  sql: Sql,
  party: PartyId,
  after: string,
  limit: number,
): Promise<{ gtin: string; seq: number }[]> {
  return sql<{ gtin: string; seq: number }[]>`
    SELECT substr(identifier, 6) AS gtin, seq FROM owners
    WHERE party = ${party} AND identifier > ${`gtin:${after}`} AND identifier < 'gtin;'
    ORDER BY identifier LIMIT ${limit}`;
}

/** GTINs that one search may be about. */
const likeMax = 1_000;

/**
 * GTINs of products whose name, model or number holds a text, and whose owner's name holds another; an empty text is in
 * all of them.
 */
export async function gtinsLike(
  sql: Sql,
  { product, maker }: { readonly product: string; readonly maker: string },
): Promise<string[]> {
  const rows = await sql<{ gtin: string }[]>`
    SELECT DISTINCT p.gtin FROM products p
    WHERE (position(lower(${product}) IN lower(p.body ->> 'name')) > 0
        OR position(lower(${product}) IN lower(p.body ->> 'nameEn')) > 0
        OR position(lower(${product}) IN lower(p.body ->> 'model')) > 0
        OR position(${product} IN p.gtin) > 0)
      AND (${maker} = '' OR EXISTS (
        SELECT FROM owners o JOIN parties q ON q.id = o.party
        WHERE o.identifier = 'gtin:' || p.gtin AND (
          position(lower(${maker}) IN lower(q.body ->> 'name')) > 0
          OR position(lower(${maker}) IN lower(q.body ->> 'nameEn')) > 0)))
    ORDER BY p.gtin LIMIT ${likeMax}`;
  return rows.map(({ gtin }) => gtin);
}

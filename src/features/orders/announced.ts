/**
 * Recalls and stops of sale that anybody may know of. A recall calls upon everybody who has such goods, so every one of them
 * is announced; a stop of sale is while it names whole products, lots or makers: one about single things, or about what is in
 * somebody's hands, is the business of those whom it stops. What is told of a recall is what goods it is about, as products
 * and lots, and never by whose hands or from what they were found.
 *
 * | the scope names                                     | told are                                          |
 * |-----------------------------------------------------|---------------------------------------------------|
 * | products, lots                                      | these                                             |
 * | a maker alone                                       | its products, at most `namedMax`                  |
 * | units, containers, hands or an origin, none of these | products and lots on its roll, at most `namedMax` |
 */
import type { PartyId } from '../../core/events/hop.ts';
import type { OrderFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Search } from '../samples/asked.ts';

export interface Announced {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly fact: OrderFact;
  readonly released: boolean;
  readonly gtins: readonly string[];
  /** `01/{GTIN}/10/{lot}`. */
  readonly lots: readonly string[];
  readonly maker: PartyId | null;
  /** It is about some of these goods alone, and which these are is not told. */
  readonly inPart: boolean;
  /** Why, in the words of whoever made it, may tell of those in whose hands the goods are. */
  readonly namesHands: boolean;
}

export interface AnnouncedSearch extends Search {
  /** A single thing that must be among the goods. */
  readonly unit: string | null;
}

const namedMax = 100;

const single = ['units', 'containers'];
const hands = ['held', 'holding', 'downstream'];

/** Products and lots on the roll of an order `o`: a seek from one run of codes to the next, whatever their length. */
const onRoll = (sql: Sql) => sql`
  WITH RECURSIVE walk AS (
    SELECT min(unit) AS unit FROM order_things WHERE seq = o.seq
    UNION ALL
    SELECT (SELECT min(t.unit) FROM order_things t WHERE t.seq = o.seq AND t.unit > greatest(w.unit, coalesce(i.last_unit, 0)))
    FROM walk w LEFT JOIN LATERAL (
      SELECT last_unit FROM issues WHERE first_unit <= w.unit ORDER BY first_unit DESC LIMIT 1) i ON i.last_unit >= w.unit
    WHERE w.unit IS NOT NULL)
  SELECT substr(e.epc, 4, 14) AS gtin, ${lotOf(sql)} AS lot
  FROM (SELECT unit FROM walk LIMIT ${namedMax}) w JOIN epcs e USING (unit) WHERE e.epc LIKE '01/%'`;

/** The lot of a thing `e`; null where nobody knows. */
const lotOf = (sql: Sql) => sql`CASE WHEN e.epc LIKE '01/______________/10/%' THEN e.epc ELSE (
  SELECT i.lot FROM (
    SELECT lot, last_unit FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1) i
  WHERE i.last_unit >= e.unit) END`;

/** A page, newest first, also of those released. One statement. */
export function announcedOrders(
  sql: Sql,
  {
    gtins,
    lot,
    unit,
    from,
    until,
    before,
    limit,
  }: AnnouncedSearch & { readonly before: number; readonly limit: number },
): Promise<Announced[]> {
  const asked = arrayLiteral(gtins ?? []);
  const keys = (names: readonly string[]) => arrayLiteral(names);
  return sql<Announced[]>`
    SELECT * FROM (
      SELECT o.seq, o.at, o.body AS fact, x.scope, x.scope ->> 'made' AS maker, g.gtins, g.lots,
        EXISTS (SELECT FROM orders r WHERE r.id = o.id AND r.type = 'release') AS released,
        x.scope ?| ${keys([...single, ...hands])}::text[] AS "inPart", x.scope ?| ${keys(hands)}::text[] AS "namesHands"
      FROM orders o CROSS JOIN LATERAL (SELECT o.body -> 'scope' AS scope) x
      CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(DISTINCT gtin), '{}') AS gtins,
          coalesce(array_agg(DISTINCT lot) FILTER (WHERE lot IS NOT NULL), '{}') AS lots
        FROM (
          SELECT gtin, NULL AS lot FROM jsonb_array_elements_text(scope -> 'products') AS p (gtin)
          UNION ALL
          SELECT substr(epc, 4, 14), epc FROM jsonb_array_elements_text(scope -> 'lots') AS l (epc)
          UNION ALL
          SELECT substr(identifier, 6), NULL FROM (
            SELECT identifier FROM owners WHERE party = scope ->> 'made' AND identifier LIKE 'gtin:%'
              AND NOT scope ?| ${keys(['products', 'lots', ...single, ...hands])}::text[]
            ORDER BY identifier LIMIT ${namedMax}) w
          UNION ALL
          SELECT gtin, lot FROM (${onRoll(sql)}) rolled
          WHERE scope ?| ${keys([...single, ...hands])}::text[] AND NOT scope ?| ARRAY['products', 'lots']) named) g
      WHERE o.type IN ('recall', 'stop-sale') AND o.seq < ${before} AND o.at BETWEEN ${from} AND ${until}
        AND (o.type = 'recall' OR NOT x.scope ?| ${keys([...single, ...hands])}::text[])) o
    WHERE (${gtins === null} OR o.gtins && ${asked}::text[] OR EXISTS (
        SELECT FROM unnest(${asked}::text[]) AS a (gtin) JOIN owners w ON w.identifier = 'gtin:' || a.gtin
        WHERE w.party = o.maker AND cardinality(o.gtins) = ${namedMax}))
      AND (${lot === null} OR EXISTS (SELECT FROM unnest(o.lots) AS l (epc) WHERE substr(l.epc, 22) = ${lot ?? ''})
        OR cardinality(o.lots) = 0 AND EXISTS (
          SELECT FROM unnest(o.gtins) AS g (gtin) CROSS JOIN LATERAL (
            SELECT '01/' || g.gtin || '/10/' || ${lot ?? ''} AS epc) l
          WHERE EXISTS (SELECT FROM issues i WHERE i.lot = l.epc) OR EXISTS (SELECT FROM epcs e WHERE e.epc = l.epc)))
      AND (${unit === null} OR EXISTS (
        SELECT FROM epcs e JOIN order_things t ON t.seq = o.seq AND t.unit = e.unit WHERE e.epc = ${unit ?? ''}))
    ORDER BY seq DESC LIMIT ${limit}`;
}

/**
 * Who sees how much of an order.
 *
 * | reader                                                        | sees                                            |
 * |---------------------------------------------------------------|-------------------------------------------------|
 * | who made it                                                   | `whole`: all of it, and what came of it         |
 * | a regulator into whose jurisdiction it reaches; of an order of | `whole`                                        |
 * | a maker: where the maker is, or somebody told of it has goods  |                                                |
 * | who was told of it; whom its scope names; whose product it names | `told`: the order without what says of others |
 * | whose hands a tracking order follows goods through            | nothing: it stops nothing, and would warn them  |
 * | anybody else                                                  | nothing, nor that there is one                  |
 *
 * Which officer is in charge is personal data, for those who see the whole.
 */
import type { OrderScope } from '../../core/orders/order.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { lastWithin } from '../cases/sight.ts';

export type OrderSight = 'whole' | 'told';

/** How much of an order `o` a reader may see: a value of `OrderSight`, or null for nothing. */
export const sightOfOrder = (sql: Sql, reader: Reader) => sql`CASE
  WHEN o.party = ${reader.party} OR ${overseen(sql, reader)} THEN 'whole'
  WHEN ${reader.party} = o.body -> 'scope' ->> 'made'
    OR o.type <> 'tracking' AND ${reader.party} IN (o.body -> 'scope' ->> 'held', o.body -> 'scope' ->> 'holding')
    OR EXISTS (SELECT FROM notices n WHERE n.party = ${reader.party} AND n.seq = o.seq AND n.kind = 'order')
    OR EXISTS (SELECT FROM jsonb_array_elements_text(o.body -> 'scope' -> 'products') AS p (gtin)
      JOIN owners w ON w.identifier = 'gtin:' || p.gtin AND w.party = ${reader.party}) THEN 'told'
  END`;

/** Whether an order `o` is a regulator's affair. One of a maker reaches wherever its goods are. */
function overseen(sql: Sql, { roles, jurisdiction }: Reader) {
  if (jurisdiction === null || !roles.includes('regulator')) return sql`FALSE`;
  const { regions, places } = jurisdiction;
  const own = sql`unnest(${arrayLiteral(regions)}::text[], ${arrayLiteral(regions.map(lastWithin))}::text[])
    AS j (lowest, highest)`;
  const newestRegion = (party: ReturnType<Sql>) => sql`
    (SELECT body ->> 'region' FROM parties WHERE id = ${party} ORDER BY seq DESC LIMIT 1)`;
  return sql`CASE o.body -> 'reach' WHEN 'null' THEN
      EXISTS (SELECT FROM ${own} WHERE ${newestRegion(sql`o.party`)} BETWEEN j.lowest AND j.highest)
      OR EXISTS (SELECT FROM (${havingGoods(sql)}) h
        JOIN ${own} ON ${newestRegion(sql`h.party`)} BETWEEN j.lowest AND j.highest)
    ELSE
      o.body -> 'reach' -> 'places' ?| ${arrayLiteral(places)}::text[]
      OR EXISTS (SELECT FROM jsonb_array_elements_text(o.body -> 'reach' -> 'regions') AS r (code) JOIN ${own}
        ON r.code BETWEEN j.lowest AND j.highest
          OR j.lowest BETWEEN r.code AND rpad(regexp_replace(r.code, '(00){1,3}$', ''), 6, '9'))
    END`;
}

/** Who has or had goods under an order `o`: whoever was told of it, and of one that tells nobody, who is on its roll. */
const havingGoods = (sql: Sql) => sql`
  SELECT party FROM notices WHERE seq = o.seq AND kind = 'order'
  UNION SELECT holder FROM order_things WHERE o.type = 'tracking' AND seq = o.seq AND holder IS NOT NULL`;

/** What of a scope says nothing of others than the reader. */
export function plainOf(scope: OrderScope, reader: string): OrderScope {
  const { products, lots, produced, recorded, made, held, holding } = scope;
  return {
    ...(products === undefined ? {} : { products }),
    ...(lots === undefined ? {} : { lots }),
    ...(made === reader ? { made } : {}),
    ...(held === reader ? { held } : {}),
    ...(holding === reader ? { holding } : {}),
    ...(produced === undefined ? {} : { produced }),
    ...(recorded === undefined ? {} : { recorded }),
  };
}

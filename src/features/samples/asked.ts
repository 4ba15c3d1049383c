/** What people search announcements by: products and makers by parts of their names, lots, days. */
import { type Static, Type } from '@sinclair/typebox';
import { endOf, startOf } from '../../core/china-dates.ts';
import { encodeComponent } from '../../core/gs1/gs1-text.ts';
import { parseGtin, parseLot } from '../../core/gs1/identifiers.ts';
import { parseDate } from '../../core/time.ts';
import type { Sql } from '../../database/connection.ts';
import { required } from '../../errors.ts';
import { pageQuery } from '../../http/paging.ts';
import { gtinsLike } from '../products/queries.ts';
import { date, line } from '../vocabulary.ts';

export const searchQuery = {
  ...pageQuery,
  product: Type.Optional(line('GTIN, or part of the name or model of the product', 100)),
  maker: Type.Optional(line('Part of the name of whoever owns the GTIN', 100)),
  lot: Type.Optional(line('Batch number', 40)),
  from: Type.Optional(date('First day, in China')),
  until: Type.Optional(date('Last day')),
};
export type SearchQuery = Static<ReturnType<typeof Type.Object<typeof searchQuery>>>;

export interface Search {
  /** null: of whatever product. */
  readonly gtins: readonly string[] | null;
  /** As it stands in an identifier. */
  readonly lot: string | null;
  /** ms since the epoch, both inclusive. */
  readonly from: number;
  readonly until: number;
}

/** Faults: `invalid-time`, `invalid-identifier` and others of a lot. */
export async function searchOf(
  sql: Sql,
  { product, maker, lot, from, until }: Omit<SearchQuery, 'limit' | 'cursor'>,
): Promise<Search> {
  const gtin = product === undefined ? null : parseGtin(product.trim());
  const listed = maker === undefined && gtin?.ok ? [gtin.value] : null;
  return {
    gtins:
      product === undefined && maker === undefined
        ? null
        : (listed ?? (await gtinsLike(sql, { product: product?.trim() ?? '', maker: maker?.trim() ?? '' }))),
    lot: lot === undefined ? null : encodeComponent(required(parseLot(lot.trim()), '/lot')),
    from: from === undefined ? 0 : startOf(required(parseDate(from), '/from')),
    until: until === undefined ? Number.MAX_SAFE_INTEGER : endOf(required(parseDate(until), '/until')),
  };
}

/** Recalls and stops of sale as everybody sees them. Nothing of who trades in the goods. */
import { type Static, Type } from '@sinclair/typebox';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import { required } from '../../errors.ts';
import { decodeCursor, page } from '../../http/paging.ts';
import type { FeatureDeps } from '../feature.ts';
import { searchOf, searchQuery } from '../samples/asked.ts';
import type { LoadNames } from '../tracing/names.ts';
import { gtin, oneOf } from '../vocabulary.ts';
import { publicOrders } from './queries.ts';

const nullable = Type.Union([Type.String(), Type.Null()]);
const period = Type.Object({ from: Type.Optional(Type.String()), until: Type.Optional(Type.String()) });

export const RecallSchema = Type.Object({
  id: Type.String(),
  type: oneOf(['recall', 'stop-sale']),
  number: Type.String(),
  issuer: Type.Object({ name: Type.String(), nameEn: nullable }),
  since: Type.String({ format: 'date-time' }),
  state: oneOf(['in-force', 'released']),
  reason: Type.String(),
  notice: Type.Union([Type.Object({ zh: Type.String(), en: Type.Optional(Type.String()) }), Type.Null()]),
  products: Type.Array(Type.Object({ gtin: Type.String(), name: nullable, nameEn: nullable })),
  lots: Type.Array(Type.String()),
  produced: Type.Union([period, Type.Null()]),
});
export type RecallView = Static<typeof RecallSchema>;

export const recallsQuery = { ...searchQuery, gtin: Type.Optional(gtin) };
type RecallsQuery = Static<ReturnType<typeof Type.Object<typeof recallsQuery>>>;

/** Faults: those of the values in the query. */
export const createRecalls =
  ({ reads: { sql } }: Pick<FeatureDeps, 'reads'>, load: LoadNames) =>
  async ({
    limit,
    cursor,
    gtin: text,
    ...asked
  }: RecallsQuery): Promise<{ items: RecallView[]; next: string | null }> => {
    const search = await searchOf(sql, asked);
    const gtins = text === undefined ? search.gtins : [required(parseGtin(text))];
    const [before] = required(decodeCursor('recalls', cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
    const rows = await publicOrders(sql, { ...search, gtins, before: Number(before), limit: limit + 1 });
    const { items, next } = page('recalls', rows, limit, ({ seq }) => [seq]);
    const names = await load({
      parties: items.map(({ fact }) => fact.by),
      gtins: items.flatMap(({ fact }) => fact.scope.products ?? []),
    });
    return {
      items: items.map(({ at, fact, release }) => {
        const { name, nameEn } = names.party(fact.by);
        const { products = [], lots = [], produced = null } = fact.scope;
        return {
          id: fact.id,
          type: fact.type === 'recall' ? ('recall' as const) : ('stop-sale' as const),
          number: fact.number,
          issuer: { name, nameEn },
          since: new Date(at).toISOString(),
          state: release === null ? ('in-force' as const) : ('released' as const),
          reason: fact.reason,
          notice: fact.notice ?? null,
          products: products.map((gtin) => {
            const product = names.product(gtin);
            return { gtin, name: product.name, nameEn: product.nameEn };
          }),
          lots: [...lots],
          produced,
        };
      }),
      next,
    };
  };

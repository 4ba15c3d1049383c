/** Recalls and stops of sale as everybody sees them (announced.ts). Nothing of who trades in the goods. */
import { type Static, Type } from '@sinclair/typebox';
import type { PartyId } from '../../core/events/hop.ts';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import { required } from '../../errors.ts';
import { decodeCursor, page } from '../../http/paging.ts';
import type { FeatureDeps } from '../feature.ts';
import { searchOf, searchQuery } from '../samples/asked.ts';
import type { LoadNames } from '../tracing/names.ts';
import { readCode } from '../verification/read-code.ts';
import { anySpelling, gtin, oneOf } from '../vocabulary.ts';
import { announcedOrders } from './announced.ts';

const nullable = Type.Union([Type.String(), Type.Null()]);
const period = Type.Object({ from: Type.Optional(Type.String()), until: Type.Optional(Type.String()) });

export const RecallSchema = Type.Object({
  id: Type.String(),
  type: oneOf(['recall', 'stop-sale']),
  number: Type.String(),
  issuer: Type.Object({ name: Type.String(), nameEn: nullable }),
  since: Type.String({ format: 'date-time' }),
  state: oneOf(['in-force', 'released']),
  reason: Type.Union([Type.String(), Type.Null()], {
    description: 'Null of a recall that names whose hands goods went through: the notice says what to do',
  }),
  notice: Type.Union([Type.Object({ zh: Type.String(), en: Type.Optional(Type.String()) }), Type.Null()]),
  products: Type.Array(Type.Object({ gtin: Type.String(), name: nullable, nameEn: nullable })),
  lots: Type.Array(Type.String()),
  produced: Type.Union([period, Type.Null()]),
  maker: Type.Union([Type.Object({ name: Type.String(), nameEn: nullable }), Type.Null()], {
    description: 'Whose goods they are, where it says so',
  }),
  inPart: Type.Boolean({
    description: 'It is about some of these goods alone: ask by `unit`, or verify the code of a thing',
  }),
});
export type RecallView = Static<typeof RecallSchema>;

export const recallsQuery = {
  ...searchQuery,
  gtin: Type.Optional(gtin),
  unit: Type.Optional(anySpelling('A single thing: those that it was found to be under')),
};
type RecallsQuery = Static<ReturnType<typeof Type.Object<typeof recallsQuery>>>;

/** Faults: those of the values in the query. */
export const createRecalls =
  ({ reads: { sql } }: Pick<FeatureDeps, 'reads'>, load: LoadNames) =>
  async ({
    limit,
    cursor,
    gtin: text,
    unit: thing,
    ...asked
  }: RecallsQuery): Promise<{ items: RecallView[]; next: string | null }> => {
    const search = await searchOf(sql, asked);
    const gtins = text === undefined ? search.gtins : [required(parseGtin(text))];
    const unit = thing === undefined ? null : unitOf(thing);
    const [before] = required(decodeCursor('recalls', cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
    const rows = await announcedOrders(sql, {
      ...search,
      ...{ gtins, unit },
      before: Number(before),
      limit: limit + 1,
    });
    const { items, next } = page('recalls', rows, limit, ({ seq }) => [seq]);
    const names = await load({
      parties: items.flatMap(({ fact, maker }) => [fact.by, ...(maker === null ? [] : [maker])]),
      gtins: items.flatMap(({ gtins }) => gtins),
    });
    return {
      items: items.map(({ at, fact, released, lots, maker, inPart, namesHands, ...found }) => {
        const named = (id: PartyId) => {
          const { name, nameEn } = names.party(id);
          return { name, nameEn };
        };
        const { produced = null } = fact.scope;
        return {
          id: fact.id,
          type: fact.type === 'recall' ? ('recall' as const) : ('stop-sale' as const),
          number: fact.number,
          issuer: named(fact.by),
          since: new Date(at).toISOString(),
          state: released ? ('released' as const) : ('in-force' as const),
          reason: namesHands ? null : fact.reason,
          notice: fact.notice ?? null,
          products: found.gtins.map((gtin) => {
            const product = names.product(gtin);
            return { gtin, name: product.name, nameEn: product.nameEn };
          }),
          lots: [...lots],
          produced,
          maker: maker === null ? null : named(maker),
          inPart,
        };
      }),
      next,
    };
  };

/** A thing as people have its name at hand: a code, or an identifier in any spelling. */
const unitOf = (text: string): string => required(readCode(text.trim()), '/unit').epc;

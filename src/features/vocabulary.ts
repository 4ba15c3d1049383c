/** JSON Schema of the words that several features share. */
import { type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { opaqueIdPattern } from '../core/opaque-id.ts';
import { uomCodes } from '../core/quantity.ts';

/** An object that takes no other members. */
export const closed = <T extends TProperties>(members: T, title?: string) =>
  Type.Object(members, { additionalProperties: false, ...(title === undefined ? {} : { title }) });

/** One of some words. */
export const oneOf = <const T extends string>(words: readonly T[], description?: string) =>
  Type.Unsafe<T>(Type.String({ enum: [...words], ...(description === undefined ? {} : { description }) }));

/** Text for people. */
export const line = (description: string, maxLength = 200) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description });

export const id = (description: string) =>
  Type.String({ pattern: opaqueIdPattern, description, examples: ['7ZK3QW9D5TB1M0AB'] });
export const gtin = Type.String({
  minLength: 8,
  maxLength: 14,
  pattern: '^[0-9]+$',
  description: 'GTIN of 8, 12, 13 or 14 digits',
});
export const anySpelling = (description: string) =>
  Type.String({ minLength: 1, maxLength: 2048, description: `${description}, in any spelling` });
export const partyName = (description: string) =>
  anySpelling(`${description}: id, GLN or unified social credit code`);
export const region = Type.String({ pattern: '^[0-9]{6}$', description: 'GB/T 2260 code 行政区划代码' });
export const date = (description: string) =>
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description, examples: ['2025-07-01'] });
export const decimal = Type.String({
  pattern: '^\\d{1,13}(\\.\\d{1,6})?$',
  description: 'Decimal with at most six places',
  examples: ['12.5'],
});
export const uom = oneOf(uomCodes, 'UN/ECE Recommendation 20 unit of measure; pieces are H87');
export const bilingual = Type.Object({ zh: Type.String(), en: Type.String() });
export const seq = Type.Integer({ description: 'Log entry that records this version' });
/** Of a request: no larger than a number can tell, and so no larger than the database can hold. */
export const askedSeq = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Number of a log entry',
});

/** A request that is sent again with the same key is recorded once. */
export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'Chosen by the client, as a rule a UUID' }),
  ),
});

/** A page of items, with the cursor of the next. */
export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]) });

/** Orders at the API. Dates are days in China. */
import { type Static, Type } from '@sinclair/typebox';
import { orderTypes } from '../../core/orders/order.ts';
import { pageQuery } from '../../http/paging.ts';
import { anySpelling, askedSeq, closed, date, gtin, id, line, oneOf, partyName, seq } from '../vocabulary.ts';

/** Identifiers that one order lists at most, of each kind. */
export const listedMax = 10_000;
const productsMax = 1_000;

const things = (what: string) =>
  Type.Optional(Type.Array(anySpelling(what), { minItems: 1, maxItems: listedMax, uniqueItems: true }));

const period = (description: string) =>
  Type.Optional(
    Type.Object(
      { from: Type.Optional(date('First day')), until: Type.Optional(date('Last day')) },
      { additionalProperties: false, minProperties: 1, description },
    ),
  );

const DownstreamSchema = Type.Object(
  {
    party: Type.Optional(partyName('Whose hands it went through')),
    place: Type.Optional(anySpelling('Place')),
    unit: Type.Optional(anySpelling('Unit')),
    lot: Type.Optional(anySpelling('Lot')),
    container: Type.Optional(anySpelling('Container')),
    since: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 date-time with its zone' })),
  },
  {
    additionalProperties: false,
    description:
      'What went through one of these since then, whatever was made of it, and what it was put into as a part or an agent, since it was. Found out step by step: `GET /v1/orders/{id}` says how far',
  },
);

export const ScopeSchema = closed(
  {
    downstream: Type.Optional(DownstreamSchema),
    units: things('Unit'),
    lots: things('Lot'),
    containers: things('Container: what is or was in it'),
    products: Type.Optional(
      Type.Array(gtin, { minItems: 1, maxItems: productsMax, uniqueItems: true, description: 'Products' }),
    ),
    made: Type.Optional(partyName('Whose product it is')),
    held: Type.Optional(partyName('Who has it or ever had it')),
    holding: Type.Optional(partyName('Who had it when the order was made, or gets it later')),
    produced: period('When it was made, as recorded'),
    recorded: period('When its code was entered in the log'),
  },
  'OrderScope',
);
export type ScopeBody = Static<typeof ScopeSchema>;

const authority = {
  ground: line('Law or rule that it rests on 法律依据'),
  number: line('Number of the document 文号', 100),
  officer: line('Officer in charge 承办人; kept as personal data, beside the entry', 100),
};
const reason = line('Why', 1000);
const words = (maxLength: number) =>
  closed({ zh: line('In Chinese', maxLength), en: Type.Optional(line('In English', maxLength)) });

export const OrderBodySchema = closed(
  {
    type: oneOf(orderTypes, '`tracking` stops nothing: it follows what is in use'),
    scope: ScopeSchema,
    ...authority,
    reason,
    notice: Type.Optional(words(300)),
    acknowledgeBy: Type.String({
      maxLength: 40,
      description: 'By when holders must acknowledge it: RFC 3339 date-time with its zone',
      examples: ['2026-07-01T18:00:00+08:00'],
    }),
    asOf: Type.Optional(
      Type.Union([askedSeq, Type.String({ maxLength: 40 })], {
        description:
          'What the scope is decided on: how many entries had been recorded, or until when, RFC 3339 with its zone; all, unless you say',
      }),
    ),
  },
  'OrderRequest',
);
export type OrderBody = Static<typeof OrderBodySchema>;

const { type: _, scope: __, asOf: ___, ...paper } = OrderBodySchema.properties;
/** What is ordered after a failed sample needs no scope: it follows from the sample. */
export const FailureBodySchema = closed(
  {
    entry: askedSeq,
    seller: Type.Optional(partyName('Who had the goods; absent where the entry says so')),
    ...paper,
  },
  'OrderAfterFailure',
);
export type FailureBody = Static<typeof FailureBodySchema>;

export const ReleaseBodySchema = closed({ ...authority, reason }, 'OrderReleaseRequest');
export type ReleaseBody = Static<typeof ReleaseBodySchema>;

const party = Type.Object({ id: id('Party'), name: Type.String() });
const officer = Type.Union([Type.String(), Type.Null()], {
  description:
    'For who made it and regulators into whose jurisdiction it reaches; null to others, and once erased',
});
const moment = (description: string) => Type.String({ format: 'date-time', description });

export const OrderSchema = Type.Object(
  {
    id: id('Order'),
    seq,
    type: oneOf(orderTypes),
    issuer: party,
    issuedAt: moment('When it was recorded, and took effect'),
    ground: Type.String(),
    number: Type.String(),
    officer,
    reason: Type.String(),
    notice: Type.Union([Type.Object({ zh: Type.String(), en: Type.Optional(Type.String()) }), Type.Null()]),
    acknowledgeBy: Type.String(),
    scope: Type.Unsafe<object>(
      Type.Object({}, { additionalProperties: true, description: 'As asked, in canonical form' }),
    ),
    reach: Type.Union(
      [Type.Object({ regions: Type.Array(Type.String()), places: Type.Array(Type.String()) }), Type.Null()],
      { description: 'The jurisdiction that it does not go beyond; null: wherever things are' },
    ),
    asOf: Type.Integer({ description: 'Size of the log that the scope was decided on' }),
    result: Type.Optional(
      Type.Integer({ description: 'Entry of the failed inspection that it follows from' }),
    ),
    state: oneOf(['in-force', 'released']),
    release: Type.Union([
      Type.Object({
        seq,
        by: party,
        at: moment('When it was recorded'),
        ground: Type.String(),
        number: Type.String(),
        officer,
        reason: Type.String(),
      }),
      Type.Null(),
    ]),
  },
  { title: 'Order' },
);
export type OrderView = Static<typeof OrderSchema>;

export const ordersQuery = closed({
  ...pageQuery,
  type: Type.Optional(
    Type.String({
      maxLength: 60,
      pattern: `^(${orderTypes.join('|')})(,(${orderTypes.join('|')}))*$`,
      description: `One or some of ${orderTypes.join(', ')}, with commas between`,
    }),
  ),
  state: Type.Optional(oneOf(['in-force', 'released'])),
  gtin: Type.Optional(gtin),
  number: Type.Optional(line('Number of the document, as it was recorded', 100)),
});

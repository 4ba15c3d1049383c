/**
 * The API form of hops: one object a hop, told apart by its member `hop`. Identifiers may be in any spelling
 * that `core/gs1/identifiers.ts` reads; parties are named by id, GLN or unified social credit code.
 */
import { type Static, type TObject, type TProperties, Type } from '@sinclair/typebox';
import { documentTypes } from '../../core/events/epcis.ts';
import { outcomes, roles, transfers } from '../../core/events/hop.ts';
import { uomCodes } from '../../core/quantity.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { precisions } from '../../core/time.ts';
import { PublishedSchema } from '../log/schemas.ts';
import { StubSchema } from '../parties/references.ts';
import { partyName } from '../vocabulary.ts';

/** Most hops in one request, and most identifiers that all its hops name together. */
export const hopsMax = 10_000;
export const epcsMax = 100_000;

const closed = { additionalProperties: false };

/** One of some words, as JSON Schema `enum`. */
const oneOf = <const T extends string>(words: readonly T[], description: string) =>
  Type.Unsafe<T>(Type.String({ enum: [...words], description }));

const identifier = (description: string) =>
  Type.String({ minLength: 1, maxLength: 2048, description: `${description}, in any spelling` });
const party = (description: string) =>
  Type.Union([partyName(description), StubSchema], {
    description: `${description}; one without an account by name and region, or by name and credit code`,
  });
const place = (description: string) => identifier(description);
const day = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    'x-error': { pattern: 'invalid-time' },
    description,
    examples: ['2025-07-01'],
  });
const eventId = (description: string) => Type.String({ minLength: 1, maxLength: 2048, description });

const quantity = Type.String({
  pattern: '^\\d{1,13}(\\.\\d{1,6})?$',
  'x-error': { pattern: 'invalid-quantity' },
  description: 'Decimal with at most six places',
  examples: ['12.5'],
});
const uom = oneOf(uomCodes, 'UN/ECE Recommendation 20 unit of measure; pieces are H87');

const LotQuantitySchema = Type.Object(
  { lot: identifier('Lot'), quantity, uom },
  { ...closed, title: 'LotQuantity' },
);
const LotMentionSchema = Type.Object(
  { lot: identifier('Lot'), quantity: Type.Optional(quantity), uom: Type.Optional(uom) },
  { ...closed, title: 'LotMention', dependencies: { quantity: ['uom'], uom: ['quantity'] } },
);

const epcs = Type.Optional(
  Type.Array(identifier('Unit or container'), { minItems: 1, description: 'Units and containers 单品与箱' }),
);
const goods = {
  epcs,
  lots: Type.Optional(
    Type.Array(LotQuantitySchema, { minItems: 1, description: 'Goods by lot and quantity 批次与数量' }),
  ),
};
/** Hops that may speak of a lot as a whole. */
const matters = {
  epcs,
  lots: Type.Optional(
    Type.Array(LotMentionSchema, { minItems: 1, description: 'Lots, whole or so much of them 批次' }),
  ),
};
const GoodsSchema = Type.Object(goods, { ...closed, title: 'Goods' });

const act = {
  ref: Type.String({
    minLength: 1,
    maxLength: 128,
    pattern: '^\\S(.*\\S)?$',
    description: 'Document line or device UUID; tells apart hops that are otherwise alike 单据行号',
  }),
  time: Type.String({
    maxLength: 40,
    description: 'When it happened: RFC 3339 with zone, or a date with offset 发生时间',
    examples: ['2025-07-01T10:30:00+08:00', '2025-07-01+08:00'],
  }),
  precision: Type.Optional(oneOf(precisions, 'How exactly the time is known')),
  as: Type.Optional(oneOf(roles, 'Role in which the party acts, one of its own')),
  delegation: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Delegation 委托' })),
  signature: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'Detached JWS with a key of yours for claims over the JCS (RFC 8785) of this hop without `signature` and `private` 签名',
    }),
  ),
};
const circumstances = {
  place: Type.Optional(place('Where it happened 地点')),
  documents: Type.Optional(
    Type.Array(
      Type.Object(
        {
          type: oneOf(documentTypes, 'CBV 2.0 business transaction type'),
          number: Type.String({ minLength: 1, maxLength: 128 }),
        },
        { ...closed, title: 'Document' },
      ),
      { minItems: 1, maxItems: 32, description: 'Despatch advice, invoice, order … 单据' },
    ),
  ),
  note: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
  private: Type.Optional(
    Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Type.Unknown(), {
      maxProperties: 64,
      description: 'Personal data: kept apart from the log and erasable 个人信息',
    }),
  ),
};
const making = {
  lot: Type.Optional(
    Type.String({ minLength: 1, maxLength: 20, description: 'Batch number of the units 批号' }),
  ),
  productionDate: Type.Optional(day('Production date 生产日期')),
  bestBefore: Type.Optional(day('Best before 有效期至')),
  factory: Type.Optional(place('Factory 生产厂')),
};
const differences = Type.Optional(
  Type.Array(
    Type.Union([
      Type.Object(
        {
          type: Type.Literal('instance'),
          epc: identifier('Unit or container'),
          found: Type.Boolean({ description: 'true: came unannounced; false: announced and missing' }),
        },
        closed,
      ),
      Type.Object(
        { type: Type.Literal('quantity'), lot: identifier('Lot'), uom, expected: quantity, found: quantity },
        closed,
      ),
    ]),
    { minItems: 1, maxItems: 10_000, description: 'What came otherwise than announced 差异' },
  ),
);
const outcome = oneOf(outcomes, 'What was found 结果');
const nextDue = Type.Optional(day('Next due 下次到期'));
const required = { place: place('Where it happened 地点') };

const hop = <const Name extends string, Members extends TProperties>(
  name: Name,
  title: string,
  members: Members,
) => Type.Object({ hop: Type.Literal(name), ...act, ...circumstances, ...members }, { ...closed, title });

const service = { ...goods, outcome, nextDue, parts: Type.Optional(GoodsSchema) };

const plainHops = [
  hop('produce', 'produce 生产', { ...goods, ...making }),
  hop('release', 'release 出厂检验', { ...matters, outcome }),
  hop('pack', 'pack 装箱', { ...goods, container: identifier('Container') }),
  hop('unpack', 'unpack 拆箱 (without goods: everything)', { ...goods, container: identifier('Container') }),
  hop('ship', 'ship 发货', {
    ...goods,
    ...required,
    to: party('Who takes the goods 收货方'),
    toPlace: Type.Optional(place('Where they go 到货地点')),
    transfer: oneOf(transfers, 'What passes; only a sale passes title'),
  }),
  hop('cancel', 'cancel 取消发货 (with goods: in part)', { ...goods, event: eventId('The shipment') }),
  hop('receive', 'receive 收货', {
    ...goods,
    from: party('Who gave the goods 发货方'),
    fromPlace: Type.Optional(place('Where they came from 发货地点')),
    differences,
  }),
  hop('sell', 'sell 销售', { ...goods, to: Type.Optional(party('Buyer 购买方')) }),
  hop('install', 'install 安装', { ...goods, ...required }),
  hop('remove', 'remove 拆除', { ...goods, ...required }),
  hop('replace', 'replace 更换', { ...required, removed: GoodsSchema, installed: GoodsSchema }),
  hop('inspect', 'inspect 检查', {
    ...matters,
    outcome: Type.Optional(outcome),
    sampling: Type.Optional(oneOf(['sample', 'destructive'], 'Sample taken, or used up in the test 抽样')),
    from: Type.Optional(party('Who gave the sample 被抽样方')),
    nextDue,
  }),
  hop('maintain', 'maintain 维修', service),
  hop('refill', 'refill 充装', service),
  hop('transform', 'transform 加工', { inputs: GoodsSchema, outputs: GoodsSchema }),
  hop('split', 'split 分切', { of: LotQuantitySchema, cuts: GoodsSchema }),
  hop('hold', 'hold 封存', matters),
  hop('seize', 'seize 扣押', { ...matters, from: Type.Optional(party('Who had the goods 当事人')) }),
  hop('lift', 'lift 解除', {
    ...matters,
    event: Type.Optional(eventId('The hold or seizure')),
    to: Type.Optional(
      party('Who gets the goods back; unless said, who had them, and what was on its way goes on'),
    ),
  }),
  hop('return', 'return 退货', {
    ...goods,
    direction: oneOf(['out', 'in'], 'out: sent back by us; in: taken back by us'),
    party: party('The other side 对方'),
    partyPlace: Type.Optional(place('Place of the other side')),
    transfer: Type.Optional(oneOf(transfers, 'What passes back; only a sale passes title')),
    differences,
  }),
  hop('scrap', 'scrap 报废', goods),
  hop('destroy', 'destroy 销毁', goods),
  hop('adopt', 'adopt 存量', {
    ...goods,
    ...making,
    origin: Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'Where it came from, as declared 来源声明',
    }),
  }),
  hop('relabel', 'relabel 换标', {
    pairs: Type.Array(Type.Object({ old: identifier('Old code'), new: identifier('New code') }, closed), {
      minItems: 1,
    }),
  }),
] as const;

/** One of several objects told apart by `hop`: faults name the branch that was meant. */
const discriminated = <const T extends readonly TObject[]>(branches: T, description: string) =>
  Type.Unsafe<Static<T[number]>>({
    type: 'object',
    discriminator: { propertyName: 'hop' },
    oneOf: branches,
    description,
  });

const PlainHopSchema = discriminated(plainHops, 'What is to stand instead');

const errorHops = [
  Type.Object(
    {
      hop: Type.Literal('correct'),
      ...act,
      event: eventId('Your event that was wrong'),
      replacement: Type.Optional(PlainHopSchema),
      note: circumstances.note,
    },
    { ...closed, title: 'correct 更正' },
  ),
  Type.Object(
    {
      hop: Type.Literal('void'),
      ...act,
      event: eventId('Your event that did not happen'),
      reason: Type.String({ minLength: 1, maxLength: 1000 }),
    },
    { ...closed, title: 'void 撤销' },
  ),
] as const;

/** One hop 流转环节. */
export const HopSchema = discriminated([...plainHops, ...errorHops], 'One hop');
export type Hop = Static<typeof HopSchema>;
export type PlainHopInput = Static<typeof PlainHopSchema>;

/** Body of `POST /v1/events`. The identifiers of all its hops together are counted when they are read. */
export const EventsBody = Type.Object(
  {
    hops: Type.Array(HopSchema, {
      minItems: 1,
      maxItems: hopsMax,
      'x-error': { maxItems: 'too-many-hops' },
      description: `1 to ${hopsMax} hops 流转环节`,
    }),
  },
  closed,
);

const bytes = (size: number, description: string) =>
  Type.String({
    minLength: Math.ceil((size * 4) / 3),
    description: `${description}, ${size} bytes in base64url`,
  });

/** Where one fact of a request stands in the log. */
export const RecordedSchema = Type.Object(
  {
    hop: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description:
        'Index of the hop that it comes from; null for a party that the request named for the first time',
    }),
    kind: oneOf(['event', 'party'], 'Kind of fact'),
    id: Type.String({ description: 'eventID of an event, id of a party' }),
    seq: Type.Integer({ description: 'Number of its log entry' }),
    at: Type.String({ format: 'date-time', description: 'When it was recorded' }),
    digest: bytes(32, 'What the entry commits to'),
    leaf: bytes(32, 'Leaf hash of the entry'),
    salt: bytes(16, 'Opens the digest: keep it, and show it only with the whole fact'),
  },
  closed,
);

/** A contradiction, told. */
export const FindingSchema = Type.Object(
  {
    epc: identifier('The thing that it concerns'),
    rule: Type.String(),
    severity: Type.String(),
    cause: Type.String({ description: 'Likeliest' }),
    case: Type.String({ description: 'Id of the case that it is part of' }),
    entries: Type.Array(Type.Integer(), { minItems: 2, maxItems: 2, description: 'The two sides' }),
    made: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Entry that made the thing of others, where the two sides concern it only for that',
    }),
    opened: Type.Integer({ description: 'Entry at which it came to be' }),
    closed: Type.Union([Type.Integer(), Type.Null()], { description: 'Entry that explained it' }),
    zh: Type.String(),
    en: Type.String(),
  },
  closed,
);

/** Answer to `POST /v1/events`. */
export const ReceiptSchema = Type.Object(
  {
    receipt: Type.String({ description: 'JWS over where each fact stands, in the order of `facts` 回执' }),
    facts: Type.Array(RecordedSchema),
    findings: Type.Optional(
      Type.Array(FindingSchema, {
        description: 'Contradictions these facts gave rise to; with Prefer: wait 疑点',
      }),
    ),
    published: Type.Optional(
      Type.Union([PublishedSchema, Type.Null()], {
        description:
          'Proof that the entries are published; with Prefer: published. Null when that takes longer',
      }),
    ),
  },
  { ...closed, title: 'Receipt' },
);

/** Answer to `GET /v1/events/{seq}`. */
export const ReadEventSchema = Type.Object(
  {
    seq: Type.Integer(),
    at: Type.String({ format: 'date-time' }),
    digest: bytes(32, 'What the entry commits to'),
    leaf: bytes(32, 'Leaf hash of the entry'),
    salt: Type.Optional(bytes(16, 'Opens the digest; for its recorder alone')),
    fact: Type.Unsafe<JsonObject>(
      Type.Object({}, { additionalProperties: true, description: 'EPCIS 2.0 event with `kind` and `by`' }),
    ),
  },
  closed,
);

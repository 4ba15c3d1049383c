/** Verification at the API. */
import { Type } from '@sinclair/typebox';
import { reasonWords, verdicts } from '../../core/codes/verdict.ts';
import { hopTypes } from '../../core/events/hop.ts';
import { rules } from '../../core/life/contradictions.ts';
import { blockingTypes } from '../../core/orders/order.ts';
import { purposes } from '../../web/verification-view.ts';
import { bilingual, closed, oneOf, region } from '../vocabulary.ts';

const codesMax = 1000;

const code = Type.String({
  minLength: 1,
  maxLength: 2048,
  description:
    'A scanned code, a GS1 Digital Link on any host, an element string, an EPC URN, a canonical path, or a code as compact JWS',
});

export const VerifyBody = closed(
  {
    code: Type.Optional(code),
    codes: Type.Optional(
      Type.Array(code, { minItems: 1, maxItems: codesMax, description: 'Instead of `code`' }),
    ),
    region: Type.Optional(region),
    purpose: Type.Optional(
      oneOf(purposes, 'What the person is about to do with the thing: the answer brings advice for it'),
    ),
  },
  'VerifyRequest',
);

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const text = (description: string) => Type.String({ description });
const date = (description: string) => nullable(Type.String({ format: 'date', description }));
const moment = (description: string) => Type.String({ format: 'date-time', description });
const entry = closed({ seq: Type.Integer(), leaf: text('Leaf hash, base64url') });

const reasonCodes = [...Object.keys(reasonWords), ...Object.keys(rules)];

/** Members are null where nothing is known, or where it may not be shown. */
export const VerificationSchema = closed(
  {
    code: text('As sent'),
    epc: text('Canonical identifier'),
    elementString: text('As people read it: (01)…(21)…'),
    verdict: oneOf(verdicts, 'Strongest first'),
    sentence: bilingual,
    reasons: Type.Array(closed({ code: oneOf(reasonCodes), zh: Type.String(), en: Type.String() })),
    orders: Type.Array(
      closed({
        id: Type.String(),
        type: oneOf(blockingTypes),
        number: text('Of the document that orders it'),
        issuer: nullable(closed({ name: Type.String(), nameEn: nullable(Type.String()) })),
        since: moment('When it was recorded'),
        notice: nullable(bilingual),
      }),
      { description: 'Orders in force that stop it, newest first' },
    ),
    advice: Type.Optional(bilingual),
    product: nullable(
      closed({
        gtin: Type.String(),
        name: Type.String(),
        nameEn: nullable(Type.String()),
        model: Type.String(),
        category: nullable(closed({ key: Type.String(), zh: Type.String(), en: Type.String() })),
      }),
    ),
    manufacturer: nullable(
      closed({ name: Type.String(), nameEn: nullable(Type.String()), region: nullable(bilingual) }),
    ),
    lot: nullable(Type.String()),
    productionDate: date('By the record of its production'),
    certificate: nullable(
      closed({
        number: Type.String(),
        body: nullable(Type.String()),
        state: oneOf(['valid', 'suspended', 'withdrawn', 'expired']),
        validUntil: Type.String({ format: 'date' }),
      }),
    ),
    certifiedWhenMade: nullable(
      Type.Boolean({
        description:
          'Whether a certificate of the product that is on record was valid on the day it was made; false also where none is on record, null where certificates are and no day of production is',
      }),
    ),
    journey: nullable(
      Type.Array(
        closed({
          step: oneOf(hopTypes),
          month: Type.String({ pattern: '^\\d{4}-\\d{2}$' }),
          region: nullable(bilingual),
        }),
        { description: 'Oldest first; only for a code whose signature is good' },
      ),
    ),
    scans: nullable(
      closed({
        count: Type.Integer({
          description:
            'Earlier scans by the public, one a device and day; programs and parties are not counted; 1000 is "at least"',
        }),
        firstAt: nullable(moment('The first of them that is kept')),
      }),
    ),
    dueDates: nullable(
      closed({ service: date('Next service, as recorded'), life: date('End of the service life') }),
    ),
    proof: nullable(closed({ issued: entry, last: entry })),
    host: text('The host printed beside our codes; any other is not ours'),
    checkedAt: moment('When this was answered'),
  },
  'Verification',
);

export const VerificationsSchema = closed({ results: Type.Array(VerificationSchema) }, 'Verifications');

const states = (description: string) => Type.Array(Type.String(), { description });

export const VerdictsSchema = closed({
  verdicts: Type.Array(closed({ verdict: oneOf(verdicts), zh: Type.String(), en: Type.String() })),
  reasons: Type.Array(closed({ code: oneOf(reasonCodes), zh: Type.String(), en: Type.String() })),
  table: Type.Array(
    closed({
      signature: states('Of the code'),
      key: states('Standing of the key that the code names, for this product'),
      host: states('Whose web address the code bears'),
      issued: Type.Array(Type.Boolean()),
      history: states('The strongest thing its history says'),
      verdict: oneOf(verdicts),
      reasons: Type.Array(oneOf(reasonCodes)),
    }),
    { description: 'Every situation meets exactly one row' },
  ),
});

/** GS1 Digital Link lets a URI carry any other parameters; those are not ours to refuse. */
export const LinkQuery = Type.Object(
  {
    S: Type.Optional(Type.String({ description: 'Key id and signature: 162 digits' })),
    lang: Type.Optional(Type.String({ description: '`zh-CN` or `en`; else by Accept-Language' })),
    for: Type.Optional(Type.String({ description: `${purposes.join(', ')}: what the page's advice is for` })),
    linkType: Type.Optional(
      Type.String({
        description:
          '`linkset` or `all`: the links instead of the page; a link type such as `gs1:instructions`: to the link that fits',
      }),
    ),
    context: Type.Optional(Type.String({ description: 'Of links of that type, the ones meant for this' })),
  },
  { additionalProperties: true },
);

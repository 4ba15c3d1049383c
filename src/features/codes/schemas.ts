/** What is said of codes and batches at the API. */
import { type Static, Type } from '@sinclair/typebox';
import { refusalAt } from '../../errors.ts';
import { kid } from '../keys/schemas.ts';
import { anySpelling, closed, date, gtin, id, oneOf, seq } from '../vocabulary.ts';
import { jobStates } from './jobs.ts';

/** Codes of one batch. */
const batchCodesMax = 1_000_000;
/** Containers of one request. */
const containersMax = 10_000;

export const lotNumber = Type.String({
  minLength: 1,
  maxLength: 20,
  description: 'Batch or lot number 批号: GS1 character set 82',
  examples: ['L2025-07'],
});
export const key = Type.Optional({ ...kid, description: 'Issuing key; your newest active one unless said' });

export const batchBody = closed({
  gtin,
  lot: lotNumber,
  quantity: Type.Optional(
    Type.Integer({ minimum: 1, maximum: batchCodesMax, description: 'Codes wanted, with serials of ours' }),
  ),
  serials: Type.Optional(
    Type.Array(Type.String(), {
      minItems: 1,
      maxItems: batchCodesMax,
      description: 'Instead of a quantity: serials of your own, 1 to 20 of 0-9, A-Z and hyphen each',
      'x-error': { maxItems: 'too-many-epcs' },
    }),
  ),
  productionDate: Type.Optional(date('Planned date of production')),
  key,
  allowLargerQr: Type.Optional(
    Type.Boolean({ description: 'Accept codes whose QR is too large for the 18 mm label' }),
  ),
});
export type BatchBody = Static<typeof batchBody>;

const epc = anySpelling('Canonical identifier');
const receipt = Type.String({ description: 'Compact JWS over where each fact stands in the log' });
const salts = Type.Array(
  Type.Object({
    seq,
    salt: Type.String({ description: '16 bytes in base64url: opens the digest of the entry' }),
  }),
);

export const jobAnswer = Type.Object(
  {
    id: id('Batch'),
    gtin: Type.String(),
    lot: Type.String(),
    epc,
    key: kid,
    serials: oneOf(['ours', 'own'], 'Who chose the serials'),
    productionDate: Type.Optional(Type.String()),
    state: oneOf(jobStates, 'A running batch goes on by itself, also after a restart'),
    total: Type.Integer({ description: 'Codes ordered' }),
    done: Type.Integer({ description: 'Codes issued' }),
    createdAt: Type.String({ description: 'RFC 3339 UTC' }),
    error: Type.Optional(Type.String({ description: 'Why it failed; what `done` counts stays issued' })),
    warnings: Type.Optional(
      Type.Array(Type.Object({ code: Type.String(), detail: Type.String() }), {
        description: 'What is accepted and still unwise',
      }),
    ),
    receipt: Type.Optional(receipt),
    facts: Type.Optional(salts),
  },
  { title: 'Batch' },
);
export type JobAnswer = Static<typeof jobAnswer>;

export const lotAnswer = Type.Object(
  {
    gtin: Type.String(),
    lot: Type.String(),
    epc,
    issued: Type.Integer({ description: 'Codes of the lot issued by all its batches' }),
    batches: Type.Array(jobAnswer, { description: 'The newest hundred' }),
  },
  { title: 'IssuedLot' },
);

export const codeAnswer = Type.Object(
  {
    epc,
    elementString: Type.String({
      description: 'Human-readable form',
      examples: ['(01)06901234567892(21)A7'],
    }),
    key: kid,
    code: Type.Union([Type.String(), Type.Null()], {
      description: 'The text to print; null when it is you who signs, and for a key reported as compromised',
    }),
    sign: Type.Union([Type.String(), Type.Null()], {
      description: 'JWS signing input (RFC 7515) for a key that you hold yourself, else null',
    }),
  },
  { title: 'Code' },
);

export const codesPage = Type.Object({
  items: Type.Array(codeAnswer),
  next: Type.Union([Type.String(), Type.Null()]),
});

export const containersBody = closed({
  quantity: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: containersMax,
      description: 'Codes wanted, with numbers we find free',
    }),
  ),
  ssccs: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      minItems: 1,
      maxItems: containersMax,
      description: 'Instead of a quantity: SSCCs under the company prefix of a GLN of yours',
      'x-error': { maxItems: 'too-many-epcs' },
    }),
  ),
  prefix: Type.Optional(
    Type.String({
      pattern: '^[0-9]{4,12}$',
      description:
        'GS1 company prefix of a GLN of yours; without it numbers for use within this system are given',
    }),
  ),
  extension: Type.Optional(
    Type.String({ pattern: '^[0-9]$', description: 'First digit of the SSCC; 0 unless said' }),
  ),
  key,
});
export type ContainersBody = Static<typeof containersBody>;

export const issuedAnswer = Type.Object(
  { batch: id('Batch'), items: Type.Array(codeAnswer), receipt, facts: salts },
  { title: 'IssuedCodes' },
);

/** How many numbers of ours, or which of the caller's: exactly one of the two is asked for. */
export function eitherOf<T>(
  quantity: number | undefined,
  own: readonly T[] | undefined,
  name: string,
):
  | { readonly quantity: number; readonly own: null }
  | { readonly quantity: null; readonly own: readonly T[] } {
  if (quantity !== undefined && own === undefined) return { quantity, own: null };
  if (quantity === undefined && own !== undefined) return { quantity: null, own };
  throw refusalAt('', 'invalid-request', `Send either \`quantity\` or \`${name}\`.`);
}

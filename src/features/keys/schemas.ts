/** What is said of keys at the API. */
import { type Static, Type } from '@sinclair/typebox';
import { keyPurposes, keyStatuses } from '../../core/log/fact.ts';
import { closed, id, line, oneOf, seq } from '../vocabulary.ts';

export const kid = Type.String({
  pattern: '^[0-9]{7}$',
  description: 'Key id: seven digits, never used again',
  examples: ['4711001'],
});

const publicKey = closed(
  {
    kty: Type.Literal('OKP'),
    crv: Type.Literal('Ed25519'),
    x: Type.String({ maxLength: 64, description: '32 bytes in base64url' }),
  },
  'PublicKey',
);

const proof = Type.String({
  maxLength: 1024,
  description:
    'That you hold the private key: a compact JWS by it, header {"alg":"EdDSA","typ":"suyuan-key+jws"}, payload {"origin":"…","party":"…","purpose":"issuing"} in canonical JSON: the origin of this log, the id of your party, and `issuing` for codes or `claims` for what you record',
});

const replaces = Type.Optional({ ...kid, description: 'Key of yours that is retired in the same moment' });

export const newKeyBody = Type.Union([
  closed({
    custody: Type.Literal('operator', { description: 'We make and hold the private key' }),
    replaces,
  }),
  closed({
    custody: Type.Literal('party', { description: 'You hold the private key and sign codes yourself' }),
    publicKey,
    proof,
    replaces,
  }),
]);
export type NewKeyBody = Static<typeof newKeyBody>;
export type OwnKey = Extract<NewKeyBody, { custody: 'party' }>;

/** A key by which a party signs what it records; its private half never comes here. */
export const newClaimKeyBody = closed({ publicKey, proof, replaces });
export type NewClaimKeyBody = Static<typeof newClaimKeyBody>;

export const compromiseBody = closed({
  from: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description:
      'First log entry whose codes are no longer trusted; at most the size of the log. Codes before it stay good as far as a witness had cosigned the log before it was recorded',
  }),
  reason: line('What happened; it is public'),
});

export const keyAnswer = Type.Object(
  {
    kid,
    purpose: oneOf(keyPurposes),
    party: id('Whose key it is'),
    custody: oneOf(['operator', 'party'], 'Who holds the private key'),
    publicKey,
    status: oneOf(keyStatuses),
    distrustedFrom: Type.Optional(
      Type.Integer({ description: 'First log entry whose codes are not trusted' }),
    ),
    reason: Type.Optional(Type.String()),
    created: seq,
  },
  { title: 'Key' },
);
export type KeyAnswer = Static<typeof keyAnswer>;

/** Evidence at the API. */
import { Type } from '@sinclair/typebox';
import { closed, gtin, oneOf } from '../vocabulary.ts';

export const unitParams = closed({
  gtin,
  serial: Type.String({ minLength: 1, maxLength: 60, description: 'Serial number' }),
});

const memberName = '[A-Za-z][A-Za-z0-9:_-]{0,63}';

export const evidenceQuery = closed({
  withhold: Type.Optional(
    Type.String({
      maxLength: 1000,
      pattern: `^${memberName}(,${memberName})*$`,
      description:
        'Names of members to withhold, with commas between: `suyuan:ref,bizTransactionList`. They stay provable by their hashes. `parentID` takes the containers with it.',
    }),
  ),
  others: Type.Optional(
    oneOf(
      ['show', 'withhold'],
      'Identifiers of other things in the same events; shown unless said 同一事件中的其他标识',
    ),
  ),
});

export const EvidenceSchema = Type.Object(
  {
    about: Type.Array(Type.String(), { description: 'What it is about, as canonical identifiers' }),
    chains: Type.Array(Type.Object({}, { additionalProperties: true })),
    checkpoint: Type.String({ description: 'Signed note (C2SP tlog-checkpoint)' }),
    codes: Type.Array(Type.String(), { description: 'Compact JWS' }),
    entries: Type.Array(Type.Object({}, { additionalProperties: true })),
    findings: Type.Array(Type.Object({}, { additionalProperties: true })),
    heads: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description: 'Proofs that nothing was left out, as far as the log told its heads',
        },
      ),
    ),
    statement: Type.String({ description: "Compact JWS: the operator's signature over the file" }),
    type: Type.Literal('suyuan-evidence'),
    v: Type.Literal(1),
  },
  { title: 'Evidence', description: 'The format stands in src/core/evidence.ts.' },
);

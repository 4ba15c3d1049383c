/** Evidence at the API. */
import { Type } from '@sinclair/typebox';
import { languages } from '../../web/words.ts';
import { anySpelling, askedSeq, closed, gtin, oneOf } from '../vocabulary.ts';

export const unitParams = closed({
  gtin,
  serial: Type.String({ minLength: 1, maxLength: 60, description: 'Serial number' }),
});

const memberName = '[A-Za-z][A-Za-z0-9:_-]{0,63}';

const others = oneOf(
  ['show', 'withhold'],
  'Identifiers of other things in the same events; shown unless said 同一事件中的其他标识',
);

export const withholdingQuery = {
  withhold: Type.Optional(
    Type.String({
      maxLength: 1000,
      pattern: `^${memberName}(,${memberName})*$`,
      description:
        'Names of members to withhold, with commas between: `suyuan:ref,bizTransactionList`. They stay provable by their hashes. `parentID` takes the containers with it.',
    }),
  ),
  others: Type.Optional(others),
};

export type Format = 'json' | 'pdf';
export const forms: ReadonlyMap<Format, string> = new Map([
  ['json', 'application/json'],
  ['pdf', 'application/pdf'],
]);

export const formatQuery = {
  format: Type.Optional(
    oneOf(
      [...forms.keys()],
      'Goes before Accept; pdf is a report for people, with the file attached 证据报告',
    ),
  ),
  lang: Type.Optional(oneOf(languages, 'Of the report; goes before Accept-Language')),
};

/** Things in one file at most. */
export const thingsMax = 1_000;
/** Things in one report at most: 100 take some 20 pages, and seconds to draw. */
export const reportedMax = 100;

export const evidenceBody = closed(
  {
    epcs: Type.Optional(
      Type.Array(anySpelling('Unit or container'), {
        minItems: 1,
        maxItems: thingsMax,
        description: 'Things one by one',
      }),
    ),
    lot: Type.Optional(anySpelling('A lot, with all of its units')),
    page: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: `Of a lot of more than ${thingsMax} units: the units from ${thingsMax} · (page − 1) on, as they were issued`,
      }),
    ),
    finding: Type.Optional(
      closed({
        epc: anySpelling('Unit or container that it is about'),
        rule: Type.String({ maxLength: 64, description: 'As GET …/findings tells it' }),
        entries: Type.Tuple([askedSeq, askedSeq], { description: 'Likewise: its two sides' }),
      }),
    ),
    withhold: Type.Optional(
      Type.Array(Type.String({ pattern: `^${memberName}$` }), {
        maxItems: 50,
        description: 'Names of members to withhold; they stay provable by their hashes',
      }),
    ),
    others: Type.Optional(others),
  },
  'EvidenceRequest',
);

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
  { title: 'Evidence', description: 'The format stands in src/core/evidence/evidence.ts.' },
);

export const evidenceAnswer = {
  description: 'The file, or a report on it with the file attached',
  content: {
    'application/json': { schema: EvidenceSchema },
    'application/pdf': { schema: Type.Any() },
  },
};

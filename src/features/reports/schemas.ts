/** Shapes of reports. */
import { type Static, Type } from '@sinclair/typebox';
import {
  erasableParts,
  erasablePartWords,
  reportCategories,
  reportOutcomes,
  reportOutcomeWords,
  reportStates,
  reportWords,
} from '../../core/report.ts';
import { closed, line, oneOf, region } from '../vocabulary.ts';

const moment = (description: string) => Type.String({ format: 'date-time', description });
const nullable = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const textCharactersMax = 4_000;
const shortCharactersMax = 200;
const sealedCharactersMax = 10_000;
const coordinate = Type.String({ pattern: '^[\\w-]{43}$', description: 'Coordinate, 32 bytes in base64url' });

const category = oneOf(
  reportCategories,
  reportCategories.map((name) => `\`${name}\` ${reportWords[name].zh}`).join('; '),
);

export const ReportBodySchema = closed(
  {
    category,
    text: line('What you saw 情况说明', textCharactersMax),
    region: { ...region, description: 'Where it was: GB/T 2260 code, best of the district 行政区划代码' },
    place: Type.Optional(line('Shop, address, platform 地点', shortCharactersMax)),
    code: Type.Optional(line('What is printed on the thing: its code, or the number of its barcode', 2_048)),
    contact: Type.Optional(line('How to reach you, if you want to be asked 联系方式', shortCharactersMax)),
    sealed: Type.Optional(
      Type.String({
        maxLength: sealedCharactersMax,
        description:
          'Who you are, for the authority alone: compact JWE by ECDH-ES (P-256) and A256GCM to a key of `GET /v1/reports/keys`',
      }),
    ),
  },
  'NewReport',
);
export type ReportBody = Static<typeof ReportBodySchema>;

export const ReceiptSchema = Type.Object(
  {
    receipt: Type.String({ description: 'Receipt code: the only way to find the report again' }),
    at: moment('When it was received'),
  },
  { title: 'ReportReceipt' },
);

const outcome = oneOf(
  reportOutcomes,
  `Whether it was founded: ${reportOutcomes.map((name) => `\`${name}\` ${reportOutcomeWords[name].zh}`).join('; ')}`,
);

const step = {
  at: moment('When'),
  state: oneOf(reportStates),
  answer: nullable('What the authority says'),
  outcome: Type.Union([outcome, Type.Null()]),
  authority: Type.String({ description: 'Its name' }),
};

const part = oneOf(
  erasableParts,
  erasableParts.map((name) => `\`${name}\` ${erasablePartWords[name].zh}`).join('; '),
);
const erased = {
  at: moment('When'),
  parts: Type.Array(part),
  authority: Type.String({ description: 'By whom' }),
};

export const ReportErasureBodySchema = closed(
  {
    parts: Type.Array(part, { minItems: 1, uniqueItems: true, description: 'What is to go' }),
    ground: line('The law that asks for it, such as 个人信息保护法第四十七条 or GDPR Article 17'),
    number: Type.Optional(line('Number of the request or case; name no person', 100)),
  },
  'ReportErasureRequest',
);
export type ReportErasureBody = Static<typeof ReportErasureBodySchema>;

/** What is told to whoever erased; what was written is for those in charge. */
export const ReportErasedSchema = Type.Object(
  {
    id: Type.String(),
    erasures: Type.Array(
      Type.Object({ ...erased, ground: Type.String(), number: nullable('Of the request') }),
    ),
  },
  { title: 'ReportErased' },
);

export const SealingKeyBodySchema = closed({ x: coordinate, y: coordinate }, 'NewSealingKey');
export const SealingKeySchema = Type.Object(
  {
    kid: Type.String({
      description: 'JWK thumbprint (RFC 7638): compare it with what the authority publishes',
    }),
    x: Type.String(),
    y: Type.String(),
    name: Type.String({ description: 'The authority' }),
    regions: Type.Array(Type.String(), { description: 'What it is in charge of' }),
  },
  { title: 'SealingKey' },
);

/** What whoever holds the receipt code is told: not what was written, lest a code that is found shows it. */
export const FollowedReportSchema = Type.Object(
  {
    at: moment('When it was received'),
    category,
    region: Type.String(),
    state: oneOf(reportStates),
    photos: Type.Integer({ minimum: 0, maximum: 5, description: 'How many there are' }),
    steps: Type.Array(Type.Object(step)),
    erasures: Type.Array(Type.Object(erased), { description: 'What was erased of it' }),
  },
  { title: 'FollowedReport' },
);
export type FollowedReport = Static<typeof FollowedReportSchema>;

export const ReportSchema = Type.Object(
  {
    id: Type.String(),
    at: moment('When it was received'),
    category,
    text: Type.String(),
    region: Type.String(),
    place: nullable('Shop, address, platform'),
    code: nullable('As sent, when it is no identifier of ours'),
    epc: nullable('What the code names'),
    gtin: nullable('Its product'),
    contact: nullable('How to reach whoever reported'),
    sealed: nullable('Compact JWE: who reported, for the holder of the key that its `kid` names'),
    forged: Type.Boolean({
      description: 'The code bears a signature that is not good: the thing is not what it names',
    }),
    state: oneOf(reportStates),
    photos: Type.Array(Type.String(), { description: 'Where its photos are' }),
    steps: Type.Array(Type.Object(step)),
    decision: Type.Union([
      Type.Object(
        {
          seq: Type.Integer({ description: 'Entry that records it' }),
          outcome,
          officer: nullable('Who decided it; null once erased'),
        },
        { description: 'Whether it was founded, as the log has it' },
      ),
      Type.Null(),
    ]),
    erasures: Type.Array(
      Type.Object({ ...erased, ground: Type.String(), number: nullable('Of the request') }),
      { description: 'What was erased of it; `text` is empty once it was' },
    ),
  },
  { title: 'Report' },
);

export const PhotoSchema = Type.Object(
  { n: Type.Integer({ minimum: 1, maximum: 5, description: 'Its number in the report' }) },
  { title: 'ReportPhoto' },
);

export const StepBodySchema = closed(
  {
    state: oneOf(['taken-up', 'answered', 'closed'], 'Where the report goes from here'),
    answer: Type.Optional(line('What whoever reported is told; needed for `answered`', textCharactersMax)),
    outcome: Type.Optional(outcome),
    officer: Type.Optional(
      line(
        'Name of the officer who decides that; needed with `outcome`, kept as personal data beside the entry',
        100,
      ),
    ),
  },
  'ReportStep',
);
export type StepBody = Static<typeof StepBodySchema>;

/** Findings, cases and decisions at the API. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { severities } from '../../core/life/contradictions.ts';
import { opaqueIdPattern } from '../../core/opaque-id.ts';
import { ruleNames } from '../../core/rules/catalogue.ts';
import { causeNames } from '../../core/rules/causes.ts';
import { bases, families } from '../../core/rules/rule.ts';
import { pageQuery } from '../../http/paging.ts';
import { dealerRecord } from '../insights/schemas.ts';
import { anySpelling, bilingual, closed, gtin, line, oneOf, partyName, region } from '../vocabulary.ts';
import { caseStates } from './queries.ts';

/** Findings that are told with their case. */
export const latestMax = 3;

/** Rows that one table holds at most. */
export const exportMax = 10_000;

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const moment = (description: string) => Type.String({ format: 'date-time', description });
const askedMoment = (description: string) =>
  Type.String({ maxLength: 40, description: `${description}: 2026-07-01T00:00:00+08:00` });
export const formats = ['json', 'csv', 'xlsx'] as const;
const format = Type.Optional(
  oneOf(
    formats,
    `A table instead of a page: at most ${exportMax} rows from the cursor on; where there are more, the header Link names the address of the next (rel="next")`,
  ),
);
const caseRef = Type.String({ pattern: opaqueIdPattern, description: 'Id of a case' });

const narrowing = {
  rule: Type.Optional(oneOf(ruleNames, 'Name of a rule')),
  family: Type.Optional(oneOf(families, 'Rules about the same trouble')),
  cause: Type.Optional(
    oneOf(causeNames, 'What it turned out to be; while nobody decided, what is likeliest behind it'),
  ),
  severity: Type.Optional(oneOf(severities)),
  gtin: Type.Optional(gtin),
  epc: Type.Optional(anySpelling('A thing')),
  party: Type.Optional(partyName('By whose word; for regulators, the operator, and of oneself')),
  region: Type.Optional({
    ...region,
    description:
      'GB/T 2260 code of where the goods were sold, sampled or found; for regulators and the operator 行政区划代码',
  }),
  makerRegion: Type.Optional({ ...region, description: 'The same of where their maker is' }),
  from: Type.Optional(askedMoment('Found at or after')),
  until: Type.Optional(askedMoment('Found before')),
  sort: Type.Optional(oneOf(['newest', 'oldest'], 'newest unless you say')),
};

export const casesQuery = closed({
  ...pageQuery,
  ...narrowing,
  state: Type.Optional(
    Type.String({
      maxLength: 60,
      pattern: `^(${caseStates.join('|')})(,(${caseStates.join('|')}))*$`,
      description: `One or some of ${caseStates.join(', ')}, with commas between: watch, when its rule is wrong too often; closed, when later facts explained all of it; or as it was decided`,
    }),
  ),
  format,
});
export type CasesQuery = Static<typeof casesQuery>;

export const findingsQuery = closed({
  ...pageQuery,
  ...narrowing,
  basis: Type.Optional(
    oneOf(bases, 'What follows from recorded facts, or what rests on scans or reports; log unless you say'),
  ),
  case: Type.Optional(caseRef),
  state: Type.Optional(oneOf(['open', 'closed'], 'Whether a later fact explained it')),
  format,
});
export type FindingsQuery = Static<typeof findingsQuery>;

export const caseParams = closed({ id: caseRef });

const place = Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() });
const party = Type.Object({ id: Type.String(), name: Type.String(), region: nullable(place) });

const product = Type.Object({
  gtin: Type.String(),
  name: nullable(Type.String()),
  nameEn: nullable(Type.String()),
});

const aboutRule = {
  rule: Type.String(),
  version: Type.Integer({ description: 'Of the rule: when one changes, findings are derived again' }),
  severity: oneOf(severities),
  cause: oneOf(causeNames, 'Likeliest'),
  ...bilingual.properties,
};

export const FoundSchema = Type.Object(
  {
    epc: Type.String({
      description: 'The thing that it concerns; of a burst of complaints the product, `01/{GTIN}`',
    }),
    ...aboutRule,
    explanation: Type.Object(bilingual.properties, {
      description:
        'What happened in this case: who, what, when, where and how much, as far as you may know it; the sentence of the rule where that says no more',
    }),
    entries: Type.Array(Type.Integer(), {
      description: 'The two sides; the same twice for an absence; none for what rests on scans or reports',
    }),
    made: nullable(
      Type.Integer({
        description: 'Entry that made the thing of others, where the two sides concern it only for that',
      }),
    ),
    opened: nullable(
      Type.Integer({ description: 'Entry at which it came to be; null for scans and reports' }),
    ),
    openedAt: moment('When that was recorded, or found'),
    closed: nullable(Type.Integer({ description: 'Entry that explained it' })),
    closedAt: nullable(
      moment(
        'Of what rests on scans or reports: when it was found to be explained, or nothing was left of it',
      ),
    ),
    scans: nullable(
      Type.Object(
        {
          count: Type.Integer(),
          first: moment('Of the scans it rests on'),
          last: moment('Of the scans it rests on'),
          regions: Type.Array(Type.String()),
        },
        { description: 'What it rests on, if that is scans' },
      ),
    ),
    reports: nullable(
      Type.Object(
        {
          count: Type.Integer({ description: 'That nobody found unfounded' }),
          first: moment('Of the reports it rests on'),
          last: moment('Of the reports it rests on'),
          regions: Type.Array(Type.String(), {
            description: 'Where they were; prefectures to all but authorities',
          }),
          expected: nullable(
            Type.Number({ description: 'How many were usual, of a rule that compares with that' }),
          ),
          records: nullable(
            Type.String({ description: 'The reports, for the authority of where they were' }),
          ),
        },
        { description: 'What it rests on, if that is reports: never what was written, nor by whom' },
      ),
    ),
    case: Type.String(),
    product: nullable(product),
    lot: nullable(Type.String({ description: 'Of the thing, where it is known' })),
    party: nullable({ ...party, description: 'By whose word; for regulators, the operator, and of oneself' }),
    maker: nullable(party),
    region: nullable({
      ...place,
      description:
        'Where the goods were sold, sampled or found; to their maker the province; null to others than regulators and the operator, and of what rests on scans or reports, where the regions of these tell it',
    }),
    entryTimes: Type.Array(Type.String({ format: 'date-time' }), {
      description: 'When each of `entries` was recorded',
    }),
  },
  { title: 'CaseFinding' },
);
export type FoundView = Static<typeof FoundSchema>;

export const CaseSchema = Type.Object(
  {
    id: Type.String(),
    ...aboutRule,
    state: oneOf(caseStates),
    party: nullable(party),
    product: nullable(product),
    sample: nullable(
      Type.String({
        description:
          'Of failed supervision samples, which are decided one by one: the lot, or the thing where none is known',
      }),
    ),
    maker: nullable(party),
    basis: oneOf(bases, 'What its findings rest on'),
    opened: nullable(
      Type.Integer({
        description: 'Entry at which its first finding came to be; null for scans and reports',
      }),
    ),
    openedAt: moment('When that was recorded, or found'),
    findings: nullable(
      Type.Object(
        { total: Type.Integer(), open: Type.Integer(), atLeast: Type.Boolean() },
        { description: 'Null for who sees only some of them. `atLeast`: there are more than were counted' },
      ),
    ),
    lastAt: nullable(moment('When the last of its findings was found; null for who sees only some of them')),
    decided: nullable(
      Type.Object(
        {
          at: moment('When it was recorded'),
          by: nullable(party),
          outcome: oneOf(['confirmed', 'rejected']),
          cause: Type.String({ description: 'What it turned out to be' }),
        },
        { description: 'The last decision; null before any' },
      ),
    ),
    records: Type.String({ description: 'Where its findings are' }),
  },
  { title: 'Case' },
);
export type CaseView = Static<typeof CaseSchema>;

export const outcomes = ['confirmed', 'rejected'] as const;

export const DecisionBody = closed(
  {
    outcome: oneOf(outcomes, 'Whether the findings of the case were right'),
    cause: oneOf(causeNames, 'What it turned out to be'),
    reason: line('Why, and what it rests on; no names of people', 2000),
    officer: line('Name of the officer who decides; kept as personal data, beside the entry', 100),
  },
  'DecisionRequest',
);

export const DecisionSchema = Type.Object(
  {
    seq: Type.Integer({ description: 'Entry that records it' }),
    at: moment('When it was recorded'),
    case: Type.String(),
    by: nullable(party),
    outcome: oneOf(outcomes),
    cause: Type.String(),
    reason: nullable(Type.String({ description: 'For regulators who may decide the case; null to others' })),
    officer: nullable(
      Type.String({ description: 'For regulators who may decide the case; null to others, and once erased' }),
    ),
  },
  { title: 'Decision' },
);
export type DecisionView = Static<typeof DecisionSchema>;

export const CaseDetailSchema = Type.Intersect([
  CaseSchema,
  Type.Object({
    decisions: Type.Array(DecisionSchema, {
      description:
        'Oldest first; the last one counts. All who see the case are told what was decided, when and by which authority; why in its words, and by which officer, the regulators who may decide it.',
    }),
    sales: nullable(
      Type.Object(
        { since: moment('Of the first that may be among them'), ...dealerRecord },
        {
          description:
            'Of a dealer that sold outside its territory: how much of what it delivered in the last 365 days, or since its case was opened if that is longer, went there, as of now; for the dealer, the operator and regulators in charge of where the dealer is',
        },
      ),
    ),
    latest: Type.Array(FoundSchema, {
      maxItems: latestMax,
      description: 'Of its findings the newest that you are told of; all of them are at `records`',
    }),
  }),
]);

export const RulesSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      rule: Type.String(),
      version: Type.Integer(),
      family: oneOf(families),
      basis: oneOf(bases, 'What it rests on: recorded facts, or scans or reports, which are no facts'),
      severities: Type.Array(oneOf(severities)),
      cause: oneOf(causeNames),
      ...bilingual.properties,
      thresholds: Type.Array(
        Type.Object({
          name: Type.String(),
          value: Type.Integer(),
          unit: Type.String(),
          ...bilingual.properties,
        }),
      ),
      confirmed: Type.Integer({ description: 'Cases that this version found, by how they were decided' }),
      rejected: Type.Integer(),
      earlier: Type.Object(
        { confirmed: Type.Integer(), rejected: Type.Integer() },
        { description: 'The same of all its versions before' },
      ),
      precision: nullable(
        Type.Object(
          { share: Type.Number(), lower: Type.Number(), upper: Type.Number() },
          { description: 'Share confirmed of those decided, with its 95 % Wilson interval; null before any' },
        ),
      ),
      status: oneOf(
        ['active', 'watch'],
        'watch: so seldom right that its cases are only watched; judged by its newest versions that were decided often enough together',
      ),
    }),
  ),
});

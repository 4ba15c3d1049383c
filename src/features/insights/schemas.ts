/** What insights look like on the wire, and what each number of them means. */
import { type TSchema, Type } from '@sinclair/typebox';
import { date, oneOf } from '../vocabulary.ts';
import { overdueKinds } from './overdue.ts';
import { levels } from './stations.ts';

/** Of each ranking. */
export const toldMax = 50;

const rate = Type.Object({
  rate: Type.Number(),
  lower: Type.Number({ description: 'The rate lies between these with 90 %' }),
  upper: Type.Number(),
});
const trend = Type.String({
  enum: ['rising', 'falling', 'steady'],
  description: 'rising or falling when the rate left the interval of the period before',
});
const ranking = (about: TSchema, exposure: string) =>
  Type.Array(
    Type.Object({
      rank: Type.Integer(),
      about,
      cases: Type.Integer({
        description:
          'In which something was found in the period; not what later facts explained, nor what is watched or was rejected',
      }),
      exposure: Type.Number({ description: `${exposure}; 1 where there are none` }),
      ...rate.properties,
      casesBefore: Type.Integer({ description: 'The same of the period before' }),
      before: rate,
      trend,
      records: Type.String({ description: 'The cases behind it' }),
      recordsBefore: Type.String({ description: 'Those of the period before' }),
      exposed: Type.String({ description: 'What the exposure counts' }),
    }),
    { description: `By rate, at most ${toldMax}` },
  );
const bilingualName = Type.Object({ id: Type.String(), zh: Type.String(), en: Type.String() });

const hours = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

const failures = Type.Array(
  Type.Object({
    as: Type.String({
      enum: ['maker', 'ordered-by'],
      description: 'The maker of what failed, or who made the first order that stopped it',
    }),
    party: bilingualName,
    failures: Type.Integer({
      description:
        'Lots, or things without a lot, of which a supervision sample failed in the period; a re-test of one that failed within 366 days before, and what its recorder took back, count for nothing',
    }),
    blocked: Type.Integer({
      description:
        'Of these, how many a stop of sale, hold, recall or seizure answered: made after the failure, and following from it or naming the thing, its lot, product or maker, or whoever gave the sample. Periods and the reach of an order are not looked at',
    }),
    median: hours(
      'From the entry of the failure to that of the first such order, of those blocked; null for none',
    ),
    upperQuartile: hours('Three of four were blocked within so many hours'),
    records: Type.String({ description: 'The entries of the failed samples' }),
    blockedRecords: Type.String({ description: 'Those that were stopped' }),
  }),
  {
    description: `Hours from a failed sample to the first order that stops the goods, by party, most failures first, at most ${toldMax}`,
  },
);

const routes = Type.Array(
  Type.Object({
    rank: Type.Integer(),
    origin: bilingualName,
    destination: bilingualName,
    sent: Type.Integer({ description: 'Shipments and sales recorded by the giving side; each is an event' }),
    received: Type.Integer({ description: 'Receipts recorded by the taking side' }),
    ...rate.properties,
    before: rate,
    trend,
    records: Type.String({ description: 'The events of both sides in the period' }),
    recordsBefore: Type.String({ description: 'Those of the period before' }),
  }),
  {
    description: `Movements from region to region, by place or else by party, whichever side recorded more of them; shrunk like the rates above and ranked by that, at most ${toldMax}`,
  },
);

/** What a dealer delivers into and out of its territory (dealers.ts). */
export const dealerRecord = {
  deliveries: Type.Integer({
    description:
      'Shipments but own moves and sales of the period, while a territory was published for the dealer, to where somebody knows; of a territory of some products, those that name one of them',
  }),
  outside: Type.Integer({ description: 'Of these, outside the territory by the list in force then' }),
  share: Type.Number(),
  lower: Type.Number({ description: 'The share lies between these with 95 % (Wilson)' }),
  upper: Type.Number(),
};

const dealers = Type.Array(
  Type.Object({
    rank: Type.Integer(),
    party: bilingualName,
    ...dealerRecord,
    records: Type.String({ description: 'The deliveries' }),
    outsideRecords: Type.String({ description: 'Those outside the territory' }),
    cases: Type.String({ description: 'The cases of deliveries outside the territory found in the period' }),
  }),
  { description: `By the lower end of the share that goes outside, at most ${toldMax}` },
);

export const EntrySchema = Type.Object(
  {
    seq: Type.Integer(),
    at: Type.String({ format: 'date-time', description: 'When it was recorded' }),
    hop: Type.String(),
    records: Type.String(),
  },
  { title: 'EntryBehind' },
);

export const InsightsSchema = Type.Object(
  {
    from: Type.String({ format: 'date-time' }),
    until: Type.String({ format: 'date-time' }),
    level: Type.String({ enum: [...levels], description: 'Of regions' }),
    regions: ranking(
      bilingualName,
      'Parties with a record in the region, where goods were sold, sampled or found',
    ),
    origins: ranking(bilingualName, 'Parties with a record in the region, where makers of the goods are'),
    products: ranking(bilingualName, 'Codes issued of it, in thousands'),
    problems: ranking(bilingualName, 'Every problem has the same: 1'),
    failures,
    routes,
    dealers,
  },
  { title: 'Insights' },
);

const named = Type.Union([
  Type.Object({ id: Type.String(), name: Type.Union([Type.String(), Type.Null()]) }),
  Type.Null(),
]);

export const OverdueSchema = Type.Object({
  at: Type.String({ format: 'date-time' }),
  things: Type.Integer(),
  items: Type.Array(
    Type.Object({
      epcs: Type.Array(Type.String()),
      product: Type.Object({ gtin: Type.String(), zh: Type.String(), en: Type.String() }),
      overdue: Type.Array(
        Type.Object({
          kind: oneOf(overdueKinds),
          since: date('The last day on which it was not, a day in China'),
        }),
        { description: 'Longest first' },
      ),
      place: named,
      holder: named,
    }),
  ),
});

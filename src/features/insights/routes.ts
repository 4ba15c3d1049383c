/** What to look at first 研判: regions, products and problems, ranked by rates that may be compared. */
import { type TSchema, Type } from '@sinclair/typebox';
import { formatAt } from '../../core/entry.ts';
import { catalogue, ruleNames } from '../../core/rules/catalogue.ts';
import { type Counted, shrunkRates } from '../../core/shrinkage.ts';
import { caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { Feature } from '../feature.ts';
import { namesOf } from '../tracing/names.ts';
import { closed } from '../vocabulary.ts';
import { type CaseCount, caseCounts, codesByProduct, countedStates, partiesByProvince } from './queries.ts';

const dayMs = 86_400_000;
const toldMax = 50;

const rate = Type.Object({
  rate: Type.Number(),
  lower: Type.Number({ description: 'The rate lies between these with 90 %' }),
  upper: Type.Number(),
});
const ranking = (about: TSchema, exposure: string) =>
  Type.Array(
    Type.Object({
      rank: Type.Integer(),
      about,
      cases: Type.Integer({
        description:
          'Opened in the period; not what later facts explained, nor what is watched or was rejected',
      }),
      exposure: Type.Number({ description: exposure }),
      ...rate.properties,
      before: rate,
      trend: Type.String({
        enum: ['rising', 'falling', 'steady'],
        description: 'rising or falling when the rate left the interval of the period before',
      }),
      records: Type.String({ description: 'The cases behind it' }),
    }),
    { description: `By rate, at most ${toldMax}` },
  );
const bilingualName = Type.Object({ id: Type.String(), zh: Type.String(), en: Type.String() });

const InsightsSchema = Type.Object(
  {
    from: Type.String({ format: 'date-time' }),
    until: Type.String({ format: 'date-time' }),
    regions: ranking(bilingualName, 'Parties with a record in the province'),
    products: ranking(bilingualName, 'Codes issued of it, in thousands'),
    problems: ranking(bilingualName, 'Every problem has the same: 1'),
  },
  { title: 'Insights' },
);

interface Group {
  readonly id: string;
  readonly exposure: number;
  now: number;
  before: number;
}

export const insights: Feature = async (app, deps) => {
  const { sql } = deps.reads;
  const loadNames = namesOf(deps);

  app.get(
    '/v1/insights',
    {
      schema: {
        tags: ['cases'],
        summary: 'What to look at first: key regions, products and problems 研判重点区域、重点产品、重点问题',
        description:
          'Cases that touch your jurisdiction, opened in the last days, against what they can arise from. Rates are shrunk to the mean of all by empirical Bayes, so that what rests on little does not stand out by chance; each comes with its interval, its trend against the period before, and the address of the cases behind it.',
        querystring: closed({
          days: Type.Integer({ minimum: 1, maximum: 366, default: 90, description: 'Length of the period' }),
        }),
        response: { 200: InsightsSchema, ...problemResponses('invalid-request') },
      },
    },
    async (request) => {
      const reader = await readerOf(sql, caller(request));
      const until = deps.now();
      const period = { from: until - request.query.days * dayMs, until };
      const [counts, parties, codes] = await Promise.all([
        caseCounts(sql, reader, period),
        partiesByProvince(sql),
        codesByProduct(sql),
      ]);
      auditRead(deps.audit, request, `insights of ${request.query.days} days`);
      const names = await loadNames({ gtins: counts.flatMap(({ gtin }) => (gtin === '' ? [] : [gtin])) });
      const records = (filter: string): string =>
        `/v1/cases?${filter}&state=${countedStates.join(',')}&from=${formatAt(period.from)}&until=${formatAt(period.until)}`;
      return {
        from: formatAt(period.from),
        until: formatAt(period.until),
        regions: ranked(gathered(counts, 'province', (id) => parties.get(id) ?? 1)).map((it) => ({
          ...it,
          about: { id: `${it.id}0000`, ...deps.policies.regionName(`${it.id}0000`) },
          records: records(`region=${it.id}0000`),
        })),
        products: ranked(gathered(counts, 'gtin', (id) => Math.max(codes.get(id) ?? 0, 1) / 1000)).map(
          (it) => {
            const { name, nameEn } = names.product(it.id);
            return {
              ...it,
              about: { id: it.id, zh: name ?? it.id, en: nameEn ?? name ?? it.id },
              records: records(`gtin=${it.id}`),
            };
          },
        ),
        problems: ranked(gathered(counts, 'rule', () => 1)).flatMap((it) => {
          const rule = ruleNames.find((name) => name === it.id);
          if (rule === undefined) return [];
          const { zh, en } = catalogue[rule];
          return [{ ...it, about: { id: rule, zh, en }, records: records(`rule=${rule}`) }];
        }),
      };
    },
  );
};

/** Cases by one of the things they are about; what has none is left out. */
function gathered(
  counts: readonly CaseCount[],
  by: 'province' | 'gtin' | 'rule',
  exposureOf: (id: string) => number,
): Group[] {
  const groups = new Map<string, Group>();
  for (const count of counts) {
    const id = count[by];
    if (id === '') continue;
    const group = groups.get(id) ?? { id, exposure: exposureOf(id), now: 0, before: 0 };
    group.now += count.now;
    group.before += count.before;
    groups.set(id, group);
  }
  return [...groups.values()];
}

function ranked(groups: readonly Group[]) {
  const ratesOf = (count: (group: Group) => number) =>
    shrunkRates(groups.map((group): Counted => ({ count: count(group), exposure: group.exposure })));
  const [now, before] = [ratesOf(({ now }) => now), ratesOf(({ before }) => before)];
  return groups
    .flatMap(({ id, exposure, now: cases }, i) => {
      const [rate, last] = [now[i], before[i]];
      if (rate === undefined || last === undefined || cases === 0) return [];
      const trend = rate.rate > last.upper ? 'rising' : rate.rate < last.lower ? 'falling' : 'steady';
      return [{ id, cases, exposure, ...rate, before: last, trend }];
    })
    .sort((a, b) => b.rate - a.rate || (a.id < b.id ? -1 : 1))
    .slice(0, toldMax)
    .map((it, i) => ({ rank: i + 1, ...it }));
}

/** What to look at first 研判: regions, products and problems, ranked by rates that may be compared. */
import { Type } from '@sinclair/typebox';
import type { PartyId } from '../../core/events/hop.ts';
import { formatAt } from '../../core/log/entry.ts';
import { catalogue, ruleNames } from '../../core/rules/catalogue.ts';
import { wilson } from '../../core/rules/precision.ts';
import { type Counted, shrunkRates } from '../../core/shrinkage.ts';
import { Refusal, refusalAt } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { Feature } from '../feature.ts';
import { requireParty } from '../parties/references.ts';
import { resolvePlaces } from '../places/references.ts';
import { namesOf } from '../tracing/names.ts';
import { anySpelling, closed, partyName } from '../vocabulary.ts';
import { failuresToBlock } from './failures.ts';
import { type DealerCount, dealerCounts, type RouteCount, routeCounts } from './flows.ts';
import { overdueAt, thingsMax, type Where } from './overdue.ts';
import { type CaseCount, caseCounts, codesByProduct, countedStates, partiesByProvince } from './queries.ts';
import { InsightsSchema, OverdueSchema, toldMax } from './schemas.ts';

const dayMs = 86_400_000;

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
          'Cases that touch your jurisdiction, opened in the last days, against what they can arise from. Rates are shrunk to the mean of all by empirical Bayes, so that what rests on little does not stand out by chance; each comes with its interval, its trend against the period before, and the address of the cases behind it. Beside them: how long it took from failed samples to an order that stops the goods, where goods went between provinces, and which dealers deliver outside their territory.',
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
      const [counts, parties, codes, failures, routes, dealers] = await Promise.all([
        caseCounts(sql, reader, period),
        partiesByProvince(sql),
        codesByProduct(sql),
        failuresToBlock(sql, reader, period, toldMax),
        routeCounts(sql, reader, period),
        dealerCounts(sql, reader, period),
      ]);
      const ofDealers = rankedDealers(dealers);
      auditRead(deps.audit, request, `insights of ${request.query.days} days`);
      const names = await loadNames({
        gtins: counts.flatMap(({ gtin }) => (gtin === '' ? [] : [gtin])),
        parties: [...failures, ...ofDealers].map(({ party }) => party),
      });
      const named = (id: PartyId) => {
        const { name, nameEn } = names.party(id);
        return { id, zh: name, en: nameEn ?? name };
      };
      const province = (digits: string) => ({
        id: `${digits}0000`,
        ...deps.policies.regionName(`${digits}0000`),
      });
      const records = (filter: string): string =>
        `/v1/cases?${filter}&state=${countedStates.join(',')}&from=${formatAt(period.from)}&until=${formatAt(period.until)}`;
      return {
        from: formatAt(period.from),
        until: formatAt(period.until),
        regions: ranked(gathered(counts, 'province', (id) => parties.get(id) ?? 1)).map((it) => ({
          ...it,
          about: province(it.id),
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
        failures: failures.map((it) => ({
          ...it,
          party: named(it.party),
          records: it.entries.map((entry) => `/v1/events/${entry}`),
        })),
        routes: rankedRoutes(routes).map(({ origin, destination, newest, ...it }) => ({
          ...it,
          origin: province(origin),
          destination: province(destination),
          records: `/v1/events/${newest}`,
        })),
        dealers: ofDealers.map((it) => ({
          ...it,
          party: named(it.party),
          records: `/v1/cases?rule=out-of-territory&party=${it.party}&from=${formatAt(period.from)}&until=${formatAt(period.until)}`,
        })),
      };
    },
  );

  app.get(
    '/v1/insights/overdue',
    {
      schema: {
        tags: ['cases'],
        summary: 'What is overdue now at a place or with a party 超期未检、超期使用的产品',
        description: `Units past their service life, past the day until which they are best used, or past the day on which they were due for service, as of now, longest first: those installed at a place or in the places within it, or those that a party holds. Units of one history stand together. A regulator is told of those that touch its jurisdiction, anybody else of what it holds itself. At most ${thingsMax} units are looked at.`,
        querystring: closed({
          place: Type.Optional(anySpelling('A building, a project or any place')),
          party: Type.Optional(partyName('Who holds them; unless a place is named, you')),
        }),
        response: {
          200: OverdueSchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'unknown-place',
            'unknown-party',
            'invalid-identifier',
            'too-many-epcs',
          ),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const reader = await readerOf(sql, by);
      const where = await whereOf(request.query, by.party);
      if ('party' in where && where.party !== by.party && reader.jurisdiction === null)
        throw new Refusal(
          'forbidden',
          'What others hold is told to the regulators in charge; leave party out.',
        );
      const { at, items } = await overdueAt({ ...deps, names: loadNames }, reader, where);
      auditRead(deps.audit, request, `overdue at ${'place' in where ? where.place : where.party}`);
      return { at: formatAt(at), things: items.reduce((sum, { epcs }) => sum + epcs.length, 0), items };
    },
  );

  async function whereOf(
    { place, party }: { readonly place?: string; readonly party?: string },
    by: PartyId,
  ): Promise<Where> {
    if (place !== undefined && party !== undefined)
      throw refusalAt('/party', 'invalid-request', 'Name a place or a party, not both.');
    if (party !== undefined) return { party: await requireParty(sql, deps.policies, party, by, '/party') };
    const [id] = place === undefined ? [] : await resolvePlaces(sql, [place], '/place', false);
    return id === undefined ? { party: by } : { place: id };
  }
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

/** Routes by movements, which are told by the giving side, the taking side or both: the side that tells more counts. */
function rankedRoutes(counts: readonly RouteCount[]) {
  const byId = new Map(counts.map((count) => [`${count.origin}-${count.destination}`, count]));
  const groups = [...byId].map(
    ([id, { sent, received, sentBefore, receivedBefore }]): Group => ({
      ...{ id, exposure: 1 },
      ...{ now: Math.max(sent, received), before: Math.max(sentBefore, receivedBefore) },
    }),
  );
  return ranked(groups).flatMap(({ id, ...it }) => {
    const count = byId.get(id);
    return count === undefined ? [] : [{ ...it, ...count }];
  });
}

/** Dealers by how much of what they deliver goes outside at least: what rests on few deliveries stands back. */
const rankedDealers = (counts: readonly DealerCount[]) =>
  counts
    .map((count) => ({
      ...count,
      share: count.outside / count.deliveries,
      ...wilson(count.outside, count.deliveries),
    }))
    .sort((a, b) => b.lower - a.lower || b.deliveries - a.deliveries || (a.party < b.party ? -1 : 1))
    .slice(0, toldMax)
    .map((it, i) => ({ rank: i + 1, ...it }));

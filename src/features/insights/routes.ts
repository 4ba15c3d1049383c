/** What to look at first 研判: regions, products and problems, ranked by rates that may be compared. */
import { Type } from '@sinclair/typebox';
import type { PartyId } from '../../core/events/hop.ts';
import { formatAt } from '../../core/log/entry.ts';
import { catalogue, ruleNames } from '../../core/rules/catalogue.ts';
import { type Counted, shrunkRates } from '../../core/shrinkage.ts';
import { parseEventTime } from '../../core/time.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import { windowOf } from '../cases/asked.ts';
import type { Feature } from '../feature.ts';
import { requireParty } from '../parties/references.ts';
import { resolvePlaces } from '../places/references.ts';
import { namesOf } from '../tracing/names.ts';
import { anySpelling, closed, id, oneOf, pageOf, partyName, region } from '../vocabulary.ts';
import { type DealerCount, dealerCounts, dealerEntries, recordOf } from './dealers.ts';
import { failureEntries, failuresToBlock } from './failures.ts';
import { type EntryBehind, type RouteCount, routeCounts, routeEntries } from './flows.ts';
import { overdueAt, thingsMax, type Where } from './overdue.ts';
import { type CaseCount, caseCounts, codesByProduct, countedStates, partiesByRegion } from './queries.ts';
import { EntrySchema, InsightsSchema, OverdueSchema, toldMax } from './schemas.ts';
import { levels } from './stations.ts';

const dayMs = 86_400_000;

interface Group {
  readonly id: string;
  readonly exposure: number;
  readonly now: number;
  readonly before: number;
}

const asked = {
  days: Type.Integer({ minimum: 1, maximum: 366, default: 90, description: 'Length of the period' }),
  level: Type.Optional(oneOf(levels, 'How fine regions are told; province unless you say')),
};

const EntriesQuery = closed({
  ...pageQuery,
  of: oneOf(['route', 'dealer', 'failures'], 'What number the entries are behind'),
  from: Type.String({ maxLength: 40, description: 'Of the period, as insights told it' }),
  until: Type.String({ maxLength: 40, description: 'Likewise' }),
  level: asked.level,
  origin: Type.Optional(region),
  destination: Type.Optional(region),
  party: Type.Optional(id('Party')),
  outside: Type.Optional(Type.Boolean({ description: 'Of a dealer: only what went outside its territory' })),
  as: Type.Optional(oneOf(['maker', 'ordered-by'], 'Of failures')),
  blocked: Type.Optional(Type.Boolean({ description: 'Of failures: only those stopped, or not stopped' })),
});

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
          'Cases that touch your jurisdiction and in which something was found in the last days, against what they can arise from: by where the goods were sold, sampled or found, by where their makers are, by product and by rule. Rates are shrunk to the mean of all by empirical Bayes, so that what rests on little does not stand out by chance; each comes with its interval, its trend against the period before, and the address of the cases behind it. Beside them: how long it took from failed samples to an order that stops the goods, where goods went between regions, and which dealers deliver outside their territory.',
        querystring: closed(asked),
        response: { 200: InsightsSchema, ...problemResponses('invalid-request') },
      },
    },
    async (request) => {
      const reader = await readerOf(sql, caller(request));
      const { days, level = 'province' } = request.query;
      const until = deps.now();
      const period = { from: until - days * dayMs, until };
      const started = period.from - days * dayMs;
      const window = await windowOf({ sql, ledger: deps.ledger }, started, until);
      const [middle] = (await windowOf({ sql, ledger: deps.ledger }, period.from, null)).seqs;
      const since = { seq: middle, time: period.from };
      const [counts, parties, codes, failures, routes, dealers] = await Promise.all([
        caseCounts(sql, reader, { window, since, level }),
        partiesByRegion(sql, level),
        codesByProduct(sql),
        failuresToBlock(sql, reader, period, toldMax),
        routeCounts(sql, reader, period, level),
        dealerCounts(sql, reader, period),
      ]);
      const ofDealers = rankedDealers(dealers);
      auditRead(deps.audit, request, `insights of ${days} days by ${level}`);
      const names = await loadNames({
        gtins: counts.flatMap(({ of, id }) => (of === 'products' ? [id] : [])),
        parties: [...failures, ...ofDealers].map(({ party }) => party),
      });
      const named = (id: PartyId) => {
        const { name, nameEn } = names.party(id);
        return { id, zh: name, en: nameEn ?? name };
      };
      const place = (id: string) => ({ id, ...deps.policies.regionName(id) });
      const within = (from: number, until: number) => `from=${formatAt(from)}&until=${formatAt(until)}`;
      const [when, earlier] = [within(period.from, period.until), within(started, period.from)];
      const cases = (filter: string) => `/v1/cases?${filter}&state=${countedStates.join(',')}`;
      const records = (filter: string) => ({
        records: `${cases(filter)}&${when}`,
        recordsBefore: `${cases(filter)}&${earlier}`,
      });
      const entries = (filter: string, of = when): string => `/v1/insights/entries?${filter}&${of}`;
      const byRegion = (of: 'regions' | 'origins', filter: string) =>
        ranked(gathered(counts, of, (id) => parties.get(id) ?? 1)).map((it) => ({
          ...it,
          about: place(it.id),
          ...records(`${filter}=${it.id}`),
          exposed: `/v1/parties?region=${it.id}`,
        }));
      return {
        from: formatAt(period.from),
        until: formatAt(period.until),
        level,
        regions: byRegion('regions', 'region'),
        origins: byRegion('origins', 'makerRegion'),
        products: ranked(gathered(counts, 'products', (id) => Math.max(codes.get(id) ?? 0, 1) / 1000)).map(
          (it) => {
            const { name, nameEn } = names.product(it.id);
            return {
              ...it,
              about: { id: it.id, zh: name ?? it.id, en: nameEn ?? name ?? it.id },
              ...records(`gtin=${it.id}`),
              exposed: `/v1/products/${it.id}/flow`,
            };
          },
        ),
        problems: ranked(gathered(counts, 'problems', () => 1)).flatMap((it) => {
          const rule = ruleNames.find((name) => name === it.id);
          if (rule === undefined) return [];
          const { zh, en } = catalogue[rule];
          return [{ ...it, about: { id: rule, zh, en }, ...records(`rule=${rule}`), exposed: '/v1/rules' }];
        }),
        failures: failures.map((it) => {
          const of = `of=failures&as=${it.as}&party=${it.party}`;
          return {
            ...it,
            party: named(it.party),
            records: entries(of),
            blockedRecords: entries(`${of}&blocked=true`),
          };
        }),
        routes: rankedRoutes(routes).map(({ origin, destination, ...it }) => {
          const route = `of=route&level=${level}&origin=${origin}&destination=${destination}`;
          return {
            ...it,
            origin: place(origin),
            destination: place(destination),
            records: entries(route),
            recordsBefore: entries(route, earlier),
          };
        }),
        dealers: ofDealers.map((it) => ({
          ...it,
          party: named(it.party),
          records: entries(`of=dealer&party=${it.party}`),
          outsideRecords: entries(`of=dealer&party=${it.party}&outside=true`),
          cases: `/v1/cases?rule=out-of-territory&party=${it.party}&${when}`,
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

  app.get(
    '/v1/insights/entries',
    {
      schema: {
        tags: ['cases'],
        summary: 'The entries behind a number of the insights, newest first 研判数据明细',
        description:
          'Insights tell the address. Each entry opens at `/v1/events/{seq}` for who may read it there.',
        querystring: EntriesQuery,
        response: { 200: pageOf(EntrySchema), ...problemResponses('invalid-request', 'invalid-time') },
      },
    },
    async (request) => {
      const reader = await readerOf(sql, caller(request));
      const { of, limit, cursor, level = 'province', origin, destination, party } = request.query;
      const period = {
        from: required(parseEventTime(request.query.from), '/from').from,
        until: required(parseEventTime(request.query.until), '/until').from,
      };
      const [key] = required(decodeCursor(`insights ${of}`, cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
      const asking = { before: Number(key), limit: limit + 1 };
      const rows = await entriesOf();
      const { items, next } = page(`insights ${of}`, rows, limit, ({ seq }) => [seq]);
      auditRead(deps.audit, request, `insights ${JSON.stringify(request.query)}`);
      return {
        items: items.map(({ seq, at, hop }) => ({
          seq,
          at: formatAt(at),
          hop,
          records: `/v1/events/${seq}`,
        })),
        next,
      };

      function entriesOf(): Promise<EntryBehind[]> {
        switch (of) {
          case 'route': {
            if (origin === undefined || destination === undefined)
              throw new Refusal('invalid-request', 'Name the `origin` and `destination` of the route.');
            return routeEntries(sql, reader, period, { level, origin, destination }, asking);
          }
          case 'dealer':
          case 'failures': {
            if (party === undefined)
              throw refusalAt('/party', 'invalid-request', 'Name the party that the number is about.');
            const { outside = false, as = 'maker', blocked = null } = request.query;
            return of === 'dealer'
              ? dealerEntries(sql, reader, period, { party, outside }, asking)
              : failureEntries(sql, reader, period, { as, party, blocked }, asking);
          }
        }
      }
    },
  );
};

/** Cases of one ranking, with what they can arise from. */
const gathered = (
  counts: readonly CaseCount[],
  of: CaseCount['of'],
  exposureOf: (id: string) => number,
): Group[] =>
  counts.flatMap((count) =>
    count.of === of
      ? [{ id: count.id, exposure: exposureOf(count.id), now: count.now, before: count.before }]
      : [],
  );

function ranked(groups: readonly Group[]) {
  const ratesOf = (count: (group: Group) => number) =>
    shrunkRates(groups.map((group): Counted => ({ count: count(group), exposure: group.exposure })));
  const [now, before] = [ratesOf(({ now }) => now), ratesOf(({ before }) => before)];
  return groups
    .flatMap(({ id, exposure, now: cases, before: casesBefore }, i) => {
      const [rate, last] = [now[i], before[i]];
      if (rate === undefined || last === undefined || cases === 0) return [];
      const trend = rate.rate > last.upper ? 'rising' : rate.rate < last.lower ? 'falling' : 'steady';
      return [{ id, cases, exposure, ...rate, casesBefore, before: last, trend }];
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
      ...recordOf(count),
    }))
    .sort((a, b) => b.lower - a.lower || b.deliveries - a.deliveries || (a.party < b.party ? -1 : 1))
    .slice(0, toldMax)
    .map((it, i) => ({ rank: i + 1, ...it }));

/** Findings gathered in cases, what officers decide about them, and how good the rules are. */
import { type TSchema, Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catalogue, ruleNames } from '../../core/rules/catalogue.ts';
import { apart, wilson } from '../../core/rules/precision.ts';
import { thresholdWords } from '../../core/rules/thresholds.ts';
import { Refusal } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { Reader } from '../access/reading.ts';
import type { Feature } from '../feature.ts';
import { createClueWatch } from '../findings/clue-watch.ts';
import { createDocket } from '../findings/docket.ts';
import { askedUnder, recordFact } from '../master-data.ts';
import { namesOf } from '../tracing/names.ts';
import { mastersOf } from '../units/histories.ts';
import { markOf } from '../verification/scans.ts';
import { idempotencyHeaders, pageOf } from '../vocabulary.ts';
import { type Ask, casePages, findingPages } from './asked.ts';
import { type CaseRow, decisionsOf } from './queries.ts';
import {
  CaseDetailSchema,
  CaseSchema,
  type CaseView,
  caseParams,
  casesQuery,
  DecisionBody,
  DecisionSchema,
  FoundSchema,
  findingsQuery,
  type formats,
  RulesSchema,
} from './schemas.ts';
import { latestOf, salesOf, tellCases, tellDecisions } from './service.ts';
import { mayDecide } from './sight.ts';
import { caseTable, csvOf, exported, findingTable, type Table, xlsxOf } from './tables.ts';

const tags = ['cases'];
const spreadsheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const paged = <T extends TSchema>(item: T) => ({
  description: 'A page, or a table',
  content: {
    'application/json': { schema: pageOf(item) },
    'text/csv': { schema: Type.Unsafe<string>(Type.String()) },
    [spreadsheet]: { schema: Type.Unsafe<string>(Type.String({ format: 'binary' })) },
  },
});
const refusals = [
  'invalid-request',
  'invalid-check-digit',
  'invalid-identifier',
  'invalid-time',
  'unknown-party',
  'forbidden',
] as const;

export const cases: Feature = async (app, deps) => {
  const { policies, audit } = deps;
  const { sql } = deps.reads;
  const names = namesOf(deps);
  const docket = createDocket(sql);
  const about = { sql, names, masters: mastersOf(deps.ledger, sql) };
  const asking = { ...about, policies, ledger: deps.ledger };
  const secret = await deps.keystore.secret('scans');
  const watch = createClueWatch({
    database: deps.db,
    now: deps.now,
    markOf: (epc) => markOf(secret, epc),
    onError: (error) =>
      app.log.warn({ err: error }, 'scans and reports could not be looked at; trying again'),
  });
  app.addHook('onReady', async () => watch.start());
  app.addHook('onClose', () => watch.stop());

  app.get(
    '/v1/cases',
    {
      schema: {
        tags,
        summary: 'Cases: findings that one look settles, by what they have in common 疑点案件',
        description:
          'A regulator is told of cases whose entries touch its jurisdiction, a maker of those about its goods, a party of those that it took part in; who sees only some of the findings of a case is not told how many there are.',
        querystring: casesQuery,
        response: { 200: paged(CaseSchema), ...problemResponses(...refusals) },
      },
    },
    async (request, reply) => {
      const reader = await readerOf(sql, caller(request));
      const ask = await casePages(asking, reader, request.query);
      auditRead(audit, request, `cases ${JSON.stringify(request.query)}`);
      return answer(request, reply, { ask, table: caseTable, name: 'cases' });
    },
  );

  app.get(
    '/v1/cases/:id',
    {
      schema: {
        tags,
        summary: 'A case, and what was decided about it 案件详情',
        params: caseParams,
        response: { 200: CaseDetailSchema, ...problemResponses('not-found') },
      },
    },
    async (request) => {
      const reader = await readerOf(sql, caller(request));
      const { id } = request.params;
      const [{ row, view }, rows] = await Promise.all([caseOf(reader, id), decisionsOf(sql, id)]);
      auditRead(audit, request, id);
      const { basis } = catalogue[row.rule];
      const [decisions, sales, latest] = await Promise.all([
        tellDecisions(names, mayDecide(reader, row, basis), rows),
        salesOf(sql, reader, row, deps.now()),
        latestOf(about, reader, row),
      ]);
      return { ...view, decisions, sales, latest };
    },
  );

  app.post(
    '/v1/cases/:id/decisions',
    {
      schema: {
        tags,
        summary: 'Decide a case: were its findings right, and what was behind them 案件处理',
        description:
          'Recorded in the log. What its rule finds after this opens a new case. A later decision about the same case takes the place of an earlier one. Regulators in charge of where its party or its maker is, or of where all the goods were sold, sampled or found, decide; of what rests on scans or reports also those of where these were.',
        params: caseParams,
        headers: idempotencyHeaders,
        body: DecisionBody,
        response: {
          201: DecisionSchema,
          ...problemResponses('not-found', 'forbidden', 'invalid-request', 'idempotency-conflict'),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const { id } = request.params;
      const reader = await readerOf(sql, by);
      const { row } = await caseOf(reader, id);
      if (!mayDecide(reader, row, catalogue[row.rule].basis))
        throw new Refusal(
          'forbidden',
          'You see a part of this case; regulators in charge of where its party, its maker or all its goods are decide it.',
        );
      const { outcome, cause, reason, officer } = request.body;
      const asked = askedUnder(`cases/${id}/decisions`, request);
      const { seq, at, fact } = await recordFact(deps.ledger, 'decision', asked, async () => ({
        fact: {
          kind: 'decision',
          by: by.party,
          case: id,
          rule: row.rule,
          version: catalogue[row.rule].version,
          severity: row.severity,
          ...(row.party === '' ? {} : { party: row.party as typeof by.party }),
          ...(row.gtin === '' ? {} : { gtin: row.gtin }),
          ...(row.sample === '' ? {} : { sample: row.sample }),
          outcome,
          cause,
          reason: reason.trim(),
        },
        private: { officer: officer.trim() },
      }));
      const [told] = await tellDecisions(names, true, [{ seq, at, fact, officer: officer.trim() }]);
      if (told === undefined) throw new Error('a decision was left untold');
      reply.code(201);
      return told;
    },
  );

  app.get(
    '/v1/findings',
    {
      schema: {
        tags,
        summary: 'Findings, newest first: what the rules found, with the entries it rests on 疑点',
        description:
          'Of a case that touches you only in part you are told your part. A page may hold fewer than were asked for; go on while there is a `next`.',
        querystring: findingsQuery,
        response: { 200: paged(FoundSchema), ...problemResponses(...refusals) },
      },
    },
    async (request, reply) => {
      const reader = await readerOf(sql, caller(request));
      const ask = await findingPages(asking, reader, request.query);
      auditRead(audit, request, `findings ${JSON.stringify(request.query)}`);
      return answer(request, reply, { ask, table: findingTable, name: 'findings' });
    },
  );

  app.get(
    '/v1/rules',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary: 'The rules: what each says, its thresholds, and how often it was right 规则与查实率',
        response: { 200: RulesSchema },
      },
    },
    async (_request, reply) => {
      await docket.catchUp();
      const now = Number.POSITIVE_INFINITY;
      const thresholds = docket.thresholds(now);
      reply.header('cache-control', 'public, max-age=60');
      const items = ruleNames.map((rule) => {
        const { version, family, basis, severities, cause, zh, en } = catalogue[rule];
        const { of, earlier } = apart(docket.decided(rule, now), version);
        const { confirmed, rejected } = of;
        const n = confirmed + rejected;
        return {
          ...{ rule, version, family, basis, cause, zh, en, confirmed, rejected, earlier },
          severities: [...severities],
          thresholds: catalogue[rule].thresholds.map((name) => {
            const { unit, zh, en } = thresholdWords[name];
            return { name, value: thresholds[name], unit, zh, en };
          }),
          precision: n === 0 ? null : { share: confirmed / n, ...wilson(confirmed, n) },
          status: docket.isWatched(rule, now) ? ('watch' as const) : ('active' as const),
        };
      });
      return { items };
    },
  );

  async function caseOf(reader: Reader, id: string): Promise<{ row: CaseRow; view: CaseView }> {
    const { rows, tell } = await tellCases(
      about,
      reader,
      { id },
      { newestFirst: true, after: null, limit: 1 },
    );
    const [row] = rows;
    if (row === undefined) throw new Refusal('not-found', 'There is no such case, or none for you to see.');
    return { row, view: tell(row) };
  }
};

interface Asked<T> {
  readonly ask: Ask<T>;
  readonly table: Table<T>;
  readonly name: string;
}

/** A page, or a table from the cursor on. Where that ends before all is told, `Link` (RFC 8288) names where it goes on. */
async function answer<T>(
  request: Pick<
    FastifyRequest<{ Querystring: { limit: number; cursor?: string } & Formatted }>,
    'query' | 'url'
  >,
  reply: FastifyReply,
  { ask, table, name }: Asked<T>,
) {
  const { limit, cursor, format = 'json' } = request.query;
  if (format === 'json') return ask(cursor, limit);
  const { rows, next } = await exported<T>((after, most) => ask(after ?? cursor, most));
  reply.header('content-disposition', `attachment; filename="${name}.${format}"`);
  if (next !== null) {
    const [path = '', query] = request.url.split('?');
    const asked = new URLSearchParams(query);
    asked.set('cursor', next);
    reply.header('link', `<${path}?${asked}>; rel="next"`);
  }
  if (format === 'csv') return reply.type('text/csv; charset=utf-8').send(csvOf(table, rows));
  return reply.type(spreadsheet).send(await xlsxOf(table, rows, name));
}

interface Formatted {
  readonly format?: (typeof formats)[number];
}

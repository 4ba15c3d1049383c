/** Codes: ordered in batches, listed, printed. */

import type { Readable } from 'node:stream';
import { type Static, Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Epc } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { formatLot, parseGtin, parseLot } from '../../core/gs1/identifiers.ts';
import { Refusal, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { formOf } from '../../http/negotiation.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature, FeatureDeps } from '../feature.ts';
import { type JobRunner, runAsPreferred } from '../job-runner.ts';
import { closed, idempotencyHeaders, oneOf } from '../vocabulary.ts';
import { jobAnswer as answerOf, batchesShown, lotPath } from './answers.ts';
import { orderBatch } from './batches.ts';
import { csv, listedCode, ndjson } from './code-lists.ts';
import { codeRows, issuedCounts } from './issued.ts';
import { type JobProgress, jobById, jobsOfLot } from './jobs.ts';
import { labelLayouts, labelSheet } from './labels.ts';
import { lotLabels, lotWords, requireFit } from './lot-labels.ts';
import { requireIssuer } from './rights.ts';
import { createBatchRunner } from './runner.ts';
import { batchBody, codesPage, jobAnswer, lotAnswer, lotNumber } from './schemas.ts';
import { signCodes } from './sign-codes.ts';

const tags = ['codes'];
const lotParams = closed({ gtin: Type.String({ maxLength: 14 }), lot: lotNumber });

const forms = new Map([
  ['json', 'application/json'],
  ['ndjson', 'application/x-ndjson'],
  ['csv', 'text/csv'],
  ['pdf', 'application/pdf'],
] as const);

const codesQuery = closed({
  ...pageQuery,
  batch: Type.Optional(Type.String({ maxLength: 16, description: 'Only codes of this batch' })),
  format: Type.Optional(oneOf([...forms.keys()], 'Goes before Accept; `limit` and `cursor` are for json')),
  layout: Type.Optional(oneOf(labelLayouts, 'Of label sheets; a4-24 unless said')),
});

export const batches: Feature = async (app, deps) => {
  const runner = createBatchRunner(deps, app.log);
  app.addHook('onReady', async () => runner.start());
  app.addHook('preClose', () => runner.stop());

  app.post(
    '/v1/batches',
    {
      schema: {
        tags,
        summary:
          'Order codes for units of one product and lot: up to a million, with our serials or your own 批量赋码',
        description:
          'The batch is issued in the background; `Prefer: wait` waits for it. Repeated with the same Idempotency-Key, it is the same batch.',
        headers: idempotencyHeaders,
        body: batchBody,
        response: {
          201: jobAnswer,
          202: jobAnswer,
          ...problemResponses(
            'invalid-request',
            'idempotency-key-required',
            'gtin-not-owned',
            'already-issued',
            'idempotency-conflict',
            'unknown-product',
            'unknown-key',
            'invalid-serial',
            'duplicate-epc',
            'code-too-long',
          ),
        },
      },
    },
    async (request, reply) => {
      const ordered = await orderBatch(
        deps,
        caller(request),
        request.body,
        request.headers['idempotency-key'],
      );
      const job =
        ordered.state === 'running' ? await advance(runner, deps, ordered, request, reply) : ordered;
      reply
        .code(job.state === 'running' ? 202 : 201)
        .header('location', lotPath(job.body.gtin, job.body.lot));
      return answerOf(deps, job);
    },
  );

  app.get(
    '/v1/batches/:gtin/:lot',
    {
      schema: {
        tags,
        summary: 'The batches of a lot and how far they are 批量赋码进度',
        params: lotParams,
        response: {
          200: lotAnswer,
          ...problemResponses('gtin-not-owned', 'unknown-batch', 'invalid-identifier'),
        },
      },
    },
    async (request) => {
      const { gtin, lot, epc, issuedBy } = await requireLot(deps, request, request.params);
      const jobs = await jobsOfLot(deps.reads.sql, epc, issuedBy, batchesShown);
      const issued = (await issuedCounts(deps.reads.sql, [epc], issuedBy)).get(epc) ?? 0;
      if (jobs.length === 0 && issued === 0) throw unknownBatch(epc);
      return { gtin, lot, epc, issued, batches: await Promise.all(jobs.map((job) => answerOf(deps, job))) };
    },
  );

  app.get(
    '/v1/batches/:gtin/:lot/codes',
    {
      schema: {
        tags,
        summary:
          'The codes of a lot: pages of JSON, or all of them as NDJSON, CSV or label sheets 导出批次的身份码',
        params: lotParams,
        querystring: codesQuery,
        response: {
          200: {
            description: 'Codes in the order they were issued',
            content: {
              'application/json': { schema: codesPage },
              'application/x-ndjson': { schema: Type.Unsafe<Readable>(Type.String()) },
              'text/csv': { schema: Type.Unsafe<Readable>(Type.String()) },
              'application/pdf': { schema: Type.Unsafe<Readable>(Type.String()) },
            },
          },
          ...problemResponses('gtin-not-owned', 'unknown-batch', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const { gtin, lot, epc, owner, issuedBy } = await requireLot(deps, request, request.params);
      const { batch = null, limit, cursor, layout = 'a4-24' } = request.query;
      const selection = { lot: epc, batch, issuedBy };
      const after = required(decodeCursor('codes', cursor, ['number']));
      const rows = await codeRows(deps.reads.sql, selection, Number(after?.[0] ?? 0), limit + 1);
      const [first] = rows;
      if (first === undefined && after === null) throw unknownBatch(epc);
      // These let whoever has them print the goods' identity: they are for nobody else's cache.
      const form = formOf(request, reply, request.query.format, forms);
      switch (form) {
        case 'ndjson':
          return reply.send(ndjson(deps, selection));
        case 'csv':
          reply.header('content-disposition', `attachment; filename="${gtinIn(epc)}-codes.csv"`);
          return reply.send(csv(deps, selection));
        case 'pdf': {
          if (first !== undefined) await requireFit(deps, first, layout);
          const words = await lotWords(deps.reads.sql, { host: deps.host, gtin, lot, owner });
          return reply.send(labelSheet(lotLabels(deps, selection, words), layout));
        }
        case 'json': {
          const { items, next } = page('codes', rows, limit, ({ unit }) => [unit]);
          return { items: (await signCodes(deps, items)).map(listedCode), next };
        }
      }
    },
  );
};

/** Sets a batch going and waits for it as long as the client would like to. */
async function advance(
  runner: JobRunner,
  { db }: Pick<FeatureDeps, 'db'>,
  job: JobProgress,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<JobProgress> {
  if (!(await runAsPreferred(runner, job.id, request, reply))) return job;
  return (await jobById(db.sql, job.id)) ?? job;
}

/** The lot an address names, if the caller may have its codes: the owner all, a delegate those it had issued. */
async function requireLot(
  deps: Pick<FeatureDeps, 'reads' | 'now'>,
  request: FastifyRequest,
  params: Static<typeof lotParams>,
) {
  const gtin = required(parseGtin(params.gtin));
  const lot = required(parseLot(params.lot));
  const { party } = caller(request);
  const owner = await requireIssuer(deps.reads.sql, party, gtin, deps.now());
  return { gtin, lot, epc: formatLot(gtin, lot), owner, issuedBy: party === owner ? null : party };
}

const unknownBatch = (epc: Epc): Refusal =>
  new Refusal('unknown-batch', `No codes of lot ${epc} were ordered; order them with POST /v1/batches.`);

/** Reports by the public, for programs; the pages stand in pages.ts. */
import { Type } from '@sinclair/typebox';
import { parseGtin, parseIdentifier } from '../../core/gs1/identifiers.ts';
import { reportStates } from '../../core/report.ts';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit, reportLimit } from '../../http/rate-limit.ts';
import { auditRead } from '../access/read-audit.ts';
import type { Feature } from '../feature.ts';
import { namesOf } from '../tracing/names.ts';
import { publicData } from '../verification/public-data.ts';
import { forgeryCheck } from '../verification/signatures.ts';
import { anySpelling, closed, gtin, oneOf, pageOf, region } from '../vocabulary.ts';
import { eraseReport } from './erasing.ts';
import { reportPages } from './pages.ts';
import { reportPhotos } from './photo-routes.ts';
import { createPhotos } from './photos.ts';
import { reportsBefore } from './queries.ts';
import {
  FollowedReportSchema,
  ReceiptSchema,
  ReportBodySchema,
  ReportErasedSchema,
  ReportErasureBodySchema,
  ReportSchema,
  SealingKeyBodySchema,
  SealingKeySchema,
  StepBodySchema,
} from './schemas.ts';
import {
  followReport,
  keysFor,
  receiveReport,
  regionsOf,
  registerKey,
  stepReport,
  tellReports,
} from './service.ts';

const tags = ['reports'];

export const reports: Feature = async (app, deps) => {
  const names = namesOf(deps);
  const photos = createPhotos(deps);
  const intake = { ...deps, isForged: forgeryCheck(publicData(deps)) };

  app.post(
    '/v1/reports',
    {
      schema: {
        tags,
        summary: 'Report what is wrong with a thing, without saying who you are 举报',
        description:
          'Goes to the regulators in charge of the region. The answer holds a receipt code, the only way to find the report again; neither account nor address is kept.',
        body: ReportBodySchema,
        response: {
          201: ReceiptSchema,
          ...problemResponses('invalid-request', 'invalid-region', 'rate-limited'),
        },
      },
      config: reportLimit(deps),
    },
    async (request, reply) => {
      const { receipt, at } = await receiveReport(intake, request.body, request.ip);
      reply.code(201).header('location', `/v1/reports/${receipt}`).header('cache-control', 'no-store');
      return { receipt, at: new Date(at).toISOString() };
    },
  );

  app.get(
    '/v1/reports/keys',
    {
      schema: {
        tags,
        summary: 'Keys to which people seal who they are, for the authority alone 举报加密公钥',
        querystring: closed({ region }),
        response: {
          200: Type.Object({ items: Type.Array(SealingKeySchema) }),
          ...problemResponses('rate-limited'),
        },
      },
      config: publicLimit(deps),
    },
    async (request) => ({
      items: (await keysFor(deps, request.query.region)).map((key) => ({
        ...key,
        regions: [...key.regions],
      })),
    }),
  );

  app.post(
    '/v1/reports/keys',
    {
      schema: {
        tags,
        summary:
          'Register the key to which people seal who they are; its private half stays with you 登记举报加密公钥',
        body: SealingKeyBodySchema,
        response: {
          201: SealingKeySchema,
          ...problemResponses('invalid-request', 'invalid-key', 'forbidden', 'state-conflict'),
        },
      },
    },
    async (request, reply) => {
      const key = await registerKey(deps, caller(request), request.body);
      reply.code(201);
      return { ...key, regions: [...key.regions] };
    },
  );

  app.get(
    '/v1/reports/:receipt',
    {
      schema: {
        tags,
        summary: 'How far a report has come, by its receipt code 举报进度',
        params: closed({ receipt: Type.String({ maxLength: 64 }) }),
        response: { 200: FollowedReportSchema, ...problemResponses('not-found', 'rate-limited') },
      },
      config: publicLimit(deps),
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return followReport(deps, names, request.params.receipt);
    },
  );

  app.get(
    '/v1/reports',
    {
      schema: {
        tags,
        summary: 'Reports from the regions that you are in charge of, newest first 举报列表',
        querystring: closed({
          ...pageQuery,
          state: Type.Optional(oneOf(reportStates)),
          gtin: Type.Optional(gtin),
          epc: Type.Optional(anySpelling('About this thing')),
          region: Type.Optional({ ...region, description: 'From here 行政区划代码' }),
        }),
        response: {
          200: pageOf(ReportSchema),
          ...problemResponses('invalid-request', 'invalid-check-digit', 'invalid-identifier', 'forbidden'),
        },
      },
    },
    async (request) => {
      const { limit, cursor, state = null, gtin: product, epc, region: from } = request.query;
      const [at, id] = required(decodeCursor('reports', cursor, ['number', 'string'])) ?? [
        Number.MAX_SAFE_INTEGER,
        '',
      ];
      const filter = {
        regions: await regionsOf(deps, caller(request)),
        state,
        gtin: product === undefined ? null : required(parseGtin(product), '/gtin'),
        epc: epc === undefined ? null : required(parseIdentifier(epc), '/epc').epc,
        region: from ?? null,
      };
      const before = { at: Number(at), id: String(id) };
      const rows = await reportsBefore(deps.reads.sql, filter, before, limit + 1);
      const { items, next } = page('reports', rows, limit, (row) => [row.at, row.id]);
      auditRead(deps.audit, request, filter.regions.join(' '));
      return { items: await tellReports(names, items), next };
    },
  );

  app.post(
    '/v1/reports/:id/steps',
    {
      schema: {
        tags,
        summary: 'Take a report up, answer it or close it 受理、答复、办结',
        params: closed({ id: Type.String({ maxLength: 64 }) }),
        body: StepBodySchema,
        response: {
          201: ReportSchema,
          ...problemResponses('invalid-request', 'forbidden', 'not-found', 'state-conflict'),
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const report = await stepReport(deps, { id: params.id, by: caller(request), step: body });
      auditRead(deps.audit, request, report.id);
      const [told] = await tellReports(names, [report]);
      if (told === undefined) throw new Error('a report was told as nothing');
      reply.code(201);
      return told;
    },
  );

  app.post(
    '/v1/reports/:id/erasures',
    {
      schema: {
        tags,
        summary: 'Erase what the public wrote in a report, and its photos 删除举报内容、联系方式和照片',
        description:
          'For the regulators in charge of the region, and for the operator. `id` may be the receipt code, which whoever asks for it has. The receipt code goes on working and says what was erased, when and by whom.',
        params: closed({ id: Type.String({ maxLength: 64 }) }),
        body: ReportErasureBodySchema,
        response: {
          201: ReportErasedSchema,
          ...problemResponses('invalid-request', 'forbidden', 'not-found', 'state-conflict'),
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const report = await eraseReport(deps, photos, { named: params.id, by: caller(request), body });
      auditRead(deps.audit, request, report.id);
      const [told] = await tellReports(names, [report]);
      if (told === undefined) throw new Error('a report was told as nothing');
      reply.code(201);
      return { id: told.id, erasures: told.erasures };
    },
  );

  await app.register(reportPhotos, { ...deps, photos });
  await app.register(async (scope) => reportPages(scope, intake, names));
};

/** Mandates: asked for, decided by a second officer, ended, and what was read under them. */
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { Refusal, required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, recordFact } from '../master-data.ts';
import { closed, idempotencyHeaders, pageOf } from '../vocabulary.ts';
import { mandateById, mandatesOf, readsUnder, type StandingMandate } from './queries.ts';
import {
  ApprovalBodySchema,
  EndBodySchema,
  MandateBodySchema,
  MandateReadSchema,
  MandateSchema,
} from './schemas.ts';
import { mandateView, newDecision, newEnd, newMandate } from './service.ts';

const tags = ['mandates'];
const params = closed({ id: Type.String({ maxLength: 64 }) });

export const mandates: Feature = async (app, deps) => {
  const { sql } = deps.db;
  const { ledger } = deps;

  app.post(
    '/v1/mandates',
    {
      schema: {
        tags,
        summary: 'Ask to read beyond the jurisdiction, for one case 申请调阅授权',
        description:
          'For goods and parties of a case with a legal number. It opens nothing until a second officer has approved it, and then only requests that name it as Suyuan-Mandate. Through a client that the operator issued.',
        headers: idempotencyHeaders,
        body: MandateBodySchema,
        response: {
          201: MandateSchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'second-officer-required',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-serial',
            'invalid-time',
            'unknown-party',
            'idempotency-conflict',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('mandates', request);
      const made = await recordFact(ledger, 'mandate', asked, () => newMandate(deps, request.body, by));
      reply.code(201).header('location', `/v1/mandates/${made.fact.id}`);
      return viewOf(by, await found(by, made.fact.id));
    },
  );

  app.post(
    '/v1/mandates/:id/approval',
    {
      schema: {
        tags,
        summary: 'Approve or refuse a mandate as the second officer 审批调阅授权',
        description:
          'By another officer than the one who asked and through another API client; both clients must have been issued by the operator.',
        params,
        headers: idempotencyHeaders,
        body: ApprovalBodySchema,
        response: {
          200: MandateSchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'second-officer-required',
            'not-found',
            'state-conflict',
            'idempotency-conflict',
          ),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const { id } = request.params;
      const mandate = await found(by, id);
      if (mandate.fact.by !== by.party) throw notYours();
      const asked = askedUnder(`mandates/${id}/approval`, request);
      await recordFact(ledger, 'mandate-decision', asked, () => newDecision(deps, mandate, request.body, by));
      return viewOf(by, await found(by, id));
    },
  );

  app.post(
    '/v1/mandates/:id/end',
    {
      schema: {
        tags,
        summary: 'End a mandate before its time 终止调阅授权',
        params,
        headers: idempotencyHeaders,
        body: EndBodySchema,
        response: {
          200: MandateSchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'not-found',
            'state-conflict',
            'idempotency-conflict',
          ),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const { id } = request.params;
      const mandate = await found(by, id);
      const asked = askedUnder(`mandates/${id}/end`, request);
      await recordFact(ledger, 'mandate-end', asked, async () => newEnd(deps, mandate, request.body, by));
      return viewOf(by, await found(by, id));
    },
  );

  app.get(
    '/v1/mandates',
    {
      schema: {
        tags,
        summary: 'Mandates, newest first: your own; to the operator all 调阅授权列表',
        querystring: closed(pageQuery),
        response: { 200: pageOf(MandateSchema), ...problemResponses('invalid-request') },
      },
    },
    async (request) => {
      const by = caller(request);
      const { limit, cursor } = request.query;
      const [before] = required(decodeCursor('mandates', cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
      const whose = isOperator(by) ? null : by.party;
      const rows = await mandatesOf(deps.reads.sql, whose, Number(before), limit + 1);
      const { items, next } = page('mandates', rows, limit, ({ seq }) => [seq]);
      if (whose === null) auditRead(deps.audit, request, `${items.length} mandates`);
      return { items: items.map((it) => viewOf(by, it)), next };
    },
  );

  app.get(
    '/v1/mandates/:id',
    {
      schema: {
        tags,
        summary: 'A mandate 查询调阅授权',
        params,
        response: { 200: MandateSchema, ...problemResponses('not-found') },
      },
    },
    async (request) => {
      const by = caller(request);
      const mandate = await found(by, request.params.id);
      noteOthers(request, by, mandate);
      return viewOf(by, mandate);
    },
  );

  app.get(
    '/v1/mandates/:id/reads',
    {
      schema: {
        tags,
        summary: 'What was read under a mandate, oldest first 授权调阅记录',
        description:
          'Each request with its address, also those that were refused later on, and what of others it showed. Kept beside the log.',
        params,
        querystring: closed(pageQuery),
        response: { 200: pageOf(MandateReadSchema), ...problemResponses('not-found', 'invalid-request') },
      },
    },
    async (request) => {
      const by = caller(request);
      const mandate = await found(by, request.params.id);
      const { limit, cursor } = request.query;
      const [after] = required(decodeCursor('mandate-reads', cursor, ['number'])) ?? [0];
      // What this process has noted is told at once; others write theirs within a moment.
      await deps.audit.flush();
      const rows = await readsUnder(deps.reads.sql, mandate.fact.id, Number(after), limit + 1);
      const { items, next } = page('mandate-reads', rows, limit, ({ id }) => [id]);
      noteOthers(request, by, mandate);
      return {
        items: items.map(({ at, client, route, subject }) => ({
          ...{ client, route, subject },
          at: new Date(at).toISOString(),
        })),
        next,
      };
    },
  );

  const viewOf = (by: Caller, mandate: StandingMandate) => mandateView(mandate, by.party, deps.now());

  /** A mandate as its authority and the operator see it; for others there is none. */
  async function found(by: Caller, id: string): Promise<StandingMandate> {
    const mandate = await mandateById(sql, id);
    if (mandate === null || !(mandate.fact.by === by.party || isOperator(by))) throw notYours();
    return mandate;
  }

  function noteOthers(request: FastifyRequest, by: Caller, { fact }: StandingMandate): void {
    if (fact.by !== by.party) auditRead(deps.audit, request, `mandate ${fact.id}`);
  }
};

const isOperator = ({ roles }: Caller): boolean => roles.includes('operator');

const notYours = (): Refusal => new Refusal('not-found', 'There is no such mandate of yours.');

/** Verification: for programs, and for people who scan a code or type its number. */
import { Counter } from 'prom-client';
import { reasonWords, verdicts, verdictTable, verdictWords } from '../../core/codes/verdict.ts';
import { rules } from '../../core/life/contradictions.ts';
import { fault, Refusal } from '../../errors.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import { adviceFor } from '../../web/advice.ts';
import type { Feature } from '../feature.ts';
import { linkRoutes } from './link-routes.ts';
import { readCodes } from './read-code.ts';
import { createScans } from './scans.ts';
import { VerdictsSchema, VerificationSchema, VerificationsSchema, VerifyBody } from './schemas.ts';
import { createVerify, type Verify } from './service.ts';
import { createVerifyingThread } from './signatures.ts';
import { visitOf } from './visit.ts';

const tags = ['verification'];

export const verification: Feature = async (app, deps) => {
  const counter = (name: string, help: string): Counter =>
    new Counter({ name, help, registers: [app.metrics] });
  const dropped = counter(
    'suyuan_scans_dropped_total',
    'Scans that were not kept because the database could not take them in time',
  );
  const written = counter('suyuan_scans_written_total', 'Scans kept, one a thing, device and day');
  const answered = new Counter({
    name: 'suyuan_verifications_total',
    help: 'Codes verified, by verdict',
    labelNames: ['verdict'] as const,
    registers: [app.metrics],
  });
  const scans = createScans({
    database: deps.db,
    secret: await deps.keystore.secret('scans'),
    retentionDays: deps.scanRetentionDays,
    now: deps.now,
    onWritten: (rows) => written.inc(rows),
    onDropped: (rows) => dropped.inc(rows),
    onError: (error) => app.log.warn({ err: error }, 'scans could not be written or deleted'),
  });
  app.addHook('onReady', async () => scans.start());
  app.addHook('onClose', () => scans.close());
  const thread = createVerifyingThread();
  app.addHook('onClose', () => thread.close());
  const answerCodes = createVerify(deps, scans, thread.verify);
  const verify: Verify = async (asked, visit) => {
    const results = await answerCodes(asked, visit);
    for (const { verdict } of results) answered.inc({ verdict });
    return results;
  };

  app.post(
    '/v1/verify',
    {
      schema: {
        tags,
        summary: 'What is known of codes: verdict, reasons and what may be shown 核验身份码',
        description:
          'Send `code`, answered with its verification, or `codes`, answered with `results` in their order. Codes that cannot be read refuse the request and are all listed. Scans with a token are those of the party, and are not counted as public.',
        body: VerifyBody,
        response: {
          200: {
            description: 'Verification for `code`, Verifications for `codes`',
            content: {
              'application/json': { schema: { anyOf: [VerificationSchema, VerificationsSchema] } },
            },
          },
          ...problemResponses(
            'invalid-request',
            'unknown-member',
            'invalid-code',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-serial',
            'invalid-region',
            'token-invalid',
            'rate-limited',
            'unavailable',
          ),
        },
      },
      config: publicLimit(deps),
    },
    async (request, reply) => {
      const { code, codes, region, purpose } = request.body;
      if ((code === undefined) === (codes === undefined)) {
        throw new Refusal('invalid-request', 'Send either code or codes.');
      }
      if (region !== undefined && !deps.policies.isRegion(region)) {
        const detail = 'Give a GB/T 2260 code in force, or leave the region out.';
        throw new Refusal('invalid-region', detail, {
          faults: [fault('invalid-region', detail, '/region')],
        });
      }
      const asked = readCodes(codes ?? [code ?? ''], (i) => (codes === undefined ? '/code' : `/codes/${i}`));
      const results = await verify(asked, visitOf(request, region ?? null));
      const advised =
        purpose === undefined
          ? results
          : results.map((result) => ({ ...result, advice: adviceFor(result.verdict, purpose) }));
      // As text: for answers like these the engine's own JSON is faster than one written by schema.
      return reply
        .type('application/json; charset=utf-8')
        .header('cache-control', 'no-store')
        .serializer(String)
        .send(JSON.stringify(codes === undefined ? advised[0] : { results: advised }));
    },
  );

  app.get(
    '/v1/verdicts',
    {
      schema: {
        tags,
        summary: 'The decision table: which verdict follows from what, and what each says 核验结论判定表',
        response: { 200: VerdictsSchema },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return {
        verdicts: verdicts.map((verdict) => ({ verdict, ...verdictWords[verdict] })),
        reasons: Object.entries({ ...reasonWords, ...rules }).map(([code, { zh, en }]) => ({ code, zh, en })),
        table: verdictTable.map((row) => ({
          ...row,
          signature: [...row.signature],
          key: [...row.key],
          host: [...row.host],
          issued: [...row.issued],
          history: [...row.history],
          reasons: [...row.reasons],
        })),
      };
    },
  );

  linkRoutes(app, deps, verify);
};

/** Evidence that stands alone. */
import type { FastifyReply } from 'fastify';
import { caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import { renderEvidencePage } from '../../web/evidence-page.ts';
import type { Feature } from '../feature.ts';
import { pathIdentifier } from '../units/subject.ts';
import { languageOf, problemAnswer, sendPage } from '../verification/pages.ts';
import { thingsAsked } from './about.ts';
import { pageScript } from './page-script.ts';
import { EvidenceSchema, evidenceBody, evidenceQuery, thingsMax, unitParams } from './schemas.ts';
import { makeEvidence, type Withholding } from './service.ts';

const tags = ['evidence'];

export const evidence: Feature = async (app, deps) => {
  app.get(
    '/v1/units/:gtin/:serial/evidence',
    {
      schema: {
        tags,
        summary: 'Evidence about a unit in one file that proves itself 固定留取证据',
        description:
          'Facts with their entries and proofs under one checkpoint, chains, keys, codes and findings; what you may not see, or want withheld, stays provable by its hashes. `suyuan verify-evidence` checks the file without the service.',
        params: unitParams,
        querystring: evidenceQuery,
        response: {
          200: EvidenceSchema,
          ...problemResponses(
            'unauthenticated',
            'forbidden',
            'unknown-unit',
            'invalid-request',
            'invalid-identifier',
            'invalid-check-digit',
            'not-published',
          ),
        },
      },
    },
    async (request, reply) => {
      const { gtin, serial } = request.params;
      const epc = pathIdentifier(`01/${gtin}/21/${encodeURIComponent(serial)}`);
      const route = request.routeOptions.url ?? '';
      const withholding = withholdingOf(request.query);
      const file = await makeEvidence(deps, caller(request), { epcs: [epc], withholding, route });
      return send(reply, file, `${gtin}-${serial}`);
    },
  );

  app.post(
    '/v1/evidence',
    {
      schema: {
        tags,
        summary:
          'Evidence about many things in one file: units and containers, a lot, a finding 批量固定留取证据',
        description: `At most ${thingsMax} things a file; a larger lot comes in pages, a file each. Whoever asks must be let see each of them.`,
        body: evidenceBody,
        response: {
          200: EvidenceSchema,
          ...problemResponses(
            'unauthenticated',
            'forbidden',
            'unknown-unit',
            'invalid-request',
            'invalid-identifier',
            'invalid-check-digit',
            'too-many-epcs',
            'not-found',
            'not-published',
          ),
        },
      },
    },
    async (request, reply) => {
      const route = request.routeOptions.url ?? '';
      const { withhold = [], others } = request.body;
      const epcs = await thingsAsked(deps, caller(request), request.body, route);
      const withholding = { members: new Set(withhold), others: others === 'withhold' };
      const file = await makeEvidence(deps, caller(request), { epcs, withholding, route });
      return send(reply, file, epcs.length === 1 ? (epcs[0] ?? '') : String(epcs.length));
    },
  );

  app.get(
    '/verify-evidence',
    {
      config: publicLimit(deps),
      errorHandler: problemAnswer(deps.publicUrl),
      schema: {
        tags,
        summary: 'A page that checks a file of evidence in the browser, without uploading it 核验证据文件',
        response: {
          200: { description: 'The page', content: { 'text/html': { schema: { type: 'string' } } } },
          ...problemResponses('rate-limited'),
        },
      },
    },
    async (request, reply) => {
      const language = languageOf(request);
      const { page, policy } = renderEvidencePage(await pageScript(), language);
      reply.header('cache-control', 'public, max-age=300');
      return sendPage(reply, language, page, policy);
    },
  );
};

const withholdingOf = ({ withhold, others }: { withhold?: string; others?: string }): Withholding => ({
  members: new Set(withhold?.split(',')),
  others: others === 'withhold',
});

/** As its text: another serialisation would be another file. */
const send = (reply: FastifyReply, file: string, name: string) =>
  reply
    .header('cache-control', 'private, no-store')
    .header('content-disposition', `attachment; filename="evidence-${name.replaceAll(/[^\w-]/g, '_')}.json"`)
    .type('application/json; charset=utf-8')
    .serializer(String)
    .send(file);

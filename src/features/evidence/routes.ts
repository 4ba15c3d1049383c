/** Evidence that stands alone. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { wantedForm } from '../../http/negotiation.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import { renderEvidencePage } from '../../web/evidence-page.ts';
import type { Feature, FeatureDeps } from '../feature.ts';
import { pathIdentifier } from '../units/subject.ts';
import { languageOf, problemAnswer, sendPage } from '../verification/pages.ts';
import { closed } from '../vocabulary.ts';
import { thingsAsked } from './about.ts';
import { pageScript } from './page-script.ts';
import { reportPdf } from './report/report-pdf.ts';
import {
  evidenceAnswer,
  evidenceBody,
  type Format,
  formatQuery,
  forms,
  reportedMax,
  thingsMax,
  unitParams,
  withholdingQuery,
} from './schemas.ts';
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
        querystring: closed({ ...withholdingQuery, ...formatQuery }),
        response: {
          200: evidenceAnswer,
          ...problemResponses(
            'not-acceptable',
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
      const format = wantedForm(request, request.query.format, forms);
      const file = await makeEvidence(deps, caller(request), { epcs: [epc], withholding, route });
      return send(deps, request, reply, { file, format, name: `${gtin}-${serial}` });
    },
  );

  app.post(
    '/v1/evidence',
    {
      schema: {
        tags,
        summary:
          'Evidence about many things in one file: units and containers, a lot, a finding 批量固定留取证据',
        description: `At most ${thingsMax} things a file and ${reportedMax} a report; a larger lot comes in pages, a file each. Whoever asks must be let see each of them.`,
        querystring: closed(formatQuery),
        body: evidenceBody,
        response: {
          200: evidenceAnswer,
          ...problemResponses(
            'not-acceptable',
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
      const format = wantedForm(request, request.query.format, forms);
      const { withhold = [], others } = request.body;
      const epcs = await thingsAsked(deps, caller(request), request.body, route);
      if (format === 'pdf' && epcs.length > reportedMax)
        throw new Refusal(
          'too-many-epcs',
          `A report for people is about ${reportedMax} things at most; ask for fewer, or for the file as JSON.`,
        );
      const withholding = { members: new Set(withhold), others: others === 'withhold' };
      const file = await makeEvidence(deps, caller(request), { epcs, withholding, route });
      const name = epcs.length === 1 ? (epcs[0] ?? '') : String(epcs.length);
      return send(deps, request, reply, { file, format, name });
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

/** The file, or the report on it with the file attached. The file goes as its text: another would be another file. */
async function send(
  { publicUrl }: Pick<FeatureDeps, 'publicUrl'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { file, format, name }: { readonly file: string; readonly format: Format; readonly name: string },
): Promise<FastifyReply> {
  const base = `evidence-${name.replaceAll(/[^\w-]/g, '_')}`;
  reply
    .header('cache-control', 'private, no-store')
    .header('vary', 'accept, accept-language')
    .header('content-disposition', `attachment; filename="${base}.${format}"`);
  switch (format) {
    case 'json':
      return reply.type('application/json; charset=utf-8').serializer(String).send(file);
    case 'pdf': {
      const lang = languageOf(request);
      const pdf = await reportPdf({ file, name: `${base}.json`, lang, publicUrl });
      return reply.header('content-language', lang).type('application/pdf').send(pdf);
    }
  }
}

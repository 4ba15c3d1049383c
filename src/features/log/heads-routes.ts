/** The map of heads: what the chains of all identifiers have come to, and proofs under it. */
import { base64url } from '../../core/log/entry.ts';
import { caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import type { HeadsEntry } from '../../ledger/heads.ts';
import type { Feature } from '../feature.ts';
import { noneYet, tellHeadProof } from './heads.ts';
import { HeadProofSchema, HeadsSchema, headProofQuery } from './schemas.ts';

const tags = ['log'];
const route = '/v1/log/heads/proof';

export const heads: Feature = async (app, deps) => {
  app.addHook('onReady', async () => deps.heads.start());
  app.addHook('onClose', () => deps.heads.stop());

  app.get(
    '/v1/log/heads',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary: 'The last entry that tells how many entries name each identifier 全链账头',
        description: 'A new one follows ten minutes after the first change.',
        response: { 200: HeadsSchema, ...problemResponses('not-published', 'rate-limited') },
      },
    },
    async () => {
      const latest = await deps.heads.latest();
      if (latest === null) throw noneYet();
      return tell(latest);
    },
  );

  app.post(
    '/v1/log/heads',
    {
      schema: {
        tags,
        summary: 'Has the log tell of all heads now 立即记录全链账头',
        description: 'Answers with the last entry when nothing was recorded since.',
        response: { 200: HeadsSchema, ...problemResponses('unauthenticated', 'forbidden', 'unavailable') },
      },
    },
    async () => tell(await deps.heads.publish()),
  );

  app.get(
    route,
    {
      schema: {
        tags,
        summary: 'Proof of how many entries name an identifier, or that none does 完整性证明',
        description:
          'As of the last entry `heads`. That nothing names an identifier is told to every party; how often one is named, to whoever may see every entry that does.',
        querystring: headProofQuery,
        response: {
          200: HeadProofSchema,
          ...problemResponses(
            'unauthenticated',
            'forbidden',
            'not-published',
            'invalid-identifier',
            'invalid-check-digit',
          ),
        },
      },
    },
    async (request) => tellHeadProof(deps, caller(request), request.query.epc, route),
  );
};

const tell = ({ seq, size, root, count }: HeadsEntry) => ({ seq, size, root: base64url(root), count });

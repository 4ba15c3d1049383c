/** The public log (C2SP tlog-tiles) and its proofs. */
import { hash } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { base64url, formatAt, formatEntry } from '../../core/log/entry.ts';
import { formatNoteKey } from '../../core/log/note.ts';
import { parseTilePath } from '../../core/log/tile-path.ts';
import { formatLogProof } from '../../core/log/tlog-proof.ts';
import { Refusal } from '../../errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import { problemResponses } from '../../http/problems.ts';
import { logLimit, publicLimit } from '../../http/rate-limit.ts';
import type { Feature } from '../feature.ts';
import { logKeys } from './log-keys.ts';
import { checkpointOver, consistencyOf, entryAt, inclusions, publicFact, tileBytes } from './public-log.ts';
import {
  ConsistencySchema,
  consistencyQuery,
  EntrySchema,
  InclusionSchema,
  PublicFactSchema,
  seqParams,
} from './schemas.ts';

const tags = ['log'];
const text = 'text/plain; charset=utf-8';
/** For what can never change. */
const forever = 'public, max-age=31536000, immutable';
/** A new checkpoint comes at most once a second. */
const briefly = 'public, max-age=1';

export const publicLog: Feature = async (app, deps) => {
  app.addHook('onReady', async () => deps.checkpoints.start());
  app.addHook('onClose', () => deps.checkpoints.stop());

  app.get(
    '/log/checkpoint',
    {
      config: logLimit(deps),
      schema: {
        tags,
        summary: 'The last checkpoint: size and root of the log, signed 检查点',
        description:
          'A signed note (C2SP tlog-checkpoint). A new one follows within two seconds of an entry.',
        produces: ['text/plain'],
        response: {
          200: Type.String(),
          304: Type.Null({ description: 'It is the one you have' }),
          ...problemResponses('not-published', 'rate-limited'),
        },
      },
    },
    async (request, reply) => {
      const { note } = await checkpointOver(deps, 1);
      const etag = `"${hash('sha256', note).slice(0, 32)}"`;
      reply.header('cache-control', briefly).header('etag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
      return reply.type(text).serializer(String).send(note);
    },
  );

  app.get(
    '/log/key',
    {
      config: logLimit(deps),
      schema: {
        tags,
        summary: 'Keys that checkpoints are verified with, a line each, newest first 验证检查点的公钥',
        produces: ['text/plain'],
        response: { 200: Type.String(), ...problemResponses('rate-limited') },
      },
    },
    async (_request, reply) => {
      const keys = await logKeys(deps.lookups.sql, deps.genesis.origin);
      return reply
        .type(text)
        .serializer(String)
        .send(keys.map((key) => `${formatNoteKey(key)}\n`).join(''));
    },
  );

  app.get(
    '/log/tile/*',
    {
      config: logLimit(deps),
      schema: {
        tags,
        summary: 'Tiles of the Merkle tree and bundles of entries 默克尔树分块与账目',
        description:
          '`tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles), as far as the last checkpoint covers them.',
        params: Type.Object({ '*': Type.String({ maxLength: 100 }) }),
        produces: ['application/octet-stream'],
        response: { 200: Type.Unknown(), ...problemResponses('not-found', 'not-published', 'rate-limited') },
      },
    },
    async (request, reply) => {
      const address = parseTilePath(`tile/${request.params['*']}`);
      if (address === null)
        throw new Refusal(
          'not-found',
          'No tile has this address; see C2SP tlog-tiles for how they are named.',
        );
      const bytes = await tileBytes(deps, address);
      return reply.header('cache-control', forever).type('application/octet-stream').send(bytes);
    },
  );

  app.get(
    '/log/payload/:seq',
    {
      config: logLimit(deps),
      schema: {
        tags,
        summary: 'A fact that is public: the genesis of the log, keys, and heads 公开的账目内容',
        params: seqParams,
        response: {
          200: PublicFactSchema,
          ...problemResponses('not-found', 'not-published', 'rate-limited'),
        },
      },
    },
    async (request, reply) => {
      const { seq } = request.params;
      const { payload, salt } = await publicFact(deps, seq);
      reply.header('cache-control', forever);
      return { seq, payload, salt: base64url(salt) };
    },
  );

  app.get(
    '/v1/log/entries/:seq',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary: 'One entry of the log 账本条目',
        params: seqParams,
        response: { 200: EntrySchema, ...problemResponses('not-published', 'rate-limited') },
      },
    },
    async (request, reply) => {
      const entry = await entryAt(deps, request.params.seq);
      reply.header('cache-control', forever);
      return {
        seq: entry.seq,
        at: formatAt(entry.at),
        digest: base64url(entry.digest),
        prev: base64url(entry.prev),
        leaf: base64url(entry.leaf),
        bytes: formatEntry(entry),
      };
    },
  );

  app.get(
    '/v1/log/entries/:seq/proof',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary: 'Proof that an entry is under the last checkpoint 存在性证明',
        description: 'As JSON, or as C2SP tlog-proof with `Accept: text/plain`.',
        params: seqParams,
        response: {
          200: {
            description: 'The proof',
            content: {
              'application/json': { schema: InclusionSchema },
              'text/plain': { schema: Type.Unsafe<string>(Type.String()) },
            },
          },
          ...problemResponses('not-published', 'not-acceptable', 'rate-limited'),
        },
      },
    },
    async (request, reply) => {
      const { seq } = request.params;
      const type = preferredType(request.headers.accept, ['application/json', 'text/plain']);
      if (type === null) throw new Refusal('not-acceptable', 'Accept application/json or text/plain.');
      const entry = await entryAt(deps, seq);
      const checkpoint = await checkpointOver(deps, seq + 1);
      const [proof] = await inclusions(deps, [seq], checkpoint.size);
      if (proof === undefined) throw new Error('a proof was asked for');
      reply.header('cache-control', briefly).header('vary', 'accept');
      if (type === 'text/plain')
        return reply
          .type(text)
          .serializer(String)
          .send(formatLogProof({ index: seq, hashes: proof.hashes, checkpoint: checkpoint.note }));
      return {
        seq,
        leaf: base64url(entry.leaf),
        size: checkpoint.size,
        root: base64url(checkpoint.root),
        hashes: proof.hashes.map(base64url),
        checkpoint: checkpoint.note,
      };
    },
  );

  app.get(
    '/v1/log/consistency',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary: 'Proof that the log only grew between two sizes 一致性证明',
        querystring: consistencyQuery,
        response: {
          200: ConsistencySchema,
          ...problemResponses('invalid-request', 'not-published', 'rate-limited'),
        },
      },
    },
    async (request, reply) => {
      const { from, to } = request.query;
      const { hashes, fromRoot, toRoot } = await consistencyOf(deps, from, to);
      reply.header('cache-control', forever);
      return {
        from,
        to,
        fromRoot: base64url(fromRoot),
        toRoot: base64url(toRoot),
        hashes: hashes.map(base64url),
      };
    },
  );
};

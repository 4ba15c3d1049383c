/** Keys: those of parties, and what everybody needs to check what was signed. */
import { Type } from '@sinclair/typebox';
import type { KeyPurpose } from '../../core/log/fact.ts';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import type { Feature } from '../feature.ts';
import { closed, idempotencyHeaders } from '../vocabulary.ts';
import { keysOfPurposes, listKeys } from './queries.ts';
import { compromiseBody, keyAnswer, kid, newClaimKeyBody, newKeyBody } from './schemas.ts';
import { answerOf, createKey, registerClaimKey, reportCompromise, retireKey } from './service.ts';
import { trustList } from './trust-list.ts';

const params = closed({ kid });
/** What is signed with those keys that everybody may want to check with a library of theirs. */
const published: readonly KeyPurpose[] = ['issuing', 'claims', 'receipt', 'trust-list'];
const tags = ['keys'];

export const keys: Feature = async (app, deps) => {
  app.post(
    '/v1/keys',
    {
      schema: {
        tags,
        summary: 'Make or bring an issuing key 新建或登记赋码密钥',
        headers: idempotencyHeaders,
        body: newKeyBody,
        response: {
          201: keyAnswer,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'already-exists',
            'invalid-key',
            'invalid-signature',
            'unknown-key',
          ),
        },
      },
    },
    async (request, reply) => {
      reply.code(201);
      return createKey(deps, caller(request), request.body, request.headers['idempotency-key']);
    },
  );

  app.post(
    '/v1/keys/claims',
    {
      schema: {
        tags,
        summary: 'Register a public key by which you sign what you record 登记用于签名的公钥',
        description:
          'A hop may then carry `signature`: whoever holds the recorded fact can show that you made the claim and nobody else. The private key stays with you; use one key a ledger, so that a claim counts in this one alone.',
        headers: idempotencyHeaders,
        body: newClaimKeyBody,
        response: {
          201: keyAnswer,
          ...problemResponses(
            'invalid-request',
            'unauthenticated',
            'already-exists',
            'invalid-key',
            'invalid-signature',
            'unknown-key',
          ),
        },
      },
    },
    async (request, reply) => {
      reply.code(201);
      return registerClaimKey(deps, caller(request), request.body, request.headers['idempotency-key']);
    },
  );

  app.get(
    '/v1/keys',
    {
      schema: {
        tags,
        summary: 'Your keys, newest first; for the operator, all 密钥列表',
        querystring: closed(pageQuery),
        response: {
          200: Type.Object({ items: Type.Array(keyAnswer), next: Type.Union([Type.String(), Type.Null()]) }),
          ...problemResponses('invalid-request', 'unauthenticated'),
        },
      },
    },
    async (request) => {
      const { party, roles } = caller(request);
      const { limit, cursor } = request.query;
      const after = required(decodeCursor('keys', cursor, ['number']));
      const whose = roles.includes('operator') ? null : party;
      const rows = await listKeys(
        deps.reads.sql,
        whose,
        Number(after?.[0] ?? Number.MAX_SAFE_INTEGER),
        limit + 1,
      );
      const { items, next } = page('keys', rows, limit, ({ created }) => [created]);
      return { items: items.map(answerOf), next };
    },
  );

  const changeAnswers = { 200: keyAnswer, ...problemResponses('unauthenticated', 'unknown-key') };
  app.post(
    '/v1/keys/:kid/retire',
    {
      schema: {
        tags,
        summary: 'Use a key no more; its codes stay good 停用密钥',
        params,
        response: changeAnswers,
      },
    },
    async (request) => retireKey(deps, caller(request), request.params.kid),
  );
  app.post(
    '/v1/keys/:kid/compromise',
    {
      schema: {
        tags,
        summary:
          'Report that others may sign with a key: codes from an entry on are not trusted 报告密钥泄露',
        params,
        body: compromiseBody,
        response: { ...changeAnswers, ...problemResponses('invalid-request', 'state-conflict') },
      },
    },
    async (request) => reportCompromise(deps, caller(request), request.params.kid, request.body),
  );

  app.get(
    '/.well-known/jwks.json',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary:
          'Public keys of codes, claims, receipts and the trust list (RFC 7517); who may sign codes with one, the trust list says 公钥集',
        response: {
          200: Type.Object({
            keys: Type.Array(
              Type.Object({
                kty: Type.Literal('OKP'),
                crv: Type.Literal('Ed25519'),
                x: Type.String(),
                kid: Type.String(),
                alg: Type.Literal('EdDSA'),
                use: Type.Literal('sig'),
                'suyuan:purpose': Type.Unsafe<KeyPurpose>(
                  Type.String({
                    enum: [...published],
                    description:
                      'What it signs: parties hold keys for codes and claims themselves, so a receipt or a trust list under one of these is forged',
                  }),
                ),
              }),
            ),
          }),
        },
      },
    },
    async (_request, reply) => {
      const rows = await keysOfPurposes(deps.reads.sql, published);
      reply.header('cache-control', 'public, max-age=300');
      return {
        // A JWKS has no word for a key that is good up to a moment; the trust list has.
        keys: rows
          .filter(({ status }) => status !== 'compromised')
          .map(({ x, kid, purpose }) => ({
            kty: 'OKP' as const,
            crv: 'Ed25519' as const,
            x,
            kid,
            alg: 'EdDSA' as const,
            use: 'sig' as const,
            'suyuan:purpose': purpose,
          })),
      };
    },
  );

  app.get(
    '/v1/trust-list',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary: 'Which key may sign codes of which GTIN: compact JWS of type suyuan-trust+jws 信任清单',
        produces: ['application/jose'],
        response: { 200: { content: { 'application/jose': { schema: Type.String() } } }, 304: Type.Null() },
      },
    },
    async (request, reply) => {
      const { jws, etag } = await trustList(deps);
      reply.header('cache-control', 'public, max-age=60').header('etag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
      return reply.type('application/jose').send(jws);
    },
  );
};

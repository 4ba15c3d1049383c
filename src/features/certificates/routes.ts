/** Certificates: recorded by the body that issued them, read by all with an account. */
import { Type } from '@sinclair/typebox';
import { dateOf } from '../../core/china-dates.ts';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import { Refusal, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, recordFact } from '../master-data.ts';
import { requireParty } from '../parties/references.ts';
import { closed, gtin, idempotencyHeaders, pageOf, partyName } from '../vocabulary.ts';
import { type Certificate, certificateById, certificatesOf, certificatesOfParty } from './queries.ts';
import { CertificateBodySchema, CertificateSchema, StatusBodySchema } from './schemas.ts';
import { certificateView, newCertificate, newStatus } from './service.ts';

const tags = ['certificates'];
const params = closed({ id: Type.String({ maxLength: 64 }) });

export const certificates: Feature = async (app, deps) => {
  const { ledger, policies } = deps;
  const { sql } = deps.reads;
  const view = (certificate: Certificate) => certificateView(certificate, dateOf(deps.now()));

  app.post(
    '/v1/certificates',
    {
      schema: {
        tags,
        summary: 'Record a certificate 登记认证证书',
        headers: idempotencyHeaders,
        body: CertificateBodySchema,
        response: {
          201: CertificateSchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'already-exists',
            'state-conflict',
            'unknown-party',
            'unknown-place',
            'invalid-check-digit',
            'invalid-time',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('certificates', request);
      const made = await recordFact(ledger, 'certificate', asked, () =>
        newCertificate(deps, request.body, by),
      );
      reply.code(201).header('location', `/v1/certificates/${made.fact.id}`);
      return view([made]);
    },
  );

  app.post(
    '/v1/certificates/:id/status',
    {
      schema: {
        tags,
        summary: 'Suspend, reinstate or withdraw a certificate 暂停、恢复或撤销证书',
        params,
        headers: idempotencyHeaders,
        body: StatusBodySchema,
        response: {
          200: CertificateSchema,
          ...problemResponses('invalid-request', 'forbidden', 'not-found', 'state-conflict', 'invalid-time'),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const { id } = request.params;
      const current = await found(id);
      const asked = askedUnder(`certificates/${id}/status`, request);
      await recordFact(ledger, 'certificate', asked, async () => newStatus(current, request.body, by));
      return view(await found(id));
    },
  );

  app.get(
    '/v1/certificates/:id',
    {
      schema: {
        tags,
        summary: 'A certificate with the history of its status 查询证书',
        params,
        response: { 200: CertificateSchema, ...problemResponses('not-found') },
      },
    },
    async (request) => view(await found(request.params.id)),
  );

  app.get(
    '/v1/certificates',
    {
      schema: {
        tags,
        summary: 'Certificates that cover a GTIN, or those a party has issued or holds 证书列表',
        querystring: closed({
          ...pageQuery,
          gtin: Type.Optional(gtin),
          party: Type.Optional(partyName('Issuer or holder; absent for yourself')),
        }),
        response: {
          200: pageOf(CertificateSchema),
          ...problemResponses('invalid-request', 'unknown-party', 'invalid-check-digit'),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const { limit, cursor, gtin: text, party: name } = request.query;
      if (text !== undefined) {
        const number = required(parseGtin(text));
        const covering = (await certificatesOf(sql, [number])).get(number) ?? [];
        return { items: covering.map(view), next: null };
      }
      const party =
        name === undefined ? by.party : await requireParty(sql, policies, name, by.party, '/party');
      const [after] = required(decodeCursor('certificates', cursor, ['string'])) ?? [''];
      const rows = await certificatesOfParty(sql, party, String(after), limit + 1);
      const { items, next } = page('certificates', rows, limit, ([first]) => [first.fact.id]);
      return { items: items.map(view), next };
    },
  );

  async function found(id: string): Promise<Certificate> {
    const certificate = await certificateById(sql, id);
    if (certificate === null) throw new Refusal('not-found', 'There is no such certificate.');
    return certificate;
  }
};

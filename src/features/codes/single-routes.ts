/** Codes one by one: of containers, of lots, and the QR of anything that was issued. */

import { type Static, type TObject, Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Epc } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import {
  formatContainer,
  formatLot,
  formatUnit,
  parseGtin,
  parseLot,
  parseSerial,
  parseSscc,
} from '../../core/gs1/identifiers.ts';
import { Refusal, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { preferredType } from '../../http/negotiation.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature, FeatureDeps } from '../feature.ts';
import { closed, idempotencyHeaders, oneOf } from '../vocabulary.ts';
import { listedCode } from './code-lists.ts';
import { issuedUnits } from './issued.ts';
import { printedCode } from './lot-labels.ts';
import { qrPng, qrSvg } from './qr.ts';
import { requireIssuer } from './rights.ts';
import { codeAnswer, containersBody, issuedAnswer, key, lotNumber } from './schemas.ts';
import { type IssuedCode, signCodes } from './sign-codes.ts';
import { issueContainers, issueLotCode } from './single-issues.ts';

const tags = ['codes'];
const gtinPart = Type.String({ maxLength: 14, description: 'GTIN' });
const lotParams = closed({ gtin: gtinPart, lot: lotNumber });

/** Parts of an address by name. */
type Parts = Readonly<Record<string, string>>;

/** What a code can be asked of: where it stands, and which identifier the parts of the address make. */
interface Coded {
  readonly path: string;
  readonly what: string;
  readonly params: TObject;
  readonly epcOf: (parts: Parts) => Epc;
}

const coded: readonly Coded[] = [
  {
    path: '/v1/units/:gtin/:serial',
    what: 'a unit',
    params: closed({ gtin: gtinPart, serial: Type.String({ maxLength: 20 }) }),
    epcOf: ({ gtin = '', serial = '' }) =>
      formatUnit(required(parseGtin(gtin)), required(parseSerial(serial))),
  },
  {
    path: '/v1/lots/:gtin/:lot',
    what: 'a lot',
    params: lotParams,
    epcOf: ({ gtin = '', lot = '' }) => formatLot(required(parseGtin(gtin)), required(parseLot(lot))),
  },
  {
    path: '/v1/containers/:sscc',
    what: 'a container',
    params: closed({ sscc: Type.String({ maxLength: 18 }) }),
    epcOf: ({ sscc = '' }) => formatContainer(required(parseSscc(sscc))),
  },
];

const images = { svg: 'image/svg+xml', png: 'image/png' } as const;

const qrQuery = closed({
  format: Type.Optional(oneOf(['svg', 'png'], 'Goes before Accept')),
  scale: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 40, description: 'Pixels a module of PNG; 8 unless said' }),
  ),
  allowLargerQr: Type.Optional(Type.Boolean({ description: 'Accept a QR too large for the 18 mm label' })),
});

export const singleCodes: Feature = async (app, deps) => {
  app.post(
    '/v1/containers',
    {
      schema: {
        tags,
        summary: 'Codes for containers: SSCCs we find free, or your own 箱/托盘赋码',
        headers: idempotencyHeaders,
        body: containersBody,
        response: {
          201: issuedAnswer,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'already-issued',
            'unknown-key',
            'invalid-check-digit',
          ),
        },
      },
    },
    async (request, reply) => {
      const { 'idempotency-key': idempotencyKey } = request.headers;
      const { fact, codes, receipt, facts } = await issueContainers(
        deps,
        caller(request),
        request.body,
        idempotencyKey,
      );
      reply.code(201);
      return { batch: fact.batch, items: codes.map(listedCode), receipt, facts: [...facts] };
    },
  );

  app.post(
    '/v1/lots/:gtin/:lot/code',
    {
      schema: {
        tags,
        summary: 'The code of a lot itself, for goods by measure; issued the first time 批次赋码',
        params: lotParams,
        querystring: closed({ key }),
        response: {
          200: codeAnswer,
          ...problemResponses('gtin-not-owned', 'unknown-product', 'unknown-key'),
        },
      },
    },
    async (request) => {
      const gtin = required(parseGtin(request.params.gtin));
      const lot = required(parseLot(request.params.lot));
      return listedCode(await issueLotCode(deps, caller(request), gtin, lot, request.query.key));
    },
  );

  for (const { path, what, params, epcOf } of coded) {
    app.get(
      `${path}/code`,
      {
        schema: {
          tags,
          summary: `The code of ${what} 查询身份码`,
          params: Type.Unsafe<Parts>(params),
          response: { 200: codeAnswer, ...problemResponses('gtin-not-owned', 'unknown-unit') },
        },
      },
      async (request) => listedCode(await printable(deps, request, epcOf(request.params))),
    );
    app.get(
      `${path}/qr`,
      {
        schema: {
          tags,
          summary: `The QR of ${what}, as SVG in millimetres or PNG 下载二维码`,
          params: Type.Unsafe<Parts>(params),
          querystring: qrQuery,
          response: {
            200: {
              description: 'Level M, version 7 or below unless allowed larger',
              content: { [images.svg]: { schema: Type.Any() }, [images.png]: { schema: Type.Any() } },
            },
            ...problemResponses(
              'gtin-not-owned',
              'unknown-unit',
              'code-too-long',
              'not-acceptable',
              'state-conflict',
            ),
          },
        },
      },
      async (request, reply) => {
        const code = await printable(deps, request, epcOf(request.params));
        return sendQr(reply, code, request.query, request.headers.accept);
      },
    );
  }
};

/**
 * The code of what an address names, for those who may print it: the owner of its GTIN, or whoever had it issued and may
 * still issue. To others it does not exist: whoever has a code can put it on something else.
 */
async function printable(deps: FeatureDeps, request: FastifyRequest, epc: Epc): Promise<IssuedCode> {
  const { party } = caller(request);
  const { sql } = deps.reads;
  const unknown = new Refusal('unknown-unit', `No code was issued for ${epc}.`);
  const owner = epc.startsWith('01/')
    ? await requireIssuer(sql, party, required(parseGtin(gtinIn(epc))), deps.now())
    : null;
  const issued = (await issuedUnits(sql, [epc])).get(epc);
  if (issued === undefined || (owner !== party && issued.issuedBy !== party)) throw unknown;
  const [code] = await signCodes(deps, [issued]);
  if (code === undefined) throw unknown;
  return code;
}

async function sendQr(
  reply: FastifyReply,
  code: IssuedCode,
  query: Static<typeof qrQuery>,
  accept: string | undefined,
): Promise<FastifyReply> {
  const text = printedCode(code);
  const wanted = preferredType(accept, Object.values(images));
  const format = query.format ?? (wanted === images.png ? 'png' : wanted === null ? null : 'svg');
  if (format === null)
    throw new Refusal('not-acceptable', 'A QR comes as image/svg+xml or image/png; name one in Accept.');
  const allowLarger = query.allowLargerQr ?? false;
  const image =
    format === 'svg'
      ? required(qrSvg(text, { allowLarger }))
      : required(
          await qrPng(text, { allowLarger, ...(query.scale === undefined ? {} : { scale: query.scale }) }),
        );
  return reply
    .header('cache-control', 'private, no-store')
    .header('vary', 'accept')
    .type(images[format])
    .send(image);
}

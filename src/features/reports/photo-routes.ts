/** Photos of reports: sent by whoever holds the receipt code, seen by who is in charge. */
import type { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { Refusal } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { passOver } from '../../http/passing-over.ts';
import { problemResponses } from '../../http/problems.ts';
import { reportLimit } from '../../http/rate-limit.ts';
import { auditRead } from '../access/read-audit.ts';
import type { FeatureDeps } from '../feature.ts';
import { closed } from '../vocabulary.ts';
import { type Photos, photoBytesMax, photosMax } from './photos.ts';
import { PhotoSchema } from './schemas.ts';

const tags = ['reports'];
const types = ['image/jpeg', 'image/png', 'image/webp'];
/** A slow line sends the largest photo in this time with half a megabit a second. */
const receivingMs = 120_000;

export const reportPhotos: FastifyPluginAsyncTypebox<FeatureDeps & { readonly photos: Photos }> = async (
  app,
  { photos, ...deps },
) => {
  const bodies = new WeakMap<object, Readable>();
  app.removeAllContentTypeParsers();
  // Read when there is room for it.
  app.addContentTypeParser(types, async (request: object, payload: Readable) => {
    bodies.set(request, payload);
  });

  app.post(
    '/v1/reports/:receipt/photos',
    {
      schema: {
        tags,
        summary: 'Add a photo to a report, by its receipt code 补充照片',
        description: `The body is the file: JPEG, PNG or WebP, at most ${photoBytesMax} bytes and 40 million pixels; at most ${photosMax} a report. Only the picture is kept: nothing of where, when and by which camera it was taken.`,
        consumes: types,
        params: closed({ receipt: Type.String({ maxLength: 64 }) }),
        response: {
          201: PhotoSchema,
          ...problemResponses(
            'invalid-request',
            'unsupported-media-type',
            'body-too-large',
            'not-found',
            'state-conflict',
            'rate-limited',
            'overloaded',
          ),
        },
      },
      config: reportLimit(deps),
    },
    async (request, reply) => {
      const body = bodies.get(request);
      const n = await photos.add(request.params.receipt, request.ip, async () => {
        if (body === undefined) throw new Refusal('invalid-request', 'Send the photo as the body.');
        return readAll(body);
      });
      reply.code(201).header('cache-control', 'no-store');
      return { n };
    },
  );

  app.get(
    '/v1/reports/:id/photos/:n',
    {
      schema: {
        tags,
        summary: 'A photo of a report from a region that you are in charge of 举报照片',
        produces: ['image/webp'],
        params: closed({
          id: Type.String({ maxLength: 64 }),
          n: Type.Integer({ minimum: 1, maximum: photosMax }),
        }),
        response: {
          200: { description: 'The photo', content: { 'image/webp': { schema: Type.Any() } } },
          ...problemResponses('invalid-request', 'forbidden', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id, n } = request.params;
      const photo = await photos.get(caller(request), id, n);
      auditRead(deps.audit, request, `${id} ${n}`);
      // With nosniff, as all answers here; whoever opens it alone runs nothing by the policy of the service.
      return reply.type('image/webp').header('cache-control', 'private, no-store').send(photo);
    },
  );
};

/** What was sent, in time and size. What comes of it after a refusal is passed over. */
async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      clearTimeout(timer);
      body.off('data', read).off('end', end).off('close', broken);
      settled();
    };
    const refuse = (refusal: Refusal): void => {
      settle(() => reject(refusal));
      passOver(body, photoBytesMax);
    };
    const read = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= photoBytesMax) chunks.push(chunk);
      else
        refuse(new Refusal('body-too-large', `Send at most ${photoBytesMax} bytes; make the photo smaller.`));
    };
    const end = (): void => settle(() => resolve(Buffer.concat(chunks)));
    const broken = (): void =>
      refuse(
        new Refusal('invalid-request', 'The connection broke off before the photo had come; send it again.'),
      );
    const timer = setTimeout(
      () => refuse(new Refusal('invalid-request', 'The photo came too slowly; make it smaller.')),
      receivingMs,
    );
    body.on('data', read).on('end', end).on('error', broken).on('close', broken);
  });
}

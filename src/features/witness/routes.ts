/**
 * Witnesses, both ways: our checkpoints are sent to those that are configured, and checkpoints of other logs are
 * cosigned here (C2SP tlog-witness; submission and monitoring prefix are `/witness`).
 */
import { Type } from '@sinclair/typebox';
import { Gauge, type Registry } from 'prom-client';
import { sha256 } from '../../core/log/merkle.ts';
import { formatNoteKey } from '../../core/log/note.ts';
import { sizeMediaType } from '../../core/log/tlog-witness.ts';
import { Refusal } from '../../errors.ts';
import { problemResponses } from '../../http/problems.ts';
import { logLimit } from '../../http/rate-limit.ts';
import type { QuorumState } from '../../ledger/witnessing.ts';
import type { Feature, FeatureDeps } from '../feature.ts';
import { closed } from '../vocabulary.ts';
import { takeSeat } from './cosigning.ts';

const tags = ['log'];
const text = 'text/plain; charset=utf-8';
/** Longest request: 63 hashes, and a checkpoint with more signatures than any has. */
const requestBytesMax = 64 * 1024;
/** How much of one that shows a fork is written to the log of the process, characters. */
const loggedMax = 8192;

export const witness: Feature = async (app, deps) => {
  const seat = takeSeat(deps);
  app.addHook('onReady', async () => deps.witnessing.start());
  app.addHook('onClose', () => deps.witnessing.stop());
  if ((await deps.witnessing.state()) !== null) measureQuorum(app.metrics, deps.witnessing);

  // The protocol names no media type for requests, and some clients send none.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: requestBytesMax },
    async (_request: unknown, body: Buffer) => {
      try {
        return utf8.decode(body);
      } catch {
        throw new Refusal('invalid-request', 'Encode the request in UTF-8.');
      }
    },
  );

  app.post(
    '/witness/add-checkpoint',
    {
      config: logLimit(deps),
      schema: {
        tags,
        summary: 'Ask this service, as a witness, to cosign a checkpoint of another log 见证',
        description:
          'C2SP tlog-witness. The body is text: `old <size>`, the consistency proof line by line, an empty line, the signed checkpoint. The answer is a line of the signed note with the cosignature; 409 tells the size that was cosigned last.',
        consumes: ['text/plain'],
        produces: ['text/plain'],
        body: Type.String(),
        response: {
          200: Type.String({ description: 'Signature lines (C2SP tlog-cosignature)' }),
          409: {
            description: 'The old size is not that of the last checkpoint cosigned, which the body tells',
            content: { [sizeMediaType]: { schema: Type.Unsafe<string>(Type.String()) } },
          },
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'not-found',
            'invalid-proof',
            'body-too-large',
            'rate-limited',
          ),
        },
      },
    },
    async (request, reply) => {
      const answer = await seat.addCheckpoint(request.body).catch((error: unknown) => {
        // Signed by the log itself, it may be the proof that the log has two faces: it is kept.
        if (error instanceof Refusal && error.code === 'invalid-proof')
          request.log.warn(
            { request: request.body.slice(0, loggedMax) },
            'a log does not continue what was cosigned',
          );
        throw error;
      });
      reply.serializer(String);
      return answer.kind === 'conflict'
        ? reply.code(409).header('content-type', sizeMediaType).send(`${answer.size}\n`)
        : reply.type(text).send(answer.line);
    },
  );

  app.get(
    '/witness/key',
    {
      config: logLimit(deps),
      schema: {
        tags,
        summary:
          'Keys that cosignatures of this service are verified with, a line each, newest first 验证见证签名的公钥',
        produces: ['text/plain'],
        response: { 200: Type.String(), ...problemResponses('rate-limited') },
      },
    },
    async (_request, reply) => {
      const keys = await seat.keys();
      return reply
        .type(text)
        .serializer(String)
        .send(keys.map((key) => `${formatNoteKey(key)}\n`).join(''));
    },
  );

  app.get(
    '/witness/:origin/checkpoint',
    {
      config: logLimit(deps),
      schema: {
        tags,
        summary: 'The last checkpoint of another log that this service cosigned 最近见证的检查点',
        params: closed({
          origin: Type.String({
            pattern: '^[0-9a-f]{64}$',
            description: 'SHA-256 of the origin of that log, in lower-case hexadecimal',
          }),
        }),
        produces: ['text/plain'],
        response: { 200: Type.String(), ...problemResponses('not-found', 'rate-limited') },
      },
    },
    async (request, reply) => {
      const log = deps.witnessedLogs.find(
        ({ name }) => sha256(name).toString('hex') === request.params.origin,
      );
      const note = log === undefined ? null : await seat.latest(log.name);
      if (note === null)
        throw new Refusal('not-found', 'This witness has cosigned no checkpoint of that log.');
      return reply.type(text).serializer(String).send(note);
    },
  );
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Tells Prometheus whether a quorum is late, and which witness fails. */
function measureQuorum(registry: Registry, { state }: FeatureDeps['witnessing']): void {
  const gauges = [
    {
      name: 'suyuan_witness_quorum_waiting_seconds',
      help: 'How long the oldest checkpoint without a quorum of cosignatures has waited for it',
      labelNames: [],
      values: ({ waitingMs }: QuorumState): [object, number][] => [[{}, waitingMs / 1000]],
    },
    {
      name: 'suyuan_witness_failures',
      help: 'How often in a row a witness did not cosign when this process asked it',
      labelNames: ['witness'],
      values: ({ failures }: QuorumState): [object, number][] =>
        Object.entries(failures).map(([name, count]) => [{ witness: name }, count]),
    },
  ];
  for (const { values, ...rest } of gauges) {
    const gauge = new Gauge({
      ...rest,
      registers: [registry],
      async collect() {
        // Without the database the last value stands; whoever watches is told that it is away by /readyz.
        const found = await state().catch(() => null);
        if (found !== null) for (const [labels, value] of values(found)) gauge.set(labels, value);
      },
    });
  }
}

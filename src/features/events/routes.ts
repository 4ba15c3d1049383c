/** Hops: recorded by the parties that did them, read back by those who may. */
import { Type } from '@sinclair/typebox';
import { Refusal } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { preferences, waitOf } from '../../http/prefer.ts';
import { problemResponses } from '../../http/problems.ts';
import { tellsAll } from '../../http/validation.ts';
import type { Feature } from '../feature.ts';
import { findingsFollower } from '../findings/follower.ts';
import { findingsOpened } from '../findings/queries.ts';
import { publishedProofs } from '../log/public-log.ts';
import { mastersOf } from '../units/histories.ts';
import { askedSeq, closed, idempotencyHeaders } from '../vocabulary.ts';
import { createKnown } from './known.ts';
import { readEvent } from './reading.ts';
import { EventsBody, ReadEventSchema, ReceiptSchema } from './schemas.ts';
import { recordHops, refuseBesideForm } from './service.ts';

/** A request may wait for findings and proofs this long, and for proofs as long unless it says, seconds. */
const waitMax = 30;
const publishedWait = 5;
const tags = ['events'];

export const events: Feature = async (app, deps) => {
  const { db, ledger, policies } = deps;
  const recording = { ...deps, known: createKnown(db.sql, policies), masters: mastersOf(ledger, db.sql) };
  const follower = findingsFollower(deps, app.log);
  app.addHook('onReady', async () => follower.start());
  app.addHook('onClose', () => follower.stop());

  app.post(
    '/v1/events',
    {
      attachValidation: true,
      schema: {
        tags,
        summary: 'Record hops: all or none, with a signed receipt 登记流转环节',
        description:
          'Takes 1 to 10,000 hops that name at most 100,000 things together. The same Idempotency-Key with the same body is answered with the same receipt (`Idempotency-Replayed: true`). All that is wrong with a request is answered at once: the form of every hop and, of those whose form is right, what they say, whether you may, and what is recorded already. (Of a request whose form is wrong and that holds very much, only the first fault is told.) With `Prefer: wait=N` the answer comes with the findings these facts gave rise to and that rest on entries you took part in, if they are there within N seconds (at most 30). With `Prefer: published` it comes with the checkpoint that covers its entries and their inclusion proofs, if there is one within N seconds (5 without `wait`); otherwise `published` is null, and the same request sent again asks once more.',
        headers: Type.Composite([
          idempotencyHeaders,
          Type.Object({
            prefer: Type.Optional(
              Type.String({ maxLength: 200, description: '`wait=N`, `published` (RFC 7240)' }),
            ),
          }),
        ]),
        body: EventsBody,
        response: {
          // Handed over as text: its bytes are the same whenever it is given.
          201: Type.Unsafe<string>(ReceiptSchema),
          ...problemResponses(
            'invalid-request',
            'idempotency-key-required',
            'invalid-signature',
            'hop-not-allowed',
            'gtin-not-owned',
            'not-your-event',
            'unknown-event',
            'unknown-party',
            'unknown-place',
            'invalid-identifier',
            'invalid-time',
            'future-time',
            'invalid-quantity',
            'duplicate-epc',
            'duplicate-event',
            'idempotency-conflict',
            'too-many-hops',
            'too-many-epcs',
            'overloaded',
          ),
        },
      },
    },
    async (request, reply) => {
      const { validationError: form } = request;
      if (form !== undefined) {
        if (tellsAll(form)) await refuseBesideForm(recording, caller(request), request.body, form);
        throw form;
      }
      const { 'idempotency-key': key, prefer } = request.headers;
      if (key === undefined)
        throw new Refusal(
          'idempotency-key-required',
          'Choose a key for this request, as a rule a UUID, and send it as Idempotency-Key.',
        );
      const { hops } = request.body;
      const text = JSON.stringify(request.body);
      const by = caller(request);
      const { answer, first, last, replayed } = await recordHops(recording, by, hops, key, text);
      reply.code(201).type('application/json; charset=utf-8');
      if (replayed) reply.header('idempotency-replayed', 'true');
      const wishes = preferences(prefer);
      const wait = waitOf(wishes, null, waitMax);
      const published = wishes.has('published');
      // Both come when they come: the longer wait is the wait for both.
      const [proofs, derived] = await Promise.all([
        published ? publishedProofs(deps, first, last, (wait ?? publishedWait) * 1000) : null,
        wait !== null && follower.reached(last, wait * 1000),
      ]);
      const findings = derived ? await findingsOpened(deps.reads.sql, by.party, first, last) : null;
      const applied = [
        ...(proofs === null ? [] : ['published']),
        ...(findings === null ? [] : [`wait=${wait}`]),
      ];
      if (applied.length > 0) reply.header('preference-applied', applied.join(', '));
      const more = [
        ...(findings === null ? [] : [`,"findings":${JSON.stringify(findings)}`]),
        ...(published ? [`,"published":${JSON.stringify(proofs)}`] : []),
      ];
      return reply.send(`${answer}${more.join('')}}`);
    },
  );

  app.get(
    '/v1/events/:seq',
    {
      schema: {
        tags,
        summary: 'An event you took part in, as it was recorded 查询事件',
        params: closed({ seq: askedSeq }),
        response: { 200: ReadEventSchema, ...problemResponses('unauthenticated', 'unknown-event') },
      },
    },
    async (request) => readEvent(deps, caller(request), request.params.seq, request.routeOptions.url ?? ''),
  );
};

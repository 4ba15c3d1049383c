/** Orders: goods put on hold, stopped from sale, recalled, seized or followed, and released. */
import { Type } from '@sinclair/typebox';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, recordFact, recordFacts } from '../master-data.ts';
import { namesOf } from '../tracing/names.ts';
import { closed, idempotencyHeaders, pageOf } from '../vocabulary.ts';
import { ordersAfter } from './after-failure.ts';
import { type Order, orderById, ordersBefore } from './queries.ts';
import { recallRoutes } from './recall-routes.ts';
import { rollOf } from './roll-queries.ts';
import { nothingThere, rollRoutes, rollView } from './roll-routes.ts';
import { RollSchema } from './roll-schemas.ts';
import { createRolls } from './rolls.ts';
import {
  FailureBodySchema,
  OrderBodySchema,
  OrderSchema,
  type OrderView,
  ReleaseBodySchema,
} from './schemas.ts';
import { newOrder, newRelease, orderViews, type SeenOrder, sightOf } from './service.ts';

const tags = ['orders'];
const params = closed({ id: Type.String({ maxLength: 64 }) });

export const orders: Feature = async (app, deps) => {
  const { ledger } = deps;
  const { sql } = deps.reads;
  const names = namesOf(deps);
  const rolls = createRolls(deps, names, app.log);
  app.addHook('onReady', async () => rolls.start());
  app.addHook('onClose', () => rolls.stop());
  rollRoutes(app, deps, names);
  recallRoutes(app, deps, names);

  app.post(
    '/v1/orders',
    {
      schema: {
        tags,
        summary: 'Put on hold, stop from sale, recall, seize or follow 下达处置令',
        description:
          'The scope says by rule what the order is about, and it holds at once for all that fits, also for what becomes known later. A regulator reaches what touches its jurisdiction; a maker orders about its own goods.',
        headers: idempotencyHeaders,
        body: OrderBodySchema,
        response: {
          201: OrderSchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'gtin-not-owned',
            'unknown-party',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-serial',
            'invalid-time',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('orders', request);
      const made = await recordFact(ledger, 'order', asked, () => newOrder(deps, request.body, by));
      reply.code(201).header('location', `/v1/orders/${made.fact.id}`);
      return viewOf({ ...made, release: null, sight: 'whole' });
    },
  );

  app.post(
    '/v1/orders/after-failure',
    {
      schema: {
        tags,
        summary:
          'After a failed sample: stop the product at the seller, follow what is in use 抽检不合格处置',
        description:
          'Name the entry of the inspection. Recorded are a stop of sale, of the same product at the seller, and a tracking order about what went through its hands.',
        headers: idempotencyHeaders,
        body: FailureBodySchema,
        response: {
          201: Type.Object({ items: Type.Array(OrderSchema) }),
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'unknown-event',
            'unknown-party',
            'state-conflict',
            'invalid-time',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('orders/after-failure', request);
      const made = await recordFacts(ledger, 'order', asked, () =>
        ordersAfter(deps, names, request.body, by),
      );
      reply.code(201);
      const seen = made.map((order): SeenOrder => ({ ...order, release: null, sight: 'whole' }));
      return { items: await orderViews(names, seen) };
    },
  );

  app.post(
    '/v1/orders/:id/release',
    {
      schema: {
        tags,
        summary: 'Release an order: what it was about is free again 解除处置令',
        params,
        headers: idempotencyHeaders,
        body: ReleaseBodySchema,
        response: {
          200: OrderSchema,
          ...problemResponses('invalid-request', 'forbidden', 'not-found', 'state-conflict'),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const { id } = request.params;
      const order = await found(id);
      if ((await sightOf(sql, order, by)) === 'none') throw nothingThere();
      const asked = askedUnder(`orders/${id}/release`, request);
      await recordFact(ledger, 'order-release', asked, () => newRelease(order, request.body, by));
      return viewOf({ ...(await found(id)), sight: 'whole' });
    },
  );

  app.get(
    '/v1/orders',
    {
      schema: {
        tags,
        summary:
          'Orders, newest first: your own and those you were told of; to a regulator everybody’s 处置令列表',
        querystring: closed(pageQuery),
        response: { 200: pageOf(OrderSchema), ...problemResponses('invalid-request') },
      },
    },
    async (request) => {
      const reader = caller(request);
      const { limit, cursor } = request.query;
      const [before] = required(decodeCursor('orders', cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
      const by = reader.roles.includes('regulator') ? null : reader.party;
      const rows = await ordersBefore(sql, { by, before: Number(before), limit: limit + 1 });
      const { items, next } = page('orders', rows, limit, ({ seq }) => [seq]);
      const seen = items.map((order): SeenOrder => {
        const isOwn = by === null || order.fact.by === by;
        return { ...order, sight: isOwn ? 'whole' : 'told' };
      });
      return { items: await orderViews(names, seen), next };
    },
  );

  app.get(
    '/v1/orders/:id',
    {
      schema: {
        tags,
        summary: 'An order 查询处置令',
        params,
        response: {
          200: Type.Composite([OrderSchema, Type.Object({ roll: Type.Union([RollSchema, Type.Null()]) })], {
            title: 'OrderWithRoll',
          }),
          ...problemResponses('not-found'),
        },
      },
    },
    async (request) => {
      const order = await found(request.params.id);
      const sight = await sightOf(sql, order, caller(request));
      if (sight === 'none') throw nothingThere();
      const [view, roll] = await Promise.all([viewOf({ ...order, sight }), rollOf(sql, order.seq)]);
      return { ...view, roll: sight === 'whole' && roll !== null ? rollView(roll) : null };
    },
  );

  async function viewOf(order: SeenOrder): Promise<OrderView> {
    const [view] = await orderViews(names, [order]);
    if (view === undefined) throw new Error('an order was left without an answer');
    return view;
  }

  async function found(id: string): Promise<Order> {
    const order = await orderById(deps.db.sql, id);
    if (order === null) throw nothingThere();
    return order;
  }
};

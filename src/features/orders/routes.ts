/** Orders: goods put on hold, stopped from sale, recalled, seized or followed, and released. */
import { Type } from '@sinclair/typebox';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import { required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { decodeCursor, page } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, recordFact, recordFacts } from '../master-data.ts';
import { namesOf } from '../tracing/names.ts';
import { closed, idempotencyHeaders, pageOf } from '../vocabulary.ts';
import { ordersAfter } from './after-failure.ts';
import { createAlerts } from './alerts.ts';
import { orderFor, ordersBySeq, ordersFor, type SeenOrder } from './queries.ts';
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
  ordersQuery,
  ReleaseBodySchema,
} from './schemas.ts';
import { newOrder, newRelease, orderViews } from './service.ts';

const tags = ['orders'];
const params = closed({ id: Type.String({ maxLength: 64 }) });

export const orders: Feature = async (app, deps) => {
  const { ledger } = deps;
  const { sql } = deps.reads;
  const names = namesOf(deps);
  const rolls = createRolls(deps, names, app.log);
  const alerts = createAlerts(deps, app.log);
  app.addHook('onReady', async () => {
    rolls.start();
    alerts.start();
  });
  app.addHook('onClose', async () => {
    await Promise.all([rolls.stop(), alerts.stop()]);
  });
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
      return viewOf(by, await found(by, made.fact.id));
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
      const orders = await ordersBySeq(
        deps.db.sql,
        made.map(({ seq }) => seq),
      );
      const seen = [...orders.values()].map((order): SeenOrder => ({ ...order, sight: 'whole' }));
      return { items: await orderViews(names, by.party, seen) };
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
      const order = await found(by, id);
      const asked = askedUnder(`orders/${id}/release`, request);
      await recordFact(ledger, 'order-release', asked, () => newRelease(order, request.body, by));
      return viewOf(by, await found(by, id));
    },
  );

  app.get(
    '/v1/orders',
    {
      schema: {
        tags,
        summary:
          'Orders, newest first: your own, those you were told of or that name you; to a regulator those that reach into its jurisdiction 处置令列表',
        description:
          'A regulator sees those of others that reach where it is in charge, and those of makers who are there or whose goods somebody there was told to hold. By type, state, product and number of the document.',
        querystring: ordersQuery,
        response: {
          200: pageOf(OrderSchema),
          ...problemResponses('invalid-request', 'invalid-check-digit', 'invalid-identifier'),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const { limit, cursor, type, state, gtin, number } = request.query;
      const filter = {
        types: type?.split(','),
        released: state === undefined ? undefined : state === 'released',
        number: number?.trim(),
        gtin: gtin === undefined ? undefined : required(parseGtin(gtin), '/gtin'),
      };
      const [before] = required(decodeCursor('orders', cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
      const rows = await ordersFor(sql, await readerOf(sql, by), filter, Number(before), limit + 1);
      const { items, next } = page('orders', rows, limit, ({ seq }) => [seq]);
      auditRead(deps.audit, request, `orders ${JSON.stringify(request.query)}`);
      return { items: await orderViews(names, by.party, items), next };
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
      const by = caller(request);
      const order = await found(by, request.params.id);
      const [view, roll] = await Promise.all([viewOf(by, order), rollOf(sql, order.seq)]);
      if (order.fact.by !== by.party) auditRead(deps.audit, request, order.fact.id);
      return { ...view, roll: order.sight === 'whole' && roll !== null ? rollView(roll) : null };
    },
  );

  async function viewOf(by: Caller, order: SeenOrder): Promise<OrderView> {
    const [view] = await orderViews(names, by.party, [order]);
    if (view === undefined) throw new Error('an order was left without an answer');
    return view;
  }

  async function found(by: Caller, id: string): Promise<SeenOrder> {
    const order = await orderFor(deps.db.sql, await readerOf(deps.db.sql, by), id);
    if (order === null) throw nothingThere();
    return order;
  }
};

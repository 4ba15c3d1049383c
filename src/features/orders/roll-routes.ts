/** What came of an order: who has what, what changed, how much came back; and that holders acknowledge it. */
import { Readable } from 'node:stream';
import { type TSchema, Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PartyId } from '../../core/events/hop.ts';
import { formatGrains } from '../../core/measures.ts';
import { dueOf } from '../../core/orders/deadlines.ts';
import { effectsOf, percentOf } from '../../core/orders/order-effect.ts';
import { Refusal, required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { csvLine } from '../../http/csv.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { FeatureDeps } from '../feature.ts';
import { askedUnder, recordFact } from '../master-data.ts';
import { partiesById } from '../parties/queries.ts';
import type { LoadNames } from '../tracing/names.ts';
import { closed, idempotencyHeaders, oneOf } from '../vocabulary.ts';
import { isTold, type Order, orderFor, type SeenOrder } from './queries.ts';
import {
  changesAfter,
  type Holder,
  heapsOf,
  holdersAfter,
  type RollThing,
  rollOf,
  thingsAfter,
} from './roll-queries.ts';
import {
  AcknowledgeBodySchema,
  ChangesSchema,
  EffectivenessSchema,
  HoldersSchema,
  ThingsSchema,
} from './roll-schemas.ts';
import { namesHolders } from './service.ts';

const tags = ['orders'];
const params = closed({ id: Type.String({ maxLength: 64 }) });
const csvPage = 500;
const csvHeader = [
  'party',
  'name',
  'region',
  'account',
  'fate',
  'amount',
  'uom',
  'told_at',
  'acknowledged_at',
  'overdue',
  'credit_code',
  'due_by',
];
const thingsHeader = ['epc', 'lot', 'holder', 'name', 'region', 'credit_code', 'fate', 'amount', 'uom'];
const changesHeader = ['entry', 'epc', 'change'];
const asTable = { ...pageQuery, format: Type.Optional(oneOf(['json', 'csv'])) };
const pageOrTable = (schema: TSchema, what: string) => ({
  description: `A page of ${what}; or all as CSV`,
  content: {
    'application/json': { schema },
    'text/csv': { schema: Type.Unsafe<string>(Type.String()) },
  },
});
interface Listing {
  Params: { id: string };
  Querystring: { limit: number; cursor?: string; format?: 'json' | 'csv' };
}

export function rollRoutes(app: FastifyInstance, deps: FeatureDeps, names: LoadNames): void {
  const { sql } = deps.reads;

  app.get<Listing>(
    '/v1/orders/:id/holders',
    {
      schema: {
        tags,
        summary: 'Who holds what under an order, now 在手单位及数量',
        description:
          'For who made the order, a maker of a recall alone, and regulators whose jurisdiction it reaches into. As CSV all at once.',
        params,
        querystring: closed(asTable),
        response: {
          200: pageOrTable(HoldersSchema, 'holders'),
          ...problemResponses('not-found', 'forbidden', 'invalid-request'),
        },
      },
    },
    async (request, reply) => {
      const order = await wholeOrder(request);
      if (!tellsHolders(order, caller(request)))
        throw new Refusal(
          'forbidden',
          'Who has their goods makers are told in a recall; how much there is, the effectiveness of the order tells.',
        );
      const { limit, cursor, format } = request.query;
      const { seq, fact } = order;
      const asked = { order: seq, id: fact.id };
      if (format === 'csv') {
        reply.type('text/csv; charset=utf-8');
        return Readable.from(
          tableOf(csvHeader, {
            first: '',
            read: (after) => holdersAfter(sql, { ...asked, after, limit: csvPage }),
            keyOf: ({ party }) => party,
            tell: (rows) => holderLines(order, rows),
          }),
        );
      }
      const [after] = required(decodeCursor('holders', cursor, ['string'])) ?? [''];
      const rows = await holdersAfter(sql, { ...asked, after: String(after), limit: limit + 1 });
      const { items, next } = page('holders', rows, limit, ({ party }) => [party]);
      return { items: await told(order, items), next };
    },
  );

  app.get<Listing>(
    '/v1/orders/:id/things',
    {
      schema: {
        tags,
        summary: 'The things an order is about: your own, to who made it and regulators all 涉及的产品',
        params,
        querystring: closed(asTable),
        response: {
          200: pageOrTable(ThingsSchema, 'things'),
          ...problemResponses('not-found', 'invalid-request'),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const order = await someOrder(request);
      const { limit, cursor, format } = request.query;
      const [unit, i] = required(decodeCursor('order-things', cursor, ['number', 'number'])) ?? [-1, -1];
      const all = order.sight === 'whole';
      const isNamed = tellsHolders(order, by);
      const asked = { order: order.seq, holder: all ? null : by.party };
      if (all) auditRead(deps.audit, request, order.fact.id);
      if (format === 'csv') {
        reply.type('text/csv; charset=utf-8');
        return Readable.from(
          tableOf(thingsHeader, {
            first: [-1, -1] as readonly [number, number],
            read: (after) => thingsAfter(sql, { ...asked, after, limit: csvPage }),
            keyOf: ({ unit, i }) => [unit, i] as const,
            tell: (rows) => thingLines(rows, (holder) => isNamed || holder === by.party),
          }),
        );
      }
      const rows = await thingsAfter(sql, { ...asked, after: [Number(unit), Number(i)], limit: limit + 1 });
      const { items, next } = page('order-things', rows, limit, (row) => [row.unit, row.i]);
      return {
        items: items.map(({ epc, lot, holder, fate, uom, amount }) => ({
          epc,
          lot,
          holder: isNamed || holder === by.party ? holder : null,
          fate,
          uom,
          amount: formatGrains(amount, uom),
        })),
        next,
      };
    },
  );

  app.get<Listing>(
    '/v1/orders/:id/changes',
    {
      schema: {
        tags,
        summary: 'What later entries brought into an order or took out of it 处置范围变化',
        params,
        querystring: closed(asTable),
        response: {
          200: pageOrTable(ChangesSchema, 'changes'),
          ...problemResponses('not-found', 'forbidden', 'invalid-request'),
        },
      },
    },
    async (request, reply) => {
      const order = await wholeOrder(request);
      const { limit, cursor, format } = request.query;
      if (format === 'csv') {
        reply.type('text/csv; charset=utf-8');
        return Readable.from(
          tableOf(changesHeader, {
            first: [-1, -1] as readonly [number, number],
            read: (after) => changesAfter(sql, order.seq, after, csvPage),
            keyOf: ({ entry, unit }) => [entry, unit] as const,
            tell: async (rows) => rows.map(({ entry, epc, change }) => [String(entry), epc, change]),
          }),
        );
      }
      const [entry, unit] = required(decodeCursor('order-changes', cursor, ['number', 'number'])) ?? [-1, -1];
      const rows = await changesAfter(sql, order.seq, [Number(entry), Number(unit)], limit + 1);
      const { items, next } = page('order-changes', rows, limit, (row) => [row.entry, row.unit]);
      return { items: items.map(({ entry, epc, change }) => ({ entry, epc, change })), next };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/v1/orders/:id/effectiveness',
    {
      schema: {
        tags,
        summary: 'How much came back, was destroyed, was reached, with the whole beside each share 处置成效',
        params,
        response: { 200: EffectivenessSchema, ...problemResponses('not-found', 'forbidden') },
      },
    },
    async (request) => {
      const { seq, fact } = await wholeOrder(request);
      const [roll, heaps] = await Promise.all([rollOf(sql, seq), heapsOf(sql, { order: seq, id: fact.id })]);
      return {
        roll: roll && rollView(roll),
        effects: effectsOf(heaps).map(({ uom, total, ...sums }) => {
          const share = (amount: bigint, of: bigint) => ({
            amount: formatGrains(amount, uom),
            of: formatGrains(of, uom),
            percent: percentOf(amount, of),
          });
          const { out, atLarge } = sums;
          return {
            uom,
            total: formatGrains(total, uom),
            out: share(out, total),
            returned: share(sums.returned, out),
            destroyed: share(sums.destroyed, out),
            recovered: share(sums.returned + sums.destroyed, out),
            consumed: share(sums.consumed, out),
            atLarge: share(atLarge, out),
            reachable: share(sums.reachable, atLarge),
            reached: share(sums.reached, atLarge),
            unreachable: share(sums.unreachable, atLarge),
            named: share(sums.named, atLarge),
            consumers: share(sums.consumers, atLarge),
            unknown: share(sums.unknown, atLarge),
          };
        }),
      };
    },
  );

  app.post<{ Params: { id: string }; Body: { note?: string }; Headers: { 'idempotency-key'?: string } }>(
    '/v1/orders/:id/acknowledge',
    {
      schema: {
        tags,
        summary: 'Acknowledge an order that is in your inbox 签收处置令',
        params,
        headers: idempotencyHeaders,
        body: AcknowledgeBodySchema,
        response: {
          201: Type.Object({ order: Type.String(), seq: Type.Integer(), at: Type.String() }),
          ...problemResponses('not-found', 'invalid-request', 'state-conflict'),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const { seq, fact } = await someOrder(request);
      if (!(await isTold(deps.db.sql, by.party, seq))) throw nothingThere();
      const { note } = request.body;
      const asked = askedUnder(`orders/${fact.id}/acknowledge`, request);
      const made = await recordFact(deps.ledger, 'order-acknowledgement', asked, async () => ({
        fact: {
          kind: 'order-acknowledgement',
          by: by.party,
          order: fact.id,
          ...(note === undefined ? {} : { note: note.trim() }),
        },
      }));
      reply.code(201);
      return { order: fact.id, seq: made.seq, at: new Date(made.at).toISOString() };
    },
  );

  /** Regulators oversee orders of makers, too. */
  const tellsHolders = (order: Order, by: Caller): boolean =>
    namesHolders(order) || by.party !== order.fact.by;

  const holderLines = async (order: Order, rows: readonly Holder[]): Promise<string[][]> => {
    const holders = await told(order, rows);
    return holders.flatMap(({ party, account, holds, toldAt, dueBy, acknowledgedAt, overdue }, i) =>
      holds.map(({ fate, amount, uom }) => [
        party.id,
        party.name,
        party.region?.code ?? '',
        String(account),
        fate,
        amount,
        uom,
        toldAt ?? '',
        acknowledgedAt ?? '',
        String(overdue),
        rows[i]?.creditCode ?? '',
        dueBy ?? '',
      ]),
    );
  };

  async function thingLines(
    rows: readonly RollThing[],
    isNamed: (holder: PartyId) => boolean,
  ): Promise<string[][]> {
    const holders = [...new Set(rows.flatMap(({ holder }) => (holder && isNamed(holder) ? [holder] : [])))];
    const [{ party }, parties] = await Promise.all([names({ parties: holders }), partiesById(sql, holders)]);
    return rows.map(({ epc, lot, holder, fate, uom, amount }) => {
      const who = holder && isNamed(holder) ? party(holder) : null;
      return [
        epc,
        lot ?? '',
        who?.id ?? '',
        who?.name ?? '',
        who?.region?.code ?? '',
        (who && parties.get(who.id)?.fact.creditCode) ?? '',
        fate,
        formatGrains(amount, uom),
        uom,
      ];
    });
  }

  async function told({ at, fact }: Order, holders: readonly Holder[]) {
    const { party } = await names({ parties: holders.map(({ party }) => party) });
    const terms = { at, acknowledgeBy: Date.parse(fact.acknowledgeBy) };
    return holders.map(({ party: id, heaps, toldAt, acknowledgedAt, stub }) => {
      const { name, region } = party(id);
      const due = toldAt === null ? null : dueOf(terms, toldAt);
      return {
        party: { id, name, region },
        account: !stub,
        holds: heaps.map(({ fate, uom, amount }) => ({ fate, uom, amount: formatGrains(amount, uom) })),
        toldAt: timeOf(toldAt),
        dueBy: timeOf(due),
        acknowledgedAt: timeOf(acknowledgedAt),
        overdue: due !== null && acknowledgedAt === null && due < deps.now(),
      };
    });
  }

  async function someOrder(request: FastifyRequest<{ Params: { id: string } }>): Promise<SeenOrder> {
    const reader = await readerOf(sql, caller(request));
    const order = await orderFor(sql, reader, request.params.id);
    if (order === null) throw nothingThere();
    return order;
  }

  /** One that the caller sees all of: what others hold is their business. The read is audited. */
  async function wholeOrder(request: FastifyRequest<{ Params: { id: string } }>): Promise<SeenOrder> {
    const order = await someOrder(request);
    if (order.sight !== 'whole')
      throw new Refusal('forbidden', 'This is for who made the order, and for regulators whom it concerns.');
    auditRead(deps.audit, request, order.fact.id);
    return order;
  }
}

interface Lines<Row, Key> {
  /** Before the first. */
  readonly first: Key;
  /** The next rows after a key, `csvPage` unless there are no more. */
  readonly read: (after: Key) => Promise<readonly Row[]>;
  readonly keyOf: (row: Row) => Key;
  readonly tell: (rows: readonly Row[]) => Promise<readonly (readonly string[])[]>;
}

/** All of a list as CSV, written as it is read. */
async function* tableOf<Row, Key>(
  header: readonly string[],
  { first, read, keyOf, tell }: Lines<Row, Key>,
): AsyncGenerator<string> {
  yield csvLine(header);
  for (let after = first; ; ) {
    const rows = await read(after);
    for (const cells of await tell(rows)) yield csvLine(cells);
    const last = rows.at(-1);
    if (last === undefined || rows.length < csvPage) return;
    after = keyOf(last);
  }
}

const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export const rollView = ({ size, phase, things }: NonNullable<Awaited<ReturnType<typeof rollOf>>>) => ({
  complete: phase === 'following' || phase === 'ended',
  size,
  things,
});

export const nothingThere = (): Refusal =>
  new Refusal('not-found', 'There is no such order that you may read.');

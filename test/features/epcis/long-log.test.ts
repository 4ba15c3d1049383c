/** Queries over a log that is long: what is read for a page, and that pages tell each event once. */
import t from 'tap';
import { type EventQuery, parseEventQuery } from '../../../src/core/epcis/epcis-query.ts';
import type { PartyId } from '../../../src/core/events/hop.ts';
import { arrayLiteral } from '../../../src/database/array-literal.ts';
import { transaction } from '../../../src/database/connection.ts';
import { required } from '../../../src/errors.ts';
import { createOrders, type Order } from '../../../src/features/epcis/orders.ts';
import {
  type Asking,
  candidateStatement,
  findEvents,
  type Position,
  walkEnd,
  walkMin,
} from '../../../src/features/epcis/queries.ts';
import { entriesFrom, fewMax, windowOf } from '../../../src/features/epcis/windows.ts';
import type { Caller } from '../../../src/http/authentication.ts';
import { counted } from '../../support/counted.ts';
import { testService } from '../../support/service.ts';
import { type Actor, supplyChain } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { sql } = service.owner;
const { maker, seller, distributor, user, stranger } = chain;
const officer = await chain.officer(['330000']);

/** Ten a minute, told of within ten minutes, several at one time. */
const [start, count, everyMs] = [Date.parse('2027-01-01'), 60_000, 6_000];
const first = await chain.size();
const size = first + count;
/** What the user recorded for the distributor, on the grounds of a delegation. */
const grounds = { id: 'D1', to: user.id };

interface Told {
  readonly seq: number;
  readonly recordedAt: number;
  readonly from: number;
  readonly recorder: PartyId;
  readonly giver: PartyId | null;
  readonly taker: PartyId | null;
  readonly delegation: string | null;
}

let state = 1;
/** Numbers that look like any, below `n`: Park and Miller's generator. */
const draw = (n: number): number => {
  state = (state * 48_271) % 2_147_483_647;
  return state % n;
};

/**
 * The maker told of nearly all of the first half and then of nothing more; the seller likewise of the second. The
 * stranger took in half of all.
 */
const told = Array.from({ length: count }, (_, n): Told => {
  const recordedAt = start + n * everyMs;
  const rare = draw(500);
  const recorder = rare === 0 ? distributor.id : rare <= 2 ? user.id : n < count / 2 ? maker.id : seller.id;
  const gives = draw(2) === 0;
  return {
    seq: first + n,
    recordedAt,
    from: recordedAt - draw(20) * 30_000,
    recorder,
    giver: gives ? (draw(700) === 0 ? distributor.id : recorder) : null,
    taker: gives ? (draw(600) === 0 ? distributor.id : stranger.id) : null,
    delegation: recorder === user.id && draw(2) === 0 ? grounds.id : null,
  };
});

t.before(async () => {
  const column = <K extends keyof Told>(name: K) => arrayLiteral(told.map((it) => it[name]));
  await sql`
    WITH told AS MATERIALIZED (
      SELECT * FROM unnest(${column('seq')}::bigint[], ${column('recordedAt')}::bigint[], ${column('from')}::bigint[],
        ${column('recorder')}::text[], ${column('giver')}::text[], ${column('taker')}::text[],
        ${column('delegation')}::text[]) AS t (seq, at, time_from, recorder, giver, taker, delegation)
    ), some_entry AS (SELECT * FROM entries LIMIT 1),
    entered AS (INSERT INTO entries SELECT told.seq, told.at, digest, leaf FROM told, some_entry),
    stated AS (
      INSERT INTO facts SELECT seq, 'event', CASE WHEN delegation IS NULL THEN '{}'
        ELSE '{"suyuan:delegation":"' || delegation || '"}' END, '' FROM told)
    INSERT INTO hops (seq, recorded_at, hop, recorder, as_role, time_from, time_until, zone, giver, taker, parts)
    SELECT seq, at, 'inspect', recorder, 'seller', time_from, time_from, 480, giver, taker, 1 FROM told`;
  await sql`VACUUM (ANALYZE) hops`;
});

const callerOf = (who: Actor): Caller => ({ party: who.id, client: 'test', roles: who.roles, mandate: null });
const grantedTo = (who: Actor) => (who === distributor ? [grounds] : []);

const queryOf = (parameters: Readonly<Record<string, string>>): EventQuery =>
  required(
    parseEventQuery(new Map(Object.entries(parameters).map(([name, value]) => [name, [value]])), {
      host: 'id.example.cn',
      context: new Map(),
    }),
  );
const moment = (n: number): string => new Date(start + n * everyMs).toISOString();
const ordersOf = ['eventTime', 'recordTime'].flatMap((orderBy) =>
  ['ASC', 'DESC'].map((orderDirection) => ({ orderBy, orderDirection })),
);

/** Rows, and entries of indexes, that are read of `hops` for a page where it is planned for any values, as after many. */
const readFor = (who: Actor, asking: Asking, limit: number) =>
  transaction(sql, async (tx) => {
    const readUntilNow = async (): Promise<number> => {
      const [sum] = await tx<{ read: number }[]>`
        SELECT sum(pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid))::integer AS read
        FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE 'hops'::regclass IN (c.oid, i.indrelid)`;
      return sum?.read ?? Number.NaN;
    };
    await tx`SET LOCAL plan_cache_mode = force_generic_plan`;
    const before = await readUntilNow();
    const caller = callerOf(who);
    const window = await windowOf(tx, caller, asking);
    const stop = await walkEnd(tx, caller, { ...asking, window }, walkMin);
    const rows = await candidateStatement(tx, caller, { ...asking, window, stop }, limit);
    return { rows, read: (await readUntilNow()) - before };
  });

/** The first page and one after it. */
async function pagesRead(who: Actor, query: EventQuery, limit: number) {
  const asking = { query, size, perPage: limit, granted: grantedTo(who) };
  const one = await readFor(who, { ...asking, after: null }, limit);
  const last = one.rows.at(-1);
  if (last === undefined) throw new Error('nothing was found');
  const after = { time: query.orderBy === 'eventTime' ? last.from : 0, seq: last.seq };
  return [one, await readFor(who, { ...asking, after }, limit)];
}

t.test('entries are found by when they were recorded', async (t) => {
  const times = [0, start, start + 6_000, start + 6_001, start + 30_000 * 6_000, Number.POSITIVE_INFINITY];
  t.strictSame(await entriesFrom(sql, times, size), [0, first, first + 1, first + 2, first + 30_000, size]);
});

t.test('who took part in few events reads those, whoever else fills the log', async (t) => {
  const own = told.filter(
    ({ recorder, giver, taker }) => recorder === user.id || [recorder, giver, taker].includes(distributor.id),
  ).length;
  t.ok(own > 200 && own < 1_000, `${own} of ${count}`);
  for (const window of [{}, { GE_eventTime: moment(0) }])
    for (const order of ordersOf)
      for (const { rows, read } of await pagesRead(distributor, queryOf({ ...order, ...window }), 50)) {
        t.equal(rows.length, 50);
        // Counted, found, fetched: each an entry of an index and a row at most.
        t.ok(read <= 6 * own, `${read} read, ${JSON.stringify({ ...order, ...window })}`);
      }
});

t.test('who took part in many, and officers, read about a page in either order', async (t) => {
  for (const who of [stranger, officer])
    for (const order of ordersOf)
      for (const { rows, read } of await pagesRead(who, queryOf(order), 100)) {
        t.equal(rows.length, 100);
        // That there are many is found out by the first of them.
        const counting = who === stranger && order.orderBy === 'eventTime' ? 2 * (fewMax + 1) + walkMin : 0;
        t.ok(read <= counting + 2_000, `${read} read, ${JSON.stringify(order)}`);
      }
});

t.test('a query of a window of time reads the window, however long ago it was', async (t) => {
  const wide = 1_000;
  for (const member of ['eventTime', 'recordTime'])
    for (const order of ordersOf)
      for (const who of [stranger, officer]) {
        const query = queryOf({
          ...order,
          [`GE_${member}`]: moment(count / 3),
          [`LT_${member}`]: moment(count / 3 + wide),
        });
        // That somebody took part in many is found out first where both orders matter.
        const counting = who === stranger && member === 'eventTime' ? 2 * (fewMax + 1) + walkMin : 0;
        for (const { rows, read } of await pagesRead(who, query, 40)) {
          t.equal(rows.length, 40);
          t.ok(read <= counting + 5 * wide, `${member} by ${JSON.stringify(order)}: ${read} read`);
        }
      }
  const query = queryOf({ GE_eventTime: moment(0), orderBy: 'recordTime', orderDirection: 'ASC' });
  const { sql: counting, executed } = counted(sql);
  await windowOf(counting, callerOf(seller), { query, size, after: { seq: size - 3 }, granted: [] });
  t.equal(executed(), 0, 'whoever follows the log looks at what is new');
});

t.test('whose own events lie far apart reads neither what came after them nor much at once', async (t) => {
  const asking = { size, perPage: 50, granted: [], after: null };
  const counting = 2 * (fewMax + 1) + walkMin;
  const newest = queryOf({ orderBy: 'eventTime', orderDirection: 'DESC' });
  const old = await readFor(maker, { ...asking, query: newest }, 50);
  t.equal(old.rows.length, 50);
  t.ok(old.read <= counting + 2_000, `the maker fell silent 30,000 events ago: ${old.read} read`);
  const oldest = queryOf({ orderBy: 'eventTime', orderDirection: 'ASC' });
  const late = await readFor(seller, { ...asking, query: oldest }, 50);
  t.ok(late.read <= counting + 3 * walkMin, `the seller began 30,000 events after: ${late.read} read`);
  const { sql: walking, executed } = counted(sql);
  const page = await findEvents(walking, callerOf(seller), { ...asking, query: oldest });
  t.equal(page.events.length, 50, 'and its page is full');
  t.ok(executed() <= 16, `${executed()} statements`);
  const since = queryOf({ GE_eventTime: moment(count - 1_000), orderBy: 'eventTime', orderDirection: 'ASC' });
  const recent = await readFor(seller, { ...asking, query: since }, 50);
  t.equal(recent.rows.length, 50);
  t.ok(recent.read <= 6 * 1_600, `what happened of late was recorded of late: ${recent.read} read`);
});

t.test('an order that no index has is of those who took part in few, or of a short window', async (t) => {
  const sorted = { orderBy: 'suyuan:line' };
  const asking = { size, perPage: 50, after: null };
  const find = (who: Actor, query: EventQuery) =>
    findEvents(sql, callerOf(who), { ...asking, query, granted: grantedTo(who) });
  const tooMany = { code: 'query-too-complex' };
  await t.rejects(find(stranger, queryOf(sorted)), tooMany);
  await t.rejects(find(officer, queryOf(sorted)), tooMany);
  t.equal((await find(distributor, queryOf(sorted))).events.length, 50);
  for (const member of ['eventTime', 'recordTime']) {
    const within = (entries: number) =>
      queryOf({ ...sorted, [`GE_${member}`]: moment(9_000), [`LT_${member}`]: moment(9_000 + entries) });
    t.equal((await find(officer, within(2_000))).events.length, 50);
    await t.rejects(find(officer, within(fewMax + 1_000)), tooMany, member);
  }
});

t.test('where an order that no index has is remembered, of a page its own events are read', async (t) => {
  const query = queryOf({ orderBy: 'suyuan:line' });
  const [seq, caller] = [first + 100, callerOf(distributor)];
  const pages = async (sorted: Required<Asking>['sorted']) => {
    const seqs: number[][] = [];
    const read: number[] = [];
    let after: Position | null = null;
    do {
      const watched = counted(sql);
      const asking = { query, size, after, perPage: 70, granted: grantedTo(distributor), sorted };
      const page = await findEvents(watched.sql, caller, asking);
      seqs.push(page.events.map((it) => it.seq));
      read.push(watched.rows());
      after = page.next;
    } while (after !== null);
    return { seqs, read };
  };
  const orders = createOrders();
  const remembered = await pages((find) => orders.of('these', find));
  const anew = await pages((find) => find());
  t.strictSame(remembered.seqs, anew.seqs);
  t.ok(remembered.seqs.flat().length > 150, 'enough to tell the difference');
  t.ok(
    remembered.read.slice(1).every((rows) => rows <= 70 + 10),
    remembered.read.join(),
  );
  t.ok(
    anew.read.every((rows) => rows > 150),
    anew.read.join(),
  );
  const sorted = (find: () => Promise<Order>) => orders.of('these', find);
  const forged = { query, size, after: { time: 0, seq }, perPage: 9, granted: [], sorted };
  const expected = remembered.seqs.flat().includes(seq);
  t.notOk(expected, 'an entry of others');
  await t.rejects(findEvents(sql, caller, forged), { code: 'invalid-query' });
});

t.test('of orders those that were asked for last are remembered', async (t) => {
  const orders = createOrders(5);
  const sorted: string[] = [];
  const ask = async (name: string, length: number) => {
    const found = await orders.of(name, async () => {
      sorted.push(name);
      return Array.from({ length }, (_, seq) => ({ seq, characters: 1 }));
    });
    t.equal(found.length, length);
  };
  await ask('a', 2);
  await ask('b', 2);
  await ask('a', 2);
  await ask('c', 2);
  await ask('a', 2);
  t.strictSame(sorted, ['a', 'b', 'c']);
  await ask('b', 2);
  t.strictSame(sorted, ['a', 'b', 'c', 'b'], 'room was made by what was asked for longest ago');
  await ask('long', 6);
  await ask('long', 6);
  await ask('a', 2);
  t.strictSame(sorted.slice(4), ['long', 'long', 'a'], 'what is too long is not kept, and leaves no room');
});

t.test('pages tell of each event once, in order', async (t) => {
  const spans: readonly [number, number][] = [
    [-1_000, count + 1_000],
    [count / 4, count / 4 + 900],
    [count / 6, count - 7_000],
    [count / 2, count + 1_000],
  ];
  const among = (who: Actor) => (it: Told) =>
    who === officer ||
    [it.recorder, it.giver, it.taker].includes(who.id) ||
    (who === distributor && it.delegation !== null);
  for (const who of [seller, maker, distributor, stranger, officer])
    for (let n = 0; n < 6; n++) {
      const order = ordersOf[n % 4] ?? {};
      const [happened, recorded] = [spans[draw(4)], spans[draw(4)]];
      const query = queryOf({
        ...order,
        ...(happened && draw(3) > 0
          ? { GE_eventTime: moment(happened[0]), LT_eventTime: moment(happened[1]) }
          : {}),
        ...(recorded && draw(3) > 0
          ? { GE_recordTime: moment(recorded[0]), LT_recordTime: moment(recorded[1]) }
          : {}),
      });
      const expected = told
        .filter(among(who))
        .filter(({ from }) => from >= query.happened.from && from < query.happened.until)
        .filter(({ recordedAt: at }) => at >= query.recorded.from && at < query.recorded.until)
        .sort((a, b) => (query.orderBy === 'eventTime' && a.from - b.from) || a.seq - b.seq)
        .map(({ seq }) => seq);
      if (query.direction === 'DESC') expected.reverse();
      const perPage = 10 + draw(50) + Math.ceil(expected.length / (1 + draw(9)));
      const seqs: number[] = [];
      let after: Position | null = null;
      do {
        const page = await findEvents(sql, callerOf(who), {
          query,
          size,
          after,
          perPage,
          granted: grantedTo(who),
        });
        // What was recorded before the log was filled is of no window here.
        seqs.push(...page.events.map(({ seq }) => seq).filter((seq) => seq >= first));
        after = page.next;
      } while (after !== null);
      const { happened: h, recorded: r } = query;
      t.strictSame(seqs, expected, `${expected.length} ${JSON.stringify({ order, h, r, perPage })}`);
    }
});

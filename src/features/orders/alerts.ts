/**
 * What must not wait unseen: regulators are told of every order that reaches into their jurisdiction, and of every failed
 * supervision sample of goods that were taken, sold or made there. Of goods that failed an officer decides what is stopped
 * (`POST /v1/orders/after-failure`): who is held to a result may ask for a re-test, and a stop is an act of law with a number
 * and a name, so none makes itself. When the time to acknowledge an order or to act on a sample is over, whoever waits for it
 * is told once more.
 *
 * A follower of the log: its cursor moves in the transaction that writes the notices, so each is written once.
 */
import type { OrderFact } from '../../core/log/fact.ts';
import { sampleAnswerMs } from '../../core/orders/deadlines.ts';
import { transaction } from '../../database/connection.ts';
import type { Sql } from '../../database/sql.ts';
import { createFollower } from '../../ledger/follower.ts';
import { newestRegions } from '../events/involved.ts';
import type { FeatureDeps } from '../feature.ts';
import { type Telling, tell } from '../inbox/telling.ts';
import { createRounds } from '../rounds.ts';
import { failedWithin, standsAsSample } from './failed-samples.ts';
import { type Area, regulatorsOf } from './regulators.ts';

const chunk = 500;
const pollMs = 60_000;
/** Notices of deadlines written in one round. */
const lapsedMax = 1_000;

export interface Alerts {
  start(): void;
  /** Looks at once for deadlines that have passed. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function createAlerts(
  { db, ledger, now }: Pick<FeatureDeps, 'db' | 'ledger' | 'now'>,
  log: { error(details: object, message: string): void },
): Alerts {
  const onError = (error: unknown) =>
    log.error({ err: error }, 'regulators cannot be told of orders and failed samples; trying again');
  const follower = createFollower({
    name: 'alerts',
    sql: db.sql,
    ledger,
    chunk,
    async follow(tx, from, until) {
      await tell(tx, now(), await alertsIn(tx, from, until));
    },
    onError,
  });
  const look = (): Promise<void> =>
    transaction(db.sql, async (tx) => {
      const lapsed = [...(await lapsedOrders(tx, now())), ...(await lapsedSamples(tx, now()))];
      await tell(
        tx,
        now(),
        lapsed.map(({ seq, parties }) => ({ kind: 'overdue', seq, parties })),
      );
    });
  const clock = createRounds({
    atOnce: 1,
    pollMs,
    async due() {
      await look();
      return [];
    },
    onError,
  });
  return {
    start() {
      follower.start();
      clock.start();
    },
    look,
    async stop() {
      await Promise.all([follower.stop(), clock.stop()]);
    },
  };
}

/**
 * Which regulators are to be told of what, by the entries `from` ≤ seq < `until`: of an order those into whose jurisdiction it
 * reaches, which is of a maker's where the maker is, and its holders (rolls.ts). Four statements at most.
 */
export async function alertsIn(tx: Sql, from: number, until: number): Promise<Telling[]> {
  const orders = await ordersWithin(tx, from, until);
  const samples = await failedWithin(tx, from, until);
  const makers = orders.flatMap(({ fact: { by, reach } }) => (reach === null ? [by] : []));
  const homes = await newestRegions(tx, makers);
  const reached = await regulatorsOf(tx, [
    ...orders.map(({ fact: { by, reach } }): Area => {
      const home = homes.get(by);
      return reach === null
        ? { regions: home === undefined ? [] : [home], places: [] }
        : { ...reach, inner: true };
    }),
    ...samples,
  ]);
  return [
    ...orders.map(({ seq, fact: { by } }, i): Telling => {
      const parties = (reached[i] ?? []).filter((it) => it !== by);
      return { kind: 'issued', seq, parties };
    }),
    ...samples.map(({ seq, sampler }, i): Telling => {
      const parties = [...(reached[orders.length + i] ?? []), sampler];
      return { kind: 'failed-sample', seq, parties };
    }),
  ];
}

const ordersWithin = (tx: Sql, from: number, until: number) =>
  tx<{ seq: number; fact: OrderFact }[]>`
    SELECT seq, body AS fact FROM orders
    WHERE seq >= ${from} AND seq < ${until} AND type <> 'release' ORDER BY seq`;

interface Lapsed {
  readonly seq: number;
  readonly parties: readonly string[];
}

/** Orders in force that somebody did not acknowledge in time (core/orders/deadlines.ts): who made them, and who did not. */
const lapsedOrders = (tx: Sql, at: number) =>
  tx<Lapsed[]>`
    SELECT o.seq, array_agg(n.party) || o.party AS parties
    FROM orders o CROSS JOIN LATERAL (
      SELECT (extract(epoch FROM (o.body ->> 'acknowledgeBy')::timestamptz) * 1000)::bigint AS by) due
    JOIN notices n ON n.seq = o.seq AND n.kind = 'order'
    WHERE o.type <> 'release' AND due.by < ${at} AND greatest(due.by, n.at + due.by - o.at) < ${at}
      AND NOT EXISTS (SELECT FROM orders r WHERE r.id = o.id AND r.type = 'release')
      AND NOT EXISTS (SELECT FROM order_acknowledgements a WHERE a.order_id = o.id AND a.party = n.party)
      AND NOT EXISTS (SELECT FROM notices x WHERE x.party = n.party AND x.kind = 'overdue' AND x.seq = o.seq AND x.entry = o.seq)
    GROUP BY o.seq, o.party ORDER BY o.seq LIMIT ${lapsedMax}`;

/** Failed samples that stand and upon which nobody ordered anything in time: who was told of them. */
const lapsedSamples = (tx: Sql, at: number) =>
  tx<Lapsed[]>`
    SELECT n.seq, array_agg(n.party) AS parties FROM notices n JOIN hops h ON h.seq = n.seq
    WHERE n.kind = 'failed-sample' AND n.at < ${at - sampleAnswerMs}
      AND NOT EXISTS (SELECT FROM orders o WHERE o.body ->> 'result' = n.seq::text)
      AND NOT EXISTS (SELECT FROM notices x WHERE x.party = n.party AND x.kind = 'overdue' AND x.seq = n.seq AND x.entry = n.seq)
      AND ${standsAsSample(tx)}
    GROUP BY n.seq ORDER BY n.seq LIMIT ${lapsedMax}`;

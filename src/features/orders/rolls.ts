/**
 * Rolls: the things that each order is about, written down with where they are, so that holders can be told, what came
 * back can be counted, and goods downstream of something be found at all. An order by rule does not wait for its roll.
 *
 * A roll begins as what was known at `asOf`, found window by window, and then follows the log: what later entries bring
 * in or take out is listed as a change. Each window is one short transaction that moves the roll's position from where
 * it was read. If we crash before its commit the window is looked at again, after it the next one; if two processes
 * look at the same window, the second finds the position moved and writes nothing.
 *
 * What a roll holds follows from the code as well. One made by older code is gone through again from where it stands, thing
 * by thing, so that nothing under the order is let go meanwhile, and then looked for as at first. What that brings in or takes
 * out is listed as a change by the last entry that the roll had followed.
 *
 * Who orders something takes turns with everybody else who did, and so do the orders of one: neither thousands of orders
 * nor one about goods made of each other thousands of times hold up another's recall, nor does a roll that fails.
 */

import type { PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { OrderFact } from '../../core/log/fact.ts';
import { askedHands, isBlocking } from '../../core/orders/order.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import { transaction } from '../../database/connection.ts';
import type { Sql } from '../../database/sql.ts';
import { createRest, restBehindRecording } from '../../ledger/rest.ts';
import { newestRegions } from '../events/involved.ts';
import { createMasters } from '../events/masters.ts';
import type { FeatureDeps } from '../feature.ts';
import { tell } from '../inbox/telling.ts';
import type { LoadNames } from '../tracing/names.ts';
import {
  levelWindow,
  movesOf,
  type Phase,
  phases,
  type Source,
  sourceOf,
  type Touch,
  touchedBy,
  windowOf,
} from './candidates.ts';
import { enrol } from './enrol.ts';
import type { Derived, EnrolDeps, Enrolled } from './enrolment.ts';
import { type Asking, childrenOn, hostsOn, madeOf, makingsOf, partsOf } from './makings.ts';
import { regulatorsOf } from './regulators.ts';

/** Raised when other things are under orders, or told otherwise, than by the code before. */
const rollVersion = 1;

/** Entries that a roll follows at a time, fewer when they name very much. */
const chunk = 2_000;
const namedMax = 50_000;
/** Rolls of one issuer that take turns, those furthest behind. */
const ofIssuer = 16;
const pollMs = 1_000;

export interface Rolls {
  start(): void;
  /** Ends after the window under way. */
  stop(): Promise<void>;
}

interface Roll {
  readonly seq: number;
  readonly size: number;
  readonly phase: Phase;
  readonly position: number;
  readonly level: number;
  readonly version: number;
  readonly at: number;
  readonly fact: OrderFact;
  readonly released: number | null;
}

/** Where a roll stands after a window, and what the window found. */
interface Found extends Pick<Roll, 'size' | 'phase' | 'position' | 'level' | 'version'> {
  readonly things: readonly (Enrolled & { readonly level: number })[];
  /** Numbers whose rows these replace. */
  readonly replaced: readonly number[];
  /** Entries that move what is stopped. */
  readonly moves: readonly number[];
  readonly changes: readonly {
    readonly entry: number;
    readonly unit: number;
    readonly change: 'in' | 'out';
  }[];
}

type Deps = Pick<FeatureDeps, 'db' | 'lookups' | 'ledger' | 'now'>;

export function createRolls(
  { db, lookups, ledger, now }: Deps,
  names: LoadNames,
  log: { error(details: object, message: string): void },
): Rolls {
  const { sql } = lookups;
  const deps: EnrolDeps = { sql, names, masters: createMasters(sql), now };
  const rest = createRest();
  let running: Promise<void> | null = null;
  /** By issuer and by roll the number of the step that looked at it last. */
  const turns = new Map<PartyId | number, number>();
  let steps = 0;

  /** The roll whose turn it is; it has had it then, whatever comes of it. */
  async function nextRoll(size: number): Promise<Roll | null> {
    const last = (key: PartyId | number): number => turns.get(key) ?? 0;
    const waiting = await rollsBehind(db.sql, size);
    if (waiting.length === 0) turns.clear();
    const [first] = waiting.sort(
      (a, b) =>
        last(a.issuer) - last(b.issuer) || last(a.seq) - last(b.seq) || a.size - b.size || a.seq - b.seq,
    );
    if (first === undefined) return null;
    steps++;
    turns.set(first.issuer, steps).set(first.seq, steps);
    return rollBySeq(db.sql, first.seq);
  }

  /** Looks at one window of the roll whose turn it is. Answers whether there may be more to do at once. */
  async function step(): Promise<boolean> {
    const size = await ledger.size();
    await openNew(db.sql);
    const roll = await nextRoll(size);
    if (roll === null) return false;
    if (roll.released !== null && roll.phase === 'following' && roll.size > roll.released) {
      await end(roll);
      return true;
    }
    const source = await sourceOf(sql, roll.fact.scope);
    const found = await look(roll, source, size);
    await transaction(db.sql, (connection) => write(connection, roll, found));
    return true;
  }

  function look(roll: Roll, source: Source, size: number): Promise<Found> {
    switch (roll.phase) {
      case 'listed':
      case 'runs':
      case 'measured':
      case 'hops':
        return lookThrough(roll, source);
      case 'derived':
        return lookDownstream(roll);
      case 'following':
        if (roll.version < rollVersion) return lookAgain(roll);
        return endOfChunk(sql, roll.size, size).then((until) => follow(roll, source, until));
    }
  }

  const enrolled = (
    { seq, at, fact }: Roll,
    numbers: readonly number[],
    before: number,
    derived: Derived,
  ): Promise<Enrolled[]> =>
    enrol(deps, { seq, at, fact, scope: fact.scope, reach: fact.reach }, numbers, { before, derived });

  async function lookThrough(roll: Roll, source: Source): Promise<Found> {
    const { size, phase, position } = roll;
    const { numbers, next } = await windowOf(sql, source, { phase, at: position, before: size });
    const things = await enrolled(roll, numbers, size, none);
    return {
      ...(next === null ? { phase: phaseAfter(phase, roll), position: 0 } : { phase, position: next }),
      size,
      level: 0,
      version: roll.version,
      things: things.map((thing) => ({ ...thing, level: 0 })),
      replaced: [],
      moves: [],
      changes: await broughtIn(roll, things),
    };
  }

  async function lookDownstream(roll: Roll): Promise<Found> {
    const { seq, size, position, level } = roll;
    const { numbers, next } = await levelWindow(sql, seq, level, position);
    const outputs = await madeOf(deps, askingOf(roll), await partsOf(sql, seq, numbers), { before: size });
    const things = await enrolled(roll, [...outputs.keys()], size, outputs);
    const isLast = next === null && position === 0 && numbers.length === 0;
    const deeper = next === null ? { level: level + 1, position: 0 } : { level, position: next };
    return {
      ...(isLast
        ? { phase: 'following' as const, position: 0, level: 0 }
        : { phase: 'derived' as const, ...deeper }),
      size,
      version: roll.version,
      things: things.map((thing) => ({ ...thing, level: level + 1 })),
      replaced: [],
      moves: [],
      changes: await broughtIn(roll, things),
    };
  }

  /** What a roll that was complete before did not hold. */
  async function broughtIn(
    { seq, size, fact }: Roll,
    things: readonly Enrolled[],
  ): Promise<Found['changes']> {
    if (size === fact.asOf || things.length === 0) return [];
    const units = new Set(things.map(({ unit }) => unit));
    const known = await levelsOf(sql, seq, [...units]);
    return [...units].flatMap((unit) => (known.has(unit) ? [] : [{ entry: size - 1, unit, change: 'in' }]));
  }

  /** The next things of a roll that older code made; then what that did not find. */
  async function lookAgain(roll: Roll): Promise<Found> {
    const { seq, size, position } = roll;
    const { numbers, next } = await levelWindow(sql, seq, null, position);
    const touched = new Map(numbers.map((unit) => [unit, { entry: size - 1, via: null }]));
    return {
      ...(await settle(roll, touched, size)),
      ...(next === null
        ? { phase: 'listed', position: 0, version: rollVersion }
        : { position: next, version: roll.version }),
    };
  }

  async function follow(roll: Roll, source: Source, until: number): Promise<Found> {
    const touched = await touchedBy(sql, roll.seq, source, { from: roll.size, until });
    return settle(roll, touched, until);
  }

  /** Whether things are under the order, and what is with them, as the entries before `until` tell. */
  async function settle(roll: Roll, touched: ReadonlyMap<number, Touch>, until: number): Promise<Found> {
    const { seq, size, fact } = roll;
    const entries = new Map([...touched].map(([unit, { entry }]) => [unit, entry]));
    for (const { unit, of } of await hostsOn(sql, seq, [...touched.keys()], until))
      if (!entries.has(unit)) entries.set(unit, entries.get(of) ?? until - 1);
    const known = await levelsOf(sql, seq, [...entries.keys()]);
    const found = new Map<number, Enrolled[]>();
    const leaving = new Set<number>();
    // What they were made of may have left the roll, or was never made of it: then they leave it too, and so on.
    for (let looked = [...entries.keys()]; looked.length > 0; ) {
      const derived = await makingsOf(
        deps,
        askingOf(roll),
        looked.filter((unit) => (known.get(unit) ?? 0) > 0),
        { before: until, leaving: [...leaving] },
      );
      for (const unit of looked) found.delete(unit);
      for (const thing of await enrolled(roll, looked, until, derived)) append(found, thing.unit, thing);
      const left = looked.filter((unit) => known.has(unit) && !found.has(unit));
      for (const unit of left) leaving.add(unit);
      const children = (await childrenOn(sql, seq, left, until)).filter(({ unit }) => !leaving.has(unit));
      looked = children.map(({ unit }) => unit);
      for (const { unit, of } of children)
        if (!entries.has(unit)) entries.set(unit, entries.get(of) ?? until - 1);
      for (const [unit, level] of await levelsOf(sql, seq, looked)) known.set(unit, level);
    }
    const things = [...found.values()]
      .flat()
      .map((thing) => ({ ...thing, level: known.get(thing.unit) ?? 0 }));
    // What was made of these, and of that in turn.
    const made = new Set<number>();
    for (let inputs = things; fact.scope.downstream !== undefined && inputs.length > 0; ) {
      const outputs = new Map(
        [...(await madeOf(deps, askingOf(roll), inputs, { before: until, leaving: [...leaving] }))].filter(
          ([unit]) => !made.has(unit) && !things.some((thing) => thing.unit === unit),
        ),
      );
      for (const unit of outputs.keys()) made.add(unit);
      const level = inputs.reduce((deepest, it) => Math.max(deepest, it.level), 0) + 1;
      inputs = (await enrolled(roll, [...outputs.keys()], until, outputs)).map((it) => ({ ...it, level }));
      for (const it of inputs) things.push(it);
    }
    const now = new Set(things.map(({ unit }) => unit));
    const entryOf = (unit: number): number => entries.get(unit) ?? until - 1;
    const stopped = new Map<number, number>();
    const stop = (unit: number, since: number): void => {
      for (const number of [unit, touched.get(unit)?.via ?? unit])
        stopped.set(number, Math.max(roll.at, Math.min(since, stopped.get(number) ?? since)));
    };
    // What leaves it having been made of others never was under it; what it named itself may leave it by being moved.
    for (const [unit, level] of known) if (level === 0 && !now.has(unit)) stop(unit, roll.at);
    for (const { unit, since } of things) stop(unit, since);
    return {
      size: until,
      phase: 'following',
      position: 0,
      level: 0,
      version: roll.version,
      things,
      replaced: [...known.keys()],
      moves: isBlocking(fact.type) ? await movesOf(sql, stopped, { from: size, until }) : [],
      changes: [
        ...[...now].flatMap((unit) =>
          known.has(unit) ? [] : [{ entry: entryOf(unit), unit, change: 'in' as const }],
        ),
        ...[...known.keys()].flatMap((unit) =>
          now.has(unit) ? [] : [{ entry: entryOf(unit), unit, change: 'out' as const }],
        ),
      ],
    };
  }

  async function write(tx: Sql, roll: Roll, found: Found): Promise<void> {
    const { seq } = roll;
    const moved = await tx`
      UPDATE order_rolls SET size = ${found.size}, phase = ${found.phase}, position = ${found.position},
        level = ${found.level}, version = ${found.version}
      WHERE seq = ${seq} AND size = ${roll.size} AND phase = ${roll.phase} AND position = ${roll.position}
        AND level = ${roll.level} AND version = ${roll.version} RETURNING seq`;
    if (moved.length === 0) return;
    await tx`DELETE FROM order_things WHERE seq = ${seq}
      AND unit = ANY (${arrayLiteral(found.replaced)}::bigint[])`;
    const rows = found.things.map(({ unit, i, level, fate, holder, uom, amount }) => ({
      seq,
      unit,
      i,
      level,
      fate,
      holder,
      uom,
      amount,
    }));
    // A thing may come through two windows.
    await tx`
      INSERT INTO order_things (seq, unit, i, level, fate, holder, uom, amount)
      SELECT * FROM unnest(${arrayLiteral(rows.map((it) => it.seq))}::bigint[],
        ${arrayLiteral(rows.map((it) => it.unit))}::bigint[], ${arrayLiteral(rows.map((it) => it.i))}::int[],
        ${arrayLiteral(rows.map((it) => it.level))}::int[], ${arrayLiteral(rows.map((it) => it.fate))}::text[],
        ${arrayLiteral(rows.map((it) => it.holder))}::text[], ${arrayLiteral(rows.map((it) => it.uom))}::text[],
        ${arrayLiteral(rows.map((it) => it.amount))}::numeric[])
      ON CONFLICT DO NOTHING`;
    const { changes } = found;
    // What is looked for again may be found that was taken out just before.
    await tx`
      INSERT INTO order_changes (seq, entry, unit, change)
      SELECT ${seq}, * FROM unnest(${arrayLiteral(changes.map((it) => it.entry))}::bigint[],
        ${arrayLiteral(changes.map((it) => it.unit))}::bigint[], ${arrayLiteral(changes.map((it) => it.change))}::text[])
      ON CONFLICT DO NOTHING`;
    const holders = new Set(found.things.flatMap(({ holder }) => holder ?? []));
    holders.delete(roll.fact.by);
    if (isBlocking(roll.fact.type)) {
      const told = await tell(tx, now(), [{ kind: 'order', seq, parties: [...holders] }]);
      const regions = [...new Set((await newestRegions(tx, told)).values())];
      const [around = []] = await regulatorsOf(tx, [{ regions, places: [] }]);
      const offices = around.filter((it) => it !== roll.fact.by);
      await tell(tx, now(), [{ kind: 'issued', seq, parties: offices }]);
    }
    await tell(tx, now(), [{ kind: 'moved', seq, parties: [roll.fact.by], entries: found.moves }]);
  }

  /** A released order is followed no longer; whoever was told of it is told that it is over. */
  const end = (roll: Roll): Promise<void> =>
    transaction(db.sql, async (tx) => {
      const ended = await tx`
        UPDATE order_rolls SET phase = 'ended' WHERE seq = ${roll.seq} AND phase = 'following' RETURNING seq`;
      if (ended.length === 0 || roll.released === null) return;
      const told = await tx<{ party: string }[]>`
        SELECT DISTINCT party FROM notices WHERE seq = ${roll.seq} AND kind IN ('order', 'issued')`;
      const parties = told.map(({ party }) => party);
      await tell(tx, now(), [{ kind: 'release', seq: roll.released, parties }]);
    });

  async function run(): Promise<void> {
    while (!rest.stopped) {
      const begun = performance.now();
      rest.begin();
      const more = await step().catch((error: unknown) => {
        if (!rest.stopped)
          log.error({ err: error }, 'the roll of an order cannot be brought up to date; trying again');
        return null;
      });
      const took = performance.now() - begun;
      if (more === null) await rest.pause(pollMs);
      if (more === false) await rest.untilNews(pollMs);
      if (ledger.queued > 0) await rest.pause(more ? 10 : restBehindRecording(took));
    }
  }

  return {
    start() {
      if (running) return;
      ledger.onCommit(rest.news);
      running = run();
    },
    async stop() {
      rest.stop();
      await running;
    },
  };
}

const none: Derived = new Map();

const askingOf = ({ seq, fact: { scope } }: Roll): Asking => ({
  seq,
  byHands: askedHands(scope) !== null,
});

function phaseAfter(phase: Phase, { fact }: Roll): Phase {
  const next = phases[phases.indexOf(phase) + 1] ?? 'following';
  return next === 'derived' && fact.scope.downstream === undefined ? 'following' : next;
}

/** Opens the rolls of orders that have none. Orders come in order of seq, so those are the newest. */
const openNew = (sql: Sql): Promise<unknown> =>
  sql`
    INSERT INTO order_rolls (seq, size, phase, position, level, version)
    SELECT seq, (body ->> 'asOf')::bigint, 'listed', 0, 0, ${rollVersion} FROM orders
    WHERE type <> 'release' AND seq > coalesce((SELECT max(seq) FROM order_rolls), -1)
    ON CONFLICT DO NOTHING`.execute();

interface RollBehind extends Pick<Roll, 'seq' | 'size'> {
  readonly issuer: PartyId;
}

/** Rolls with something to do: of each issuer those that are furthest behind. */
const rollsBehind = (sql: Sql, size: number): Promise<RollBehind[]> =>
  sql<RollBehind[]>`
    SELECT seq, size, issuer FROM (
      SELECT r.seq, r.size, o.party AS issuer, row_number() OVER (PARTITION BY o.party ORDER BY r.size, r.seq) AS n
      FROM order_rolls r JOIN orders o ON o.seq = r.seq LEFT JOIN orders e ON e.id = o.id AND e.type = 'release'
      WHERE r.phase <> 'ended' AND (
        r.phase <> 'following' OR r.size < ${size} OR e.seq < r.size OR r.version < ${rollVersion})) behind
    WHERE n <= ${ofIssuer}`.execute();

async function rollBySeq(sql: Sql, seq: number): Promise<Roll | null> {
  const [roll] = await sql<Roll[]>`
    SELECT r.seq, r.size, r.phase, r.position, r.level, r.version, o.at, o.body AS fact, e.seq AS released
    FROM order_rolls r JOIN orders o ON o.seq = r.seq LEFT JOIN orders e ON e.id = o.id AND e.type = 'release'
    WHERE r.seq = ${seq}`;
  return roll ?? null;
}

/** Where the entries end that are followed at a time, at least one. */
async function endOfChunk(sql: Sql, from: number, size: number): Promise<number> {
  const until = Math.min(size, from + chunk);
  const [row] = await sql<{ named: number; last: number | null }[]>`
    SELECT count(*)::int AS named, max(seq) AS last FROM (
      SELECT seq FROM unit_chain WHERE seq >= ${from} AND seq < ${until} ORDER BY seq LIMIT ${namedMax}) first`;
  return row === undefined || row.last === null || row.named < namedMax
    ? until
    : Math.max(from + 1, row.last);
}

async function levelsOf(sql: Sql, order: number, units: readonly number[]): Promise<Map<number, number>> {
  const rows = await sql<{ unit: number; level: number }[]>`
    SELECT t.unit, min(t.level) AS level FROM unnest(${arrayLiteral(units)}::bigint[]) AS asked (unit)
    JOIN order_things t ON t.seq = ${order} AND t.unit = asked.unit GROUP BY t.unit`;
  return new Map(rows.map(({ unit, level }) => [unit, level]));
}

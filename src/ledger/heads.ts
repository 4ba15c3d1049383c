/**
 * Appends entries of kind `heads`: at intervals, and when asked to, the log says what the chains of all identifiers
 * have come to (core/log/heads.ts).
 *
 * One process at a time (advisory lock), in one transaction on the tables of the map:
 *
 *   1. bring the map to the size of the log            readers see the map as it was, until 4
 *   2. append the fact with its root                   through the ledger, so in a transaction of its own
 *   3. note the size that the map is kept at
 *   4. commit
 *
 *   crash before 2 takes effect     nothing was said; the next run begins anew
 *   crash between 2 and 4           the entry stands, the map is that of the entry before; the next run brings it to
 *                                   the size of the entry, and must come to the root that was said
 */

import type { PartyId } from '../core/events/hop.ts';
import { base64url } from '../core/log/entry.ts';
import type { HeadsFact } from '../core/log/fact.ts';
import type { Hash } from '../core/log/merkle.ts';
import { canonical } from '../core/text/canonical.ts';
import { planIndexByIndex, type Sql, transaction } from '../database/connection.ts';
import { advanceHeads } from './heads-map.ts';
import type { Ledger } from './ledger.ts';
import { createRest } from './rest.ts';
import { idempotencyOf } from './submission.ts';

/** An entry `heads` and what it says. */
export interface HeadsEntry {
  readonly seq: number;
  /** Of the log, when it was counted. */
  readonly size: number;
  readonly root: Hash;
  readonly count: number;
}

export interface HeadsOptions {
  readonly sql: Sql;
  readonly ledger: Pick<Ledger, 'append'>;
  readonly operator: PartyId;
  /** Times other than those below; for tests. */
  readonly pace?: Pace;
  /** No entry could be appended; it will be tried again. */
  onError(error: unknown): void;
}

export interface Heads {
  start(): void;
  /** The entry that the map is kept at; null before the first. */
  latest(): Promise<HeadsEntry | null>;
  /** Appends an entry now, unless the last one covers everything before it. */
  publish(): Promise<HeadsEntry>;
  /** Ends at the next step of the work under way. */
  stop(): Promise<void>;
}

export interface Pace {
  /** Between two looks at the log, ms. */
  readonly lookMs: number;
  /** An entry follows the first change after so long, ms: what it costs is borne by all the changes it covers. */
  readonly intervalMs: number;
}

const usualPace: Pace = { lookMs: 10_000, intervalMs: 600_000 };
const lockName = 0x6865_6164;

/** The map that is kept is not what the log said of it. */
class HeadsBroken extends Error {
  override readonly name = 'HeadsBroken';
}

class Stopped extends Error {
  override readonly name = 'Stopped';
}

export function createHeads(options: HeadsOptions): Heads {
  const { sql, ledger, operator, onError, pace = usualPace } = options;
  const rest = createRest();
  let running: Promise<void> | null = null;
  const publishing = new Set<Promise<unknown>>();

  const onward = (): void => {
    if (rest.stopped) throw new Stopped('the service is stopping');
  };

  async function latest(): Promise<HeadsEntry | null> {
    const [row] = await sql<HeadsEntry[]>`
      SELECT h.seq, h.size, h.root, h.count FROM heads_state s JOIN heads h ON h.size = s.size WHERE s.id = 1`;
    return row ?? null;
  }

  /** Appends what is to be said, and answers with the entry that the map is then kept at. */
  async function append(tx: Sql): Promise<HeadsEntry> {
    await planIndexByIndex(tx);
    await tx`SELECT pg_advisory_xact_lock(${lockName})`;
    const kept = (await state(tx)) ?? { size: 0, count: 0 };
    const [said] = await tx<HeadsEntry[]>`
      SELECT seq, size, root, count FROM heads WHERE size >= ${kept.size} ORDER BY size DESC LIMIT 1`;
    const [head] = await tx<{ size: number }[]>`SELECT size FROM head WHERE id = 1`;
    const size = head?.size ?? 0;
    if (said !== undefined && said.size > kept.size) return repeat(tx, kept, said);
    // What was recorded while it was counted is not in it, and may stand before it.
    if (said !== undefined && said.seq === said.size && said.seq === size - 1) return said;
    const { root, added } = await advanceHeads(tx, kept.size, size, onward);
    const count = kept.count + added;
    const fact: HeadsFact = { kind: 'heads', by: operator, version: 1, size, root: base64url(root), count };
    const key = idempotencyOf('heads', operator, String(size), canonical({ root: fact.root, count }));
    const { facts } = await ledger.append([{ fact }], key);
    const [recorded] = facts;
    if (recorded === undefined) throw new Error('the ledger recorded nothing');
    await keep(tx, size, count);
    return { seq: recorded.seq, size, root, count };
  }

  /** Brings the map to an entry that was appended before a crash. */
  async function repeat(
    tx: Sql,
    kept: { readonly size: number; readonly count: number },
    said: HeadsEntry,
  ): Promise<HeadsEntry> {
    const { root, added } = await advanceHeads(tx, kept.size, said.size, onward);
    if (Buffer.compare(root, said.root) !== 0 || kept.count + added !== said.count)
      throw new HeadsBroken(`the chains do not come to what entry ${said.seq} says; run suyuan audit`);
    await keep(tx, said.size, said.count);
    return said;
  }

  function publish(): Promise<HeadsEntry> {
    const work = transaction(sql, append);
    publishing.add(work);
    return work.finally(() => publishing.delete(work));
  }

  /** Whether there are links that no entry covers yet. */
  async function isBehind(size: number): Promise<boolean> {
    const [row] = await sql<{ behind: boolean }[]>`
      SELECT EXISTS (SELECT FROM unit_chain WHERE seq >= ${size}) AS behind`;
    return row?.behind ?? false;
  }

  async function run(): Promise<void> {
    let seen = -1;
    let since = performance.now();
    while (!rest.stopped) {
      try {
        const size = (await state(sql))?.size ?? 0;
        const behind = await isBehind(size);
        // Time runs from the first change, or from the last entry of whatever process.
        if (size !== seen || !behind) since = performance.now();
        seen = size;
        if (behind && performance.now() - since >= pace.intervalMs) await publish();
      } catch (error) {
        if (!rest.stopped) onError(error);
      }
      await rest.pause(pace.lookMs);
    }
  }

  return {
    latest,
    publish,
    start() {
      running ??= run();
    },
    async stop() {
      rest.stop();
      await running;
      await Promise.allSettled(publishing);
    },
  };
}

async function state(sql: Sql): Promise<{ readonly size: number; readonly count: number } | undefined> {
  const [row] = await sql<
    { size: number; count: number }[]
  >`SELECT size, count FROM heads_state WHERE id = 1`;
  return row;
}

const keep = (sql: Sql, size: number, count: number): Promise<unknown> =>
  sql`
  INSERT INTO heads_state (id, size, count) VALUES (1, ${size}, ${count})
  ON CONFLICT (id) DO UPDATE SET size = EXCLUDED.size, count = EXCLUDED.count`.execute();

/**
 * The one write path: a group of submissions becomes log entries in one transaction.
 *
 *   1. lock the head row                      nobody else can number entries until we commit or vanish
 *   2. resolve idempotency keys               known keys are answered from the log, and take no number
 *   3. number facts, hash entries and links   pure (core/)
 *   4. insert truth, then projections         set-based, one statement a table, pipelined
 *   5. move the head, commit                  the only point at which anything becomes true
 *
 * If we crash before 5 takes effect, PostgreSQL rolls everything back and nobody was answered. If we crash after,
 * the entries stand, and the same idempotency key gives the same receipt later. If the connection is lost while
 * the commit is under way we do not know which of the two it was: the caller is told so (`outcome-unknown`).
 */
import { append } from '../core/grouping.ts';
import { numberEntries } from '../core/log/entry.ts';
import type { FactKind } from '../core/log/fact.ts';
import { appendLeaves, formatFrontier, type Hash, parseFrontier, tileWidth } from '../core/log/merkle.ts';
import type { Recorded } from '../core/log/receipt.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import { isConnectionLost, planIndexByIndex, type Sql } from '../database/connection.ts';
import { insertRows } from '../database/rows.ts';
import {
  type ChainEnds,
  type Chained,
  chainRows,
  insertChainRows,
  readChainEnds,
} from './chain-projection.ts';
import type { Projection } from './projection.ts';
import { isSameRequest, type PreparedFact, type Submission } from './submission.ts';
import { completedTiles, insertTiles, readTail } from './tiles.ts';
import { reached } from './write-steps.ts';

export interface Head {
  readonly size: number;
  readonly at: number;
  readonly leaf: Buffer;
  readonly frontier: Buffer;
  readonly nextUnit: number;
}

/** What became of one submission. */
export type Outcome =
  | { readonly kind: 'recorded'; readonly facts: readonly Recorded[] }
  | { readonly kind: 'replayed'; readonly seq: number; readonly count: number }
  | { readonly kind: 'key-conflict' };

/** Leaf hashes of the last partial tile, as this process left them. */
export interface Tail {
  readonly size: number;
  readonly leaves: readonly Hash[];
}

export interface Written {
  readonly outcomes: readonly Outcome[];
  readonly tail: Tail | null;
}

/** Thrown when the connection broke after the commit was sent. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

/** Writes a group on a connection of its own. Throws what PostgreSQL says; nothing is recorded then. */
export async function writeGroup(
  sql: Sql,
  submissions: readonly Submission[],
  projections: readonly Projection[],
  now: () => number,
  tail: Tail | null,
): Promise<Written> {
  let commitSent = false;
  try {
    const locked = await lockHead(sql, submissions);
    reached('locked');
    const { outcomes, fresh } = sortOut(submissions, locked.known, locked.head.size);
    const facts = fresh.flatMap((submission) => submission.facts);
    const numbered = numberEntries(
      locked.head,
      now(),
      facts.map(({ prepared }) => prepared.digest),
    );
    const recorded: Recorded[] = numbered.map(({ entry, leaf }, i) => ({
      seq: entry.seq,
      at: entry.at,
      digest: entry.digest,
      leaf,
      salt: salt(facts[i]),
    }));
    const last = numbered.at(-1);
    if (last === undefined) {
      await sql`ROLLBACK`;
      return { outcomes: fill(outcomes, submissions, []), tail };
    }
    const leaves = numbered.map(({ leaf }) => leaf);
    const size = locked.head.size;
    const before =
      size % tileWidth === 0 ? [] : tail?.size === size ? tail.leaves : await readTail(sql, size);
    const frontier = appendLeaves(parseFrontier(size, locked.head.frontier), leaves);
    const tilesDone = await completedTiles(sql, size, before, leaves);

    // Sent back to back: one round trip for all of it.
    const sent = [
      ...insertTruth(sql, facts, recorded),
      insertTiles(sql, tilesDone),
      insertRows(
        sql,
        'idempotency',
        { key: 'bytea', request: 'bytea', seq: 'bigint', facts: 'int' },
        idempotencyRows(fresh, size),
      ),
    ];
    const chained: Chained[] = facts.map(({ fact, named }, i) => {
      const { entry, leaf } = at(numbered, i);
      return { seq: entry.seq, at: entry.at, fact, leaf, named };
    });
    const projected = insertProjections(sql, chained, locked.ends, locked.head.nextUnit, projections);
    sent.push(
      ...projected.sent,
      sql`
        UPDATE head SET size = ${frontier.size}, at = ${last.entry.at}, leaf = ${last.leaf},
          frontier = ${formatFrontier(frontier)}, next_unit = ${projected.nextUnit}
        WHERE id = 1`.execute(),
    );
    const commit = sql`COMMIT`.execute();
    commitSent = true;
    reached('sent');
    const [committed] = await Promise.all([commit, ...sent]);
    // A transaction that failed on the way answers COMMIT with ROLLBACK.
    if (committed.command !== 'COMMIT') throw new Error('the transaction was rolled back');
    reached('committed');
    const all = [...before, ...leaves];
    return {
      outcomes: fill(outcomes, submissions, recorded),
      tail: { size: frontier.size, leaves: all.slice(all.length - (frontier.size % tileWidth)) },
    };
  } catch (error) {
    if (commitSent && isConnectionLost(error))
      throw new CommitUnknown('the answer to the commit was lost', { cause: error });
    throw error;
  }
}

/** First round trip: begin, lock the head, look up idempotency keys and chain ends. */
async function lockHead(sql: Sql, submissions: readonly Submission[]) {
  const keys = submissions.flatMap(({ idempotency }) => (idempotency ? [idempotency.key] : []));
  const epcs = submissions.flatMap(({ facts }) => facts.flatMap(({ named }) => named.map(({ epc }) => epc)));
  const [, , [head], known, ends] = await Promise.all([
    sql`BEGIN`.execute(),
    planIndexByIndex(sql),
    sql<
      Head[]
    >`SELECT size, at, leaf, frontier, next_unit AS "nextUnit" FROM head WHERE id = 1 FOR UPDATE`.execute(),
    sql<{ key: Buffer; request: Buffer; seq: number; facts: number }[]>`
      SELECT key, request, seq, facts FROM idempotency WHERE key = ANY (${arrayLiteral(keys)}::bytea[])`.execute(),
    readChainEnds(sql, epcs),
  ]);
  if (head === undefined) throw new Error('the log has no head: genesis is missing');
  return { head, known: new Map(known.map((row) => [row.key.toString('hex'), row])), ends };
}

/** Which submissions are new, in order; a key that comes twice in a group counts once. */
function sortOut(
  submissions: readonly Submission[],
  known: Map<string, { request: Buffer; seq: number; facts: number }>,
  size: number,
): { outcomes: (Outcome | null)[]; fresh: Submission[] } {
  const fresh: Submission[] = [];
  let next = size;
  const outcomes = submissions.map((submission): Outcome | null => {
    const { idempotency, facts } = submission;
    const key = idempotency?.key.toString('hex');
    const before = key === undefined ? undefined : known.get(key);
    if (idempotency && before)
      return isSameRequest(idempotency, before.request)
        ? { kind: 'replayed', seq: before.seq, count: before.facts }
        : { kind: 'key-conflict' };
    if (idempotency && key !== undefined)
      known.set(key, { request: idempotency.request, seq: next, facts: facts.length });
    next += facts.length;
    fresh.push(submission);
    return null;
  });
  return { outcomes, fresh };
}

/** Gives every new submission its share of what was recorded. */
function fill(
  outcomes: readonly (Outcome | null)[],
  submissions: readonly Submission[],
  recorded: readonly Recorded[],
): Outcome[] {
  let from = 0;
  return outcomes.map((outcome, i) => {
    if (outcome) return outcome;
    const facts = recorded.slice(from, from + at(submissions, i).facts.length);
    from += facts.length;
    return { kind: 'recorded', facts };
  });
}

function insertTruth(
  sql: Sql,
  facts: readonly PreparedFact[],
  recorded: readonly Recorded[],
): Promise<unknown>[] {
  const privates = facts.flatMap(({ prepared }, i) =>
    prepared.private ? [{ seq: at(recorded, i).seq, ...prepared.private }] : [],
  );
  return [
    insertRows(
      sql,
      'entries',
      { seq: 'bigint', at: 'bigint', digest: 'bytea', leaf: 'bytea' },
      recorded.map(({ seq, at, digest, leaf }) => ({ seq, at, digest, leaf })),
    ),
    insertRows(
      sql,
      'facts',
      { seq: 'bigint', kind: 'text', payload: 'canonical', salt: 'bytea' },
      facts.map(({ fact, prepared }, i) => ({
        seq: at(recorded, i).seq,
        kind: fact.kind,
        payload: prepared.payload,
        salt: prepared.salt,
      })),
    ),
    insertRows(sql, 'privates', { seq: 'bigint', value: 'text', salt: 'bytea', hash: 'bytea' }, privates),
    ...erase(sql, facts),
  ];
}

/** The one change that truth knows: personal data goes with the entry that says so, or both stay as they were. */
function erase(sql: Sql, facts: readonly PreparedFact[]): Promise<unknown>[] {
  const entries = facts.flatMap(({ fact }) => (fact.kind === 'erasure' ? fact.entries : []));
  if (entries.length === 0) return [];
  return [
    sql`
      UPDATE privates SET value = NULL, salt = NULL
      WHERE seq = ANY (${arrayLiteral(entries)}::bigint[])`.execute(),
  ];
}

/** Sends the rows of every projection; `suyuan rebuild` calls this too, into a shadow schema. */
export function insertProjections(
  sql: Sql,
  facts: readonly Chained[],
  ends: ChainEnds,
  firstFree: number,
  projections: readonly Projection[],
): { sent: Promise<unknown>[]; nextUnit: number } {
  const rows = chainRows(facts, ends, firstFree);
  const batch = {
    facts,
    byKind: byKind(facts),
    unitOf(epc: string): number {
      const end = ends.get(epc);
      if (end === undefined) throw new Error(`no fact of the batch names ${epc}`);
      return end.unit;
    },
  };
  const sent = insertChainRows(sql, rows);
  for (const projection of projections) sent.push(...projection.insert(sql, batch));
  return { sent, nextUnit: rows.nextUnit };
}

function byKind(facts: readonly Chained[]): Map<FactKind, Chained[]> {
  const sorted = new Map<FactKind, Chained[]>();
  for (const item of facts) {
    append(sorted, item.fact.kind, item);
  }
  return sorted;
}

function idempotencyRows(fresh: readonly Submission[], size: number) {
  let seq = size;
  return fresh.flatMap(({ idempotency, facts }) => {
    const row = idempotency && { ...idempotency, seq, facts: facts.length };
    seq += facts.length;
    return row ? [row] : [];
  });
}

const salt = (fact: PreparedFact | undefined): Uint8Array => {
  if (fact === undefined) throw new Error('more entries than facts');
  return fact.prepared.salt;
};

function at<T>(list: readonly T[], i: number): T {
  const item = list[i];
  if (item === undefined) throw new Error(`nothing at ${i} of ${list.length}`);
  return item;
}

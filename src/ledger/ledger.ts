/**
 * The ledger: `append` is the only way anything becomes true.
 *
 * Submissions gather in a queue while a group is being written, and the next group takes what has gathered: one
 * transaction a group, however many requests are in it. A request is never split. Parties are taken in turn and none
 * may fill the queue, so that whoever records very much keeps nobody waiting but itself. A group that PostgreSQL refuses
 * is halved until the one submission at fault stands alone; everybody else's is recorded.
 */
import { randomBytes } from 'node:crypto';
import { type FactKind, parseFact } from '../core/log/fact.ts';
import type { Recorded } from '../core/log/receipt.ts';
import { type Database, onConnection, uniqueViolation } from '../database/connection.ts';
import { databaseRefusal } from '../database/refusal.ts';
import { Refusal } from '../errors.ts';
import { createPreparing } from './preparing.ts';
import type { Projected, Projection } from './projection.ts';
import { type Draft, type Idempotency, isSameRequest, type Submission } from './submission.ts';
import { createTurns } from './turns.ts';
import { CommitUnknown, type Outcome, type Tail, writeGroup } from './write-group.ts';
import { reached } from './write-steps.ts';

export interface Appended {
  /** In the order of the drafts. */
  readonly facts: readonly Recorded[];
  /** The key had been used before: this is what was recorded then. */
  readonly replayed: boolean;
}

export interface Ledger {
  /**
   * Records the facts, all or none, and answers once they are durable. Refuses with `idempotency-conflict`,
   * a projection's own conflict, `overloaded`, `unavailable`, `storage-full` or `outcome-unknown`.
   */
  append(drafts: readonly Draft[], idempotency?: Idempotency): Promise<Appended>;
  /** What an idempotency key was answered with, or null when it is new. */
  replay(idempotency: Idempotency): Promise<Appended | null>;
  /** The facts of a range of entries, `from` ≤ seq < `until`, in order. */
  read(from: number, until: number): Promise<Projected[]>;
  /** Number of entries in the log. */
  size(): Promise<number>;
  /** Calls back after every commit of this process, with the kinds of facts that were recorded. */
  onCommit(listener: (kinds: ReadonlySet<FactKind>) => void): void;
  /** Facts and identifiers waiting to be written. */
  readonly queued: number;
  /** Writes what is queued and takes nothing more. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly database: Database;
  readonly projections: readonly Projection[];
  readonly now?: () => number;
  readonly random?: (bytes: number) => Buffer;
  /** Facts and identifiers that may wait before new requests are turned away; half of them of one party. */
  readonly queueLimit?: number;
}

/** Facts and identifiers one transaction takes at most, unless a single request is larger. */
const groupLimit = 20_000;
const retrySeconds = 1;

interface Waiting {
  readonly party: string;
  readonly submission: Submission;
  readonly weight: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export function createLedger({
  database,
  projections,
  now = Date.now,
  random = randomBytes,
  queueLimit = 400_000,
}: LedgerOptions): Ledger {
  const { sql } = database;
  const preparing = createPreparing(random);
  const conflicts = new Map(projections.flatMap(({ conflicts }) => Object.entries(conflicts ?? {})));
  const listeners: ((kinds: ReadonlySet<FactKind>) => void)[] = [];
  const queue = createTurns<Waiting>();
  let queued = 0;
  /** Of it, by party. */
  const queuedOf = new Map<string, number>();
  let tail: Tail | null = null;
  let closed = false;
  /** What is being made ready, and not yet in the queue. */
  const entering = new Set<Promise<unknown>>();
  let writing: Promise<void> | null = null;

  function enqueue(submission: Submission): Promise<Outcome> {
    const weight = submission.facts.reduce((sum, { named }) => sum + 1 + named.length, 0);
    const party = submission.facts[0]?.fact.by ?? '';
    const own = queuedOf.get(party) ?? 0;
    // A single request is taken however large it is.
    if ((queued > 0 && queued + weight > queueLimit) || (own > 0 && own + weight > queueLimit / 2))
      return Promise.reject(
        new Refusal('overloaded', 'Too much is waiting to be recorded; send the request again later.', {
          retryAfter: retrySeconds,
        }),
      );
    return new Promise((resolve, reject) => {
      queue.add(party, { party, submission, weight, resolve, reject });
      count(party, weight);
      // Let the requests that have arrived together join the group.
      writing ??= new Promise<void>((done) => setImmediate(() => drain().then(done)));
    });
  }

  /** Makes facts ready and queues them. Resolves once they are in the queue, with what will become of them. */
  async function enter(
    drafts: readonly Draft[],
    idempotency: Idempotency | null,
  ): Promise<{ readonly outcome: Promise<Outcome> }> {
    const facts = await preparing.prepare(drafts);
    return { outcome: enqueue({ facts, idempotency }) };
  }

  function count(party: string, weight: number): void {
    queued += weight;
    const own = (queuedOf.get(party) ?? 0) + weight;
    if (own === 0) queuedOf.delete(party);
    else queuedOf.set(party, own);
  }

  async function drain(): Promise<void> {
    for (let group = nextGroup(); group.length > 0; group = nextGroup()) {
      await writeBisecting(group);
      for (const { party, weight } of group) count(party, -weight);
    }
    queue.rest();
    writing = null;
  }

  function nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    let sum = 0;
    const fits = ({ weight }: Waiting): boolean => sum === 0 || sum + weight <= groupLimit;
    for (let next = queue.take(fits); next !== undefined; next = queue.take(fits)) {
      group.push(next);
      sum += next.weight;
    }
    return group;
  }

  async function writeBisecting(group: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await write(group.map(({ submission }) => submission));
      // Everybody waits for the database, so the next group goes there before this one is answered.
      setImmediate(answer, group, outcomes);
    } catch (error) {
      tail = null;
      const refusal = refusalOf(error);
      const [only] = group;
      if (group.length > 1 && refusal?.code !== 'unavailable' && !(error instanceof CommitUnknown)) {
        const half = Math.ceil(group.length / 2);
        await writeBisecting(group.slice(0, half));
        await writeBisecting(group.slice(half));
      } else if (group.length === 1 && only) only.reject(refusal ?? error);
      else for (const { reject } of group) reject(refusal ?? error);
    }
  }

  function answer(group: readonly Waiting[], outcomes: readonly Outcome[]): void {
    reached('answering');
    group.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i];
      if (outcome) resolve(outcome);
      else reject(new Error('a submission was left without an outcome'));
    });
    const kinds = kindsOf(group);
    for (const listener of listeners) listener(kinds);
  }

  async function write(submissions: readonly Submission[]): Promise<readonly Outcome[]> {
    const written = await onConnection(sql, (connection) =>
      writeGroup(connection, submissions, projections, now, tail),
    );
    tail = written.tail;
    return written.outcomes;
  }

  /** What a failed transaction means to the caller; null when it is our bug. */
  function refusalOf(error: unknown): Refusal | null {
    if (error instanceof CommitUnknown)
      return new Refusal(
        'outcome-unknown',
        'The database did not say whether the request was recorded; send it again with the same Idempotency-Key to learn it.',
        { retryAfter: retrySeconds, cause: error },
      );
    const conflict = conflicts.get(uniqueViolation(error) ?? '');
    return conflict ? new Refusal(conflict.code, conflict.detail, { cause: error }) : databaseRefusal(error);
  }

  /** What stands in the log at a range of entries, as its submitter is told. */
  async function recorded(seq: number, count: number): Promise<Recorded[]> {
    return sql<Recorded[]>`
      SELECT e.seq, e.at, e.digest, e.leaf, f.salt FROM entries e JOIN facts f USING (seq)
      WHERE e.seq >= ${seq} AND e.seq < ${seq + count} ORDER BY e.seq`;
  }

  return {
    async append(drafts, idempotency) {
      if (closed)
        throw new Refusal('unavailable', 'The service is stopping; send the request again.', {
          retryAfter: retrySeconds,
        });
      const entered = enter(drafts, idempotency ?? null);
      entering.add(entered);
      const { outcome: awaited } = await entered.finally(() => entering.delete(entered));
      const outcome = await awaited;
      switch (outcome.kind) {
        case 'recorded':
          return { facts: outcome.facts, replayed: false };
        case 'replayed':
          return { facts: await recorded(outcome.seq, outcome.count), replayed: true };
        case 'key-conflict':
          throw keyConflict();
      }
    },

    async replay(idempotency) {
      const [row] = await sql<{ request: Buffer; seq: number; facts: number }[]>`
        SELECT request, seq, facts FROM idempotency WHERE key = ${idempotency.key}`;
      if (row === undefined) return null;
      if (!isSameRequest(idempotency, row.request)) throw keyConflict();
      return { facts: await recorded(row.seq, row.facts), replayed: true };
    },

    async read(from, until) {
      const rows = await sql<{ seq: number; at: number; payload: string }[]>`
        SELECT seq, e.at, f.payload FROM facts f JOIN entries e USING (seq)
        WHERE seq >= ${from} AND seq < ${until} ORDER BY seq`;
      return rows.map(({ seq, at, payload }) => ({ seq, at, fact: parseFact(payload) }));
    },

    async size() {
      const [row] = await sql<{ size: number }[]>`SELECT size FROM head WHERE id = 1`;
      return row?.size ?? 0;
    },

    onCommit(listener) {
      listeners.push(listener);
    },

    get queued() {
      return queued;
    },

    async close() {
      closed = true;
      await Promise.allSettled(entering);
      await writing;
      await preparing.close();
    },
  };
}

function kindsOf(group: readonly Waiting[]): ReadonlySet<FactKind> {
  const kinds = new Set<FactKind>();
  for (const { submission } of group) for (const { fact } of submission.facts) kinds.add(fact.kind);
  return kinds;
}

const keyConflict = (): Refusal =>
  new Refusal(
    'idempotency-conflict',
    'This Idempotency-Key was used for another request; repeat the very same request or choose a new key.',
  );

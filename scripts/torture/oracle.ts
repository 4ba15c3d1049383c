/**
 * Knows what must be true, from what the load was told alone, and holds the database against it: a little of it while
 * services die, all of it at the end.
 */
import { parseCheckpoint } from '../../src/core/log/checkpoint.ts';
import { originHash } from '../../src/core/log/entry.ts';
import { tileWidth } from '../../src/core/log/merkle.ts';
import { isSignedBy, type NoteKey, parseNote } from '../../src/core/log/note.ts';
import { arrayLiteral } from '../../src/database/array-literal.ts';
import { type Database, isStorageFull, isUnavailable } from '../../src/database/connection.ts';
import { auditRange } from '../../src/ledger/audit-range.ts';
import { createTree } from '../../src/ledger/tree.ts';
import type { Load, Sent } from './load.ts';

export interface Oracle {
  /** What must not be, in sentences. */
  readonly wrong: ReadonlySet<string>;
  /** Times that `look` found the database there. */
  readonly looks: number;
  /** Holds what is new since the last time, and some of what is old, against the log as it stands. */
  look(): Promise<void>;
  /** Sends everything again, and holds every receipt and every checkpoint against the log. */
  settle(): Promise<Settled>;
}

export interface Settled {
  /** Acknowledged events that are not in the log as the receipt says. */
  readonly lost: number;
  /** Requests without an answer that turned out to have been recorded. */
  readonly foundRecorded: number;
}

export interface OracleOptions {
  readonly database: Database;
  readonly load: Load;
  /** That may sign checkpoints of the log; their name is its origin. */
  readonly keys: readonly NoteKey[];
}

interface Told {
  readonly seq: number;
  readonly leaf: string;
}

/** Of the old, looked at each time. */
const oldReceipts = 50;
const oldNotes = 3;
const retries = 3;
const settlers = 8;

const told = (facts: string): Told[] => JSON.parse(facts);

export function createOracle({ database: { sql }, load, keys }: OracleOptions): Oracle {
  const genesisPrev = originHash(keys[0]?.name ?? '');
  const wrong = new Set<string>();
  let looks = 0;
  let receiptsSeen = 0;
  let notesSeen = 0;
  let audited = 0;

  /** How many of the entries that were promised are not there. */
  async function missing(promised: readonly Told[]): Promise<number> {
    const [found] = await sql<{ there: number }[]>`
      SELECT count(*) AS there
      FROM unnest(${arrayLiteral(promised.map(({ seq }) => seq))}::bigint[],
        ${arrayLiteral(promised.map(({ leaf }) => Buffer.from(leaf, 'base64url')))}::bytea[]) AS told (seq, leaf)
      JOIN entries e ON e.seq = told.seq AND e.leaf = told.leaf`;
    return promised.length - (found?.there ?? 0);
  }

  /** A checkpoint that was served must be signed by the log and be over its first entries. */
  async function checkNotes(texts: readonly string[]): Promise<void> {
    // A new tree each time: one that is kept would answer from memory.
    const tree = createTree(sql);
    for (const text of texts) {
      const note = parseNote(text);
      const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
      if (!note.ok || !checkpoint.ok || !keys.some((key) => isSignedBy(note.value, key))) {
        wrong.add(`a checkpoint that is none: ${text}`);
        continue;
      }
      const { size, root } = checkpoint.value;
      const [present] = await tree.roots([{ from: 0, until: size }]);
      if (present === undefined || Buffer.compare(present, root) !== 0)
        wrong.add(`the checkpoint over ${size} entries is not of this log`);
    }
  }

  /** No gap, and nothing that does not follow, in what was added since the last time. */
  async function auditNew(): Promise<void> {
    const [log] = await sql<{ size: number; last: number }[]>`
      SELECT size, (SELECT max(seq) FROM entries) AS last FROM head`;
    if (log === undefined || log.last !== log.size - 1)
      return void wrong.add(`${log?.size} entries by the head, the last one is ${log?.last}`);
    const from = audited - (audited % tileWidth);
    const { mismatch } = await auditRange(sql, { from, until: log.size, genesisPrev });
    if (mismatch !== null) wrong.add(`audit: ${mismatch.table}: ${mismatch.what}`);
    audited = log.size;
  }

  /** The same key gives the same receipt, if anything. */
  async function sendAgain(it: Sent & { readonly facts: string }): Promise<void> {
    const facts = await load.once(it);
    if (facts !== null && facts !== it.facts) wrong.add(otherReceipt(it.facts, facts));
  }

  const otherReceipt = (then: string, now: string): string =>
    `the same key got other entries: from ${told(then)[0]?.seq} then, from ${told(now)[0]?.seq} now`;
  const some = <T>(list: readonly T[], count: number): T[] =>
    Array.from({ length: Math.min(count, list.length) }, () =>
      list.slice(Math.floor(Math.random() * list.length)).slice(0, 1),
    ).flat();
  const promisesOf = (list: readonly { readonly facts: string }[]): Told[] =>
    list.flatMap(({ facts }) => told(facts));

  return {
    wrong,
    get looks() {
      return looks;
    },
    async look() {
      // What is told after this may be committed after the database is asked.
      const receipts = load.acknowledged.slice(receiptsSeen);
      const notes = [...load.notes].slice(notesSeen);
      const old = load.acknowledged.slice(0, receiptsSeen);
      try {
        const lost = await missing(promisesOf([...receipts, ...some(old, oldReceipts)]));
        if (lost > 0) wrong.add(`${lost} events were acknowledged and are not there`);
        await checkNotes([...notes, ...some([...load.notes], oldNotes)]);
        await auditNew();
      } catch (error) {
        // A new session needs some room too.
        if (isUnavailable(error) || isStorageFull(error)) return;
        throw error;
      }
      receiptsSeen += receipts.length;
      notesSeen += notes.length;
      looks++;
      await Promise.all(some(old, retries).map(sendAgain));
    },
    async settle() {
      const [before] = await sql<{ size: number }[]>`SELECT size FROM head`;
      let lost = await missing(promisesOf(load.acknowledged));
      let foundRecorded = 0;
      let next = 0;
      const work = async (): Promise<void> => {
        for (let it = load.sent[next++]; it !== undefined; it = load.sent[next++]) {
          const facts = await load.again(it);
          if (it.facts === null) {
            const late = told(facts);
            if ((late[0]?.seq ?? 0) < (before?.size ?? 0)) foundRecorded++;
            lost += await missing(late);
          } else if (it.facts !== facts) wrong.add(otherReceipt(it.facts, facts));
        }
      };
      await Promise.all(Array.from({ length: settlers }, work));
      const [events] = await sql<{ there: number }[]>`
        SELECT count(*) AS there FROM facts WHERE kind = 'event'`;
      const expected = load.sent.reduce((sum, { hops }) => sum + hops, 0);
      if (events?.there !== expected)
        wrong.add(`${expected} events were sent, and ${events?.there} are recorded`);
      await checkNotes([...load.notes]);
      return { lost, foundRecorded };
    },
  };
}

/**
 * `audit`: derives everything again from stored bytes and names the first thing that does not fit. The log
 * itself is checked here, in stretches in several processes; projections are proven by building them anew
 * (rebuild.ts).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { originHash } from '../core/log/entry.ts';
import { type Fact, parseFact } from '../core/log/fact.ts';
import {
  appendLeaves,
  emptyFrontier,
  type Frontier,
  frontierRoot,
  type Hash,
  tileRoot,
  tileWidth,
} from '../core/log/merkle.ts';
import type { Database } from '../database/connection.ts';
import { checkErasures } from './audit-erasures.ts';
import { headMismatch, readHead, rowsBeyond } from './audit-head.ts';
import type { AuditMessage, AuditSetup, AuditTask } from './audit-process.ts';
import { auditRange, type RangeAudit } from './audit-range.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';
import { splitHashes } from './tiles.ts';
import { createTree } from './tree.ts';

export interface LogAudit {
  /** Of the log. */
  readonly size: number;
  /** That were checked. */
  readonly entries: number;
  readonly bytes: number;
  /** RFC 6962 root over all entries. */
  readonly root: Hash;
  readonly mismatch: Mismatch | null;
}

export interface AuditOptions {
  /** For the processes, which have connections of their own. */
  readonly url: string;
  readonly role?: string;
  readonly processes: number;
  /**
   * Check only the entries from this one on (from the tile that it is in), and take those before it as they stand: of
   * them, that their tiles give what was signed, and nothing more.
   */
  readonly since?: number;
  readonly progress?: (done: number, total: number) => void;
}

/**
 * What is read of a stretch lives for as long as it is checked, and no longer; threads that collect it would take the
 * other processes' cores. The same few functions go through all entries, so they are compiled for good early.
 */
const v8Options = [
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--single-threaded-gc',
  '--no-lazy-feedback-allocation',
];

/** Entries a process takes at a time: a multiple of the tile width. */
const stretch = tileWidth * 64;

/** Checks the log as it stands at the call; entries that arrive meanwhile are left to the next audit. */
export async function auditLog({ sql }: Database, options: AuditOptions): Promise<LogAudit> {
  const head = await readHead(sql);
  const failed = (mismatch: Mismatch, entries = 0, bytes = 0): LogAudit => ({
    size: head?.size ?? 0,
    entries,
    bytes,
    root: frontierRoot(emptyFrontier),
    mismatch,
  });
  if (head === undefined)
    return failed(mismatchOf('head', null, { zh: '账头行缺失', en: 'the head row is missing' }));
  const [first] = await sql<{ payload: string }[]>`SELECT payload FROM facts WHERE seq = 0`;
  const genesis = first ? readFact(first.payload) : null;
  if (genesis?.kind !== 'genesis')
    return failed(
      mismatchOf('facts', 0, { zh: '条目 0 的内容不是创始条目', en: 'the fact of entry 0 is not a genesis' }),
    );

  const since = Math.min(options.since ?? 0, head.size - 1);
  const start = since - (since % tileWidth);
  const tasks: AuditTask[] = [];
  for (let from = start; from < head.size; from += stretch)
    tasks.push({ from, until: Math.min(from + stretch, head.size) });
  const genesisPrev = originHash(genesis.origin);
  const [only, ...more] = tasks;
  const ranges =
    only && more.length === 0
      ? [await auditRange(sql, { ...only, genesisPrev })]
      : await checkAll(tasks, genesisPrev, head.size - start, options);

  const entries = ranges.reduce((sum, range) => sum + range.entries, 0);
  const bytes = ranges.reduce((sum, range) => sum + range.bytes, 0);
  const bad = ranges.find((range) => range.mismatch);
  if (bad?.mismatch) return failed(bad.mismatch, entries, bytes);

  const erasures = await checkErasures(sql, ranges, head.size);
  if (erasures) return failed(erasures, entries, bytes);

  const tileRoots = ranges.flatMap((range) => range.tileRoots);
  const tail = ranges.at(-1)?.tail ?? [];
  const tiles =
    start === 0 ? await checkUpperTiles(sql, tileRoots) : await checkTilesAbove(sql, start, head.size);
  if (tiles) return failed(tiles, entries, bytes);
  // Seen from above, a tile is a leaf.
  const before: Frontier =
    start === 0 ? emptyFrontier : { ...(await createTree(sql).frontier(start)), size: start / tileWidth };
  const frontier = {
    size: head.size,
    peaks: [...appendLeaves(before, tileRoots).peaks, ...appendLeaves(emptyFrontier, tail).peaks],
  };
  const newUnits = ranges.reduce((sum, range) => sum + range.newUnits, 0);
  const units = start === 0 ? newUnits : head.nextUnit - 1;
  const wrong = headMismatch(head, frontier, ranges.at(-1)?.last ?? null, units);
  return {
    size: head.size,
    entries,
    bytes,
    root: frontierRoot(frontier),
    mismatch: wrong ?? rowsBeyond(head, units),
  };
}

/** Null for what is no JSON. */
function readFact(payload: string): Fact | null {
  try {
    return parseFact(payload);
  } catch {
    return null;
  }
}

/** Tiles above level 0 against the roots of the tiles below. */
async function checkUpperTiles(
  sql: Database['sql'],
  levelZeroRoots: readonly Hash[],
): Promise<Mismatch | null> {
  let below = levelZeroRoots;
  for (let level = 1; below.length >= tileWidth; level++) {
    const above: Hash[] = [];
    for (let n = 0; (n + 1) * tileWidth <= below.length; n++) {
      const hashes = below.slice(n * tileWidth, (n + 1) * tileWidth);
      const [row] = await sql<{ hashes: Buffer | null }[]>`
        SELECT hashes FROM tiles WHERE level = ${level} AND n = ${n}`;
      if (!row?.hashes?.equals(Buffer.concat(hashes))) return misplacedTile(level, n);
      above.push(tileRoot(hashes));
    }
    below = above;
  }
  return null;
}

/** The same of those that hold entries from `start` on, against the tiles below as they are stored. */
async function checkTilesAbove(sql: Database['sql'], start: number, size: number): Promise<Mismatch | null> {
  const [known] = await sql<{ tiles: number }[]>`
    SELECT count(*) AS tiles FROM tiles WHERE level = 0 AND n < ${start / tileWidth} AND hashes IS NOT NULL`;
  if (known?.tiles !== start / tileWidth)
    return mismatchOf('tiles', null, {
      zh: `条目 ${start} 之前的第 0 层分块有缺失`,
      en: `a tile of level 0 before entry ${start} is missing`,
    });
  for (let level = 1; tileWidth ** (level + 1) <= size; level++) {
    const covers = tileWidth ** (level + 1);
    for (let n = Math.floor(start / covers); (n + 1) * covers <= size; n++) {
      const below = await sql<{ hashes: Buffer }[]>`
        SELECT hashes FROM tiles
        WHERE level = ${level - 1} AND n >= ${n * tileWidth} AND n < ${(n + 1) * tileWidth}
          AND hashes IS NOT NULL ORDER BY n`;
      const [row] = await sql<{ hashes: Buffer | null }[]>`
        SELECT hashes FROM tiles WHERE level = ${level} AND n = ${n}`;
      if (!row?.hashes?.equals(Buffer.concat(below.map(({ hashes }) => tileRoot(splitHashes(hashes))))))
        return misplacedTile(level, n);
    }
  }
  return null;
}

const misplacedTile = (level: number, n: number): Mismatch =>
  mismatchOf('tiles', null, {
    zh: `分块 ${level}/${n} 缺失，或不是由其下的分块得出`,
    en: `tile ${level}/${n} is missing or not made of the tiles below it`,
  });

/** Hands the stretches to processes and answers in the order of the log; stops early at the first mismatch. */
async function checkAll(
  tasks: readonly AuditTask[],
  genesisPrev: Uint8Array,
  total: number,
  options: AuditOptions,
): Promise<RangeAudit[]> {
  const results = new Map<number, RangeAudit>();
  let next = 0;
  let checked = 0;
  let stopped = false;
  const setup: AuditSetup = { url: options.url, role: options.role ?? null, genesisPrev };

  const work = async (): Promise<void> => {
    const child = fork(new URL('./audit-process.js', import.meta.url), {
      execArgv: v8Options,
      serialization: 'advanced',
    });
    try {
      child.send(setup);
      for (let i = next++; i < tasks.length && !stopped; i = next++) {
        const task = tasks[i];
        if (task === undefined) break;
        const range = await answer(child, task, (entries) => {
          checked += entries;
          options.progress?.(checked, total);
        });
        results.set(i, range);
        if (range.mismatch) stopped = true;
      }
    } finally {
      if (child.connected) child.disconnect();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.processes, tasks.length)) }, work));
  return [...results.keys()].sort((a, b) => a - b).flatMap((i) => results.get(i) ?? []);
}

function answer(
  child: ChildProcess,
  task: AuditTask,
  progress: (entries: number) => void,
): Promise<RangeAudit> {
  return new Promise((resolve, reject) => {
    const listen = (message: AuditMessage): void => {
      if ('checked' in message) progress(message.checked);
      else {
        child.off('message', listen).off('exit', ended);
        resolve(message.done);
      }
    };
    const ended = (code: number | null): void =>
      reject(new Error(`an audit process ended with code ${code}`));
    child.on('message', listen).once('exit', ended).send(task);
  });
}

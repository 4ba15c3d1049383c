/**
 * `rebuild`: makes every projection anew from the log alone, in a schema beside the real one, and proves both
 * the same. It runs as the owner of the tables, reads only `entries` and `facts`, and leaves the service alone.
 *
 * If it is stopped on the way, the shadow schema stays behind and the next run drops it first.
 */
import { namedIdentifiers, parseFact } from '../core/log/fact.ts';
import type { Hash } from '../core/log/merkle.ts';
import { tileWidth } from '../core/log/merkle.ts';
import { type Database, onConnection, planIndexByIndex, type Sql } from '../database/connection.ts';
import { type ProjectionTable, projectionTables } from '../database/tables.ts';
import { type Chained, readChainEnds } from './chain-projection.ts';
import { checkHeads } from './heads-audit.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';
import type { Projection } from './projection.ts';
import { completedTiles, insertTiles } from './tiles.ts';
import { insertProjections } from './write-group.ts';

/** A projection that a follower writes behind the head; `derive` does for a range what the follower does. */
export interface FollowerProjection {
  /** Of the cursor. */
  readonly name: string;
  readonly tables: readonly ProjectionTable[];
  derive(sql: Sql, from: number, until: number): Promise<void>;
}

export interface RebuildOptions {
  readonly projections: readonly Projection[];
  readonly followers: readonly FollowerProjection[];
  readonly progress?: (done: number, total: number) => void;
}

export interface RebuildReport {
  readonly entries: number;
  /** How many of them every follower has passed: what follows from later ones was not compared. */
  readonly followed: number;
  /** Rows of each table, as rebuilt. */
  readonly rows: Readonly<Record<string, number>>;
  /** The first row of the first table that differs; null when all are identical. */
  readonly mismatch: Mismatch | null;
}

const shadow = 'rebuild';
/** Not a projection, for it is changed in place; but it follows from the log like one. */
const headsTables = ['heads_buckets', 'heads_tiles'] as const;
const chunk = 4_096;

export function rebuild(owner: Database, options: RebuildOptions): Promise<RebuildReport> {
  return onConnection(owner.sql, async (sql) => {
    // One snapshot of the live tables for as long as we compare: the service may go on writing.
    await sql`BEGIN ISOLATION LEVEL REPEATABLE READ`;
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`;
    await planIndexByIndex(sql);
    await sql.unsafe(`DROP SCHEMA IF EXISTS ${shadow} CASCADE; CREATE SCHEMA ${shadow}`).simple();
    for (const table of [...projectionTables, ...headsTables])
      await sql.unsafe(`CREATE TABLE ${shadow}.${table} (LIKE public.${table} INCLUDING ALL)`);
    await sql.unsafe(`SET LOCAL search_path TO ${shadow}, public`);
    const { size, followed } = await replay(sql, options);
    const heads = await checkHeads(sql, shadow, 'public');
    // From here on whole tables are read.
    await sql`SET LOCAL enable_seqscan = on`;
    const rows: Record<string, number> = {};
    let mismatch: Mismatch | null = null;
    for (const table of projectionTables) {
      const { count, differs } = await compare(sql, table);
      rows[table] = count;
      mismatch ??= differs;
    }
    mismatch ??= heads;
    // Nothing of the shadow schema is kept.
    await sql`ROLLBACK`;
    return { entries: size, followed, rows, mismatch };
  });
}

/** Projects the whole log into the shadow tables, as the sequencer and the followers would have. */
async function replay(sql: Sql, options: RebuildOptions): Promise<{ size: number; followed: number }> {
  const [head] = await sql<{ size: number }[]>`SELECT size FROM head WHERE id = 1`;
  const total = head?.size ?? 0;
  let nextUnit = 1;
  let tail: Hash[] = [];
  for (let from = 0; from < total; from += chunk) {
    const rows = await sql<{ seq: number; at: number; leaf: Buffer; payload: string }[]>`
      SELECT e.seq, e.at, e.leaf, f.payload FROM entries e JOIN facts f USING (seq)
      WHERE e.seq >= ${from} AND e.seq < ${from + chunk} AND e.seq < ${total} ORDER BY e.seq`;
    const facts: Chained[] = rows.map(({ seq, at, leaf, payload }) => {
      const fact = parseFact(payload);
      return { seq, at, leaf, fact, named: namedIdentifiers(fact) };
    });
    const leaves = facts.map(({ leaf }) => leaf);
    await insertTiles(sql, await completedTiles(sql, from, tail, leaves));
    const all = [...tail, ...leaves];
    tail = all.slice(all.length - ((from + leaves.length) % tileWidth));
    const ends = await readChainEnds(
      sql,
      facts.flatMap(({ named }) => named.map(({ epc }) => epc)),
    );
    const projected = insertProjections(sql, facts, ends, nextUnit, options.projections);
    await Promise.all(projected.sent);
    nextUnit = projected.nextUnit;
    options.progress?.(Math.min(from + chunk, total), total);
  }
  await prepareForReading(sql);
  let followed = total;
  for (const { name, derive } of options.followers) {
    // A follower may lag behind the head: only what it has reached can be compared.
    const [cursor] = await sql<{ size: number }[]>`SELECT size FROM followers WHERE name = ${name}`;
    const passed = Math.min(cursor?.size ?? 0, total);
    await derive(sql, 0, passed);
    followed = Math.min(followed, passed);
  }
  return { size: total, followed };
}

/** What autovacuum does for tables that others see: without it look-ups are planned for tables of a few rows. */
async function prepareForReading(sql: Sql): Promise<void> {
  for (const table of projectionTables) await sql.unsafe(`ANALYZE ${shadow}.${table}`);
}

/** Rows of one table that stand on one side only. */
async function compare(
  sql: Sql,
  table: ProjectionTable,
): Promise<{ count: number; differs: Mismatch | null }> {
  const [found] = await sql.unsafe<{ count: number; missing: string | null; extra: string | null }[]>(`
    SELECT (SELECT count(*) FROM ${shadow}.${table}) AS count,
      (SELECT d::text FROM (TABLE ${shadow}.${table} EXCEPT ALL TABLE public.${table}) d LIMIT 1) AS missing,
      (SELECT d::text FROM (TABLE public.${table} EXCEPT ALL TABLE ${shadow}.${table}) d LIMIT 1) AS extra`);
  if (found === undefined) throw new Error(`no answer for ${table}`);
  const { count, missing, extra } = found;
  if (missing === null && extra === null) return { count, differs: null };
  const words =
    extra === null
      ? { zh: `缺少账本所得出的行：${missing}`, en: `the log gives a row that is missing: ${missing}` }
      : missing === null
        ? { zh: `这一行不是由账本得出的：${extra}`, en: `a row does not follow from the log: ${extra}` }
        : { zh: `${extra} 应为 ${missing}`, en: `the row ${extra} should be ${missing}` };
  return { count, differs: mismatchOf(table, null, words) };
}

/** The head against the log, and rows that lie beyond it. */
import type { Words } from '../core/codes/verdict-words.ts';
import { formatFrontier, type Hash, tileWidth } from '../core/log/merkle.ts';
import type { Sql } from '../database/connection.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';

export interface HeadRow {
  readonly size: number;
  readonly at: number;
  readonly leaf: Buffer;
  readonly frontier: Buffer;
  readonly nextUnit: number;
  /** Identifiers that are numbered, and whether one has a number that was not given out. */
  readonly numbered: number;
  readonly strayUnit: boolean;
  /** Of each table, an entry that it speaks of though the head says that there is none. */
  readonly strays: Readonly<Record<(typeof tablesBySeq)[number] | 'tiles', number | null>>;
}

/** Tables of rows that belong to an entry; entries first, for what they say explains the others. */
const tablesBySeq = ['entries', 'facts', 'privates', 'unit_chain'] as const;

/** The head, and what lies beyond it: one statement and so one snapshot, for the service may go on writing. */
export async function readHead(sql: Sql): Promise<HeadRow | undefined> {
  const strays = tablesBySeq.map(
    (table) => sql`${table}::text, coalesce(
      (SELECT min(seq) FROM ${sql(table)} WHERE seq >= h.size), (SELECT max(seq) FROM ${sql(table)} WHERE seq < 0))`,
  );
  const [head] = await sql<HeadRow[]>`
    SELECT h.size, h.at, h.leaf, h.frontier, h.next_unit AS "nextUnit",
      (SELECT count(*) FROM epcs) AS numbered,
      EXISTS (SELECT FROM epcs WHERE unit < 1 OR unit >= h.next_unit) AS "strayUnit",
      json_build_object(${strays.reduce((all, stray) => sql`${all}, ${stray}`)}, 'tiles', (
        SELECT min(n) FROM tiles
        WHERE n < 0 OR level < 0 OR (n + 1) * power(${tileWidth}::numeric, level + 1) > h.size)) AS strays
    FROM head h WHERE h.id = 1`;
  return head;
}

/** What the head says, against the entries: `units` identifiers are named in them. */
export function headMismatch(
  head: HeadRow,
  frontier: { size: number; peaks: readonly Hash[] },
  last: { at: number; leaf: Hash } | null,
  units: number,
): Mismatch | null {
  const wrong = (words: Words): Mismatch => mismatchOf('head', null, words);
  if (last === null) return wrong({ zh: '账本没有条目', en: 'the log has no entries' });
  if (!head.leaf.equals(last.leaf))
    return wrong({ zh: '账头的 leaf 与最后条目不符', en: 'leaf of the head is not that of the last entry' });
  if (head.at !== last.at)
    return wrong({ zh: '账头的 at 与最后条目不符', en: 'at of the head is not that of the last entry' });
  if (!head.frontier.equals(formatFrontier(frontier)))
    return wrong({ zh: '账头的 frontier 与条目不符', en: 'frontier of the head is not that of the entries' });
  if (head.nextUnit !== units + 1)
    return wrong({
      zh: `账头的 next_unit 为 ${head.nextUnit}，而提及的标识有 ${units} 个`,
      en: `next_unit of the head is ${head.nextUnit}, but ${units} identifiers are named`,
    });
  return null;
}

/** Rows that no entry of the log accounts for. */
export function rowsBeyond({ numbered, strayUnit, strays }: HeadRow, units: number): Mismatch | null {
  for (const table of tablesBySeq) {
    const seq = strays[table];
    if (seq !== null)
      return mismatchOf(table, seq, {
        zh: `有条目 ${seq} 的行，而账头中没有这一条目`,
        en: `a row of entry ${seq}, but the head knows of no such entry`,
      });
  }
  if (strays.tiles !== null)
    return mismatchOf('tiles', null, {
      zh: `按账头，某层的分块 ${strays.tiles} 尚未满`,
      en: `tile ${strays.tiles} of a level is not full by the head`,
    });
  if (numbered !== units || strayUnit)
    return mismatchOf('epcs', null, {
      zh: `编了号的标识有 ${numbered} 个，而提及的有 ${units} 个`,
      en: `${numbered} identifiers are numbered, but ${units} are named`,
    });
  return null;
}

/**
 * The lists that rules go by (core/rules/lists.ts) in every version, kept in memory by whoever derives findings. Which goods
 * need a certificate is asked when their lives are told (events/masters.ts).
 */
import {
  firmsOf,
  type ListedFirm,
  type ListedRole,
  type SupersededStandard,
  standardsOf,
  type Territory,
  territoriesOf,
} from '../../core/rules/lists.ts';
import type { Sql } from '../../database/connection.ts';

/** A list as an entry has it. */
interface Version<T> {
  readonly seq: number;
  readonly list: T;
}

type Firms = ReadonlyMap<ListedRole, ReadonlyMap<string, ListedFirm>>;

export interface Lists {
  /** Reads what was recorded since. One statement. */
  catchUp(): Promise<void>;
  /** Whether any was published by the entries before `before`. */
  any(before: number): boolean;
  /** In force by the entries before `before`; null where none was published, here and below. */
  standards(before: number): Version<ReadonlyMap<string, SupersededStandard>> | null;
  firms(before: number): Version<Firms> | null;
  territories(before: number): Version<ReadonlyMap<string, Territory>> | null;
}

export function createLists(sql: Sql): Lists {
  const standards: Version<ReadonlyMap<string, SupersededStandard>>[] = [];
  const firms: Version<Firms>[] = [];
  const territories: Version<ReadonlyMap<string, Territory>>[] = [];
  let first = Number.POSITIVE_INFINITY;
  let last = -1;

  const at = <T>(versions: readonly Version<T>[], before: number): Version<T> | null =>
    versions.findLast(({ seq }) => seq < before) ?? null;

  return {
    async catchUp() {
      const rows = await sql<{ seq: number; name: string; body: unknown }[]>`
        SELECT seq, name, body FROM policies
        WHERE name IN ('standards', 'firms', 'territories') AND seq > ${last} ORDER BY seq`;
      for (const { seq, name, body } of rows) {
        if (name === 'standards') standards.push({ seq, list: standardsOf(body) });
        else if (name === 'firms') firms.push({ seq, list: firmsOf(body) });
        else territories.push({ seq, list: territoriesOf(body) });
        first = Math.min(first, seq);
        last = seq;
      }
    },
    any: (before) => first < before,
    standards: (before) => at(standards, before),
    firms: (before) => at(firms, before),
    territories: (before) => at(territories, before),
  };
}

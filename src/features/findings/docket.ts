/**
 * What officers decided and which thresholds are in force, kept in memory by whoever derives findings. Both tables only
 * grow and commits follow the order of seq, so catching up is reading what is beyond the last seq seen, and any
 * earlier prefix of the log can be asked for afterwards.
 */
import { type Decided, isWatched } from '../../core/rules/precision.ts';
import { defaultThresholds, type Thresholds, thresholdsOf } from '../../core/rules/thresholds.ts';
import type { Sql } from '../../database/connection.ts';

export interface Docket {
  /** Reads what was recorded since. One statement. */
  catchUp(): Promise<void>;
  /** Whether a case was decided by an entry before `before`. */
  isDecided(caseId: string, before: number): boolean;
  /** How the cases of a rule were decided last, by the entries before `before`. */
  decided(rule: string, before: number): Decided;
  /** Whether a rule is only watched, by the entries before `before`. */
  isWatched(rule: string, before: number): boolean;
  /** In force by the entries before `before`. */
  thresholds(before: number): Thresholds;
}

interface Row {
  readonly seq: number;
  /** null for thresholds. */
  readonly case: string | null;
  readonly rule: string | null;
  readonly outcome: string | null;
  readonly body: Readonly<Record<string, unknown>> | null;
}

interface Judged {
  readonly seq: number;
  readonly case: string;
  readonly confirmed: boolean;
}

export function createDocket(sql: Sql): Docket {
  const firstDecided = new Map<string, number>();
  const judged = new Map<string, Judged[]>();
  const versions: { readonly seq: number; readonly thresholds: Thresholds }[] = [];
  let last = -1;

  function take({ seq, case: id, rule, outcome, body }: Row): void {
    if (id === null || rule === null) {
      versions.push({ seq, thresholds: thresholdsOf(body ?? {}) });
      return;
    }
    if (!firstDecided.has(id)) firstDecided.set(id, seq);
    const list = judged.get(rule) ?? [];
    list.push({ seq, case: id, confirmed: outcome === 'confirmed' });
    judged.set(rule, list);
  }

  function decided(rule: string, before: number): Decided {
    const latest = new Map<string, boolean>();
    for (const it of judged.get(rule) ?? []) if (it.seq < before) latest.set(it.case, it.confirmed);
    let confirmed = 0;
    for (const it of latest.values()) if (it) confirmed++;
    return { confirmed, rejected: latest.size - confirmed };
  }

  const thresholds = (before: number): Thresholds =>
    versions.findLast(({ seq }) => seq < before)?.thresholds ?? defaultThresholds;

  return {
    async catchUp() {
      const rows = await sql<Row[]>`
        SELECT seq, case_id AS case, rule, outcome, NULL::jsonb AS body FROM decisions WHERE seq > ${last}
        UNION ALL
        SELECT seq, NULL, NULL, NULL, body FROM policies WHERE name = 'rules' AND seq > ${last}
        ORDER BY seq`;
      for (const row of rows) take(row);
      last = rows.at(-1)?.seq ?? last;
    },
    isDecided: (caseId, before) => (firstDecided.get(caseId) ?? Number.POSITIVE_INFINITY) < before,
    isWatched: (rule, before) => isWatched(decided(rule, before), thresholds(before)),
    decided,
    thresholds,
  };
}

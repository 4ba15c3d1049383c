/**
 * What officers decided and which thresholds are in force, kept in memory by whoever derives findings. Both tables only
 * grow and commits follow the order of seq, so catching up is reading what is beyond the last seq seen, and any
 * earlier prefix of the log can be asked for afterwards.
 */
import { type CaseSubject, subjectKey } from '../../core/rules/case.ts';
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
  /**
   * What officers said last, by the entries before `before`, of the case in which a finding of this subject is filed that
   * an entry opened; null while they said nothing.
   */
  judgementOf(subject: CaseSubject, opened: number, before: number): Judgement | null;
  /** In force by the entries before `before`. */
  thresholds(before: number): Thresholds;
}

/** What officers said of a case. */
export interface Judgement {
  readonly outcome: string;
  readonly cause: string;
}

interface Row {
  readonly seq: number;
  /** null for thresholds. */
  readonly case: string | null;
  readonly rule: string | null;
  readonly outcome: string | null;
  readonly cause: string | null;
  /** The thresholds, or the decision. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

interface Judged {
  readonly seq: number;
  readonly case: string;
  readonly confirmed: boolean;
}

/** A decision about a case of some subject. */
interface Ruling extends Judgement {
  readonly seq: number;
  readonly case: string;
}

export function createDocket(sql: Sql): Docket {
  const firstDecided = new Map<string, number>();
  const judged = new Map<string, Judged[]>();
  const rulings = new Map<string, Ruling[]>();
  const versions: { readonly seq: number; readonly thresholds: Thresholds }[] = [];
  let last = -1;

  function take({ seq, case: id, rule, outcome, cause, body }: Row): void {
    if (id === null || rule === null) {
      versions.push({ seq, thresholds: thresholdsOf(body ?? {}) });
      return;
    }
    if (!firstDecided.has(id)) firstDecided.set(id, seq);
    const list = judged.get(rule) ?? [];
    list.push({ seq, case: id, confirmed: outcome === 'confirmed' });
    judged.set(rule, list);
    const key = subjectKeyOf(rule, body ?? {});
    const ruling = { seq, case: id, outcome: outcome ?? '', cause: cause ?? '' };
    rulings.set(key, [...(rulings.get(key) ?? []), ruling]);
  }

  function decided(rule: string, before: number): Decided {
    const latest = new Map<string, boolean>();
    for (const it of judged.get(rule) ?? []) if (it.seq < before) latest.set(it.case, it.confirmed);
    let confirmed = 0;
    for (const it of latest.values()) if (it) confirmed++;
    return { confirmed, rejected: latest.size - confirmed };
  }

  /** A case takes what is found until it is decided for the first time: the first decided since is the one. */
  function judgementOf(subject: CaseSubject, opened: number, before: number): Judgement | null {
    const known = (rulings.get(subjectKey(subject)) ?? []).filter(({ seq }) => seq < before);
    const first = known.find(({ seq, case: id }) => firstDecided.get(id) === seq && seq >= opened);
    return (first && known.findLast(({ case: id }) => id === first.case)) ?? null;
  }

  const thresholds = (before: number): Thresholds =>
    versions.findLast(({ seq }) => seq < before)?.thresholds ?? defaultThresholds;

  return {
    async catchUp() {
      const rows = await sql<Row[]>`
        SELECT seq, case_id AS case, rule, outcome, cause, body FROM decisions WHERE seq > ${last}
        UNION ALL
        SELECT seq, NULL, NULL, NULL, NULL, body FROM policies WHERE name = 'rules' AND seq > ${last}
        ORDER BY seq`;
      for (const row of rows) take(row);
      last = rows.at(-1)?.seq ?? last;
    },
    isDecided: (caseId, before) => (firstDecided.get(caseId) ?? Number.POSITIVE_INFINITY) < before,
    isWatched: (rule, before) => isWatched(decided(rule, before), thresholds(before)),
    decided,
    judgementOf,
    thresholds,
  };
}

/** The key of the subject that a decision names, as the log has it. */
function subjectKeyOf(rule: string, said: Readonly<Record<string, unknown>>): string {
  const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
  return subjectKey({ rule, severity: text('severity'), party: text('party'), gtin: text('gtin') });
}

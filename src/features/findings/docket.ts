/**
 * What officers decided and which thresholds are in force, kept in memory by whoever derives findings. Both tables only
 * grow and commits follow the order of seq, so catching up is reading what is beyond the last seq seen, and any
 * earlier prefix of the log can be asked for afterwards.
 */
import { append } from '../../core/grouping.ts';
import { leading } from '../../core/halving.ts';
import type { Severity } from '../../core/life/contradictions.ts';
import { type CaseSubject, subjectKey } from '../../core/rules/case.ts';
import { catalogue, type RuleName } from '../../core/rules/catalogue.ts';
import {
  type Decided,
  type DecidedByVersion,
  isWatched,
  judgedBy,
  undecided,
} from '../../core/rules/precision.ts';
import { defaultThresholds, type Thresholds, thresholdsOf } from '../../core/rules/thresholds.ts';
import type { Sql } from '../../database/connection.ts';

export interface Docket {
  /** Reads what was recorded since. One statement. */
  catchUp(): Promise<void>;
  /** Whether a case was decided by an entry before `before`. */
  isDecided(caseId: string, before: number): boolean;
  /** How the cases of a rule were decided last, by the entries before `before`. */
  decided(rule: string, before: number): DecidedByVersion;
  /** Whether a rule is only watched, by the entries before `before`. */
  isWatched(rule: RuleName, before: number): boolean;
  /**
   * What officers said last, by the entries before `before`, of the case in which a finding of this subject is filed that
   * an entry opened; null while they said nothing.
   */
  judgementOf(subject: CaseSubject, opened: number, before: number): Judgement | null;
  /** What was decided of the cases of a rule, in order of seq. */
  rulings(rule: string): readonly Ruled[];
  /** In force by the entries before `before`. */
  thresholds(before: number): Thresholds;
}

/** A decision, and of which findings of the subject: of those opened in `after` < seq ≤ `until`. */
export interface Ruled {
  readonly seq: number;
  readonly severity: string;
  readonly party: string;
  readonly gtin: string;
  /** Lot or thing, of rules by sample; empty for all others, and where a decision was about all samples of a case. */
  readonly sample: string;
  readonly after: number;
  readonly until: number;
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
  readonly version: number;
  readonly confirmed: boolean;
}

/** What was decided of the cases of one subject. */
interface Subject {
  /** First decisions, in order of seq: a case takes what is found until then. */
  readonly firsts: { readonly seq: number; readonly case: string }[];
  readonly byCase: Map<string, { readonly seq: number; readonly said: Judgement }[]>;
}

export function createDocket(sql: Sql): Docket {
  const firstDecided = new Map<string, number>();
  const judged = new Map<string, Judged[]>();
  const subjects = new Map<string, Subject>();
  const rulings = new Map<string, Ruled[]>();
  const versions: { readonly seq: number; readonly thresholds: Thresholds }[] = [];
  let last = -1;

  function take({ seq, case: id, rule, outcome, cause, body }: Row): void {
    if (id === null || rule === null) {
      versions.push({ seq, thresholds: thresholdsOf(body ?? {}) });
      return;
    }
    if (!firstDecided.has(id)) firstDecided.set(id, seq);
    append(judged, rule, {
      seq,
      case: id,
      version: versionOf(body ?? {}),
      confirmed: outcome === 'confirmed',
    });
    const about = subjectOf(body ?? {});
    const key = subjectKey({ rule, ...about });
    const subject: Subject = subjects.get(key) ?? { firsts: [], byCase: new Map() };
    subjects.set(key, subject);
    const { firsts, byCase } = subject;
    const known = byCase.get(id) ?? [];
    if (known.length === 0) firsts.push({ seq, case: id });
    byCase.set(id, known);
    known.push({ seq, said: { outcome: outcome ?? '', cause: cause ?? '' } });
    const first = leading(firsts, (it) => it.seq < (known[0]?.seq ?? seq));
    const ruled = { ...about, seq, after: firsts[first - 1]?.seq ?? -1, until: firsts[first]?.seq ?? seq };
    append(rulings, rule, ruled);
  }

  function decided(rule: string, before: number): DecidedByVersion {
    const latest = new Map<string, Judged>();
    for (const it of judged.get(rule) ?? []) if (it.seq < before) latest.set(it.case, it);
    const by = new Map<number, Decided>();
    for (const { version, confirmed } of latest.values()) {
      const sum = by.get(version) ?? undecided;
      by.set(version, {
        confirmed: sum.confirmed + (confirmed ? 1 : 0),
        rejected: sum.rejected + (confirmed ? 0 : 1),
      });
    }
    return by;
  }

  function watched(rule: RuleName, before: number): boolean {
    const inForce = thresholds(before);
    return isWatched(judgedBy(decided(rule, before), catalogue[rule].version, inForce), inForce);
  }

  /** A case takes what is found until it is decided for the first time: the first decided since is the one. */
  function said(subject: CaseSubject, opened: number, before: number): Judgement | null {
    const { firsts, byCase } = subjects.get(subjectKey(subject)) ?? nothingSaid;
    const first = firsts[leading(firsts, ({ seq }) => seq < opened)];
    const decisions = first === undefined ? [] : (byCase.get(first.case) ?? []);
    return decisions[leading(decisions, ({ seq }) => seq < before) - 1]?.said ?? null;
  }

  /** A decision that names no sample is of the time when all samples of a product were one case, and about all of them. */
  const judgementOf = (subject: CaseSubject, opened: number, before: number): Judgement | null =>
    said(subject, opened, before) ?? said({ ...subject, sample: '' }, opened, before);

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
    isWatched: watched,
    decided,
    judgementOf,
    rulings: (rule) => rulings.get(rule) ?? [],
    thresholds,
  };
}

const nothingSaid: Subject = { firsts: [], byCase: new Map() };

/** The version of the rule that a decision is about, as the log has it. */
const versionOf = ({ version }: Readonly<Record<string, unknown>>): number =>
  typeof version === 'number' ? version : 0;

/** The subject that a decision names beside its rule, as the log has it. */
function subjectOf(said: Readonly<Record<string, unknown>>) {
  const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
  return {
    severity: text('severity') as Severity,
    party: text('party'),
    gtin: text('gtin'),
    sample: text('sample'),
  };
}

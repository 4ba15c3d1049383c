/**
 * Cases: findings that have so much in common that one look settles them. What a rule finds, as gravely, in the goods
 * of one product by the word of one party, is one case until an officer decides it; what comes after the decision is a
 * new one. Failed supervision samples are decided one by one, for each may be appealed against: their cases are of one
 * lot, or of one thing without a lot.
 *
 * A case goes by an id that follows from what it is about and the entry that opened it:
 *
 *     id = opaque id of the first ten bytes of SHA-256("case|" ‖ rule ‖ "|" ‖ severity ‖ "|" ‖ party ‖ "|" ‖ gtin ‖ "|" ‖ opened)
 *
 * with "|" ‖ the lot or thing after the GTIN for what is of one sample, and "|" ‖ district at the end for what is found of a
 * product in a district.
 *
 * Example: dealer B sells 200 extinguishers of one product twice, in three requests: 200 findings, one case.
 */
import { hash } from 'node:crypto';
import type { Severity } from '../life/contradictions.ts';
import { opaqueId, opaqueIdBytes } from '../opaque-id.ts';
import type { RuleName } from './catalogue.ts';

/** What the findings of a case have in common. */
export interface CaseSubject {
  readonly rule: RuleName;
  readonly severity: Severity;
  /** By whose word; empty when nobody's. */
  readonly party: string;
  /** Empty for what has none, such as containers. */
  readonly gtin: string;
  /** Lot, or thing without one, of rules by sample; absent or empty for all others. */
  readonly sample?: string;
}

/** Rules whose findings are decided sample by sample. */
export const bySampleRules: ReadonlySet<RuleName> = new Set<RuleName>(['failed-sample']);

/** Tells subjects apart. */
export const subjectKey = ({
  rule,
  severity,
  party,
  gtin,
  sample = '',
}: Omit<CaseSubject, 'rule'> & { readonly rule: string }): string =>
  `${rule}|${severity}|${party}|${gtin}${sample === '' ? '' : `|${sample}`}`;

/** The id of the case that an entry, or for clues a moment, opened. */
export const caseId = (subject: CaseSubject, opened: number, district = ''): string => {
  const text = `case|${subjectKey(subject)}|${opened}${district === '' ? '' : `|${district}`}`;
  return opaqueId(hash('sha256', text, 'buffer').subarray(0, opaqueIdBytes));
};

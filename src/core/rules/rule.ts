/** What every rule has: its definition as data, and the shape of what it finds. */
import type { Severity } from '../life/contradictions.ts';
import type { Cause } from './causes.ts';
import type { ThresholdName } from './thresholds.ts';

/** What a rule is, beside the function that applies it. */
export interface RuleDefinition {
  readonly version: number;
  /** Rules of one family are about the same trouble. */
  readonly family: Family;
  /** `log`: follows from recorded facts alone, for ever. `scans`: rests on scans, which are deleted in time. */
  readonly basis: 'log' | 'scans';
  readonly severities: readonly Severity[];
  readonly cause: Cause;
  readonly thresholds: readonly ThresholdName[];
  readonly zh: string;
  readonly en: string;
}

export const families = [
  'chain',
  'life',
  'quantity',
  'certificate',
  'travel',
  'scan',
  'order',
  'firm',
  'failure',
] as const;
export type Family = (typeof families)[number];

/** What a rule finds: the two entries that do not go together, or the same one twice. */
export interface FoundBy<Rule extends string> {
  readonly rule: Rule;
  readonly seqs: readonly [number, number];
  readonly severity: Severity;
}

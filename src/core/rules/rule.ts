/** What every rule has: its definition as data, and the shape of what it finds. */
import type { Severity } from '../life/contradictions.ts';
import type { Cause } from './causes.ts';
import type { ThresholdName } from './thresholds.ts';

/** What a rule is, beside the function that applies it. */
export interface RuleDefinition {
  readonly version: number;
  /** Rules of one family are about the same trouble. */
  readonly family: Family;
  readonly basis: Basis;
  readonly severities: readonly Severity[];
  readonly cause: Cause;
  readonly thresholds: readonly ThresholdName[];
  readonly zh: string;
  readonly en: string;
}

/** `log`: follows from recorded facts alone, for ever. `scans`, `reports`: rests on what the public does (clues.ts). */
export const bases = ['log', 'scans', 'reports'] as const;
export type Basis = (typeof bases)[number];

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
  'complaint',
] as const;
export type Family = (typeof families)[number];

/** What a rule finds: the two entries that do not go together, or the same one twice. */
export interface FoundBy<Rule extends string> {
  readonly rule: Rule;
  readonly seqs: readonly [number, number];
  /** The entry that made the thing of others, where the two concern it only for that. */
  readonly made?: number | null;
  readonly severity: Severity;
}

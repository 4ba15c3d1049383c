/**
 * Every rule by which findings are made: what it says, how grave that is, what is likely behind it, and what it rests
 * on. A rule stands here only if it is wired to data.
 *
 * A change of what a rule finds is a new version of it, and comes with a migration that empties what followers derived
 * by the old one: they derive it again from the log.
 */
import { rules as lifecycleRules, type Severity } from '../contradictions.ts';
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

export const families = ['chain', 'life', 'quantity', 'certificate'] as const;
export type Family = (typeof families)[number];

type LifecycleRule = keyof typeof lifecycleRules;

const familyOf: Readonly<Record<LifecycleRule, Family>> = {
  'receipt-without-shipment': 'chain',
  'withdrawn-after-receipt': 'chain',
  'received-differently': 'chain',
  'ship-by-non-holder': 'chain',
  'handled-by-non-holder': 'chain',
  'double-sale': 'chain',
  'two-containers-at-once': 'life',
  'event-after-scrap': 'life',
  'event-before-production': 'life',
  'produced-twice': 'life',
  'certificate-not-valid-at-production': 'certificate',
  'moved-while-blocked': 'life',
  'lot-quantity-exceeded': 'quantity',
  'implied-unpack': 'life',
  'implied-receipt': 'chain',
  'lift-without-power': 'life',
  'stranger-claim': 'chain',
};

const ofLifecycle = Object.fromEntries(
  Object.entries(lifecycleRules).map(([name, words]): [string, RuleDefinition] => [
    name,
    { version: 1, family: familyOf[name as LifecycleRule], basis: 'log', thresholds: [], ...words },
  ]),
) as Record<LifecycleRule, RuleDefinition>;

/** Every rule by name. */
export const catalogue = { ...ofLifecycle } satisfies Record<string, RuleDefinition>;

export type RuleName = keyof typeof catalogue;
export const ruleNames = Object.keys(catalogue).filter((name): name is RuleName => name in catalogue);

/** What a rule finds in a thing: the two entries that do not go together, or the same one twice. */
export interface Found {
  readonly rule: RuleName;
  readonly seqs: readonly [number, number];
  readonly severity: Severity;
}

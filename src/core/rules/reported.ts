/**
 * Reports by the public about one thing. Every thing that somebody reported is found, by a rule of its own for each kind of
 * report, so that each has its likeliest cause and its own precision:
 *
 *     reported-{category}    at least one report of that category (report.ts)
 *     reported-under-seal    at least one report whose sender told the authority who it is and nobody else: an insider's.
 *                            It counts here and not by its category, for its maker is not to be warned
 *
 * A report counts unless the authority found it unfounded, the code that came with it was forged, so that it is about
 * another thing, or an officer decided the case of this rule after it. Nobody vouches for what a report says: `claim`.
 *
 * Example: two people report that extinguisher A1 does not work, a third that it is counterfeit: reported-defect with two
 * reports, reported-counterfeit with one.
 */
import { append } from '../grouping.ts';
import type { ReportCategory } from '../report.ts';
import type { Cause } from './causes.ts';
import { type Clue, type ClueFound, restingOn } from './clues.ts';
import type { RuleDefinition } from './rule.ts';

const rule = (cause: Cause, zh: string, en: string): RuleDefinition => ({
  version: 1,
  family: 'complaint',
  basis: 'reports',
  severities: ['claim'],
  cause,
  thresholds: [],
  zh,
  en,
});

const ofCategory = {
  'reported-counterfeit': rule(
    'clone',
    '有人举报其疑似假冒伪劣。',
    'Somebody reported that it seems to be counterfeit.',
  ),
  'reported-defect': rule(
    'quality',
    '有人举报其有质量问题或不能正常使用。',
    'Somebody reported that it is defective or does not work.',
  ),
  'reported-harm': rule(
    'quality',
    '有人举报其已造成伤害或损失。',
    'Somebody reported that it harmed somebody or something.',
  ),
  'reported-code': rule(
    'clone',
    '有人举报其身份码异常或与实物不符。',
    'Somebody reported that its code is wrong or belongs to another thing.',
  ),
  'reported-expired': rule(
    'expired',
    '有人举报其过期、翻新或应当报废。',
    'Somebody reported that it is expired, refurbished or should be scrapped.',
  ),
  'reported-unlicensed': rule(
    'unlicensed',
    '有人举报其无证生产、销售或维修。',
    'Somebody reported that it is made, sold or serviced without licence.',
  ),
  'reported-other': rule('quality', '有人举报其有其他问题。', 'Somebody reported something else about it.'),
} satisfies Record<`reported-${ReportCategory}`, RuleDefinition>;

/** Of what insiders report, which is told to the authorities in charge of where it was and to nobody else. */
export const underSeal = 'reported-under-seal' as const;

export const reportedRules = {
  ...ofCategory,
  'reported-under-seal': rule(
    'quality',
    '知情人密封身份举报了该产品，仅监管部门可见。',
    'Somebody known to the authority alone reported it; told to nobody but authorities.',
  ),
} as const;

export type ReportedRule = keyof typeof reportedRules;
export const reportedRuleNames = Object.keys(reportedRules) as readonly ReportedRule[];

/** A report about a thing that counts. */
export interface Reported extends Clue {
  readonly category: ReportCategory;
  /** Who reported is sealed to the authority. */
  readonly sealed: boolean;
}

/** By which rule a report is found. */
const ruleOf = ({ category, sealed }: Pick<Reported, 'category' | 'sealed'>): ReportedRule =>
  sealed ? underSeal : `reported-${category}`;

/** What is found in the reports about a thing. `decided`: when the case of a rule was decided last, ms; null if never. */
export function foundInReports(
  reports: readonly Reported[],
  decided: (rule: ReportedRule) => number | null,
): ClueFound<ReportedRule>[] {
  const byRule = new Map<ReportedRule, Reported[]>();
  for (const report of reports) {
    const found = ruleOf(report);
    if (report.at <= (decided(found) ?? Number.NEGATIVE_INFINITY)) continue;
    append(byRule, found, report);
  }
  return [...byRule].map(([found, of]) => ({ rule: found, severity: 'claim', ...restingOn(of) }));
}

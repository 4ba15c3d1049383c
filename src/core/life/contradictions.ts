/**
 * The rules that a history can break, and what each says.
 *
 * A contradiction names two hops, one for each side. Its severity says what follows:
 *   conflict  two parties with standing contradict each other or themselves: the verdict becomes `conflicted`
 *   risk      nothing is contradicted, but it is as it should not be: worth looking into
 *   quality   careless recording: worth mending, never a reason to distrust the thing
 *   claim     said by a stranger: worth looking into, and never a change of state or verdict
 * Each names the cause that is likeliest behind it (rules/causes.ts).
 *
 * Example: A ships to B (seq 3) and, not having got it back, to C (seq 5): double-sale [3, 5], a conflict.
 */

import type { Cause } from '../rules/causes.ts';
import type { ThresholdName } from '../rules/thresholds.ts';

export const severities = ['conflict', 'risk', 'quality', 'claim'] as const;
export type Severity = (typeof severities)[number];

interface RuleWords {
  /** 1 where none is told. */
  readonly version?: number;
  readonly severities: readonly Severity[];
  /** None where none are told. */
  readonly thresholds?: readonly ThresholdName[];
  readonly cause: Cause;
  readonly zh: string;
  readonly en: string;
}

/** Every rule, the severities it can have, and what it says. */
export const rules = {
  'receipt-without-shipment': {
    severities: ['conflict', 'claim'],
    thresholds: ['grace-days'],
    cause: 'late-upload',
    zh: '一方登记收货，但没有任何一方登记向其发货。',
    en: 'A party recorded a receipt, and nobody recorded shipping to it.',
  },
  'withdrawn-after-receipt': {
    severities: ['conflict'],
    cause: 'diversion',
    zh: '发货登记在对方收货之后被撤销或取消。',
    en: 'A shipment was withdrawn or cancelled after the other side had received it.',
  },
  'cancelled-not-shipped': {
    severities: ['quality'],
    cause: 'data-error',
    zh: '取消发货时登记了不在该次发货中的产品，或超出该次发货的数量。',
    en: 'A shipment was cancelled of goods that were not in it, or of more than it held.',
  },
  'received-differently': {
    severities: ['quality', 'conflict'],
    cause: 'data-error',
    zh: '收货登记与发货登记不一致。',
    en: 'The receipt does not match the shipment.',
  },
  'ship-by-non-holder': {
    severities: ['conflict'],
    cause: 'diversion',
    zh: '按记录并不持有该产品的一方登记了发货。',
    en: 'A party shipped it that, by the record, did not have it.',
  },
  'handled-by-non-holder': {
    severities: ['conflict'],
    cause: 'diversion',
    zh: '按记录并不持有该产品的一方登记了对其的处理。',
    en: 'A party handled it that, by the record, did not have it.',
  },
  'double-sale': {
    severities: ['conflict'],
    cause: 'clone',
    zh: '同一方将同一产品售出两次。',
    en: 'The same party sold the same thing twice.',
  },
  'two-containers-at-once': {
    severities: ['conflict'],
    cause: 'clone',
    zh: '同一产品被登记为同时在两个包装内。',
    en: 'It is recorded in two containers at once.',
  },
  'event-after-scrap': {
    severities: ['conflict', 'claim'],
    cause: 'clone',
    zh: '报废、销毁或停用之后仍有流转登记。',
    en: 'Something was recorded after its life had ended.',
  },
  'event-before-production': {
    severities: ['conflict'],
    cause: 'data-error',
    zh: '流转登记的时间早于生产时间。',
    en: 'Something was recorded that happened before it was made.',
  },
  'produced-twice': {
    version: 2,
    severities: ['conflict'],
    cause: 'clone',
    zh: '同一身份码被登记启用两次：重复生产，或换标时给了另一件产品。',
    en: 'Its code is recorded as begun twice: the thing made twice, or the code given to another by relabelling.',
  },
  'certificate-not-valid-at-production': {
    version: 3,
    severities: ['conflict'],
    cause: 'unlicensed',
    zh: '生产时没有有效的认证证书。',
    en: 'No certificate was valid when it was made.',
  },
  'moved-while-blocked': {
    version: 2,
    severities: ['conflict', 'quality'],
    cause: 'diversion',
    zh: '封存或扣押期间发生移动或处置。',
    en: 'It was moved or used while held or seized.',
  },
  'lot-quantity-exceeded': {
    severities: ['conflict', 'claim'],
    cause: 'diversion',
    zh: '登记的数量超过该批次可有的数量。',
    en: 'More of the lot was recorded than there can be.',
  },
  'measured-in-another-kind': {
    severities: ['quality'],
    cause: 'data-error',
    zh: '登记数量所用的计量单位与该批次的计量单位不属同一种量，未计入。',
    en: 'An amount of the lot was told in a unit that does not convert into the one it was made in; it is not counted.',
  },
  'implied-unpack': {
    severities: ['quality'],
    cause: 'late-upload',
    zh: '登记了单品环节，但没有登记从包装中取出。',
    en: 'It was handled on its own without being recorded as unpacked.',
  },
  'implied-receipt': {
    severities: ['quality'],
    cause: 'late-upload',
    zh: '收货方未登记收货就登记了后续环节。',
    en: 'The receiver went on with it without recording the receipt.',
  },
  'lift-without-power': {
    severities: ['quality'],
    cause: 'data-error',
    zh: '解除登记的一方无权解除该封存或扣押。',
    en: 'A hold was declared lifted by a party that cannot lift it.',
  },
  'stranger-claim': {
    severities: ['claim'],
    cause: 'clone',
    zh: '与该产品没有记录关系的一方作了登记。',
    en: 'A party that the record does not connect with it made a claim.',
  },
  'user-without-seller': {
    severities: ['claim'],
    cause: 'diversion',
    zh: '使用单位登记了该产品，但没有任何一方登记向其销售。',
    en: 'A using unit recorded something of it, and nobody recorded selling it there.',
  },
  'production-beyond-codes': {
    severities: ['conflict'],
    cause: 'unlicensed',
    version: 2,
    zh: '登记生产的件数超过签发的身份码数，或登记生产的单品没有签发过身份码。',
    en: 'More was recorded as made than codes were issued for: pieces of a lot, or a unit without a code.',
  },
} as const satisfies Record<string, RuleWords>;

export type Rule = keyof typeof rules;

export interface Contradiction {
  readonly rule: Rule;
  /** One seq for each side; the same twice where the hop contradicts the absence of another. */
  readonly seqs: readonly [number, number];
  readonly severity: Severity;
}

/** Whether any of these makes the verdict `conflicted`. */
export const hasConflict = (found: readonly Contradiction[]): boolean =>
  found.some((c) => c.severity === 'conflict');

/**
 * Reports by the public: what they are about, how far they have come, and the code by which whoever sent one finds it
 * again.
 *
 *   received → taken-up → answered (again when there is more to say) → closed      closed from each of them
 *
 * Whoever closes a report may say whether it was founded. One that is unfounded counts for nothing that rests on reports.
 *
 * A receipt code is an opaque id (opaque-id.ts), 80 random bits, shown in fours: 7ZK3-QW9D-5TB1-M0AB. As people type it,
 * case, spaces and hyphens do not count, and O reads as 0, I and L as 1 (Crockford, "Base 32 Encoding").
 */

import { fault, ok, type Result } from '../errors.ts';
import { isOpaqueId } from './opaque-id.ts';

export const reportWords = {
  counterfeit: { zh: '疑似假冒伪劣', en: 'It seems to be counterfeit' },
  defect: { zh: '质量问题、不能正常使用', en: 'It is defective or does not work' },
  harm: { zh: '已造成伤害或损失', en: 'Somebody or something was harmed' },
  code: { zh: '身份码异常（扫不出、与实物不符）', en: 'Its code is wrong or belongs to another thing' },
  expired: { zh: '过期、翻新或应当报废', en: 'It is expired, refurbished or should be scrapped' },
  unlicensed: { zh: '无证生产、销售或维修', en: 'It is made, sold or serviced without licence' },
  other: { zh: '其他问题', en: 'Something else' },
} as const;
export type ReportCategory = keyof typeof reportWords;
export const reportCategories = Object.keys(reportWords) as readonly ReportCategory[];

export const reportStates = ['received', 'taken-up', 'answered', 'closed'] as const;
export type ReportState = (typeof reportStates)[number];

export const reportStateWords: Readonly<Record<ReportState, { readonly zh: string; readonly en: string }>> = {
  received: { zh: '已收到', en: 'Received' },
  'taken-up': { zh: '已受理', en: 'Taken up' },
  answered: { zh: '已答复', en: 'Answered' },
  closed: { zh: '已办结', en: 'Closed' },
};

/** What the authority found out; nothing is said where that could not be settled. */
export const reportOutcomeWords = {
  founded: { zh: '属实', en: 'Founded' },
  unfounded: { zh: '不属实', en: 'Not founded' },
} as const;
export type ReportOutcome = keyof typeof reportOutcomeWords;
export const reportOutcomes = Object.keys(reportOutcomeWords) as readonly ReportOutcome[];

/** What the public wrote of a report, and may be erased from it. */
export const erasablePartWords = {
  contact: { zh: '联系方式', en: 'how to reach whoever reported' },
  text: { zh: '情况说明', en: 'what was written' },
  place: { zh: '地点', en: 'the place' },
  sealed: { zh: '加密的举报人信息', en: 'the sealed identity' },
  photos: { zh: '照片', en: 'the photos' },
} as const;
export type ErasablePart = keyof typeof erasablePartWords;
export const erasableParts = Object.keys(erasablePartWords) as readonly ErasablePart[];

/** The states that may come next. */
export const nextReportStates: Readonly<Record<ReportState, readonly ReportState[]>> = {
  received: ['taken-up', 'closed'],
  'taken-up': ['answered', 'closed'],
  answered: ['answered', 'closed'],
  closed: [],
};

/** An opaque id in fours. Inverse of `parseReceiptCode`. */
export const formatReceiptCode = (id: string): string => id.replace(/.{4}(?=.)/g, '$&-');

/** The id of a receipt code as people type it. Fault: `invalid-identifier`. */
export function parseReceiptCode(text: string): Result<string> {
  const id = text.slice(0, 64).toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return isOpaqueId(id)
    ? ok(id)
    : fault('invalid-identifier', 'A receipt code is 16 letters and digits; copy it as it was shown.');
}

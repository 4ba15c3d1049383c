/**
 * What is likely behind a finding: the class by which people sort their work. A rule names the likeliest cause of what
 * it finds; an officer who decides a case names the one that it turned out to be.
 */

interface CauseWords {
  readonly zh: string;
  readonly en: string;
}

/** Every cause class and what it says. */
export const causes = {
  clone: { zh: '身份码被复制', en: 'The code was copied onto other goods.' },
  diversion: { zh: '窜货或脱离登记的渠道', en: 'Goods left the channel that was recorded.' },
  'data-error': { zh: '登记有误', en: 'Somebody recorded something wrong.' },
  'late-upload': { zh: '迟报或漏报', en: 'Something was recorded late, or not yet.' },
  unlicensed: { zh: '无资质或超出资质', en: 'Somebody acted without a licence or certificate for it.' },
  expired: { zh: '失效或超期', en: 'Something was past its time.' },
  quality: { zh: '产品质量', en: 'The goods themselves are bad.' },
  scanner: { zh: '扫码行为异常', en: 'The way in which codes were scanned, not the goods.' },
} as const satisfies Record<string, CauseWords>;

export type Cause = keyof typeof causes;
export const causeNames = Object.keys(causes).filter((name): name is Cause => name in causes);

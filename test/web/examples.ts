/** Verification views for the tests of pages: one of each verdict, with the sentences that the core gives. */
import { type Verdict, verdictWords } from '../../src/core/codes/verdict.ts';
import { reasonWords } from '../../src/core/codes/verdict-words.ts';
import type { VerificationView } from '../../src/web/verification-view.ts';
import type { Bilingual } from '../../src/web/words.ts';

const maker = '江南消防器材有限公司';
const signature = `0000001${'0123456789'.repeat(15)}01234`;

const headline = (verdict: Verdict): Bilingual => ({
  zh: verdictWords[verdict].zh.replace('{maker}', maker),
  en: verdictWords[verdict].en.replace('{maker}', maker),
});
export const reason = (code: keyof typeof reasonWords) => ({ code, ...reasonWords[code] });

const consistent: VerificationView = {
  verdict: 'consistent',
  headline: headline('consistent'),
  reasons: [reason('recorded-installed')],
  orders: [],
  product: {
    name: '手提式干粉灭火器',
    nameEn: 'Portable dry powder extinguisher',
    model: 'MFZ/ABC4',
    category: { zh: '手提式灭火器', en: 'Portable fire extinguishers' },
    gtin: '06901234567892',
  },
  manufacturer: {
    name: maker,
    nameEn: null,
    region: { zh: '浙江省杭州市', en: 'Hangzhou, Zhejiang' },
  },
  lot: 'L20260301A',
  productionDate: '2026-03-01',
  certificate: { number: '2025081801000123', body: '应急管理部消防产品合格评定中心', state: 'valid' },
  certifiedWhenMade: true,
  journey: [
    { step: 'produce', month: '2026-03', region: { zh: '浙江省杭州市', en: 'Hangzhou, Zhejiang' } },
    { step: 'release', month: '2026-03', region: { zh: '浙江省杭州市', en: 'Hangzhou, Zhejiang' } },
    { step: 'ship', month: '2026-04', region: { zh: '浙江省杭州市', en: 'Hangzhou, Zhejiang' } },
    { step: 'receive', month: '2026-04', region: { zh: '上海市', en: 'Shanghai' } },
    { step: 'install', month: '2026-05', region: { zh: '上海市长宁区', en: 'Changning, Shanghai' } },
  ],
  scans: { count: 3, firstAt: Date.UTC(2026, 4, 6, 16, 30) },
  proof: { seq: 1234567, leafHash: 'Vb0w3iY0cJxV4mTnQ2nWc4m0p0mVfQqS6c5n0m6nR2E' },
  host: 'id.suyuan.example',
  code: {
    text: `HTTPS://ID.SUYUAN.EXAMPLE/01/06901234567892/21/7ZK3QW9D5TB1M?S=${signature}`,
    elementString: '(01)06901234567892(21)7ZK3QW9D5TB1M',
  },
  purpose: null,
  checkedAt: Date.UTC(2026, 10, 22, 2, 14),
  urls: {
    here: `/01/06901234567892/21/7ZK3QW9D5TB1M?S=${signature}`,
    proof: '/v1/log/entries/1234567',
  },
};

const nothingKnown = {
  product: null,
  manufacturer: null,
  lot: null,
  productionDate: null,
  certificate: null,
  certifiedWhenMade: null,
  journey: null,
  scans: null,
  proof: null,
  urls: { ...consistent.urls, proof: null },
};

const example = (verdict: Verdict, rest: Partial<VerificationView>): VerificationView => ({
  ...consistent,
  verdict,
  headline: headline(verdict),
  ...rest,
});

export const examples: Readonly<Record<Verdict, VerificationView>> = {
  forged: example('forged', { ...nothingKnown, reasons: [reason('signature-invalid')] }),
  unknown: example('unknown', {
    ...nothingKnown,
    reasons: [reason('not-issued'), reason('typed-no-signature')],
  }),
  blocked: example('blocked', { reasons: [reason('seized')] }),
  retired: example('retired', { reasons: [reason('recorded-scrapped')] }),
  conflicted: example('conflicted', {
    reasons: [{ code: 'double-sale', zh: '它被记录为卖出过两次。', en: 'It is recorded as sold twice.' }],
  }),
  consistent,
};

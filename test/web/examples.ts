/** Verification views for the tests of pages: one of each verdict, filled as the service fills them. */
import type { Verdict, VerificationView } from '../../src/web/verification-view.ts';

const code =
  'HTTPS://ID.SUYUAN.EXAMPLE/01/06901234567892/21/7ZK3QW9D5TB1M?S=0000001' +
  '0123456789'.repeat(15) +
  '01234';

export const consistent: VerificationView = {
  verdict: 'consistent',
  headline: {
    zh: '这个码由“江南消防器材有限公司”签发，已有的记录之间没有发现矛盾。这不能证明贴着它的实物就是原物。',
    en: 'This code was issued by 江南消防器材有限公司 and its records show no contradiction. That does not prove that the thing under it is the original.',
  },
  reasons: [
    {
      code: 'recorded-installed',
      zh: '记录显示它已经安装使用。',
      en: 'It is recorded as installed and in use.',
    },
  ],
  product: {
    name: '手提式干粉灭火器',
    model: 'MFZ/ABC4',
    category: { zh: '手提式灭火器', en: 'Portable fire extinguisher' },
    gtin: '06901234567892',
  },
  manufacturer: {
    name: '江南消防器材有限公司',
    region: { zh: '浙江省杭州市', en: 'Hangzhou, Zhejiang' },
  },
  lot: 'L20260301A',
  productionDate: '2026-03-01',
  certificate: { number: '2025081801000123', body: '应急管理部消防产品合格评定中心', state: 'valid' },
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
  code: { text: code, elementString: '(01)06901234567892(21)7ZK3QW9D5TB1M' },
  purpose: null,
  checkedAt: Date.UTC(2026, 10, 22, 2, 14),
  urls: {
    here: `/01/06901234567892/21/7ZK3QW9D5TB1M?S=${code.split('S=')[1]}`,
    proof: '/v1/log/entries/1234567',
  },
};

const nothingKnown = {
  product: null,
  manufacturer: null,
  lot: null,
  productionDate: null,
  certificate: null,
  journey: null,
  scans: null,
  proof: null,
  urls: { ...consistent.urls, proof: null },
};

export const examples: Readonly<Record<Verdict, VerificationView>> = {
  forged: {
    ...consistent,
    ...nothingKnown,
    verdict: 'forged',
    headline: {
      zh: '这个码上的签名不对：它不是登记的生产者签发的。',
      en: 'The signature of this code does not verify: the registered manufacturer did not issue it.',
    },
    reasons: [
      {
        code: 'bad-signature',
        zh: '签名与编号不符，可能是仿造或篡改的码，也可能印刷残缺。',
        en: 'The signature does not fit the number: the code was imitated or altered, or is badly printed.',
      },
    ],
  },
  unknown: {
    ...consistent,
    ...nothingKnown,
    verdict: 'unknown',
    headline: { zh: '账本里没有这个码的签发记录。', en: 'The log has no record that this code was issued.' },
    reasons: [],
  },
  blocked: {
    ...consistent,
    verdict: 'blocked',
    headline: {
      zh: '监管部门已封存这件产品，不得销售、使用。',
      en: 'An authority has put this product on hold. It must not be sold or used.',
    },
    reasons: [{ code: 'seized', zh: '2026年9月被扣押。', en: 'Seized in September 2026.' }],
  },
  retired: {
    ...consistent,
    verdict: 'retired',
    headline: {
      zh: '记录显示贴着这个码的产品已经报废。',
      en: 'What carried this code is recorded as scrapped.',
    },
    reasons: [],
  },
  conflicted: {
    ...consistent,
    verdict: 'conflicted',
    headline: {
      zh: '关于这件产品的记录互相矛盾。',
      en: 'What is recorded about this product contradicts itself.',
    },
    reasons: [
      {
        code: 'double-sale',
        zh: '它被记录为由不同单位卖出过两次。',
        en: 'It is recorded as sold twice, by different sellers.',
      },
    ],
  },
  consistent,
};

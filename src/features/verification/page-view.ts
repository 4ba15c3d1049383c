/** A verification as the page shows it, and as links (RFC 9264). */

import type { CodedIdentifier } from '../../core/code.ts';
import type { Purpose, VerificationView } from '../../web/verification-view.ts';
import type { Verification } from './verification.ts';

export function viewOf(
  verification: Verification,
  { here, purpose }: { readonly here: string; readonly purpose: Purpose | null },
): VerificationView {
  const { product, manufacturer, certificate, scans, proof } = verification;
  return {
    verdict: verification.verdict,
    headline: verification.sentence,
    reasons: verification.reasons,
    orders: verification.orders.map(({ since, ...order }) => ({ ...order, since: Date.parse(since) })),
    product,
    manufacturer,
    lot: verification.lot,
    productionDate: verification.productionDate,
    certificate,
    journey: verification.journey,
    scans: scans && {
      count: scans.count,
      firstAt: scans.firstAt === null ? null : Date.parse(scans.firstAt),
    },
    proof: proof && { seq: proof.last.seq, leafHash: proof.last.leaf },
    host: verification.host,
    code: { text: verification.code, elementString: verification.elementString },
    purpose,
    checkedAt: Date.parse(verification.checkedAt),
    urls: { here, proof: proof === null ? null : `/v1/log/entries/${proof.last.seq}` },
  };
}

/** Link types of the GS1 Web Vocabulary. */
const gs1 = 'https://ref.gs1.org/voc/';

/**
 * The links of a thing as `application/linkset+json` (RFC 9264 §4.2), under GS1 link types: its default link and product
 * information are the page, verification and traceability are addresses of the API.
 */
export function linksetOf(
  identifier: CodedIdentifier,
  { publicUrl, here }: { readonly publicUrl: string; readonly here: string },
): object {
  const titled = (href: string, type: string, zh: string, en: string) => ({
    href: `${publicUrl}${href}`,
    type,
    title: en,
    'title*': [
      { value: zh, language: 'zh-CN' },
      { value: en, language: 'en' },
    ],
  });
  const page = titled(here, 'text/html', '核验页面', 'Verification page');
  const { epc } = identifier;
  return {
    linkset: [
      {
        anchor: `${publicUrl}/${epc}`,
        [`${gs1}defaultLink`]: [page],
        [`${gs1}pip`]: [titled(here, 'text/html', '产品信息', 'Product information')],
        [`${gs1}verificationService`]: [titled(here, 'application/json', '核验结果', 'Verification as JSON')],
        ...(identifier.type !== 'unit'
          ? {}
          : {
              [`${gs1}traceability`]: [
                titled(
                  `/v1/units/${identifier.gtin}/${encodeURIComponent(identifier.serial)}/history`,
                  'application/json',
                  '流转历史（需要授权）',
                  'History (needs authorisation)',
                ),
              ],
            }),
      },
    ],
  };
}

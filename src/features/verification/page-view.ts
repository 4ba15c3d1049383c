/** A verification as the page shows it, and as links (RFC 9264). */

import type { CodedIdentifier } from '../../core/codes/code.ts';
import type { Purpose, VerificationView } from '../../web/verification-view.ts';
import { linkTypeAddress, type OwnLinks, target } from '../links/resolver.ts';
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
    certifiedWhenMade: verification.certifiedWhenMade,
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

/**
 * The links that the ledger gives of a thing, under GS1 link types (RFC 9264 §4.2): its default link is the page, always;
 * verification and traceability are addresses of the API.
 */
export function ledgerLinks(
  identifier: CodedIdentifier,
  { publicUrl, here }: { readonly publicUrl: string; readonly here: string },
): OwnLinks {
  const at = (href: string): string => `${publicUrl}${href}`;
  return {
    [linkTypeAddress('defaultLink')]: [target(at(here), 'text/html', '核验页面', 'Verification page')],
    [linkTypeAddress('verificationService')]: [
      target(at(here), 'application/json', '核验结果', 'Verification as JSON'),
    ],
    ...(identifier.type !== 'unit'
      ? {}
      : {
          [linkTypeAddress('traceability')]: [
            target(
              at(`/v1/units/${identifier.gtin}/${encodeURIComponent(identifier.serial)}/history`),
              'application/json',
              '流转历史（需要授权）',
              'History (needs authorisation)',
            ),
          ],
        }),
  };
}

/**
 * What a certificate is worth on a day, from its validity and the history of its status. Days are those of the
 * calendar in China, `YYYY-MM-DD`, and compare as text.
 *
 * A status holds from the day it names until another one that was recorded later takes over from a day of its own;
 * a later record may reach back and overrule what came before.
 *
 *   issued since 2025-01-01, valid until 2029-12-31; suspended since 2026-03-01; issued again since 2026-05-01
 *   2025-06-01 valid · 2026-04-01 suspended · 2026-05-01 valid · 2030-01-01 expired
 */
import type { CertificateFact } from '../../core/log/fact.ts';

export const certificateStates = ['not-yet', 'valid', 'suspended', 'withdrawn', 'expired'] as const;
export type CertificateState = (typeof certificateStates)[number];

/** The state on a day; `versions` are all of one certificate, in the order they were recorded. */
export function stateOn(
  versions: readonly Pick<CertificateFact, 'status' | 'since' | 'validFrom' | 'validUntil'>[],
  day: string,
): CertificateState {
  const inForce = versions.findLast(({ since }) => since <= day);
  if (inForce === undefined) return 'not-yet';
  if (inForce.status !== 'issued') return inForce.status;
  if (day < inForce.validFrom) return 'not-yet';
  return day > inForce.validUntil ? 'expired' : 'valid';
}

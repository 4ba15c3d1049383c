/**
 * What a certificate is worth on a day, from its validity and the history of its status. Days are those of the
 * calendar in China, `YYYY-MM-DD`, and compare as text.
 *
 * A status holds from the day it names until another one that was recorded later takes over from a day of its own;
 * a later record may reach back and overrule what came before. What is withdrawn stays so: whatever is recorded after a
 * withdrawal, by somebody who did not know of it yet, changes nothing.
 *
 *   issued since 2025-01-01, valid until 2029-12-31; suspended since 2026-03-01; issued again since 2026-05-01
 *   2025-06-01 valid · 2026-04-01 suspended · 2026-05-01 valid · 2030-01-01 expired
 */
import type { CertificateFact } from '../../core/log/fact.ts';

export const certificateStates = ['not-yet', 'valid', 'suspended', 'withdrawn', 'expired'] as const;
export type CertificateState = (typeof certificateStates)[number];

/** The versions that count, of all of one certificate in the order they were recorded: none after a withdrawal. */
export function counting<T extends Pick<CertificateFact, 'status'>>(versions: readonly T[]): readonly T[] {
  const withdrawn = versions.findIndex(({ status }) => status === 'withdrawn');
  return withdrawn === -1 ? versions : versions.slice(0, withdrawn + 1);
}

/** The state on a day; `versions` are all of one certificate, in the order they were recorded. */
export function stateOn(
  versions: readonly Pick<CertificateFact, 'status' | 'since' | 'validFrom' | 'validUntil'>[],
  day: string,
): CertificateState {
  const inForce = counting(versions).findLast(({ since }) => since <= day);
  if (inForce === undefined) return 'not-yet';
  if (inForce.status !== 'issued') return inForce.status;
  if (day < inForce.validFrom) return 'not-yet';
  return day > inForce.validUntil ? 'expired' : 'valid';
}

/**
 * Whether one of a product's certificates was valid when a thing was made; null where that cannot be said: certificates are
 * recorded, and no day of its production is.
 */
export function certifiedOn(
  certificates: readonly (readonly Pick<
    CertificateFact,
    'status' | 'since' | 'validFrom' | 'validUntil'
  >[])[],
  made: string | null,
): boolean | null {
  if (certificates.length === 0) return false;
  return made === null ? null : certificates.some((versions) => stateOn(versions, made) === 'valid');
}

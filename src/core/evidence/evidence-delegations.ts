/**
 * Who was entitled to issue a code, as far as a file of evidence tells: the vetted owner of its GTIN, or a party that the
 * owner had delegated `issue` to when the code was issued (fact.ts, DelegationFact).
 *
 * Example: entry 7 says that the owner lets B issue codes of the GTIN from 2025-01-01 until 2026-01-01; entry 12 of
 * 2025-03-01 issues a code, and B's key signed it: entitled by entry 7, unless an entry between the two revokes it.
 */
import type { CheckedEntry } from './evidence-fact.ts';

/** A version of a delegation as its entry tells it. */
export interface ToldDelegation {
  readonly seq: number;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly gtins: readonly string[];
  readonly acts: readonly string[];
  /** ms since the epoch. */
  readonly validFrom: number;
  readonly validUntil: number;
  readonly revoked: boolean;
}

/** The delegations among entries. Only the owner itself delegates; what is withheld in part tells nothing. */
export function delegationsIn(entries: readonly CheckedEntry[]): ToldDelegation[] {
  return entries.flatMap(({ seq, fact }) => {
    if (fact?.members.kind !== 'delegation') return [];
    const { by, id, from, to, gtins, acts, validFrom, validUntil, revoked } = fact.members;
    if (typeof id !== 'string' || typeof from !== 'string' || typeof to !== 'string' || by !== from)
      return [];
    if (!isTexts(gtins) || !isTexts(acts) || typeof revoked !== 'boolean') return [];
    if (typeof validFrom !== 'string' || typeof validUntil !== 'string') return [];
    const [since, until] = [Date.parse(validFrom), Date.parse(validUntil)];
    return [{ seq, id, from, to, gtins, acts, validFrom: since, validUntil: until, revoked }];
  });
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((it) => typeof it === 'string');

/** The delegation that was in force when an entry issued codes of a GTIN; null when none is shown. */
export function entitledBy(
  delegations: readonly ToldDelegation[],
  issue: { readonly seq: number; readonly at: string },
  { from, to, gtin }: { readonly from: string; readonly to: string; readonly gtin: string },
): ToldDelegation | null {
  const newest = new Map<string, ToldDelegation>();
  for (const it of delegations) if (it.seq < issue.seq) newest.set(it.id, it);
  const at = Date.parse(issue.at);
  const inForce = [...newest.values()].find(
    (it) =>
      it.from === from &&
      it.to === to &&
      it.gtins.includes(gtin) &&
      it.acts.includes('issue') &&
      !it.revoked &&
      it.validFrom <= at &&
      at <= it.validUntil,
  );
  return inForce ?? null;
}

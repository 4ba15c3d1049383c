/**
 * Acts of firms that no published list allows (lists.ts), by the list in force when the act was recorded:
 *
 *   unlisted-firm             a maintenance firm maintained or refilled the thing, and is not on the list at that time
 *   tested-outside-scope      a laboratory reported a result, and is not on the list for the product's category then
 *   certified-outside-scope   of the certificates in force when the thing was made none is by a body that the list had
 *                             for its category when the certificate was recorded
 *
 * Where no list is published for a role nothing is found, nor of the category where the product has none.
 *
 * Example: laboratory L is listed for fire doors; its report on an extinguisher is found [the list, the report].
 */

import { type HopRecord, takesSample } from '../events/hop.ts';
import { validDuring } from '../life/lifecycle-state.ts';
import { isListedFor, type ListedRole } from './lists.ts';
import type { FoundBy } from './rule.ts';
import type { Goods, Thing } from './thing.ts';

export const listedFirmRules = {
  'unlisted-firm': {
    version: 1,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'unlicensed',
    thresholds: [],
    zh: '由不在公布名单内的维修机构维修或充装。',
    en: 'It was maintained or refilled by a firm that is not on the published list.',
  },
  'tested-outside-scope': {
    version: 1,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'unlicensed',
    thresholds: [],
    zh: '检验机构超出公布的资质范围出具结果。',
    en: 'A laboratory reported on it outside the scope for which it is listed.',
  },
  'certified-outside-scope': {
    version: 1,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'unlicensed',
    thresholds: [],
    zh: '认证机构超出公布的业务范围发证。',
    en: 'Its certificates are by bodies outside the scope for which they are listed.',
  },
} as const;

type Found = FoundBy<keyof typeof listedFirmRules>;

const actOf = (hop: HopRecord): [ListedRole, keyof typeof listedFirmRules] | null => {
  if (hop.as === 'maintenance-firm' && (hop.hop === 'maintain' || hop.hop === 'refill'))
    return ['maintenance-firm', 'unlisted-firm'];
  if (hop.as === 'laboratory' && hop.hop === 'inspect' && hop.outcome !== null && !takesSample(hop))
    return ['laboratory', 'tested-outside-scope'];
  return null;
};

/** The rules about who did something to the goods. */
export const unlistedActs = ({ told, product, listing }: Goods): readonly Found[] =>
  told.flatMap(({ hop, standing }): Found[] => {
    const act = standing === 'stranger' ? null : actOf(hop);
    if (act === null) return [];
    const [role, rule] = act;
    const list = listing(role, hop.recorder, hop.seq);
    if (list === null || isListedFor(list, hop, product?.category ?? null)) return [];
    return [{ rule, seqs: [list.seq, hop.seq], severity: 'risk' }];
  });

/** The rule about who certified them. */
export function certifiedOutsideScope({ state, certificates, product, listing }: Thing): readonly Found[] {
  const { produced } = state;
  const category = product?.category ?? null;
  if (produced === null || certificates === null || category === null) return [];
  const inForce = validDuring(certificates, produced);
  const outside = inForce.filter(({ issuer, seq }) => {
    const list = listing('certification-body', issuer, seq);
    return list !== null && !isListedFor(list, produced, category);
  });
  const [first] = outside;
  if (first === undefined || outside.length < inForce.length) return [];
  return [{ rule: 'certified-outside-scope', seqs: [first.seq, produced.seq], severity: 'risk' }];
}

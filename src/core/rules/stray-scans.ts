/**
 * Codes that are not ours, by the product that they copy: the usual counterfeit bears a made-up serial under a real GTIN, and
 * no thing that the log knows is to blame.
 *
 *     unregistered-codes   within scan-window-days codes of the product that nobody ever issued, or whose signature was not
 *                          good, were scanned from at least unregistered-scans-min networks
 *
 * Only what bears our address or a signature counts, for numbers that people type go wrong, and other systems may have
 * numbered the same product before. Of one network (http/addresses.ts) a product counts once in any seven days, however many
 * addresses, devices and codes it tried: a rival who makes up numbers at home is one. Regions do not help against a rival, who
 * says any; nor is this a finding against anybody, but says that the product is copied.
 *
 * Example: on a market five people, each by their own network, scan labels of extinguisher G, each with a serial that was never issued: found, about G.
 */
import { type Clue, type ClueFound, restingOn } from './clues.ts';
import type { Thresholds } from './thresholds.ts';

export const strayScanRules = {
  'unregistered-codes': {
    version: 2,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: ['scan-window-days', 'unregistered-scans-min'],
    zh: '有人多次扫到冒用该产品编码而从未签发或伪造的身份码。',
    en: 'Codes of the product that were never issued, or are forged, were scanned again and again.',
  },
} as const;

const dayMs = 86_400_000;

/** What is found in scans of codes of one product that are not ours, the newest of them last. */
export function unregisteredCodes(
  scans: readonly Clue[],
  thresholds: Thresholds,
): readonly ClueFound<'unregistered-codes'>[] {
  const last = scans.at(-1)?.at ?? 0;
  const within = scans.filter(({ at }) => at > last - thresholds['scan-window-days'] * dayMs);
  if (within.length < thresholds['unregistered-scans-min']) return [];
  return [{ rule: 'unregistered-codes', severity: 'risk', ...restingOn(within) }];
}

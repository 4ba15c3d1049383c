/**
 * Certified goods fail: of the supervision samples (supervision.ts) of goods that a certification body certified far more
 * fail than of those that its peers certified of the same category.
 *
 * A sample is a lot, or a thing where none is known, and failed if any result of it was a fault. It counts for the body whose
 * certificate of the product was in force when it was made, if its certificates are of one body and one holder alone, by what
 * was recorded up to its first result. What that says of a maker is `repeat-failure`, and authorities sample again and again
 * where they found something; so of the body in question the samples of the holder of whose goods most failed are left out.
 * Of the rest `n` samples count, of which `f` failed; `N` and `F` are the same of all other bodies by the samples of that
 * category, with none left out. Found when
 *
 *     n ≥ m and N ≥ m, of two other bodies or more           m is `certifier-samples-min`
 *     lower end of Wilson's 95 % interval of f/n > F/N + d   d is `certifier-failure-excess` (precision.ts)
 *     P(f or more of n fail, as f + F of n + N did) ≤ 10⁻ʳ   r is `certifier-rarity`: Fisher's exact test, one-sided
 *
 * by the entries up to the failure, without what was taken back by then, and without failures that officers found to be no
 * fault of the goods. It is told at the failure of something of another holder than the one left out.
 *
 * Example: of what C certified, 20 samples of holder A failed of 20, which are left out, and 12 of 40 of other holders, so
 * that surely more than 18 % fail; of its peers' 100 samples 5 did. By chance once in 6,600 times. Found with the twelfth
 * [the certificate, the failure]; the case is C's.
 */

import type { PartyId } from '../events/hop.ts';
import { validDuring } from '../life/lifecycle-state.ts';
import { hypergeometric } from '../tracing/common-source.ts';
import { wilson } from './precision.ts';
import type { FoundBy } from './rule.ts';
import {
  addRecords,
  bySample,
  createSampleBook,
  firstOf,
  type SampleBook,
  type ToldResult,
} from './sample-book.ts';
import { findsFault } from './supervision.ts';
import type { CertificateScope, CertifiedRecord, CertifiedRecords, Goods } from './thing.ts';
import type { Thresholds } from './thresholds.ts';

export const certifierRules = {
  'certified-goods-fail': {
    version: 1,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'quality',
    thresholds: ['certifier-samples-min', 'certifier-failure-excess', 'certifier-rarity'],
    zh: '认证机构所认证的产品，监督抽查不合格率远高于同类产品的其他认证机构。',
    en: 'Of what a certification body certified far more supervision samples fail than of what its peers did.',
  },
} as const;

type Found = FoundBy<'certified-goods-fail'>;

/** Under which certificate something was made: its entry, the body and the holder. */
export type Certified = Pick<CertificateScope, 'seq' | 'issuer' | 'holder'>;

/** A body and a holder of its certificates. */
export type Certifying = `${PartyId} ${PartyId}`;
export const certifyingOf = ({ issuer, holder }: Certified): Certifying => `${issuer} ${holder}`;

/** A result of a supervision sample of goods made under a certificate. */
export interface CertifiedResult extends ToldResult {
  readonly certified: Certified;
}

/** The certificate under which goods were made then, or at some moment of those; null where there is none, or of several bodies or holders. */
export function certifiedAt(
  certificates: readonly CertificateScope[] | null,
  made: { readonly from: number; readonly until: number },
): Certified | null {
  const inForce = validDuring(certificates ?? [], made);
  const [first] = inForce;
  return first !== undefined && new Set(inForce.map(certifyingOf)).size === 1 ? first : null;
}

const countOf = (certified: Certified, failed: boolean) => ({
  who: certifyingOf(certified),
  record: { samples: 1, failed: Number(failed) },
});

/** How the samples of what each body certified turned out, holder by holder, of results in the order of the log. */
export function certifiedRecordsIn(results: Iterable<CertifiedResult>): Map<Certifying, CertifiedRecord> {
  const records = new Map<Certifying, CertifiedRecord>();
  for (const told of bySample(results).values()) {
    const first = firstOf(told);
    if (first === null) continue;
    const { who, record } = countOf(
      first.certified,
      told.some(({ passed }) => !passed),
    );
    const known = records.get(who);
    records.set(who, known === undefined ? record : addRecords(known, record));
  }
  return records;
}

export type CertifiedBook = SampleBook<CertifiedResult, Certifying, CertifiedRecord>;

/** The same kept up result by result. */
export const createCertifiedBook = (): CertifiedBook =>
  createSampleBook({
    share: (first, results) =>
      countOf(
        first.certified,
        results.some(({ passed }) => !passed),
      ),
    grown: (share, first, result) =>
      result.passed || share.record.failed === 1 ? share : countOf(first.certified, true),
  });

const none: CertifiedRecord = { samples: 0, failed: 0 };

/** Whether what a body certified for others than its worst holder fails as the head of this file says, and that is not this holder. */
export function failsMore(certified: Certified, records: CertifiedRecords, thresholds: Thresholds): boolean {
  const byHolder: (readonly [string, CertifiedRecord])[] = [];
  const peers = new Set<string>();
  let all = none;
  for (const [who, record] of records) {
    const [body = '', holder = ''] = who.split(' ');
    if (body === certified.issuer) byHolder.push([holder, record]);
    else {
      peers.add(body);
      all = addRecords(all, record);
    }
  }
  const [worst, ...others] = byHolder.sort(
    ([a, one], [b, other]) => other.failed - one.failed || other.samples - one.samples || (a < b ? -1 : 1),
  );
  if (worst === undefined || worst[0] === certified.holder) return false;
  const own = others.reduce((sum, [, record]) => addRecords(sum, record), none);
  const enough = thresholds['certifier-samples-min'];
  if (peers.size < 2 || own.samples < enough || all.samples < enough) return false;
  const excess = wilson(own.failed, own.samples).lower - all.failed / all.samples;
  if (excess * 100 <= thresholds['certifier-failure-excess']) return false;
  const chance = hypergeometric(own.samples + all.samples, own.failed + all.failed)(own.samples, own.failed);
  return chance <= 10 ** -thresholds['certifier-rarity'];
}

export const certifiedGoodsFail = ({
  told,
  isSupervised,
  certifiedBy,
  certifiedRecordsAt,
  thresholds,
}: Goods): readonly Found[] =>
  told.flatMap(({ hop, standing }): Found[] => {
    if (standing === 'stranger' || !findsFault(hop) || !isSupervised(hop.seq)) return [];
    const certified = certifiedBy(hop.seq);
    return certified !== null && failsMore(certified, certifiedRecordsAt(hop.seq), thresholds)
      ? [{ rule: 'certified-goods-fail', seqs: [certified.seq, hop.seq], severity: 'risk' }]
      : [];
  });

/**
 * Outside the certificate: when the thing was made, certificates of its product were in force, and none of them covers
 * the model that the product record tells, or none the factory that the maker tells. A certificate that names no models
 * or factories covers all. That none was in force at all is `certificate-not-valid-at-production`.
 *
 * Example: certificate 5 covers MFZ/ABC4 from the plant at place P. Made at Q: outside [5, the production].
 */
import { type Mark, validDuring } from '../life/lifecycle-state.ts';
import type { FoundBy } from './rule.ts';
import type { CertificateScope, Thing } from './thing.ts';

export const certificateRules = {
  'certificate-other-model': {
    version: 1,
    family: 'certificate',
    basis: 'log',
    severities: ['risk'],
    cause: 'unlicensed',
    thresholds: [],
    zh: '生产时有效的认证证书均不覆盖该型号。',
    en: 'No certificate that was in force when it was made covers its model.',
  },
  'certificate-other-factory': {
    version: 1,
    family: 'certificate',
    basis: 'log',
    severities: ['risk'],
    cause: 'unlicensed',
    thresholds: [],
    zh: '生产时有效的认证证书均不覆盖该生产地。',
    en: 'No certificate that was in force when it was made covers the place where it was made.',
  },
} as const;

type Found = FoundBy<keyof typeof certificateRules>;

export function certificateScope({ state, certificates, product, told }: Thing): readonly Found[] {
  const { produced } = state;
  if (produced === null || certificates === null) return [];
  const inForce = validDuring(certificates, produced);
  const place = told.find(({ hop }) => hop.seq === produced.seq)?.hop.place ?? null;
  return [
    ...unlessCovered('certificate-other-model', inForce, produced, ({ models }) =>
      product === null ? true : models.length === 0 || models.includes(product.model),
    ),
    ...unlessCovered('certificate-other-factory', inForce, produced, ({ factories }) =>
      place === null ? true : factories.length === 0 || factories.includes(place),
    ),
  ];
}

function unlessCovered(
  rule: keyof typeof certificateRules,
  inForce: readonly CertificateScope[],
  produced: Mark,
  covers: (certificate: CertificateScope) => boolean,
): readonly Found[] {
  const [first] = inForce;
  if (first === undefined || inForce.some(covers)) return [];
  return [{ rule, seqs: [first.seq, produced.seq], severity: 'risk' }];
}

/**
 * Passed, then failed: a laboratory found the goods in order, and within `passed-days-max` another laboratory or a
 * regulator found the same goods not in order. Once it may be chance or ageing; a laboratory of which it is said often
 * passes what others would not.
 *
 * Example: L passes lot X on 1 March, the provincial institute fails it on 1 May: found [the failure, the pass]; the case
 * is L's.
 */
import type { HopRecord } from '../events/hop.ts';
import { failsSample } from './repeat-failure.ts';
import type { FoundBy } from './rule.ts';
import type { Goods } from './thing.ts';

export const passRules = {
  'passed-then-failed': {
    version: 1,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'quality',
    thresholds: ['passed-days-max'],
    zh: '检验机构判定合格后，他方检验不合格。',
    en: 'A laboratory passed what others then found not in order.',
  },
} as const;

type Found = FoundBy<'passed-then-failed'>;

const dayMs = 86_400_000;

const passes = ({ hop, as, outcome }: HopRecord): boolean =>
  hop === 'inspect' && as === 'laboratory' && outcome === 'conformant';

/** Each failure with each pass before it that it speaks against. */
export function passedThenFailedIn({ told, thresholds }: Goods): (readonly [HopRecord, HopRecord])[] {
  const hops = told.filter(({ standing }) => standing !== 'stranger').map(({ hop }) => hop);
  const passed = hops.filter(passes);
  if (passed.length === 0) return [];
  return hops
    .filter(failsSample)
    .flatMap((failure) =>
      passed
        .filter(
          ({ recorder, until }) =>
            recorder !== failure.recorder &&
            until <= failure.from &&
            failure.from - until <= thresholds['passed-days-max'] * dayMs,
        )
        .map((pass) => [failure, pass] as const),
    );
}

export const passedThenFailed = (goods: Goods): readonly Found[] =>
  passedThenFailedIn(goods).map(
    ([failure, pass]): Found => ({
      rule: 'passed-then-failed',
      seqs: [failure.seq, pass.seq],
      severity: 'risk',
    }),
  );

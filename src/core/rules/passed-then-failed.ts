/**
 * Passed, then failed: a laboratory found the goods in order, and within `passed-days-max` another laboratory or a
 * regulator found the same goods not in order. Once it may be chance or ageing; a laboratory of which it is said often
 * passes what others would not. Of what a laboratory passed several times the last pass before the failure counts.
 *
 * Example: L passes lot X on 1 March, the provincial institute fails it on 1 May: found [the failure, the pass]; the case
 * is L's.
 */
import type { HopRecord, PartyId } from '../events/hop.ts';
import { append } from '../grouping.ts';
import { leading } from '../halving.ts';
import type { FoundBy } from './rule.ts';
import { failsTest } from './supervision.ts';
import type { Goods } from './thing.ts';

export const passRules = {
  'passed-then-failed': {
    version: 2,
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

/** Each failure with the last pass before it of each laboratory that it speaks against. */
export function passedThenFailedIn({ told, thresholds }: Goods): (readonly [HopRecord, HopRecord])[] {
  const hops = told.filter(({ standing }) => standing !== 'stranger').map(({ hop }) => hop);
  const passed = new Map<PartyId, HopRecord[]>();
  for (const hop of hops) if (passes(hop)) append(passed, hop.recorder, hop);
  if (passed.size === 0) return [];
  const byLaboratory = [...passed].map(
    ([recorder, list]) => [recorder, list.sort((a, b) => a.until - b.until)] as const,
  );
  const longest = thresholds['passed-days-max'] * dayMs;
  return hops.filter(failsTest).flatMap((failure) =>
    byLaboratory.flatMap(([recorder, list]) => {
      const last = list[leading(list, ({ until }) => until <= failure.from) - 1];
      return last === undefined || recorder === failure.recorder || failure.from - last.until > longest
        ? []
        : [[failure, last] as const];
    }),
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

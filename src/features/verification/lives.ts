/** The life that a verdict rests on: of a unit all of it, of a container and a lot what can be said of them. */
import type { CodedIdentifier } from '../../core/codes/code.ts';
import type { HopType } from '../../core/events/hop.ts';
import { isProduction } from '../../core/life/history.ts';
import { fold, type Life } from '../../core/life/lifecycle.ts';
import type { LifecycleContext } from '../../core/life/lifecycle-state.ts';
import { foldLot } from '../../core/life/lot.ts';
import type { Chain } from '../../core/life/membership.ts';
import type { LoadedHistories } from '../units/histories.ts';

/** Of a thing by internal number. */
export function lifeOfThing(
  type: CodedIdentifier['type'],
  unit: number,
  loaded: LoadedHistories,
  now: number,
): Life {
  switch (type) {
    case 'unit':
      return loaded.lifeOf(unit, now);
    case 'container':
      return withoutMaking(loaded.lifeOf(unit, now));
    case 'lot':
      return lifeOfLot(loaded.chainOf(unit), loaded.contextOf(unit, now));
  }
}

/** Nobody records the making of a carton: that it is missing says nothing. */
function withoutMaking(life: Life): Life {
  const { stage } = life.state;
  return stage === 'issued' || stage === 'unknown'
    ? { ...life, state: { ...life.state, stage: 'held' } }
    : life;
}

/** What is said of a lot as a whole. */
const ofWholeLot: ReadonlySet<HopType> = new Set<HopType>([
  'adopt',
  'release',
  'hold',
  'seize',
  'lift',
  'correct',
  'void',
]);

/** A lot is in many hands and stages at once: only what is said of it as a whole, and contradictions of quantity. */
function lifeOfLot(chain: Chain, context: LifecycleContext): Life {
  const life = fold(
    chain.filter(({ hop, position }) => isProduction(hop, position) || ofWholeLot.has(hop.hop)),
    context,
  );
  const { contradictions } = foldLot(chain, { ...context, planned: null });
  return { ...life, state: { ...life.state, stage: 'held' }, contradictions };
}

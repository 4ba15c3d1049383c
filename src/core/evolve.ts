/**
 * The state of a unit after a hop.
 *
 * A hop moves the state only if its recorder's word does (`standing.ts`). One that contradicts leaves the state alone,
 * save that whoever it names as taker is no stranger any more.
 *
 * Example: held by A, shipped to B: in-transit, still A's; B installs it: it had arrived, so B has it, installed.
 */
import { crossesShipment, lifts } from './contradictions.ts';
import { half, isBirth, type Step } from './history.ts';
import type { PartyId } from './hop.ts';
import type { LifecycleContext, LifecycleState, Link, Mark, Stage } from './lifecycle-state.ts';
import { depthMax, impliesUnpacking } from './membership.ts';
import { custodyActs, isOfficial, isStub, linkOf, type Power, powerOf } from './standing.ts';

const isOver = (stage: Stage): boolean =>
  stage === 'consumed' || stage === 'relabelled' || stage === 'scrapped' || stage === 'destroyed';

/** The state after a step that concerns the unit. */
export const evolve = (state: LifecycleState, step: Step, context: LifecycleContext): LifecycleState => {
  const power = powerOf(state, step, context);
  return after(arrive(state, step, power), step, power, context);
};

const mark = ({ hop }: Step): Mark => ({ seq: hop.seq, from: hop.from, until: hop.until });

function withLink(
  chain: readonly Link[],
  party: PartyId | null,
  change: Partial<Link> = {},
): readonly Link[] {
  if (party === null) return chain;
  const i = chain.findIndex((link) => link.party === party);
  const old = chain[i];
  if (old === undefined) return [...chain, { party, parted: null, sale: false, rival: false, ...change }];
  const fresh = { ...old, rival: false, ...change };
  if (old.parted === fresh.parted && old.sale === fresh.sale && old.rival === fresh.rival) return chain;
  return chain.with(i, fresh);
}

/** Passes custody: who had it has parted with it by `parted`, who has it now is its holder. */
function handOver(
  state: LifecycleState,
  to: PartyId | null,
  seq: number,
  parted: { seq: number; sale: boolean },
): LifecycleState {
  if (state.holder === to && to !== null) return { ...state, open: null };
  const left = withLink(state.chain, state.holder, { parted: parted.seq, sale: parted.sale });
  const chain = withLink(left, to, { parted: null, sale: false });
  return { ...state, holder: to, since: seq, chain, open: null };
}

export function after(
  before: LifecycleState,
  step: Step,
  power: Power,
  context: LifecycleContext,
): LifecycleState {
  const { hop, position } = step;
  if (power.effect === 'none') return named(before, step, power);
  if (isOver(before.stage)) {
    const destroyed = before.stage === 'scrapped' && hop.hop === 'destroy' && position !== 'parent';
    return destroyed ? { ...before, stage: 'destroyed' } : before;
  }
  if (power.effect === 'full' && crossesShipment(before, step)) {
    return { ...before, chain: withRival(before.chain, hop.taker) };
  }
  const state = possessed(before, step);
  if (impliesUnpacking(step) && state.packings.length > step.depth) {
    return apply({ ...state, packings: state.packings.slice(0, step.depth) }, step, power, context);
  }
  return apply(state, step, power, context);
}

/** Before a hop that only a possessor can do: notes that things have begun, and who had it if nobody said so. */
function possessed(state: LifecycleState, step: Step): LifecycleState {
  const { hop, position } = step;
  if (state.first !== null || isBirth(hop, position) || position === 'quantity') return state;
  if (!custodyActs.has(hop.hop) && half(hop) === null && hop.hop !== 'release') return state;
  const begun = { ...state, first: mark(step) };
  return state.since === null && half(hop) !== 'taking' ? begin(begun, step, state.stage) : begun;
}

/** A contradicting shipment moves nothing, but its taker is no stranger any more. */
function named(state: LifecycleState, step: Step, power: Power): LifecycleState {
  const { hop } = step;
  if (power.standing === 'stranger' || isOver(state.stage)) return state;
  if (half(hop) !== 'giving' && hop.hop !== 'sell') return state;
  const chain = withRival(state.chain, hop.taker);
  return chain === state.chain ? state : { ...state, chain };
}

const withRival = (chain: readonly Link[], party: PartyId | null): readonly Link[] =>
  party === null || chain.some((l) => l.party === party) ? chain : withLink(chain, party, { rival: true });

/** A hop of the taker, or of the giver of a move of its own, that shows that the open shipment has arrived. */
export function arrive(state: LifecycleState, { hop }: Step, power: Power): LifecycleState {
  const { open } = state;
  if (open === null || power.effect === 'none') return state;
  const own = open.taker === open.giver;
  if (power.effect === 'full' && !(own && custodyActs.has(hop.hop) && half(hop) !== 'taking')) return state;
  const to = open.taker ?? hop.recorder;
  const handed = handOver(state, to, hop.seq, { seq: open.seq, sale: open.transfer === 'sale' });
  const inUse = own ? state.inUse : hop.as === 'using-unit';
  return { ...handed, stage: 'held', place: open.toPlace, inUse };
}

/** The effect of a step by somebody whose word counts, on a thing whose life is not over. */
function apply(state: LifecycleState, step: Step, power: Power, context: LifecycleContext): LifecycleState {
  const { hop, position } = step;
  if (position === 'parent') return asParent(state, step);
  switch (hop.hop) {
    case 'produce':
      return begin({ ...state, produced: state.produced ?? mark(step) }, step, 'produced');
    case 'adopt':
      return { ...begin(state, step, 'held'), adopted: true };
    case 'release': {
      const stage = state.stage === 'produced' && hop.outcome !== 'non-conformant' ? 'released' : state.stage;
      return { ...state, stage, nonconformant: hop.outcome === 'non-conformant' };
    }
    case 'pack':
      return pack(state, step);
    case 'unpack': {
      const packing = state.packings[step.depth];
      if (packing === undefined || (step.parent !== null && step.parent !== packing.container)) return state;
      return { ...state, packings: state.packings.slice(0, step.depth) };
    }
    case 'ship':
      return ship(state, step, context);
    case 'receive':
      return receive(state, step);
    case 'return':
      return half(hop) === 'taking' ? receive(state, step) : ship(state, step, context);
    case 'cancel':
      return cancel(state, step);
    case 'sell': {
      const sold = handOver(state, hop.taker, hop.seq, { seq: hop.seq, sale: true });
      return { ...sold, stage: 'sold', inUse: true, place: hop.toPlace };
    }
    case 'install':
      return install(state, step);
    case 'remove':
      return { ...state, stage: 'held', place: hop.place, site: null };
    case 'replace':
      return hop.note === 'old' || position === 'input'
        ? { ...state, stage: 'held', place: hop.place, site: null }
        : install(state, step);
    case 'inspect':
      return inspect(state, step, power);
    case 'maintain':
    case 'refill':
      return hop.note === 'parts' ? install(state, step) : assessed(state, step);
    case 'transform':
    case 'split':
      return position === 'output' ? begin(state, step, 'produced') : end(state, step, 'consumed');
    case 'relabel':
      return isBirth(hop, position) ? begin(state, step, 'held') : end(state, step, 'relabelled');
    case 'scrap':
      return end(state, step, 'scrapped');
    case 'destroy':
      return end(state, step, 'destroyed');
    case 'hold':
    case 'seize':
      return block(state, step, hop.hop);
    case 'lift':
      return lift(state, step);
    case 'correct':
    case 'void':
      return state;
  }
}

/** A container that packs starts to have a holder; a container emptied frees its contents. */
function asParent(state: LifecycleState, step: Step): LifecycleState {
  const { hop, depth } = step;
  if (depth > 0) return step.whole ? { ...state, packings: state.packings.slice(0, depth - 1) } : state;
  return hop.hop === 'pack' && state.since === null ? begin(state, step, 'held') : state;
}

function begin(state: LifecycleState, step: Step, stage: Stage): LifecycleState {
  const { hop } = step;
  if (state.since !== null) {
    return state.stage === 'issued' || state.stage === 'unknown' ? { ...state, stage } : state;
  }
  const owned = handOver(state, hop.recorder, hop.seq, { seq: hop.seq, sale: false });
  return { ...owned, stage, place: hop.place };
}

const end = (state: LifecycleState, step: Step, stage: Stage): LifecycleState => ({
  ...state,
  stage,
  open: null,
  packings: [],
  site: null,
  place: step.hop.place,
  ended: mark(step),
});

/** Containers in a circle, or nested beyond reason, do not count. */
export const mayEnter = (state: LifecycleState, container: number): boolean =>
  container !== state.self &&
  state.packings.length < depthMax &&
  !state.packings.some((p) => p.container === container);

function pack(state: LifecycleState, { parent, depth, hop }: Step): LifecycleState {
  if (parent === null || state.packings[depth]?.container === parent) return state;
  const inner = { ...state, packings: state.packings.slice(0, depth) };
  if (!mayEnter(inner, parent)) return state;
  const packing = { container: parent, seq: hop.seq, by: hop.recorder };
  return { ...state, packings: [...inner.packings, packing] };
}

function ship(state: LifecycleState, step: Step, context: LifecycleContext): LifecycleState {
  const { hop } = step;
  const sale = hop.transfer === 'sale';
  if (hop.taker !== state.holder && isStub(hop.taker, hop.recordedAt, context)) {
    const passed = handOver(state, hop.taker, hop.seq, { seq: hop.seq, sale });
    return { ...passed, stage: 'held', place: hop.toPlace, site: null, inUse: true };
  }
  const underWay = state.open !== null ? state.open.before : { stage: state.stage, place: state.place };
  return {
    ...state,
    stage: 'in-transit',
    place: null,
    site: null,
    chain: withLink(state.chain, hop.taker === state.holder ? null : hop.taker, {}),
    open: {
      ...mark(step),
      giver: state.holder ?? hop.giver ?? hop.recorder,
      taker: hop.taker,
      transfer: hop.transfer,
      toPlace: hop.toPlace,
      before: underWay,
    },
  };
}

function receive(state: LifecycleState, step: Step): LifecycleState {
  const { hop } = step;
  const { open } = state;
  const moved = open !== null && open.taker === open.giver;
  if (open === null && state.holder === hop.recorder) return { ...state, place: hop.place ?? state.place };
  const to = open?.taker ?? hop.recorder;
  const parted = { seq: open?.seq ?? hop.seq, sale: open?.transfer === 'sale' };
  return {
    ...handOver(state, to, hop.seq, parted),
    stage: 'held',
    place: hop.place ?? open?.toPlace ?? null,
    site: null,
    inUse: moved ? state.inUse : hop.as === 'using-unit',
  };
}

function cancel(state: LifecycleState, { hop }: Step): LifecycleState {
  const { open } = state;
  if (open !== null) {
    if (hop.target !== null && hop.target !== open.seq) return state;
    if (hop.recorder === open.taker && open.taker !== open.giver) return state;
    return { ...state, open: null, stage: open.before.stage, place: open.before.place };
  }
  const link = linkOf(state, hop.recorder);
  if (link?.parted === undefined || link.parted === null || link.parted !== state.since) return state;
  return {
    ...handOver(state, hop.recorder, hop.seq, { seq: hop.seq, sale: false }),
    stage: 'held',
    place: hop.place,
    inUse: false,
  };
}

function install(state: LifecycleState, step: Step): LifecycleState {
  const { hop } = step;
  const owned =
    hop.taker === null ? state : handOver(state, hop.taker, hop.seq, { seq: hop.seq, sale: false });
  return { ...owned, stage: 'installed', open: null, place: hop.place, site: step.parent, inUse: true };
}

const assessed = (state: LifecycleState, { hop }: Step): LifecycleState =>
  hop.outcome === null && hop.nextDue === null
    ? state
    : {
        ...state,
        nonconformant: hop.outcome === null ? state.nonconformant : hop.outcome === 'non-conformant',
        nextDue: hop.nextDue ?? state.nextDue,
      };

function inspect(state: LifecycleState, step: Step, power: Power): LifecycleState {
  const { hop } = step;
  if (hop.note === 'sampling') return end(assessed(state, step), step, 'destroyed');
  const seen = assessed(state, step);
  if (hop.note !== 'sample' || hop.taker === null || power.standing !== 'authority') return seen;
  const taken = handOver(seen, hop.taker, hop.seq, { seq: hop.seq, sale: false });
  return { ...taken, stage: 'held', place: hop.toPlace ?? hop.place, site: null };
}

function block(state: LifecycleState, step: Step, kind: 'hold' | 'seize'): LifecycleState {
  const { hop } = step;
  const authority = isOfficial(hop.as);
  const blocks = [
    ...state.blocks,
    { ...mark(step), by: hop.recorder, kind, authority, heldBy: state.holder },
  ];
  if (kind === 'hold' || !authority) return { ...state, blocks };
  const taken = handOver(state, hop.taker ?? hop.recorder, hop.seq, { seq: hop.seq, sale: false });
  return { ...taken, blocks };
}

function lift(state: LifecycleState, step: Step): LifecycleState {
  const { hop } = step;
  const lifted = state.blocks.filter((b) => lifts(step, b));
  if (lifted.length === 0) return state;
  const free = { ...state, blocks: state.blocks.filter((b) => !lifts(step, b)) };
  const seized = lifted.find((b) => b.kind === 'seize' && b.authority);
  const back = hop.taker ?? seized?.heldBy ?? null;
  if (seized === undefined || back === null || state.holder !== seized.by) return free;
  return handOver(free, back, hop.seq, { seq: hop.seq, sale: false });
}

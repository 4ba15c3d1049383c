/**
 * The state of a unit after a hop.
 *
 * A hop moves the state only if its recorder's word does (`standing.ts`). One that contradicts leaves the state alone,
 * save that whoever it names as taker is no stranger any more.
 *
 * A whole history is folded into one draft, changed in place: copying the state at every hop costs more than all else, and
 * copying what grows with the history, its parties and blocks, would take the square of its length.
 *
 * Example: held by A, shipped to B: in-transit, still A's; B installs it: it had arrived, so B has it, installed.
 */

import { type PartyId, type PlaceId, reportsGiving } from '../events/hop.ts';
import { crossesShipment, isSameMaking, lifts } from './decide.ts';
import { half, isBirth, type Step } from './history.ts';
import type {
  Block,
  LifecycleContext,
  LifecycleState,
  Link,
  Mark,
  Packing,
  Stage,
} from './lifecycle-state.ts';
import { dueAfter, dueFirst } from './maintenance.ts';
import { depthMax, impliesUnpacking } from './membership.ts';
import { custodyActs, isOfficial, isStub, linkOf, type Power, powerOf } from './standing.ts';

const isOver = (stage: Stage): boolean =>
  stage === 'consumed' || stage === 'relabelled' || stage === 'scrapped' || stage === 'destroyed';

/** A state in the making, with parties and blocks of its own. Other lists in it are replaced, never changed. */
export type Draft = { -readonly [K in keyof Omit<LifecycleState, 'chain' | 'blocks'>]: LifecycleState[K] } & {
  readonly chain: Map<PartyId, Link>;
  blocks: Block[];
};

/** A draft to take a state on from. */
export const draftOf = (state: LifecycleState): Draft => ({
  ...state,
  chain: new Map(state.chain),
  blocks: [...state.blocks],
});

/** The state after a step that concerns the unit. */
export function evolve(state: LifecycleState, step: Step, context: LifecycleContext): LifecycleState {
  const draft = draftOf(state);
  const power = powerOf(state, step, context);
  arrive(draft, step, power);
  advance(draft, step, power, context);
  return draft;
}

const mark = ({ hop }: Step): Mark => ({ seq: hop.seq, from: hop.from, until: hop.until });

/** Replaces or adds what is known of one party. */
function setLink(draft: Draft, party: PartyId, parted: number | null, sale: boolean, rival: boolean): void {
  draft.chain.set(party, { party, parted, sale, rival });
}

/** Names a party in a shipment that counts. */
function nameTaker(draft: Draft, party: PartyId): void {
  const link = linkOf(draft, party);
  if (link === undefined || link.rival)
    setLink(draft, party, link?.parted ?? null, link?.sale ?? false, false);
}

/** Names a party in a shipment that contradicts: nothing moves, but it is no stranger any more. */
function nameRival(draft: Draft, party: PartyId | null): false {
  if (party !== null && linkOf(draft, party) === undefined) setLink(draft, party, null, false, true);
  return false;
}

/** Passes custody at `seq`: who had it has parted with it by `parted`, who has it now is its holder. */
function handOver(draft: Draft, to: PartyId | null, seq: number, parted = seq, sale = false): void {
  draft.open = null;
  if (draft.holder === to && to !== null) return;
  if (draft.holder !== null) setLink(draft, draft.holder, parted, sale, false);
  if (to !== null) setLink(draft, to, null, false, false);
  draft.holder = to;
  draft.since = seq;
}

/** A hop of the taker, or of the giver of a move of its own, that shows that the open shipment has arrived. */
export function arrive(draft: Draft, { hop }: Step, power: Power): boolean {
  const { open } = draft;
  if (open === null || power.effect === 'none') return false;
  const own = open.taker === open.giver;
  if (power.effect === 'full' && !(own && custodyActs.has(hop.hop) && half(hop) !== 'taking')) return false;
  handOver(draft, open.taker ?? hop.recorder, hop.seq, open.seq, open.transfer === 'sale');
  draft.stage = 'held';
  draft.place = open.toPlace;
  if (!own) draft.inUse = hop.as === 'using-unit';
  return true;
}

/** Takes a draft past a step, after `arrive`. Whether the step moved anything. */
export function advance(draft: Draft, step: Step, power: Power, context: LifecycleContext): boolean {
  const { hop, position } = step;
  if (isOver(draft.stage)) {
    if (power.effect === 'none' || draft.stage !== 'scrapped') return false;
    if (hop.hop !== 'destroy' || position === 'parent') return false;
    draft.stage = 'destroyed';
    return true;
  }
  if (power.effect === 'none') {
    const gives = half(hop) === 'giving' || hop.hop === 'sell';
    return gives && power.standing !== 'stranger' && !reportsGiving(hop) && nameRival(draft, hop.taker);
  }
  if (power.effect === 'full' && crossesShipment(draft, step)) return nameRival(draft, hop.taker);
  const begun = possess(draft, step);
  const taken = draft.packings.length > step.depth && impliesUnpacking(step);
  if (taken) draft.packings = draft.packings.slice(0, step.depth);
  return apply(draft, step, power, context) || begun || taken;
}

/** Before a hop that only a possessor can do: notes that things have begun, and who had it if nobody said so. */
function possess(draft: Draft, step: Step): boolean {
  const { hop, position } = step;
  if (draft.first !== null || isBirth(hop, position) || position === 'quantity') return false;
  const movement = half(hop);
  if (!custodyActs.has(hop.hop) && movement === null && hop.hop !== 'release') return false;
  draft.first = mark(step);
  if (draft.since === null && movement !== 'taking') begin(draft, step, draft.stage);
  return true;
}

/** The effect of a step by somebody whose word counts, on a thing whose life is not over. */
function apply(draft: Draft, step: Step, power: Power, context: LifecycleContext): boolean {
  const { hop, position } = step;
  if (position === 'parent') return asParent(draft, step);
  switch (hop.hop) {
    case 'produce':
      return make(draft, step, context);
    case 'adopt':
      draft.adopted = true;
      begin(draft, step, 'held');
      return true;
    case 'release':
      draft.nonconformant = hop.outcome === 'non-conformant';
      if (draft.stage === 'produced' && !draft.nonconformant) draft.stage = 'released';
      return true;
    case 'pack':
      return pack(draft, step);
    case 'unpack': {
      const packing = draft.packings[step.depth];
      if (packing === undefined || (step.parent !== null && step.parent !== packing.container)) return false;
      draft.packings = draft.packings.slice(0, step.depth);
      return true;
    }
    case 'ship':
      return ship(draft, step, context);
    case 'receive':
      return receive(draft, step);
    case 'return':
      return half(hop) === 'taking' ? receive(draft, step) : ship(draft, step, context);
    case 'cancel':
      return cancel(draft, step);
    case 'sell':
      handOver(draft, hop.taker, hop.seq, hop.seq, true);
      draft.inUse = true;
      return put(draft, 'sold', hop.toPlace);
    case 'install':
      return install(draft, step);
    case 'remove':
      return put(draft, 'held', hop.place);
    case 'replace':
      return hop.note === 'old' || position === 'input'
        ? put(draft, 'held', hop.place)
        : install(draft, step);
    case 'inspect':
      return inspect(draft, step, power, context);
    case 'maintain':
    case 'refill':
      if (hop.note === 'old') return put(draft, 'held', hop.place);
      return hop.note === 'parts' ? install(draft, step) : assess(draft, step, context);
    case 'transform':
      return position === 'output' ? make(draft, step, context) : end(draft, step, 'consumed');
    case 'split':
      return position === 'output' ? begin(draft, step, 'produced') : end(draft, step, 'consumed');
    case 'relabel':
      return isBirth(hop, position) ? begin(draft, step, 'held') : end(draft, step, 'relabelled');
    case 'scrap':
      return end(draft, step, 'scrapped');
    case 'destroy':
      return end(draft, step, 'destroyed');
    case 'hold':
    case 'seize':
      return block(draft, step, hop.hop);
    case 'lift':
      return lift(draft, step);
    case 'correct':
    case 'void':
      return false;
  }
}

/** It is at a place, no longer fixed to anything. */
function put(draft: Draft, stage: Stage, place: PlaceId | null): boolean {
  draft.stage = stage;
  draft.place = place;
  draft.site = null;
  return true;
}

/** A container that packs starts to have a holder; a container emptied frees its contents. */
function asParent(draft: Draft, step: Step): boolean {
  const { hop, depth } = step;
  if (depth === 0) return hop.hop === 'pack' && begin(draft, step, 'held');
  if (!step.whole) return false;
  draft.packings = draft.packings.slice(0, depth - 1);
  return true;
}

/** A thing that was handled before anybody told how it began keeps its holder. */
function begin(draft: Draft, { hop }: Step, stage: Stage): boolean {
  if (draft.since === null) {
    handOver(draft, hop.recorder, hop.seq);
    draft.place = hop.place;
  } else if (draft.stage !== 'issued' && draft.stage !== 'unknown') return false;
  draft.stage = stage;
  return true;
}

/** The first to tell that it was made says when. */
function make(draft: Draft, step: Step, { maintenance }: LifecycleContext): boolean {
  const { produced } = draft;
  if (produced === null) {
    draft.produced = { by: step.hop.recorder, as: step.hop.hop, ...mark(step) };
    draft.nextDue ??= dueFirst(step.hop, maintenance);
  } else if (isSameMaking(produced, step)) draft.produced = { ...produced, as: null };
  begin(draft, step, 'produced');
  return true;
}

function end(draft: Draft, step: Step, stage: Stage): boolean {
  draft.open = null;
  draft.packings = [];
  draft.ended = mark(step);
  return put(draft, stage, step.hop.place);
}

/** Containers in a circle, or nested beyond reason, do not count. */
export const mayEnter = (
  { self }: LifecycleState,
  packings: readonly Packing[],
  container: number,
): boolean =>
  container !== self && packings.length < depthMax && !packings.some((p) => p.container === container);

function pack(draft: Draft, { parent, depth, hop }: Step): boolean {
  if (parent === null || draft.packings[depth]?.container === parent) return false;
  const inner = draft.packings.slice(0, depth);
  if (!mayEnter(draft, inner, parent)) return false;
  draft.packings = [...inner, { container: parent, seq: hop.seq, by: hop.recorder }];
  return true;
}

function ship(draft: Draft, step: Step, context: LifecycleContext): boolean {
  const { hop } = step;
  if (hop.taker !== draft.holder && isStub(hop.taker, hop.recordedAt, context)) {
    handOver(draft, hop.taker, hop.seq, hop.seq, hop.transfer === 'sale');
    draft.inUse = true;
    return put(draft, 'held', hop.toPlace);
  }
  const before = draft.open?.before ?? { stage: draft.stage, place: draft.place };
  if (hop.taker !== null && hop.taker !== draft.holder) nameTaker(draft, hop.taker);
  draft.open = {
    seq: hop.seq,
    from: hop.from,
    until: hop.until,
    giver: draft.holder ?? hop.giver ?? hop.recorder,
    taker: hop.taker,
    transfer: hop.transfer,
    toPlace: hop.toPlace,
    before,
  };
  return put(draft, 'in-transit', null);
}

function receive(draft: Draft, { hop }: Step): boolean {
  const { open } = draft;
  if (open === null && draft.holder === hop.recorder) {
    if (hop.place === null || hop.place === draft.place) return false;
    draft.place = hop.place;
    return true;
  }
  const own = open !== null && open.taker === open.giver;
  handOver(draft, open?.taker ?? hop.recorder, hop.seq, open?.seq ?? hop.seq, open?.transfer === 'sale');
  if (!own) draft.inUse = hop.as === 'using-unit';
  return put(draft, 'held', hop.place ?? open?.toPlace ?? null);
}

function cancel(draft: Draft, { hop }: Step): boolean {
  const { open } = draft;
  if (open !== null) {
    if (hop.target !== null && hop.target !== open.seq) return false;
    if (hop.recorder === open.taker && open.taker !== open.giver) return false;
    draft.open = null;
    return put(draft, open.before.stage, open.before.place);
  }
  const parted = linkOf(draft, hop.recorder)?.parted ?? null;
  if (parted === null || parted !== draft.since || (hop.target ?? parted) !== parted) return false;
  handOver(draft, hop.recorder, hop.seq);
  draft.inUse = false;
  return put(draft, 'held', hop.place);
}

function install(draft: Draft, { hop, parent }: Step): boolean {
  if (hop.taker !== null) handOver(draft, hop.taker, hop.seq);
  draft.open = null;
  draft.inUse = true;
  put(draft, 'installed', hop.place);
  draft.site = parent;
  return true;
}

/** Notes an outcome and when the next service is due. */
function assess(draft: Draft, { hop }: Step, { maintenance }: LifecycleContext): boolean {
  if (hop.outcome !== null) draft.nonconformant = hop.outcome === 'non-conformant';
  draft.nextDue = dueAfter(draft.nextDue, hop, maintenance);
  return hop.outcome !== null || hop.nextDue !== null;
}

function inspect(draft: Draft, step: Step, power: Power, context: LifecycleContext): boolean {
  const { hop } = step;
  const assessed = assess(draft, step, context);
  if (hop.note === 'sampling') return end(draft, step, 'destroyed');
  if (hop.note !== 'sample' || hop.taker === null || power.standing !== 'authority') return assessed;
  handOver(draft, hop.taker, hop.seq);
  return put(draft, 'held', hop.toPlace ?? hop.place);
}

function block(draft: Draft, step: Step, kind: 'hold' | 'seize'): boolean {
  const { hop } = step;
  const authority = isOfficial(hop.as);
  const taken = kind === 'seize' && authority;
  const brokenOff = taken ? draft.open : null;
  draft.blocks.push({
    ...mark(step),
    by: hop.recorder,
    kind,
    authority,
    heldBy: draft.holder,
    brokenOff,
  });
  if (taken) handOver(draft, hop.taker ?? hop.recorder, hop.seq);
  return brokenOff === null || put(draft, 'held', hop.place);
}

/** What was seized goes back; what was on its way goes on, unless the authority says to whom else. */
function lift(draft: Draft, step: Step): boolean {
  const lifted = draft.blocks.filter((b) => lifts(step, b));
  if (lifted.length === 0) return false;
  draft.blocks = draft.blocks.filter((b) => !lifts(step, b));
  const seized = lifted.find((b) => b.kind === 'seize' && b.authority);
  const back = step.hop.taker ?? seized?.heldBy ?? null;
  if (seized === undefined || back === null || draft.holder !== seized.by) return true;
  handOver(draft, back, step.hop.seq);
  if (seized.brokenOff === null || step.hop.taker !== null) return true;
  draft.open = seized.brokenOff;
  return put(draft, 'in-transit', null);
}

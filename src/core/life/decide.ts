/**
 * What a hop contradicts, given the state before it.
 *
 * A hop by somebody whose word counts is held against what the record says of the thing; one by a counterparty that
 * does not have it is the contradiction itself; one by a stranger is a claim. Rules about order speak only where the
 * order is certain: intervals of event time that overlap contradict nothing.
 *
 * Example: held by B since seq 3, having come from A by sale 2: A sells it again (5): double-sale [2, 5], a conflict.
 */

import { fitsIn, type HopType, reportsGiving } from '../events/hop.ts';
import type { Contradiction, Rule, Severity } from './contradictions.ts';
import { half, isBirth, isProduction, type Step, surelyBefore } from './history.ts';
import {
  type Block,
  type LifecycleContext,
  type LifecycleState,
  type Mark,
  type Production,
  validDuring,
} from './lifecycle-state.ts';
import { impliesUnpacking } from './membership.ts';
import { custodyActs, isOfficial, linkOf, type Power, powerOf } from './standing.ts';

/** What a scrapped thing can still go through on its way to disposal. */
const afterScrap: ReadonlySet<HopType> = new Set<HopType>([
  'receive',
  'return',
  'pack',
  'unpack',
  'remove',
  'scrap',
  'destroy',
  'inspect',
  'hold',
  'seize',
  'lift',
  'cancel',
]);
/** What can be said of a thing that is no more. */
const afterEnd: ReadonlySet<HopType> = new Set<HopType>(['inspect', 'hold', 'seize', 'lift', 'cancel']);
/** Acts of the giver that cannot go with a shipment that it has under way. */
const usesUp: ReadonlySet<HopType> = new Set<HopType>([
  'install',
  'replace',
  'transform',
  'split',
  'scrap',
  'destroy',
  'relabel',
]);
const movesWhat: ReadonlySet<HopType> = new Set<HopType>([
  'ship',
  'return',
  'sell',
  'install',
  'transform',
  'split',
  'scrap',
  'destroy',
  'relabel',
]);

const found = (
  rule: Rule,
  earlier: number | null | undefined,
  step: Step,
  severity: Severity,
): Contradiction => ({ rule, seqs: [earlier ?? step.hop.seq, step.hop.seq], severity });

const nothing: readonly Contradiction[] = [];

/** Shipping a scrapped thing to its disposal is fine; selling it is not. */
const goesOn = (state: LifecycleState, { hop }: Step): boolean =>
  state.stage === 'scrapped'
    ? afterScrap.has(hop.hop) || (hop.hop === 'ship' && hop.transfer !== 'sale')
    : afterEnd.has(hop.hop);

const overdue = (step: Step, context: LifecycleContext): boolean =>
  context.asOf - step.hop.recordedAt > context.graceMs;

/** What a step contradicts, in the state before it. */
export function decide(
  state: LifecycleState,
  step: Step,
  context: LifecycleContext,
): readonly Contradiction[] {
  return contradictionsOf(state, step, powerOf(state, step, context), context);
}

/** `decide` for a caller that knows the recorder's power already. */
export function contradictionsOf(
  state: LifecycleState,
  step: Step,
  power: Power,
  context: LifecycleContext,
): readonly Contradiction[] {
  const { hop } = step;
  if (step.position === 'parent' && !step.whole) return nothing;
  const stranger = power.standing === 'stranger';
  if (state.ended !== null) {
    return surelyBefore(state.ended, hop) && !goesOn(state, step)
      ? [found('event-after-scrap', state.ended.seq, step, stranger ? 'claim' : 'conflict')]
      : nothing;
  }
  if (stranger) return claimOf(state, step, context);
  const out: Contradiction[] = [];
  if (power.effect === 'none') contradict(state, step, context, out);
  else act(state, step, power, context, out);
  return out.length === 0 ? nothing : out;
}

function claimOf(state: LifecycleState, step: Step, context: LifecycleContext): readonly Contradiction[] {
  if (step.hop.hop === 'inspect') return nothing;
  if (half(step.hop) !== 'taking') {
    const rule = step.hop.as === 'using-unit' ? 'user-without-seller' : 'stranger-claim';
    return [found(rule, state.since, step, 'claim')];
  }
  return overdue(step, context) ? [found('receipt-without-shipment', state.since, step, 'claim')] : nothing;
}

/** By a counterparty that does not have the thing and is not next in line. */
function contradict(
  state: LifecycleState,
  step: Step,
  context: LifecycleContext,
  out: Contradiction[],
): void {
  const { hop } = step;
  const link = linkOf(state, hop.recorder);
  if (link === undefined || link.rival || reportsGiving(hop)) return;
  if (hop.hop === 'cancel') {
    if (link.parted !== null && (hop.target === null || hop.target === link.parted)) {
      out.push(found('withdrawn-after-receipt', state.since, step, 'conflict'));
    }
  } else if (hop.hop === 'lift') {
    if (state.blocks.length > 0) out.push(found('lift-without-power', state.blocks[0]?.seq, step, 'quality'));
  } else if (half(hop) === 'taking') {
    if (overdue(step, context)) out.push(found('receipt-without-shipment', state.since, step, 'conflict'));
  } else if (half(hop) === 'giving' || hop.hop === 'sell') {
    const twice = link.parted !== null && link.sale && isSale(step);
    out.push(
      found(twice ? 'double-sale' : 'ship-by-non-holder', link.parted ?? state.since, step, 'conflict'),
    );
  } else if (custodyActs.has(hop.hop)) {
    out.push(found('handled-by-non-holder', state.since, step, 'conflict'));
  }
}

const isSale = ({ hop }: Step): boolean => hop.hop === 'sell' || hop.transfer === 'sale';

/** Whether the giver disposes of what it has under way to somebody else. */
export function crossesShipment(state: LifecycleState, step: Step): boolean {
  const { open } = state;
  const { hop } = step;
  if (open === null || open.taker === null || open.taker === open.giver || open.taker === hop.recorder)
    return false;
  if (half(hop) === 'giving' || hop.hop === 'sell') return hop.taker === null || hop.taker !== open.taker;
  return usesUp.has(hop.hop) && hop.note !== 'old' && step.position !== 'output' && surelyBefore(open, hop);
}

/** By somebody whose word moves the thing. */
function act(
  state: LifecycleState,
  step: Step,
  power: Power,
  context: LifecycleContext,
  out: Contradiction[],
): void {
  const { hop } = step;
  const packing = state.packings[step.depth];
  if (isProduction(hop, step.position)) production(state, step, context, out);
  if (hop.hop === 'relabel' && isBirth(hop, step.position)) relabelling(state, step, out);
  if (packing !== undefined) {
    if (hop.hop === 'pack' && step.parent !== packing.container) {
      const same = packing.by === hop.recorder;
      out.push(
        found(
          same ? 'implied-unpack' : 'two-containers-at-once',
          packing.seq,
          step,
          same ? 'quality' : 'conflict',
        ),
      );
    } else if (impliesUnpacking(step)) out.push(found('implied-unpack', packing.seq, step, 'quality'));
  }
  if (power.effect === 'arrives' && state.open !== null && state.open.giver !== state.open.taker) {
    out.push(found('implied-receipt', state.open.seq, step, 'quality'));
  }
  if (power.effect === 'full' && crossesShipment(state, step)) {
    const dispatch = half(hop) === 'giving' || hop.hop === 'sell';
    const twice = dispatch && state.open?.transfer === 'sale' && isSale(step);
    const rule = twice ? 'double-sale' : dispatch ? 'ship-by-non-holder' : 'handled-by-non-holder';
    out.push(found(rule, state.open?.seq, step, 'conflict'));
  }
  if (half(hop) === 'taking') receipt(state, step, out);
  if (hop.hop === 'lift' && state.blocks.length > 0 && !state.blocks.some((b) => lifts(step, b))) {
    out.push(found('lift-without-power', state.blocks[0]?.seq, step, 'quality'));
  }
  if (state.blocks.length > 0 && (movesWhat.has(hop.hop) || fitsIn(hop)) && !isOfficial(hop.as)) {
    const block = state.blocks.find((b) => surelyBefore(b, hop));
    if (block)
      out.push(found('moved-while-blocked', block.seq, step, block.authority ? 'conflict' : 'quality'));
  }
}

/** How far apart two systems of a maker may tell of one making, ms: the label printer at once, the batch at its close. */
const sameMakingMs = 24 * 60 * 60 * 1000;

/**
 * Whether a production tells again what is told: partners that speak EPCIS often commission what comes out of a
 * transformation besides the TransformationEvent (EPCIS 2.0 §7.4.5). That is one making if one party tells both, the one
 * as a production and the other as a transformation, less than a day apart. Two productions or two transformations are
 * two makings, and so is what two parties tell.
 */
export const isSameMaking = ({ by, as, until }: Production, { hop }: Step): boolean =>
  by === hop.recorder && as !== null && as !== hop.hop && hop.from - until < sameMakingMs;

function production(
  state: LifecycleState,
  step: Step,
  context: LifecycleContext,
  out: Contradiction[],
): void {
  const { hop } = step;
  if (state.produced !== null && isSameMaking(state.produced, step)) return;
  if (state.produced !== null) out.push(found('produced-twice', state.produced.seq, step, 'conflict'));
  else if (state.first !== null && surelyBefore(state.first, hop)) {
    out.push(found('event-before-production', state.first.seq, step, 'conflict'));
  }
  const { certificates, certifiedFrom } = context;
  const isAsked = certifiedFrom !== null && hop.from >= certifiedFrom;
  if (!isAsked || validDuring(certificates ?? [], hop).length > 0) return;
  out.push(
    found('certificate-not-valid-at-production', nearest(certificates ?? [], hop)?.seq, step, 'conflict'),
  );
}

/** A code that another thing bears already; the making of the new label alone may be told as well, on the same day. */
function relabelling({ produced, first, since }: LifecycleState, step: Step, out: Contradiction[]): void {
  const { hop } = step;
  const isLabel =
    first === null &&
    since === produced?.seq &&
    produced?.by === hop.recorder &&
    hop.from - produced.until < sameMakingMs;
  const begun = produced?.seq ?? first?.seq ?? since;
  if (begun !== null && !isLabel) out.push(found('produced-twice', begun, step, 'conflict'));
}

function nearest<T extends Mark>(marks: readonly T[], to: { readonly from: number }): T | undefined {
  const distance = (m: T): number => Math.min(Math.abs(m.from - to.from), Math.abs(m.until - to.from));
  return marks.reduce<T | undefined>(
    (best, m) => (best === undefined || distance(m) < distance(best) ? m : best),
    undefined,
  );
}

function receipt(state: LifecycleState, step: Step, out: Contradiction[]): void {
  const { hop } = step;
  if (step.orphanedBy !== null && state.open === null && state.holder !== hop.recorder) {
    out.push(found('withdrawn-after-receipt', step.orphanedBy, step, 'conflict'));
    return;
  }
  const { open } = state;
  if (open === null) return;
  const otherPlace = open.toPlace !== null && hop.place !== null && open.toPlace !== hop.place;
  const otherGiver = open.giver !== null && hop.giver !== null && open.giver !== hop.giver;
  const mismatch = hop.note === 'mismatch';
  if (otherPlace || otherGiver || mismatch)
    out.push(found('received-differently', open.seq, step, 'quality'));
}

/** Whether a lift, recorded by somebody whose word counts, takes away this block. */
export function lifts({ hop }: Step, block: Pick<Block, 'seq' | 'by' | 'authority'>): boolean {
  if (hop.target !== null && hop.target !== block.seq) return false;
  if (block.by === hop.recorder) return true;
  return hop.target === block.seq && block.authority && isOfficial(hop.as);
}

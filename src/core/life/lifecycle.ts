/**
 * The life of one unit, folded from its history.
 *
 * `evolve` and `decide` are pure: the state after a hop, and what the hop contradicts. A hop moves the state only if
 * its recorder's word does (`standing.ts`); whoever contradicts does not move it. So the state follows one line of
 * custody, each step of which somebody entitled to it told, and everything else stands beside it as claims.
 *
 * Example: issued to A; A produces (1), ships to B (2); X, whom nobody named, receives (3); B receives (4).
 *   stage held, holder B; claims 1 holder, 2 holder, 3 stranger, 4 counterparty; contradictions: the stranger's
 *   receipt without shipment, a claim, once the grace period is over.
 *
 * Things in containers: a packing whose word counts opens the container's chain, and what happens to the container
 * from there happens to the unit, until an unpacking whose word counts. What a stranger packs, or does to a container
 * that a stranger packed, never reaches the unit.
 */

import type { PartyId, PlaceId } from '../events/hop.ts';
import { leading } from '../halving.ts';
import type { Contradiction } from './contradictions.ts';
import { contradictionsOf } from './decide.ts';
import { advance, arrive, type Draft, draftOf, mayEnter } from './evolve.ts';
import { arrange, byOrder, type Step } from './history.ts';
import {
  alone,
  initialState,
  type LifecycleContext,
  type LifecycleState,
  type Packing,
  type Standing,
} from './lifecycle-state.ts';
import { type Histories, histories, isPacking } from './membership.ts';
import { powerOf } from './standing.ts';

/** What one hop says of the unit, and what its word is worth. */
export interface Claim {
  readonly seq: number;
  readonly standing: Standing;
  /** Whether it moved the state. */
  readonly effect: boolean;
  /** The containers through which it reached the unit, nearest first; none if it named the unit. */
  readonly via: readonly number[];
}

/** One change of hands or place that the state went through. */
export interface Move {
  /** The hop that completed it: a receipt, a sale, a shipment to a party without account … */
  readonly seq: number;
  /** The shipment before it, if it was recorded. */
  readonly shipped: number | null;
  readonly from: PartyId | null;
  readonly to: PartyId | null;
  readonly fromPlace: PlaceId | null;
  readonly toPlace: PlaceId | null;
  /** Event time of the completing hop, ms since the epoch. */
  readonly at: number;
}

export interface Life {
  readonly state: LifecycleState;
  /** In the order in which things happened. */
  readonly claims: readonly Claim[];
  readonly contradictions: readonly Contradiction[];
  readonly moves: readonly Move[];
}

/** The life that steps tell by themselves, without containers or lot: see `lifeOf`. In any order. */
export const fold = (steps: readonly Step[], context: LifecycleContext): Life =>
  tell(alone, [{ steps: arrange(steps), next: 0, packing: null }], nothingAround, context);

const nothingAround: Histories = histories(() => []);

/**
 * The life of one unit, by its own hops, those of the containers it is in while it is, and those of its lot.
 * The work grows with the hops that concern it; chains are shared between units that are told from one `Histories`.
 */
export const lifeOf = (unit: number, from: Histories, context: LifecycleContext): Life =>
  tell(unit, cursorsOf(unit, from), from, context);

/**
 * The life of one unit as it stood at a moment, by what is recorded today: a hop that was recorded late counts from
 * when it happened, one that was taken back never did, and grace periods are judged at the moment. What happened
 * later is not looked at, so this is the beginning of the life that `lifeOf` tells.
 *
 * Example: A ships to B on day 2, B records on day 9 that it received on day 4. At day 3 it is on its way to B, at
 * day 5 B holds it.
 */
export const lifeAt = (moment: number, unit: number, from: Histories, context: LifecycleContext): Life =>
  tell(unit, cursorsOf(unit, from), from, { ...context, asOf: moment }, moment);

function cursorsOf(unit: number, from: Histories): Cursor[] {
  const own: Cursor = { steps: from.own(unit), next: 0, packing: null };
  const ofLot = from.lotWide(unit);
  return ofLot.length > 0 ? [own, { steps: ofLot, next: 0, packing: null }] : [own];
}

/** A chain being read, and how far. */
interface Cursor {
  readonly steps: readonly Step[];
  next: number;
  /** The packing through which it concerns the unit; null for the unit's own chain and its lot's. */
  readonly packing: Packing | null;
}

/** Tells the steps up to a moment, in the order in which they happened. */
function tell(
  unit: number,
  ofUnit: readonly Cursor[],
  from: Histories,
  context: LifecycleContext,
  until = Number.POSITIVE_INFINITY,
): Life {
  const state: Draft = draftOf(initialState(context, unit));
  const seen = new Set<number>();
  const claims: Claim[] = [];
  const contradictions: Contradiction[] = [];
  const moves: Move[] = [];
  const around: Cursor[] = [];
  for (let step = earliest(ofUnit, around); step !== null; step = earliest(ofUnit, around)) {
    if (step.at > until) break;
    // A hop that names the unit and its container counts once, through the container.
    const { seq } = step.hop;
    if (seen.has(seq)) continue;
    seen.add(seq);
    const power = powerOf(state, step, context);
    for (const c of contradictionsOf(state, step, power, context)) contradictions.push(c);
    const via = step.depth === 0 ? direct : state.packings.slice(0, step.depth).map((p) => p.container);
    const before = custodyOf(state);
    const arrived = arrive(state, step, power);
    const between = arrived ? custodyOf(state) : before;
    if (arrived) pushMove(moves, before, state, step);
    const changed = advance(state, step, power, context);
    if (changed) pushMove(moves, between, state, step);
    claims.push({
      seq,
      standing: power.standing,
      effect: power.effect !== 'none' && (arrived || changed),
      via,
    });
    if (!changed) continue;
    if (step.hop.hop === 'pack') surround(state, step, from, context);
    if (around.length > 0 || state.packings.length > 0) follow(state, around, step, from);
  }
  return { state, claims, contradictions, moves };
}

const direct: readonly number[] = [];

/** The next step of all chains being read: the outermost container first where one hop stands in several. */
function earliest(ofUnit: readonly Cursor[], around: readonly Cursor[]): Step | null {
  let best: Cursor | null = null;
  let depth = 0;
  let first: Step | null = null;
  for (const cursor of ofUnit) {
    const s = cursor.steps[cursor.next];
    if (s !== undefined && (first === null || byOrder(s, first) < 0)) {
      first = s;
      best = cursor;
    }
  }
  for (let i = 0; i < around.length; i++) {
    const cursor = around[i];
    const s = cursor?.steps[cursor.next];
    if (cursor === undefined || s === undefined || (first !== null && byOrder(s, first) > 0)) continue;
    first = s;
    best = cursor;
    depth = i + 1;
  }
  if (best === null || first === null) return null;
  best.next++;
  return depth === 0 ? first : { ...first, depth };
}

/** Reads on in the chains of the containers that are around the unit after a step. */
function follow(state: LifecycleState, around: Cursor[], since: Step, from: Histories): void {
  let same = 0;
  while (same < around.length && around[same]?.packing === state.packings[same]) same++;
  around.length = same;
  for (const packing of state.packings.slice(same)) {
    const steps = from.reaching(packing.container);
    around.push({ steps, next: leading(steps, (s) => byOrder(s, since) <= 0), packing });
  }
}

/** After a packing: adds what the container stood in already when the unit was put into it. */
function surround(state: Draft, since: Step, from: Histories, context: LifecycleContext): void {
  let inner = state.packings[since.depth];
  if (inner?.seq !== since.hop.seq) return;
  while (inner !== undefined) {
    const outer = standsIn(state, inner.container, since, from, context);
    if (outer === undefined || !mayEnter(state, state.packings, outer.container)) return;
    state.packings = [...state.packings, outer];
    inner = outer;
  }
}

/** What a container stands in at a moment, by the hops before it whose word counts for the unit. */
function standsIn(
  state: LifecycleState,
  container: number,
  moment: Step,
  from: Histories,
  context: LifecycleContext,
): Packing | undefined {
  const counts = (s: Step): boolean => powerOf(state, s, context).effect !== 'none';
  let packed: Step | undefined;
  const emptiedBefore = (s: Step): boolean =>
    packed !== undefined &&
    packed.parent !== null &&
    from
      .emptyings(packed.parent)
      .some((e) => packed !== undefined && byOrder(packed, e) < 0 && byOrder(e, s) < 0 && counts(e));
  for (const s of from.handling(container)) {
    if (byOrder(s, moment) >= 0) break;
    if (!counts(s)) continue;
    if (isPacking(s)) {
      if (packed?.parent !== s.parent || emptiedBefore(s)) packed = s;
    } else if (s.hop.hop !== 'unpack' || s.parent === packed?.parent) packed = undefined;
  }
  if (packed === undefined || packed.parent === null || emptiedBefore(moment)) return undefined;
  return { container: packed.parent, seq: packed.hop.seq, by: packed.hop.recorder };
}

/** What a move is told from: custody before a step. */
type Custody = Pick<LifecycleState, 'holder' | 'place' | 'since' | 'open'>;

const custodyOf = ({ holder, place, since, open }: LifecycleState): Custody => ({
  holder,
  place,
  since,
  open,
});

function pushMove(moves: Move[], before: Custody, after: LifecycleState, { hop }: Step): void {
  const { open } = before;
  // What arrived and was sold by one hop moved twice: then only the holder differs.
  const changed = after.since !== before.since || after.holder !== before.holder;
  const handed = before.since !== null && changed;
  const own = open !== null && after.open === null && open.taker === open.giver;
  if (!handed && !(own && after.place !== open.before.place)) return;
  moves.push({
    seq: hop.seq,
    shipped: open?.seq ?? null,
    from: before.holder,
    to: after.holder,
    fromPlace: open?.before.place ?? before.place,
    toPlace: after.place,
    at: hop.until,
  });
}

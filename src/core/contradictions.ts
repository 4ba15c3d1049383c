/**
 * What a hop contradicts, given the state before it.
 *
 * A contradiction names two hops, one for each side. Its severity says what follows:
 *   conflict  two parties with standing contradict each other or themselves: the verdict becomes `conflicted`
 *   quality   careless recording: worth mending, never a reason to distrust the thing
 *   claim     said by a stranger: worth looking into, and never a change of state or verdict
 * Rules about order speak only where the order is certain: intervals of event time that overlap contradict nothing.
 *
 * Example: A ships to B (seq 3) and, not having got it back, to C (seq 5): double-sale [3, 5], a conflict.
 */

import { half, type Step, surelyBefore } from './history.ts';
import type { HopType } from './hop.ts';
import type { LifecycleContext, LifecycleState, Mark } from './lifecycle-state.ts';
import { impliesUnpacking } from './membership.ts';
import { custodyActs, isOfficial, linkOf, type Power, powerOf } from './standing.ts';

export type Severity = 'conflict' | 'quality' | 'claim';

interface RuleWords {
  readonly severities: readonly Severity[];
  readonly zh: string;
  readonly en: string;
}

/** Every rule, the severities it can have, and what it says. */
export const rules = {
  'receipt-without-shipment': {
    severities: ['conflict', 'claim'],
    zh: '一方登记收货，但没有任何一方登记向其发货。',
    en: 'A party recorded a receipt, and nobody recorded shipping to it.',
  },
  'withdrawn-after-receipt': {
    severities: ['conflict'],
    zh: '发货登记在对方收货之后被撤销或取消。',
    en: 'A shipment was withdrawn or cancelled after the other side had received it.',
  },
  'received-differently': {
    severities: ['quality', 'conflict'],
    zh: '收货登记与发货登记不一致。',
    en: 'The receipt does not match the shipment.',
  },
  'ship-by-non-holder': {
    severities: ['conflict'],
    zh: '按记录并不持有该产品的一方登记了发货。',
    en: 'A party shipped it that, by the record, did not have it.',
  },
  'handled-by-non-holder': {
    severities: ['conflict'],
    zh: '按记录并不持有该产品的一方登记了对其的处理。',
    en: 'A party handled it that, by the record, did not have it.',
  },
  'double-sale': {
    severities: ['conflict'],
    zh: '同一方将同一产品售出两次。',
    en: 'The same party sold the same thing twice.',
  },
  'two-containers-at-once': {
    severities: ['conflict'],
    zh: '同一产品被登记为同时在两个包装内。',
    en: 'It is recorded in two containers at once.',
  },
  'event-after-scrap': {
    severities: ['conflict', 'claim'],
    zh: '报废、销毁或停用之后仍有流转登记。',
    en: 'Something was recorded after its life had ended.',
  },
  'event-before-production': {
    severities: ['conflict'],
    zh: '流转登记的时间早于生产时间。',
    en: 'Something was recorded that happened before it was made.',
  },
  'produced-twice': {
    severities: ['conflict'],
    zh: '同一产品被登记生产两次。',
    en: 'It is recorded as made twice.',
  },
  'certificate-not-valid-at-production': {
    severities: ['conflict'],
    zh: '生产时没有有效的认证证书。',
    en: 'No certificate was valid when it was made.',
  },
  'moved-while-blocked': {
    severities: ['conflict', 'quality'],
    zh: '封存或扣押期间发生移动或处置。',
    en: 'It was moved or used while held or seized.',
  },
  'lot-quantity-exceeded': {
    severities: ['conflict', 'claim'],
    zh: '登记的数量超过该批次可有的数量。',
    en: 'More of the lot was recorded than there can be.',
  },
  'implied-unpack': {
    severities: ['quality'],
    zh: '登记了单品环节，但没有登记从包装中取出。',
    en: 'It was handled on its own without being recorded as unpacked.',
  },
  'implied-receipt': {
    severities: ['quality'],
    zh: '收货方未登记收货就登记了后续环节。',
    en: 'The receiver went on with it without recording the receipt.',
  },
  'lift-without-power': {
    severities: ['quality'],
    zh: '解除登记的一方无权解除该封存或扣押。',
    en: 'A hold was declared lifted by a party that cannot lift it.',
  },
  'stranger-claim': {
    severities: ['claim'],
    zh: '与该产品没有记录关系的一方作了登记。',
    en: 'A party that the record does not connect with it made a claim.',
  },
} as const satisfies Record<string, RuleWords>;

export type Rule = keyof typeof rules;

export interface Contradiction {
  readonly rule: Rule;
  /** One seq for each side; the same twice where the hop contradicts the absence of another. */
  readonly seqs: readonly [number, number];
  readonly severity: Severity;
}

/** Whether any of these makes the verdict `conflicted`. */
export const hasConflict = (found: readonly Contradiction[]): boolean =>
  found.some((c) => c.severity === 'conflict');

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
  if (half(step.hop) !== 'taking') return [found('stranger-claim', state.since, step, 'claim')];
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
  if (link === undefined || link.rival) return;
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
  if (hop.hop === 'produce') production(state, step, context, out);
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
  if (state.blocks.length > 0 && movesWhat.has(hop.hop) && !isOfficial(hop.as)) {
    const block = state.blocks.find((b) => surelyBefore(b, hop));
    if (block)
      out.push(found('moved-while-blocked', block.seq, step, block.authority ? 'conflict' : 'quality'));
  }
}

function production(
  state: LifecycleState,
  step: Step,
  context: LifecycleContext,
  out: Contradiction[],
): void {
  const { hop } = step;
  if (state.produced !== null) out.push(found('produced-twice', state.produced.seq, step, 'conflict'));
  else if (state.first !== null && surelyBefore(state.first, hop)) {
    out.push(found('event-before-production', state.first.seq, step, 'conflict'));
  }
  const { certificates } = context;
  if (certificates === null || certificates.some((c) => c.from <= hop.until && hop.from <= c.until)) return;
  out.push(found('certificate-not-valid-at-production', nearest(certificates, hop)?.seq, step, 'conflict'));
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
  const mismatch = hop.note?.includes('mismatch') ?? false;
  if (otherPlace || otherGiver || mismatch)
    out.push(found('received-differently', open.seq, step, 'quality'));
}

/** Whether a lift, recorded by somebody whose word counts, takes away this block. */
export function lifts({ hop }: Step, block: { seq: number; by: string; authority: boolean }): boolean {
  if (hop.target !== null && hop.target !== block.seq) return false;
  if (block.by === hop.recorder) return true;
  return hop.target === block.seq && block.authority && isOfficial(hop.as);
}

/**
 * The order of a history.
 *
 * What happened is told by many parties, late and with clocks and ledger books of different precision, so the
 * order of recording is not the order of happening. Each hop has an interval of event time [from, until] (EPCIS
 * 2.0 §7.4.1 eventTime; coarser than the millisecond when the teller knew no better). Order here is one number
 * a hop, inside its interval, so that whether a comes before b never depends on a third hop:
 *
 *   - what begins a thing (produce, adopt, the outputs of transform and split, the new code of a relabelling) stands at `from`;
 *   - all else stands at `until`, but no later than when it was recorded, for it had happened by then;
 *   - equal numbers follow the order of recording (seq).
 *
 * One correction to that: a shipment told with a coarser or a slow clock may seem to follow its own receipt. A
 * receipt takes such a shipment (same giver, same taker, event times that overlap or differ by less than
 * `skewMs`) to just before itself.
 *
 * Voids and corrections by the recorder of what they name take it out of the history altogether; those by
 * anybody else, and those that name another void, do nothing.
 *
 * Example: A's ledger says "shipped on 2 May" (a day), B's scanner "received 2 May 15:00" (a moment) and A
 * records on 3 May. The shipment would stand at the end of 2 May; the receipt draws it to 15:00, before itself.
 */
import type { HopRecord, Part, PartyId, Position } from '../events/hop.ts';
import type { Amount } from '../measures.ts';
import { lineOf, spansAround } from './taking.ts';

/** How far two parties' clocks may differ about one movement, ms. */
export const skewMs = 2 * 60 * 60 * 1000;

/** One hop as one unit's history sees it: directly, or through the containers it is in. */
export interface Step {
  readonly hop: HopRecord;
  readonly position: Position;
  /** Of lots by measure, as it was told. */
  readonly amount: Amount | null;
  /** Internal number of what stands in the hop's parent position: the container packed into, the place installed at. */
  readonly parent: number | null;
  /** An unpacking that names the container and no contents: all of them. */
  readonly whole: boolean;
  /** Containers between the hop and the unit whose life is told: 0 if the hop names the unit itself. */
  readonly depth: number;
  /** Where it stands in the order, ms since the epoch, … */
  readonly at: number;
  /** … and among equals. */
  readonly order: number;
  /** seq of the void or correction that took it out. */
  readonly withdrawnBy: number | null;
  /** For a receipt: seq of the void that took out its shipment after it. */
  readonly orphanedBy: number | null;
}

/** Beginnings stand before everything else of the same moment: a distance larger than any seq. */
const beforeAll = 2 ** 52;

/** Whether this hop, in this position, begins the thing that it names. */
export function isBirth(hop: HopRecord, position: Position): boolean {
  switch (hop.hop) {
    case 'produce':
    case 'adopt':
      return position !== 'parent';
    case 'transform':
    case 'split':
      return position === 'output';
    case 'relabel':
      return position === 'output' || (position === 'epc' && hop.note === 'new');
    default:
      return false;
  }
}

/**
 * Whether this hop, in this position, says that the thing was made, there and then: produced, or what came out of a
 * transformation, which makes a new thing (an assembler needs a certificate as much as whoever casts the parts). What is
 * cut or relabelled begins as well, and is no newer than what it was.
 */
export const isProduction = ({ hop }: HopRecord, position: Position): boolean =>
  (hop === 'produce' && position !== 'parent') || (hop === 'transform' && position === 'output');

/** Where a hop that begins nothing stands: ms since the epoch, within its interval. */
const placement = (hop: HopRecord): number =>
  hop.from === hop.until ? hop.until : Math.max(hop.from, Math.min(hop.until, hop.recordedAt));

/**
 * The step of a unit, lot or container that a projected part tells.
 * @param parent internal number in the hop's parent position, if any
 * @param whole the hop is an unpacking of this container that lists no contents
 */
export function step(
  hop: HopRecord,
  part: Pick<Part, 'position' | 'amount'>,
  parent: number | null = null,
  whole = false,
): Step {
  const birth = isBirth(hop, part.position);
  return {
    hop,
    position: part.position,
    amount: part.amount,
    parent,
    whole,
    depth: 0,
    at: birth ? hop.from : placement(hop),
    order: birth ? hop.seq - beforeAll : hop.seq,
    withdrawnBy: null,
    orphanedBy: null,
  };
}

/** Whether one hop certainly came before another, whatever the moment within their intervals. */
export const surelyBefore = (a: { readonly until: number }, b: { readonly from: number }): boolean =>
  a.until < b.from;

/** Order of happening. */
export const byOrder = (a: Step, b: Step): number => a.at - b.at || a.order - b.order;

const withdraws = (hop: HopRecord): boolean => hop.hop === 'void' || hop.hop === 'correct';

/** Marks what voids and corrections took out, and drops those declarations themselves. */
export function markWithdrawn(steps: readonly Step[]): readonly Step[] {
  if (!steps.some((s) => withdraws(s.hop))) return steps;
  const recorderOf = new Map<number, PartyId>();
  for (const { hop } of steps) if (!withdraws(hop)) recorderOf.set(hop.seq, hop.recorder);
  const by = new Map<number, number>();
  for (const { hop } of steps) {
    if (!withdraws(hop) || hop.target === null || recorderOf.get(hop.target) !== hop.recorder) continue;
    by.set(hop.target, Math.min(by.get(hop.target) ?? hop.seq, hop.seq));
  }
  return steps
    .filter((s) => !withdraws(s.hop))
    .map((s) => {
      const withdrawnBy = by.get(s.hop.seq);
      return withdrawnBy === undefined ? s : { ...s, withdrawnBy };
    });
}

/** What voids and corrections took out, in the order in which it would have happened, each with what took it out. */
export const withdrawnIn = (steps: readonly Step[]): readonly Step[] =>
  markWithdrawn(steps)
    .filter((s) => s.withdrawnBy !== null)
    .sort(byOrder);

/** A movement that hands things over: whether a hop is its giving or its taking half. */
export function half(hop: HopRecord): 'giving' | 'taking' | null {
  switch (hop.hop) {
    case 'ship':
      return 'giving';
    case 'receive':
      return 'taking';
    case 'return':
      return hop.recorder === hop.taker ? 'taking' : 'giving';
    default:
      return null;
  }
}

/** Who hands something to whom. */
const between = (giver: PartyId | null, taker: PartyId | null): string => `${giver ?? ''}\n${taker ?? ''}`;

/** Whether pairing may change anything: a shipment was withdrawn, or one stands behind a receipt that may be its own. */
function needsPairing(sorted: readonly Step[]): boolean {
  let isReceived = false;
  let isSentAfter = false;
  for (const { hop, withdrawnBy } of sorted) {
    if (withdrawnBy !== null) return true;
    const side = half(hop);
    isReceived ||= side === 'taking';
    isSentAfter ||= isReceived && side === 'giving';
  }
  // Of most things nothing was sent once it was received, and who gave to whom need not be told apart.
  if (!isSentAfter) return false;
  const received = new Set<string>();
  for (const { hop } of sorted) {
    const side = half(hop);
    if (side === 'taking') received.add(between(hop.giver, hop.recorder));
    else if (side === 'giving' && received.has(between(hop.giver, hop.taker))) return true;
  }
  return false;
}

/** What two parties tell of handing over, by index in the order. */
interface Handing {
  readonly sent: number[];
  readonly withdrawn: number[];
  readonly receipts: number[];
}

/** Shipments with the receipts that may be theirs. */
function handings(sorted: readonly Step[]): Map<string, Handing> {
  const found = new Map<string, Handing>();
  const handing = (key: string): Handing => {
    const known = found.get(key) ?? { sent: [], withdrawn: [], receipts: [] };
    found.set(key, known);
    return known;
  };
  for (const [i, { hop, withdrawnBy }] of sorted.entries()) {
    const side = half(hop);
    if (side === 'giving' && hop.taker !== null && hop.giver === hop.recorder)
      handing(between(hop.giver, hop.taker))[withdrawnBy === null ? 'sent' : 'withdrawn'].push(i);
    else if (side === 'taking' && hop.giver !== null && withdrawnBy === null)
      handing(between(hop.giver, hop.recorder)).receipts.push(i);
  }
  return found;
}

/** Moves shipments that seem to follow their own receipt before it, and marks receipts whose shipment was withdrawn. */
function pairReceipts(sorted: readonly Step[]): readonly Step[] {
  if (!needsPairing(sorted)) return sorted;
  const at = (i: number): Step => {
    const found = sorted[i];
    if (found === undefined) throw new Error(`no step ${i}`);
    return found;
  };
  const result = [...sorted];
  let changed = false;
  for (const { sent, withdrawn, receipts } of handings(sorted).values()) {
    if (receipts.length === 0 || sent.length + withdrawn.length === 0) continue;
    const line = lineOf(sent.map((i) => at(i).hop.from));
    const orphaning = spansAround(
      withdrawn.map((i) => ({ after: at(i).hop.seq, before: at(i).withdrawnBy ?? 0 })),
      receipts.map((i) => at(i).hop.seq).sort((a, b) => a - b),
    );
    for (const i of receipts) {
      const receipt = at(i);
      const earliest = line.first(Number.MAX_VALUE);
      const isEarlier = earliest !== null && (sent[earliest] ?? i) < i;
      const taken = isEarlier ? earliest : line.first(receipt.hop.until + skewMs);
      if (taken !== null) line.take(taken);
      const later = isEarlier || taken === null ? undefined : sent[taken];
      if (later !== undefined) {
        result[later] = { ...at(later), at: receipt.at, order: receipt.order - 0.5 };
        changed = true;
      }
      const orphan = taken === null ? orphaning(receipt.hop.seq) : null;
      const shipment = orphan === null ? undefined : withdrawn[orphan];
      if (shipment !== undefined) result[i] = { ...receipt, orphanedBy: at(shipment).withdrawnBy };
    }
  }
  return changed ? result.sort(byOrder) : result;
}

const sortedAlready = (steps: readonly Step[]): boolean => {
  for (let i = 1; i < steps.length; i++) {
    const a = steps[i - 1];
    const b = steps[i];
    if (a && b && byOrder(a, b) > 0) return false;
  }
  return true;
};

/** Steps as they happened: withdrawn ones out, in the order this file's head describes. */
export function arrange(steps: readonly Step[]): readonly Step[] {
  const marked = markWithdrawn(steps);
  const sorted = sortedAlready(marked) ? marked : [...marked].sort(byOrder);
  const paired = pairReceipts(sorted);
  return paired.some((s) => s.withdrawnBy !== null) ? paired.filter((s) => s.withdrawnBy === null) : paired;
}

/** Hops in the order they happened, without those withdrawn (see the head of this file). */
export function orderHops(hops: readonly HopRecord[]): HopRecord[] {
  const parts = hops.map((hop) => step(hop, { position: 'epc', amount: null }));
  return arrange(parts).map((s) => s.hop);
}

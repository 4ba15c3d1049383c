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
import { append } from '../grouping.ts';

/** How far two parties' clocks may differ about one movement, ms. */
export const skewMs = 2 * 60 * 60 * 1000;

/** One hop as one unit's history sees it: directly, or through the containers it is in. */
export interface Step {
  readonly hop: HopRecord;
  readonly position: Position;
  /** Millionths of the unit of measure, for lots. */
  readonly amount: bigint | null;
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
export function step(hop: HopRecord, part: Part, parent: number | null = null, whole = false): Step {
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

/** Whether pairing may change anything: a shipment was withdrawn, or one stands behind a receipt that may be its own. */
function needsPairing(sorted: readonly Step[]): boolean {
  let receipts = 0;
  for (const { hop, withdrawnBy } of sorted) {
    if (withdrawnBy !== null) return true;
    const side = half(hop);
    if (side === 'taking') receipts++;
    if (side !== 'giving' || receipts === 0) continue;
    for (const { hop: receipt } of sorted) {
      if (receipt === hop) break;
      if (receipt.giver === hop.giver && receipt.recorder === hop.taker && half(receipt) === 'taking')
        return true;
    }
  }
  return false;
}

/** Moves shipments that seem to follow their own receipt before it, and marks receipts whose shipment was withdrawn. */
function pairReceipts(sorted: readonly Step[]): readonly Step[] {
  if (!needsPairing(sorted)) return sorted;
  const shipments = new Map<PartyId, number[]>();
  let receipts = 0;
  sorted.forEach((s, i) => {
    const h = half(s.hop);
    if (h === 'taking') receipts++;
    if (h !== 'giving' || s.hop.taker === null || s.hop.giver !== s.hop.recorder) return;
    append(shipments, s.hop.taker, i);
  });
  if (receipts === 0 || shipments.size === 0) return sorted;
  const used = new Set<number>();
  let changed = false;
  const result = [...sorted];
  sorted.forEach((receipt, i) => {
    const { hop } = receipt;
    if (half(hop) !== 'taking' || hop.giver === null || receipt.withdrawnBy !== null) return;
    let earlier = -1;
    let later = -1;
    let orphan = -1;
    for (const j of shipments.get(hop.recorder) ?? []) {
      const shipment = sorted[j];
      if (!shipment || used.has(j) || shipment.hop.giver !== hop.giver || shipment.hop.seq === hop.seq)
        continue;
      if (shipment.withdrawnBy !== null) {
        if (shipment.hop.seq < hop.seq && hop.seq < shipment.withdrawnBy) orphan = j;
      } else if (j < i) {
        if (earlier < 0) earlier = j;
      } else if (later < 0 && shipment.hop.from <= hop.until + skewMs) later = j;
    }
    const found = earlier >= 0 ? earlier : later;
    if (found >= 0) used.add(found);
    if (found === later && later >= 0) {
      const shipment = sorted[later];
      if (!shipment) return;
      result[later] = { ...shipment, at: receipt.at, order: receipt.order - 0.5 };
      changed = true;
    } else if (found < 0 && orphan >= 0) {
      used.add(orphan);
      result[i] = { ...receipt, orphanedBy: sorted[orphan]?.withdrawnBy ?? null };
    }
  });
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
  const parts = hops.map((hop) => step(hop, { seq: hop.seq, unit: 0, position: 'epc', amount: null }));
  return arrange(parts).map((s) => s.hop);
}

/**
 * What passed between whom, and what is missing in a history, as data: sentences are made where they are shown.
 *
 *   received-not-shipped      B received it from A, and A never shipped it to B
 *   shipped-not-received      A shipped it to B, and B never received it
 *   holder-changed-silently   A had it, then B handled it, and nothing tells how it came to B
 *   no-production             nothing tells how it began
 *
 * A hand-over has two halves, each told by its own party; a gap is a half, or both, that nobody told. `expectedOf` names
 * the record that would close it and who would have made it.
 *
 * Both are found by the claims alone, whoever made them: an investigator wants to see where the story breaks.
 *
 * Example: A produces (1); C receives from B (2): no shipment by B (received-not-shipped at 2, B → C; expected a ship
 * hop by B), and a hand-over B → C that entry 2 alone tells.
 */

import type { HopRecord, HopType, PartyId } from '../events/hop.ts';
import { half, isBirth, type Step } from '../life/history.ts';
import { isOfficial } from '../life/standing.ts';

export const gapKinds = [
  'received-not-shipped',
  'shipped-not-received',
  'holder-changed-silently',
  'no-production',
] as const;
export type GapKind = (typeof gapKinds)[number];

export interface Gap {
  readonly kind: GapKind;
  /** The hop at which the story breaks; null for a thing of which no hop is recorded at all. */
  readonly seq: number | null;
  readonly from: PartyId | null;
  readonly to: PartyId | null;
}

/** Something passed from one party to another. */
export interface HandOver {
  readonly from: PartyId | null;
  /** null for a buyer who is not named. */
  readonly to: PartyId | null;
  /** The entries that tell it: giving and taking half; where both are missing, the one that shows that it happened. */
  readonly seqs: readonly number[];
  /** What is missing of it. */
  readonly gap: Exclude<GapKind, 'no-production'> | null;
}

/** A record that would close a gap. */
export interface Expected {
  readonly hop: 'produce' | 'ship' | 'receive';
  /** Who would have made it; null when that is not known. */
  readonly by: PartyId | null;
}

/**
 * The records that would close a gap.
 * @param maker owner of the thing's GTIN, null if nobody is known to be
 */
export function expectedOf({ kind, from, to }: Gap, maker: PartyId | null): readonly Expected[] {
  const shipped: Expected = { hop: 'ship', by: from };
  const received: Expected = { hop: 'receive', by: to };
  switch (kind) {
    case 'received-not-shipped':
      return [shipped];
    case 'shipped-not-received':
      return [received];
    case 'holder-changed-silently':
      return [shipped, received];
    case 'no-production':
      return [{ hop: 'produce', by: maker }];
  }
}

/** What only somebody who has the thing does in the way of trade; service leaves it with its holder. */
const tradeActs: ReadonlySet<HopType> = new Set<HopType>([
  'ship',
  'return',
  'sell',
  'pack',
  'unpack',
  'transform',
  'split',
]);

/** What a history tells of custody. */
export interface Story {
  readonly handOvers: readonly HandOver[];
  readonly gaps: readonly Gap[];
}

/**
 * Hand-overs and gaps in one thing's history.
 * @param history its steps in order, also those through containers
 * @param mustBegin whether it is a thing that is made: a unit or a lot, not a container
 * @param isStub whether a party had no account at a moment, so that it could not record a receipt
 */
export function storyOf(
  history: readonly Step[],
  mustBegin: boolean,
  isStub: (party: PartyId, recordedAt: number) => boolean,
): Story {
  const gaps: Gap[] = [];
  const handOvers: HandOver[] = [];
  const missing = (
    kind: Exclude<GapKind, 'no-production'>,
    seq: number,
    from: PartyId | null,
    to: PartyId | null,
  ) => {
    gaps.push({ kind, seq, from, to });
    handOvers.push({ from, to, seqs: [seq], gap: kind });
  };
  const passed = (from: PartyId | null, to: PartyId | null, ...seqs: number[]) => {
    if (from !== to) handOvers.push({ from, to, seqs, gap: null });
  };
  const open: Step[] = [];
  /** What authorities have taken, and from whom, oldest first. */
  let seized: { readonly hop: HopRecord; readonly from: PartyId | null }[] = [];
  let holder: PartyId | null = null;
  if (mustBegin && !history.some((s) => s.depth === 0 && isBirth(s.hop, s.position))) {
    gaps.push({ kind: 'no-production', seq: history[0]?.hop.seq ?? null, from: null, to: null });
  }
  for (const s of history) {
    const { hop } = s;
    // Who opens a container need not have it; who empties one has what was in it.
    const isOpened = s.position === 'parent' && s.depth === 0;
    if (isOpened && !(holder === null && hop.hop === 'pack')) continue;
    const movement = half(hop);
    if (movement === 'taking') {
      const index = open.findIndex(({ hop: o }) => meets(o.taker, hop.recorder) && meets(o.giver, hop.giver));
      const [given] = index >= 0 ? open.splice(index, 1) : [];
      if (given !== undefined) passed(given.hop.giver, hop.recorder, given.hop.seq, hop.seq);
      else if (hop.giver !== hop.recorder) missing('received-not-shipped', hop.seq, hop.giver, hop.recorder);
      holder = hop.recorder;
      continue;
    }
    if (isBirth(hop, s.position)) holder = hop.recorder;
    else if (tradeActs.has(hop.hop) && !isOfficial(hop.as)) {
      const expected = open.some(({ hop: o }) => o.taker === hop.recorder);
      // Parts of a lot have many holders at once.
      if (holder !== null && holder !== hop.recorder && !expected && s.amount === null) {
        missing('holder-changed-silently', hop.seq, holder, hop.recorder);
      }
      holder = hop.recorder;
    }
    if (hop.hop === 'cancel') {
      const index = open.findIndex(
        ({ hop: o }) => o.seq === hop.target || (hop.target === null && o.giver === hop.recorder),
      );
      if (index >= 0) open.splice(index, 1);
    } else if (hop.hop === 'sell') {
      passed(hop.giver ?? holder, hop.taker, hop.seq);
      holder = hop.taker;
    } else if (hop.hop === 'seize' || (hop.hop === 'inspect' && hop.note === 'sample')) {
      if (hop.hop === 'seize') seized.push({ hop, from: holder });
      if (hop.taker !== null) passed(hop.giver ?? holder, hop.taker, hop.seq);
      holder = hop.taker;
    } else if (hop.hop === 'lift') {
      const ended = seized.filter((it) => isLifted(it.hop, hop));
      seized = seized.filter((it) => !ended.includes(it));
      const to = hop.taker ?? ended[0]?.from;
      if (to !== undefined) {
        if (to !== null) passed(hop.giver ?? holder, to, hop.seq);
        holder = to;
      }
    }
    if (movement !== 'giving') continue;
    if (hop.taker !== null && isStub(hop.taker, hop.recordedAt)) {
      passed(hop.giver, hop.taker, hop.seq);
      holder = hop.taker;
    } else open.push(s);
  }
  for (const { hop } of open) {
    if (hop.taker !== hop.giver) missing('shipped-not-received', hop.seq, hop.giver, hop.taker);
  }
  return { handOvers, gaps };
}

/** Whether a lift ends a seizure: the one that it names, or all of its own recorder. */
const isLifted = (seizure: HopRecord, lift: HopRecord): boolean =>
  lift.target === null ? lift.recorder === seizure.recorder : lift.target === seizure.seq;

const meets = (a: PartyId | null, b: PartyId | null): boolean => a === null || b === null || a === b;

/**
 * What is missing in a history, as data: sentences are made where they are shown.
 *
 *   received-not-shipped      B received it from A, and A never shipped it to B
 *   shipped-not-received      A shipped it to B, and B never received it
 *   holder-changed-silently   A had it, then B handled it, and nothing tells how it came to B
 *   no-production             nothing tells how it began
 *
 * Gaps are found by the claims alone, whoever made them: an investigator wants to see where the story breaks.
 *
 * Example: A produces (1); C receives from B (2): no shipment by B (received-not-shipped at 2, B → C).
 */
import { half, isBirth, type Step } from './history.ts';
import type { HopType, PartyId } from './hop.ts';
import { isOfficial } from './standing.ts';

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

/**
 * Gaps in one thing's history.
 * @param history its steps in order, also those through containers
 * @param mustBegin whether it is a thing that is made: a unit or a lot, not a container
 * @param isStub whether a party had no account at a moment, so that it could not record a receipt
 */
export function gapsIn(
  history: readonly Step[],
  mustBegin: boolean,
  isStub: (party: PartyId, recordedAt: number) => boolean,
): Gap[] {
  const gaps: Gap[] = [];
  const open: Step[] = [];
  let holder: PartyId | null = null;
  if (mustBegin && !history.some((s) => s.depth === 0 && isBirth(s.hop, s.position))) {
    gaps.push({ kind: 'no-production', seq: history[0]?.hop.seq ?? null, from: null, to: null });
  }
  for (const s of history) {
    const { hop } = s;
    if (s.position === 'parent' && !(holder === null && hop.hop === 'pack')) continue;
    const movement = half(hop);
    if (movement === 'taking') {
      const index = open.findIndex(({ hop: o }) => meets(o.taker, hop.recorder) && meets(o.giver, hop.giver));
      if (index >= 0) open.splice(index, 1);
      else if (hop.giver !== hop.recorder) {
        gaps.push({ kind: 'received-not-shipped', seq: hop.seq, from: hop.giver, to: hop.recorder });
      }
      holder = hop.recorder;
      continue;
    }
    if (isBirth(hop, s.position)) holder = hop.recorder;
    else if (tradeActs.has(hop.hop) && !isOfficial(hop.as)) {
      const expected = open.some(({ hop: o }) => o.taker === hop.recorder);
      // Parts of a lot have many holders at once.
      if (holder !== null && holder !== hop.recorder && !expected && s.amount === null) {
        gaps.push({ kind: 'holder-changed-silently', seq: hop.seq, from: holder, to: hop.recorder });
      }
      holder = hop.recorder;
    }
    if (hop.hop === 'cancel') {
      const index = open.findIndex(
        ({ hop: o }) => o.seq === hop.target || (hop.target === null && o.giver === hop.recorder),
      );
      if (index >= 0) open.splice(index, 1);
    } else if (hop.hop === 'sell' || hop.hop === 'seize' || hop.hop === 'lift') holder = hop.taker;
    if (movement !== 'giving') continue;
    if (hop.taker !== null && isStub(hop.taker, hop.recordedAt)) holder = hop.taker;
    else open.push(s);
  }
  for (const { hop } of open) {
    if (hop.taker === hop.giver) continue;
    gaps.push({ kind: 'shipped-not-received', seq: hop.seq, from: hop.giver, to: hop.taker });
  }
  return gaps;
}

const meets = (a: PartyId | null, b: PartyId | null): boolean => a === null || b === null || a === b;

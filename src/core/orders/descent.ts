/**
 * What is made of goods that an order is about. An order over everything downstream of something follows goods into what
 * they are made into, cut into or relabelled as, and that again:
 *
 *     a thing is under an order by itself, or by an entry that made it of a thing that is under it, if its own history
 *     believes that entry and it is in what else the order asks
 *
 * and nothing else is: this is the least such relation, so that two codes that are said to be made of each other in turn
 * are under nothing for that alone. Goods by measure are in many hands at once: an order holds by itself for some of these
 * hands (null: for all), and what others made of the same lot is not under it. The entry told is the first that makes it so.
 *
 * Example: order 7 is about what went through X since June. A drum of powder did, and came to A. By entry 9 A fills
 * extinguishers of the drum: each is under order 7, made so by 9, until somebody takes back entry 9 or the drum's way
 * through X.
 */
import type { PartyId } from '../events/hop.ts';

/** Through whose hands goods are under an order; null for everybody's. */
export type Hands = ReadonlySet<PartyId> | null;

/** An entry by which a thing was made of others, and who told it. */
export interface Making {
  readonly seq: number;
  readonly recorder: PartyId;
}

/** A thing as its own history tells it. */
export interface Begotten {
  /** Those that its history believes, in order of seq. */
  readonly makings: readonly Making[];
  /** Orders, by seq, that it is under by itself. Asked for only where something was made of it. */
  own(): ReadonlyMap<number, Hands>;
  /** Whether an order is about it, provided that it was made of things under it. */
  admits(order: number): boolean;
}

/** By which entry a thing is under each of the orders that it is under for being made of others. */
export type MadeUnder = ReadonlyMap<number, number>;

export interface Descent {
  madeUnder(thing: number): MadeUnder;
  /** The orders that what a party makes of a thing is under. */
  handedOn(thing: number, maker: PartyId): ReadonlySet<number>;
}

/**
 * @param begotten a thing as it is told; always the same for the same number
 * @param inputsOf the things that went into a making, by its seq
 */
export function descent(
  begotten: (thing: number) => Begotten,
  inputsOf: (making: number) => readonly number[],
): Descent {
  const settled = new Map<number, MadeUnder>();
  const roots = new Map<number, ReadonlyMap<number, Hands>>();

  function rootsOf(thing: number): ReadonlyMap<number, Hands> {
    const known = roots.get(thing) ?? begotten(thing).own();
    roots.set(thing, known);
    return known;
  }

  /** What a making hands on from a thing, given by which entries that is under orders for being made. */
  function* handed(thing: number, maker: PartyId, made: MadeUnder | undefined): Iterable<number> {
    for (const [order, hands] of rootsOf(thing)) if (hands === null || hands.has(maker)) yield order;
    if (made !== undefined) yield* made.keys();
  }

  /** The thing and whatever it comes from that is not settled yet, origins last. */
  function unsettledAbove(thing: number): number[] {
    const seen = new Set([thing]);
    for (const it of seen)
      for (const { seq } of begotten(it).makings)
        for (const input of inputsOf(seq)) if (!settled.has(input)) seen.add(input);
    return [...seen];
  }

  /** Settles a thing with all that it comes from: from the origins on, again until nothing is new. */
  function settle(thing: number): MadeUnder {
    const known = settled.get(thing);
    if (known !== undefined) return known;
    const above = unsettledAbove(thing).reverse();
    const found = new Map(above.map((it) => [it, new Map<number, number>()]));
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (const it of above) {
        const own = found.get(it) ?? new Map<number, number>();
        const { makings, admits } = begotten(it);
        for (const { seq, recorder } of makings)
          for (const input of inputsOf(seq)) {
            if (input === it) continue;
            for (const order of handed(input, recorder, found.get(input) ?? settled.get(input))) {
              const before = own.get(order);
              if (before !== undefined ? before <= seq : !admits(order)) continue;
              own.set(order, seq);
              isNew = true;
            }
          }
      }
    }
    for (const [it, made] of found) settled.set(it, made);
    return found.get(thing) ?? new Map();
  }

  return {
    madeUnder: settle,
    handedOn: (thing, maker) => new Set(handed(thing, maker, settle(thing))),
  };
}

/**
 * What is made of goods that an order is about. An order over everything downstream of something follows goods into what
 * they are made into, cut into, relabelled as or put into, as the trace does (`wentInto`), and that again:
 *
 *     a thing is under an order by itself, or by an entry that made it of a thing that is under it or put such a thing into
 *     it, if its own history believes that entry and it is in what else the order asks
 *
 * and nothing else is: this is the least such relation, so that two codes that are said to be made of each other in turn
 * are under nothing for that alone. Goods by measure are in many hands at once: an order holds by itself for some of these
 * hands (null: for all), and what others made of the same lot is not under it.
 *
 * What was made of goods is under the order from its beginning. What a part or an agent was put into had a life before:
 * it is under the order since then, and what else the order asks of it is asked from then on (`sincePutIn`), until the part
 * is taken out again (stay.ts).
 *
 * Example: order 7 is about what went through X since June. A drum of powder did, and came to A. By entry 9 A fills
 * extinguishers of the drum: each is under order 7, made so by 9, until somebody takes back entry 9 or the drum's way
 * through X. By entry 11, of 3 August, B puts a valve that went through X into an extinguisher of 2019: that is under order
 * 7 since 3 August, made so by 11, until the valve is taken out.
 */
import type { PartyId } from '../events/hop.ts';
import type { Step } from '../life/history.ts';
import type { Standing } from '../life/lifecycle-state.ts';
import { wentInto } from '../tracing/trace-graph.ts';
import { type TakenOut, takenOutAt } from './stay.ts';

/** Through whose hands goods are under an order; null for everybody's. */
export type Hands = ReadonlySet<PartyId> | null;

/** An entry by which a thing was made of others, or others were put into it, and who told it. */
export interface Making {
  readonly seq: number;
  readonly recorder: PartyId;
  /** When others were put into it, ms since the epoch; null where it was made of them. */
  readonly putIn: number | null;
}

/** Since when and until when, ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}
export const always: Span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** A thing as its own history tells it. */
export interface Begotten {
  /** Those that its history believes, in order of seq. */
  readonly makings: readonly Making[];
  /** Orders, by seq, that it is under by itself. Asked for only where something was made of it. */
  own(): ReadonlyMap<number, Hands>;
  /** Whether an order is about it, provided that this made it of things under it. */
  admits(order: number, making: Making): boolean;
  /** What may have taken it out again of what an entry put it into. */
  takingsOut(making: number): readonly TakenOut[];
  /** Whether an entry names it, beside as what something was put into or taken out of. */
  isNamed(entry: number): boolean;
}

/** Apart from each other, in order. */
export type Spans = readonly Span[];

/** Under which orders a thing is for being made of others: by which entries, and when. */
export type MadeUnder = ReadonlyMap<number, ReadonlyMap<number, Spans>>;

export interface Descent {
  madeUnder(thing: number): MadeUnder;
  /** The orders that what a party makes of a thing is under, and when that is under them itself. */
  handedOn(thing: number, maker: PartyId): ReadonlyMap<number, Spans>;
}

/** The makings of a thing that its history believes, in order of seq. */
export function makingsIn(
  steps: readonly Step[],
  claims: readonly { readonly seq: number; readonly standing: Standing }[],
): Making[] {
  const found = new Map<number, Making>();
  for (const step of steps) {
    if (wentInto(step) === null) continue;
    const { seq, recorder } = step.hop;
    found.set(seq, { seq, recorder, putIn: step.position === 'parent' ? step.at : null });
  }
  if (found.size === 0) return [];
  // What nobody took back, and no stranger says: else anybody could draw others' goods in.
  const believed = new Set(claims.flatMap(({ seq, standing }) => (standing === 'stranger' ? [] : [seq])));
  return [...found.values()].filter(({ seq }) => believed.has(seq)).sort((a, b) => a.seq - b.seq);
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

  /** What a party hands on of a thing, given by which entries that is under orders for being made. */
  function* handed(thing: number, maker: PartyId, made: MadeUnder | undefined): Iterable<[number, Span]> {
    for (const [order, hands] of rootsOf(thing))
      if (hands === null || hands.has(maker)) yield [order, always];
    for (const [order, makings] of made ?? [])
      for (const spans of makings.values()) for (const span of spans) yield [order, span];
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
    const found = new Map(above.map((it) => [it, new Map<number, Map<number, Spans>>()]));
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (const it of above) {
        const own = found.get(it) ?? new Map<number, Map<number, Spans>>();
        const { makings, admits, isNamed } = begotten(it);
        for (const making of makings)
          for (const input of inputsOf(making.seq)) {
            if (input === it) continue;
            const stay =
              making.putIn === null
                ? null
                : { from: making.putIn, until: takenOutAt(begotten(input).takingsOut(making.seq), isNamed) };
            const made = found.get(input) ?? settled.get(input);
            for (const [order, span] of handed(input, making.recorder, made)) {
              const entries = own.get(order) ?? new Map<number, Spans>();
              const before = entries.get(making.seq) ?? [];
              const after = united(before, during(span, stay));
              if (after === before || !admits(order, making)) continue;
              own.set(order, entries.set(making.seq, after));
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
    handedOn(thing, maker) {
      const found = new Map<number, Spans>();
      for (const [order, span] of handed(thing, maker, settle(thing)))
        found.set(order, united(found.get(order) ?? [], span));
      return found;
    },
  };
}

/** While a thing is under an order for one that is under it during a span: what it was made of, or was in it for a stay. */
const during = (span: Span, stay: Span | null): Span =>
  stay === null
    ? { ...always, until: span.until }
    : { from: Math.max(span.from, stay.from), until: Math.min(span.until, stay.until) };

/** Spans with another one; the same where that adds nothing. */
function united(spans: Spans, other: Span): Spans {
  const isWithin = (span: Span): boolean => span.from <= other.from && other.until <= span.until;
  if (other.from >= other.until || spans.some(isWithin)) return spans;
  const touches = (span: Span): boolean => span.from <= other.until && other.from <= span.until;
  const together = [...spans.filter(touches), other];
  const from = Math.min(...together.map((span) => span.from));
  const until = Math.max(...together.map((span) => span.until));
  return [...spans.filter((span) => !touches(span)), { from, until }].sort((a, b) => a.from - b.from);
}

/**
 * The hand-overs and gaps of many things: what several of them have in common is told once, with how many they are.
 *
 * Example: units 1 and 2 in carton 57 were received together by B from A (entry 2), never shipped. One hand-over A → B and
 * one gap, both of entry 2, of unit 1 and 3 things.
 */

import type { PartyId } from '../events/hop.ts';
import type { Step } from '../life/history.ts';
import { type Gap, type HandOver, storyOf } from './gaps.ts';
import type { Trace } from './trace-graph.ts';

export interface Told {
  readonly number: number;
  /** How many things it stands for. */
  readonly things: number;
  /** Whether its beginning must be told. */
  readonly mustBegin: boolean;
  /** In order, also through containers. */
  readonly history: readonly Step[];
}

/**
 * @param told things in the order in which they are named
 * @param isShown whether the trace tells an entry: what rests on none that it tells is left out
 */
export function storiesOf(
  told: Iterable<Told>,
  isShown: (seq: number) => boolean,
  isStub: (party: PartyId, recordedAt: number) => boolean,
): Pick<Trace, 'handOvers' | 'gaps'> {
  const gaps = new Map<string, Counted<Gap>>();
  const handOvers = new Map<string, Counted<HandOver>>();
  for (const { number, things, mustBegin, history } of told) {
    const story = storyOf(history, mustBegin, isStub);
    for (const gap of story.gaps) {
      if (gap.seq !== null && !isShown(gap.seq)) continue;
      const { kind, seq, from, to } = gap;
      // Who had them before may differ between things that one entry names.
      count(gaps, `${kind}/${seq ?? `of ${number}`}/${from}/${to}`, gap, number, things);
    }
    for (const handOver of story.handOvers) {
      const seqs = handOver.seqs.filter(isShown);
      if (seqs.length === 0) continue;
      const { from, to, gap } = handOver;
      count(handOvers, `${from}/${to}/${gap}/${seqs}`, { ...handOver, seqs }, number, things);
    }
  }
  return {
    handOvers: [...handOvers.values()].sort(
      (a, b) => (a.seqs[0] ?? 0) - (b.seqs[0] ?? 0) || a.number - b.number,
    ),
    gaps: [...gaps.values()].sort((a, b) => (a.seq ?? -1) - (b.seq ?? -1) || a.number - b.number),
  };
}

type Counted<T> = T & { readonly number: number; things: number };

function count<T>(
  found: Map<string, Counted<T>>,
  key: string,
  what: T,
  number: number,
  things: number,
): void {
  const known = found.get(key);
  if (known) known.things += things;
  else found.set(key, { ...what, number, things });
}

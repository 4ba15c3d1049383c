/**
 * What a reader sees of a trace. A trace tells of several things (what is in a container, what something was made
 * of), and a reader may have had to do with some of them only: sight is decided for each thing by its whole history,
 * and a hop is seen as well as the best of the things it concerns lets it.
 *
 * Who is tied to a thing by nothing but its own word sees of it what it said itself, if it asks for that very thing: else
 * a claim about a container would tell what is inside, and in what traces it turns up.
 *
 * What is inside or was made of what a reader asks for is told of as far as the record leads to the reader from who made
 * it: else two who claim to have passed a container on would learn what others put into it.
 *
 * A regulator whose jurisdiction any hop of the trace touches sees all of it. Under a mandate it sees the things that this is for
 * (access/reading.ts) and, if what it asks for is one, what went into that and what was made of it; what shares a container
 * with them is another thing.
 *
 * What was taken back ties nobody to a thing and leads nowhere. Of it those see more than what stands lets them who took
 * part in it, and the regulator whose jurisdiction it touches.
 *
 * Of a thing of which nothing is seen nothing may be told by others either: an entry that names it and one of the
 * reader's is told of the reader's alone.
 */

import type { HopRecord, PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { Step } from '../../core/life/history.ts';
import type { TraceLink } from '../../core/tracing/trace-graph.ts';
import {
  type Involved,
  mayReadEvent,
  oversees,
  type Reader,
  redactHop,
  type SeenHop,
  type Sight,
  sights,
  visionOf,
} from '../access/reading.ts';
import type { Names } from './names.ts';

/** A thing of a trace with all hops that reach it. */
export interface SeenThing {
  /** Internal number. */
  readonly number: number;
  /** It is what was asked for, not what that led to. */
  readonly asked: boolean;
  /** It, or one of the units of the lot that was asked for. */
  readonly isStart: boolean;
  /** Owner of its GTIN; null when it has none. */
  readonly maker: PartyId | null;
  /** All that it goes under, as far as a mandate asks. */
  readonly names: readonly string[];
  readonly history: readonly Step[];
  /** What was told of it and taken back. */
  readonly withdrawn: readonly Step[];
}

export interface Seen {
  readonly sight: Sight;
  readonly hop: SeenHop;
}

export interface SeenTrace {
  /** What the reader sees of each hop, by seq; hidden ones are absent. */
  readonly hops: Map<number, Seen>;
  /** Things of which it sees nothing; what was asked for is none of them. */
  readonly hidden: ReadonlySet<number>;
  /** It sees something of the very thing that was asked for, or who made it asks. */
  readonly isAskedSeen: boolean;
}

/** What the reader sees of the hops and things of a trace: those that stand, and those that were withdrawn. */
export function seenHops(
  reader: Reader,
  names: Names,
  {
    standing,
    withdrawn,
    links,
  }: {
    readonly standing: readonly HopRecord[];
    readonly withdrawn: readonly HopRecord[];
    readonly links: readonly TraceLink[];
  },
  things: () => Iterable<SeenThing>,
): SeenTrace {
  const hops = [...standing, ...withdrawn];
  const wanted = new Map(hops.map((hop) => [hop.seq, hop]));
  const involvedIn = (hop: HopRecord) => involved.get(hop.seq) ?? outside(hop);
  const involved = new Map(hops.map((hop) => [hop.seq, names.involved(hop)]));
  const best = new Map<number, Seen>();
  const hidden = new Set<number>();
  let isAskedSeen = false;
  const look = (seq: number, sight: Sight, acquainted: ReadonlySet<PartyId>): void => {
    const hop = wanted.get(seq);
    const known = best.get(seq);
    if (hop === undefined || (known && sights.indexOf(known.sight) >= sights.indexOf(sight))) return;
    const seen = redactHop(hop, sight, acquainted);
    if (seen !== null) best.set(seq, { sight, hop: seen });
  };
  const whole = visionOf(
    { ...reader, mandate: null },
    { names: [], maker: null, hops: standing.map(involvedIn) },
  );
  const overseer = hops.every((hop) => whole.sightOf(involvedIn(hop)) === 'whole');
  if (overseer) {
    for (const { seq } of hops) look(seq, 'whole', whole.acquainted);
    return { hops: best, hidden, isAskedSeen: true };
  }
  const all = [...things()];
  const mandated = reader.mandate === null ? new Set<number>() : mandatedIn(reader, all, links, involvedIn);
  for (const { number, asked, isStart, maker, names, history, withdrawn } of all) {
    const isMandated = mandated.has(number);
    const about = history.map(({ hop }) => involvedIn(hop));
    // That somebody has jurisdiction was asked for the whole trace.
    const vision = visionOf({ ...reader, jurisdiction: null }, { names, maker, hops: about });
    const isTied = isMandated || (vision.tied && (isStart || vision.isLed()));
    if (!asked && !isTied) hidden.add(number);
    if (asked && maker === reader.party) isAskedSeen = true;
    for (const { hop, depth, withdrawnBy } of [...history, ...withdrawn]) {
      // A claim of the reader's own about the very thing it asks for shows no more than that claim.
      if (!(isTied || (asked && depth === 0))) continue;
      const about = involvedIn(hop);
      const isOwn = withdrawnBy !== null && involved.has(hop.seq) && mayReadEvent(reader, about, names);
      const sight = isMandated || isOwn ? 'whole' : vision.sightOf(about);
      if (asked && sight !== 'hidden') isAskedSeen = true;
      look(hop.seq, sight, vision.acquainted);
    }
  }
  return { hops: best, hidden, isAskedSeen };
}

/**
 * The things that a mandate is for, by what they are or who had them; of what was asked for, if it is one of these, also what
 * went into it and what was made of it. Of other things what they were made of is not opened here: asked for by itself it
 * would be told of on to its end.
 */
function mandatedIn(
  reader: Reader,
  things: readonly SeenThing[],
  links: readonly TraceLink[],
  involvedIn: (hop: HopRecord) => Involved,
): ReadonlySet<number> {
  const mandated = things.filter(({ names, history }) =>
    oversees(reader, { names, hops: history.map(({ hop }) => involvedIn(hop)) }),
  );
  const starts = mandated.flatMap(({ number, isStart }) => (isStart ? [number] : []));
  const [inputs, outputs] = [new Map<number, number[]>(), new Map<number, number[]>()];
  for (const { kind, from, to } of links) {
    if (kind !== 'made-into') continue;
    append(inputs, to, from);
    append(outputs, from, to);
  }
  const reached = (next: ReadonlyMap<number, readonly number[]>): Set<number> => {
    const found = new Set(starts);
    for (const one of found) for (const other of next.get(one) ?? []) found.add(other);
    return found;
  };
  return new Set([...mandated.map(({ number }) => number), ...reached(inputs), ...reached(outputs)]);
}

/** A hop that is not shown, as far as acquaintance goes. */
const outside = ({ recorder, giver, taker }: HopRecord) => ({
  recorder,
  giver,
  taker,
  regions: [],
  places: [],
});

/**
 * Where a thing comes from and where it went.
 *
 *   up     its own hops, those of the containers that held it then, and all that went into it: the inputs of
 *          transformations, the parts and agents of a refill, the label it bore before
 *   down   its own hops, those of the containers that hold it, what is in it if it is a container (each thing then
 *          followed on its own), and all that was made of it
 *   both   the two together
 *
 * A moment bounds the search: up looks at what was before it, down at what came after. What a thing's trace reaches
 * through another thing is bounded by when they met, as the other's own history tells it: what goes into a making is
 * looked at until the end of the making's interval, what comes out of it from the beginning of that.
 *
 * What took the place of a thing, or whose place it took, is named beside it and not followed: nothing of the one went into
 * the other.
 *
 * The search never waits for rows: `frontiers` names what must be loaded next, all of it at once, so that the caller needs
 * as many rounds as things are nested and made of each other, however many things there are:
 *
 *   const next = frontiers(…);
 *   for (let need = next(); need.numbers.length + need.parts.length > 0; need = next()) load(need);
 *
 * Each thing is gone through once in either direction: those with the widest bound come first, and a bound is never wider
 * than the one that led to it. A round goes on with what the one before was waiting for. So the work grows with what is
 * told, in however long a chain, as dense a net or as many rings things were made of each other.
 *
 * All claims are shown, whoever made them. Hops that were withdrawn lead to nothing and count for nothing; they are told
 * apart, each with the entry that took it back.
 *
 * Example: unit 5 is packed into carton 7 (seq 2), the carton shipped (3) and received (4), the unit sold (5). Up from
 * 5: hops 2, 3 (via 7), 4 (via 7), 5. Down from 7 as of a moment after 2: hops 3, 4 of the carton, 5 of the unit.
 */

import TinyQueue from 'tinyqueue';
import type { PartyId, PlaceId, Position } from '../events/hop.ts';
import { beginning, compare, end, historyOf, type Moment } from '../life/enclosure.ts';
import { byOrder, type Step } from '../life/history.ts';
import {
  depthMax,
  type Histories,
  histories,
  isPacking,
  type Membership,
  reaches,
} from '../life/membership.ts';
import { remembering } from '../remembering.ts';
import {
  type Frontier,
  type HopGraph,
  type NodeKind,
  type PartsWanted,
  partsKey,
  type Trace,
  type TraceHop,
  type TraceLink,
  type TraceNode,
  type TraceOptions,
  takesPlace,
  wentInto,
} from './trace-graph.ts';
import { storiesOf } from './trace-stories.ts';

/**
 * Answers each time what must be loaded before the trace is whole; nothing when it is. All that it names is in the graph
 * when it is asked again.
 */
export function frontiers(graph: HopGraph, starts: readonly number[], options: TraceOptions): () => Frontier {
  const search = new Search(graph);
  search.start(starts, options);
  return () => search.goOn();
}

/** The trace of things whose graph is loaded (see `frontiers`). */
export function trace(graph: HopGraph, starts: readonly number[], options: TraceOptions): Trace {
  const search = new Search(graph);
  search.start(starts, options);
  search.goOn();
  return search.result(options.stubUntil ?? new Map(), options.counts ?? new Map());
}

type FoundHop = TraceHop & { readonly step: Step };

interface Visit {
  readonly number: number;
  readonly direction: 'up' | 'down';
  readonly bound: Moment;
  /** seq of the packing by which it is followed as contents: only while it lasts. */
  readonly packed?: number;
  /** seq of a relabelling that it must itself tell. */
  readonly relabelled?: number;
  /** What led to it, told if its own history bears it out. */
  readonly link?: TraceLink;
  /** The hop in which it met the thing that led to it, by seq, and where that stands in the history of the other. */
  readonly met?: { readonly seq: number; readonly otherwise: Moment };
}

interface Planned {
  readonly visit: Visit;
  /** How many were planned before. */
  readonly planned: number;
}

/** Those with the widest bound first: latest up, earliest down. */
function byWidth(a: Visit, b: Visit): number {
  if (a.direction !== b.direction) return a.direction === 'up' ? -1 : 1;
  const order = compare(a.bound, b.bound);
  // Two without a bound differ by no number.
  return Number.isNaN(order) ? 0 : a.direction === 'up' ? -order : order;
}

class Search {
  readonly #missing = new Set<number>();
  readonly #missingParts = new Map<string, PartsWanted>();
  /** Visits that found something missing: nothing that they saw is sure. */
  readonly #waiting: Visit[] = [];
  /** Whether the visit that goes on has found all that it asked for. */
  #isWhole = true;
  readonly #graph: HopGraph;
  readonly #histories: Histories;
  /** Visits to come, the widest first; of equals the one that was planned last. */
  readonly #agenda = new TinyQueue<Planned>([], (a, b) => byWidth(a.visit, b.visit) || b.planned - a.planned);
  #planned = 0;
  /** Things whose containers are all loaded. */
  readonly #settled = new Set<number>();
  /** The first and the last step of a thing in each hop of its own, by seq. */
  readonly #meetings = remembering((number) => meetingsIn(this.#histories.own(number)));
  /** The widest bound with which a thing was gone through, by direction and number … */
  readonly #widest = new Map<string, Moment>();
  /** … and with which it waits: narrower ones wait as well, for they may turn out to be needless. */
  readonly #held = new Map<string, Moment>();
  readonly #carried = new Set<string>();
  /** What the visit that goes on has carried, and leads to: both count once it has seen all. */
  #carriedNow = new Set<string>();
  #onward: Visit[] = [];
  readonly #things = new Set<number>();
  /** Things whose containers are not all loaded yet. */
  readonly #surrounding = new Set<number>();
  readonly #numbers = new Set<number>();
  readonly #hops = new Map<number, FoundHop>();
  readonly #withdrawn = new Map<number, FoundHop>();
  readonly #links = new Map<string, TraceLink>();
  #hidden: ReadonlySet<number> = new Set();

  constructor(graph: HopGraph) {
    this.#graph = graph;
    this.#histories = histories((number) => graph.chains.get(number) ?? []);
  }

  start(starts: readonly number[], { direction, at, hidden = new Set() }: TraceOptions): void {
    this.#hidden = hidden;
    for (const number of starts) {
      if (direction !== 'down') {
        const bound = at === undefined ? end : { at, order: Number.POSITIVE_INFINITY };
        this.#plan({ number, direction: 'up', bound });
      }
      if (direction !== 'up') {
        const bound = at === undefined ? beginning : { at, order: Number.NEGATIVE_INFINITY };
        this.#plan({ number, direction: 'down', bound });
      }
    }
  }

  #plan(visit: Visit): void {
    this.#agenda.push({ visit, planned: this.#planned++ });
  }

  /** Goes as far as what is loaded leads; answers what is missing. */
  goOn(): Frontier {
    this.#missing.clear();
    this.#missingParts.clear();
    this.#held.clear();
    for (const visit of this.#waiting.splice(0)) this.#plan(visit);
    for (let next = this.#agenda.pop(); next !== undefined; next = this.#agenda.pop()) {
      const { visit } = next;
      this.#isWhole = true;
      this.#carriedNow = new Set();
      this.#onward = [];
      this.#visit(visit);
      if (this.#isWhole) {
        for (const key of this.#carriedNow) this.#carried.add(key);
        for (const further of this.#onward) this.#plan(further);
      } else this.#waiting.push(visit);
    }
    for (const number of this.#surrounding) {
      this.#isWhole = true;
      this.#surround(number, beginning, end, []);
      if (this.#isWhole) this.#surrounding.delete(number);
    }
    return {
      numbers: [...this.#missing].sort((a, b) => a - b),
      parts: [...this.#missingParts.values()].sort((a, b) => a.seq - b.seq),
    };
  }

  #has(number: number): boolean {
    if (this.#graph.chains.has(number)) return true;
    this.#missing.add(number);
    this.#isWhole = false;
    return false;
  }

  /**
   * Stays in containers; none for now if one of these is not loaded: whether a stay was ended depends on what the
   * container's own hops name beside its contents.
   */
  #stays(number: number): readonly Membership[] {
    if (this.#settled.has(number)) return this.#histories.memberships(number);
    let isKnown = true;
    for (const s of this.#histories.own(number))
      if (isPacking(s) && s.parent !== null && !this.#has(s.parent)) isKnown = false;
    if (!isKnown) return [];
    this.#settled.add(number);
    return this.#histories.memberships(number);
  }

  /** Numbers in a position of an event; none for now if they are not loaded. */
  #parts(seq: number, position: Position): readonly number[] {
    const wanted = { seq, position };
    const key = partsKey(wanted);
    const found = this.#graph.parts.get(key);
    if (found !== undefined) return found;
    this.#missingParts.set(key, wanted);
    this.#isWhole = false;
    return [];
  }

  #visit(visit: Visit): void {
    const { number, direction } = visit;
    if (!this.#has(number)) return;
    const own = this.#histories.own(number);
    const bound = meeting(visit, this.#meetings(number));
    if (visit.relabelled !== undefined && !own.some((s) => s.hop.seq === visit.relabelled && isNewLabel(s)))
      return;
    const stays = this.#stays(number);
    if (visit.packed !== undefined && !isWithin(stays, visit.packed, bound)) return;
    if (visit.link !== undefined) this.#link(visit.link);
    const key = `${direction}${number}`;
    if (isWithinBound(direction, bound, this.#widest.get(key))) return;
    if (isWithinBound(direction, bound, this.#held.get(key))) {
      this.#isWhole = false;
      return;
    }
    if (!this.#hidden.has(number)) {
      if (!this.#things.has(number)) this.#surrounding.add(number);
      this.#things.add(number);
      this.#numbers.add(number);
    }
    const from = direction === 'up' ? beginning : bound;
    const until = direction === 'up' ? bound : end;
    for (const s of own) {
      if (direction === 'down') this.#into(s, number, bound);
      if (compare(s, from) < 0 || compare(s, until) > 0) continue;
      this.#record(this.#hops, s, number, []);
      this.#beside(s, number);
      if (direction === 'up') this.#outOf(s, number, bound);
      else this.#madeOf(s, number, bound);
    }
    for (const s of this.#histories.withdrawn(number))
      if (compare(s, from) >= 0 && compare(s, until) <= 0) this.#record(this.#withdrawn, s, number, []);
    for (const stay of stays) this.#carry(number, stay, from, until, []);
    (this.#isWhole ? this.#widest : this.#held).set(key, bound);
  }

  /** Up: what went into a thing. */
  #outOf(s: Step, number: number, bound: Moment): void {
    const wanted = wentInto(s);
    if (wanted === null) return;
    for (const input of this.#parts(wanted.seq, wanted.position)) {
      if (input === number) continue;
      const link = { kind: 'made-into', seq: s.hop.seq, from: input, to: number } as const;
      const met = { seq: wanted.seq, otherwise: s };
      this.#onward.push({ number: input, direction: 'up', bound, link, met });
    }
  }

  /** Down: what was made of a thing. */
  #madeOf(s: Step, number: number, bound: Moment): void {
    const { hop, position } = s;
    const made =
      position === 'input' && (hop.hop === 'transform' || hop.hop === 'split')
        ? this.#parts(hop.seq, 'output')
        : position === 'child' && hop.note === 'parts'
          ? this.#parts(hop.seq, 'parent')
          : [];
    for (const output of made) {
      if (output === number) continue;
      const link = { kind: 'made-into', seq: hop.seq, from: number, to: output } as const;
      const met = { seq: hop.seq, otherwise: s };
      this.#onward.push({ number: output, direction: 'down', bound, link, met });
    }
    if (hop.hop !== 'relabel' || hop.note !== 'old') return;
    // The entry after an old label's is its new label's (`hop-event.ts`), if it says so itself.
    for (const renamed of this.#parts(hop.seq + 1, 'epc')) {
      const seq = hop.seq + 1;
      const link = { kind: 'made-into', seq, from: number, to: renamed } as const;
      const met = { seq, otherwise: s };
      this.#onward.push({ number: renamed, direction: 'down', bound, link, met, relabelled: seq });
    }
  }

  /** Down: what is in a container at the bound, or is put into it later. */
  #into(s: Step, container: number, bound: Moment): void {
    if (s.hop.hop !== 'pack' || s.position !== 'parent') return;
    const from = compare(s, bound) < 0 ? bound : s;
    for (const child of this.#parts(s.hop.seq, 'child')) {
      const { seq } = s.hop;
      const link = { kind: 'contained', seq, from: container, to: child } as const;
      this.#onward.push({ number: child, direction: 'down', bound: from, link, packed: seq });
    }
  }

  /** What took a thing's place by a step of its, or whose place it took. */
  #beside(s: Step, number: number): void {
    const { hop, note, seq } = s.hop;
    if (hop !== 'replace') return;
    const isGone = note === 'old';
    for (const other of this.#parts(isGone ? seq + 1 : seq - 1, 'child')) {
      if (other === number || !this.#has(other)) continue;
      const isHalf = (it: Step) => (isGone ? takesPlace(s, it) : takesPlace(it, s));
      if (!this.#histories.own(other).some(isHalf)) continue;
      this.#surrounding.add(other);
      if (this.#hidden.has(number) || this.#hidden.has(other)) continue;
      this.#numbers.add(other);
      const [from, to] = isGone ? [number, other] : [other, number];
      this.#link({ kind: 'replaced', seq: isGone ? seq + 1 : seq, from, to });
    }
  }

  /**
   * Loads whatever a thing was in while it was in it: who had it, and who may know of it, all of its history tells, also
   * what of that the trace does not.
   */
  #surround(number: number, low: Moment, high: Moment, via: readonly number[]): void {
    for (const { container, packed, ended } of this.#stays(number)) {
      const from = compare(packed, low) > 0 ? packed : low;
      const until = ended !== null && compare(ended, high) < 0 ? ended : high;
      if (compare(from, until) >= 0 || via.length >= depthMax || via.includes(container)) continue;
      if (this.#has(container)) this.#surround(container, from, until, [...via, container]);
    }
  }

  /** What happened to a container, from and until two moments, while it held what the path leads to. */
  #carry(number: number, stay: Membership, from: Moment, until: Moment, via: readonly number[]): void {
    const { container, packed, ended } = stay;
    const low = compare(packed, from) > 0 ? packed : from;
    const high = ended !== null && compare(ended, until) < 0 ? ended : until;
    if (compare(low, high) >= 0 || via.length >= depthMax || via.includes(container)) return;
    if (!this.#has(container)) return;
    if (!this.#hidden.has(number)) this.#numbers.add(container);
    this.#link({ kind: 'contained', seq: packed.hop.seq, from: container, to: via.at(-1) ?? number });
    // Things packed together share what happens to their container.
    const isTold = !this.#hidden.has(number);
    const key = `${container}/${low.at}/${low.order}/${high.at}/${high.order}/${isTold}`;
    if (this.#carried.has(key) || this.#carriedNow.has(key)) return;
    this.#carriedNow.add(key);
    const path = [...via, container];
    for (const s of this.#histories.reaching(container)) {
      if (s.hop.seq === packed.hop.seq || compare(s, low) < 0 || compare(s, high) > 0) continue;
      if (!isPacking(s) || compare(s, packed) > 0) this.#record(this.#hops, s, number, path);
    }
    for (const s of this.#histories.withdrawn(container))
      if (reaches(s) && compare(s, low) >= 0 && compare(s, high) <= 0)
        this.#record(this.#withdrawn, s, number, path);
    for (const outer of this.#stays(container)) this.#carry(number, outer, low, high, path);
  }

  #record(found: Map<number, FoundHop>, step: Step, number: number, via: readonly number[]): void {
    if (this.#hidden.has(number)) return;
    const known = found.get(step.hop.seq);
    if (known !== undefined && known.via.length <= via.length) return;
    found.set(step.hop.seq, { seq: step.hop.seq, hop: step.hop, number, via, step });
  }

  #link(link: TraceLink): void {
    const { kind, seq, from, to } = link;
    this.#links.set(`${kind}/${seq}/${from}/${to}`, link);
  }

  result(stubUntil: ReadonlyMap<PartyId, number>, counts: ReadonlyMap<number, number>): Trace {
    const inOrder = (found: ReadonlyMap<number, FoundHop>) =>
      [...found.values()].sort((a, b) => byOrder(a.step, b.step));
    const hops = inOrder(this.#hops);
    const parties = new Set<PartyId>();
    const places = new Set<PlaceId>();
    for (const { hop } of hops) {
      for (const party of [hop.recorder, hop.giver, hop.taker]) if (party !== null) parties.add(party);
      for (const place of [hop.place, hop.toPlace]) if (place !== null) places.add(place);
    }
    for (const { parent } of hops.map((h) => h.step)) {
      if (parent !== null && this.#graph.kindOf(parent) === 'place') this.#numbers.add(parent);
    }
    const numbers = [...this.#numbers].sort((a, b) => a - b);
    return {
      nodes: [
        ...numbers.map((number): TraceNode => ({ kind: this.#graph.kindOf(number), number })),
        ...[...parties].sort().map((party): TraceNode => ({ kind: 'party', party })),
        ...[...places].sort().map((place): TraceNode => ({ kind: 'location', place })),
      ],
      hops: hops.map(({ seq, hop, number, via }) => ({ seq, hop, number, via })),
      withdrawn: inOrder(this.#withdrawn).flatMap(({ seq, hop, number, via, step: { withdrawnBy } }) =>
        withdrawnBy === null ? [] : [{ seq, hop, number, via, withdrawnBy }],
      ),
      links: [...this.#links.values()]
        .filter((l) => this.#numbers.has(l.from) && this.#numbers.has(l.to))
        .sort((a, b) => a.seq - b.seq || a.from - b.from || a.to - b.to),
      ...storiesOf(
        [...this.#things]
          .sort((a, b) => a - b)
          .map((number) => ({
            number,
            things: counts.get(number) ?? 1,
            mustBegin: isMade(this.#graph.kindOf(number)) && this.#widest.has(`up${number}`),
            history: historyOf(number, this.#histories),
          })),
        (seq) => this.#hops.has(seq),
        (party, recordedAt) => (stubUntil.get(party) ?? recordedAt) > recordedAt,
      ),
    };
  }
}

/** Whether what a bound leads to is all among what another does. */
function isWithinBound(direction: Visit['direction'], bound: Moment, other: Moment | undefined): boolean {
  if (other === undefined) return false;
  return direction === 'up' ? compare(bound, other) <= 0 : compare(bound, other) >= 0;
}

interface Meeting {
  readonly first: Step;
  readonly last: Step;
}

function meetingsIn(own: readonly Step[]): ReadonlyMap<number, Meeting> {
  const found = new Map<number, Meeting>();
  for (const s of own) found.set(s.hop.seq, { first: found.get(s.hop.seq)?.first ?? s, last: s });
  return found;
}

/** Where a visit is bounded: by what led to it, and by where the two met in its own history. */
function meeting({ direction, bound, met }: Visit, own: ReadonlyMap<number, Meeting>): Moment {
  if (met === undefined) return bound;
  const told = own.get(met.seq);
  const step = (direction === 'up' ? told?.last : told?.first) ?? met.otherwise;
  const isNarrower = direction === 'up' ? compare(step, bound) < 0 : compare(step, bound) > 0;
  return isNarrower ? step : bound;
}

const isMade = (kind: NodeKind): boolean => kind === 'unit' || kind === 'lot';
const isNewLabel = (s: Step): boolean => s.hop.hop === 'relabel' && s.hop.note === 'new';

/** Whether the stay that a packing began was not over at a moment. */
const isWithin = (stays: readonly Membership[], packing: number, moment: Moment): boolean =>
  stays.some((m) => m.packed.hop.seq === packing && (m.ended === null || compare(m.ended, moment) > 0));

/**
 * A second telling of traces, for comparison: slow, over the hops of a whole small world replayed one after the other with
 * explicit sets of what is in what, written from the rules and not from the code that it checks. Of who passed what to whom
 * it pairs the halves first, then looks back for who had the thing. It knows hops of a moment only, a day apart.
 */
import type { HopRecord, PartyId, Position } from '../../src/core/events/hop.ts';
import type { Direction } from '../../src/core/tracing/trace-graph.ts';

export type Named = Partial<Record<Position, readonly number[]>>;
export interface Fact {
  readonly hop: HopRecord;
  readonly named: Named;
}

/** That something is in a container, and the packing that put it there. */
interface Stay {
  readonly container: number;
  readonly seq: number;
}

/** How a hop concerns a thing: it names it, or what the thing is in, or something is put into or taken out of the thing. */
type How = 'named' | 'around' | 'opened';

interface Moment {
  readonly fact: Fact;
  readonly time: number;
  readonly concerns: ReadonlyMap<number, How>;
  /** What everything is in, after it. */
  readonly inside: ReadonlyMap<number, Stay>;
}

const outside = ['ship', 'receive', 'return', 'sell', 'transform', 'split', 'relabel'];

const has = (list: readonly number[] | undefined, n: number): boolean => list?.includes(n) ?? false;

function around(inside: ReadonlyMap<number, Stay>, n: number): number[] {
  const found: number[] = [];
  for (let stay = inside.get(n); stay !== undefined; stay = inside.get(stay.container)) {
    if (found.includes(stay.container)) break;
    found.push(stay.container);
  }
  return found;
}

/** What an act does to the thing itself, and so to all that is in it. */
const touched = ({ named }: Fact): number[] => [
  ...(named.epc ?? []),
  ...(named.input ?? []),
  ...(named.child ?? []),
];

const emptied = ({ hop, named }: Fact): number | undefined =>
  hop.hop === 'unpack' && (named.child ?? []).length === 0 ? named.parent?.[0] : undefined;

function howIn(fact: Fact, inside: ReadonlyMap<number, Stay>, n: number): How | null {
  const { named } = fact;
  if (has(touched(fact), n) || has(named.output, n) || has(named.quantity, n)) return 'named';
  if (around(inside, n).some((c) => has(touched(fact), c) || c === emptied(fact))) return 'around';
  return has(named.parent, n) ? 'opened' : null;
}

const takesBack = (fact: Fact, facts: readonly Fact[]): Fact | undefined =>
  fact.hop.hop === 'void'
    ? facts.find(({ hop }) => hop.seq === fact.hop.target && hop.recorder === fact.hop.recorder)
    : undefined;

export function replay(facts: readonly Fact[]): Moment[] {
  const withdrawn = new Set(facts.map((fact) => takesBack(fact, facts)));
  const everything = new Set(facts.flatMap(({ named }) => Object.values(named).flat()));
  const inside = new Map<number, Stay>();
  return facts
    .filter((fact) => fact.hop.hop !== 'void' && !withdrawn.has(fact))
    .sort((a, b) => a.hop.until - b.hop.until)
    .map((fact): Moment => {
      const { hop, named } = fact;
      const handled = [...(named.epc ?? []), ...(named.input ?? [])];
      for (const n of handled) {
        const held = inside.get(n);
        const leaves = outside.includes(hop.hop) && hop.note !== 'new';
        if (leaves && held !== undefined && !handled.includes(held.container)) inside.delete(n);
      }
      const fitted = hop.hop === 'maintain' || hop.hop === 'replace' ? (named.child ?? []) : [];
      for (const n of fitted) inside.delete(n);
      const concerns = new Map<number, How>();
      for (const n of everything) {
        const how = howIn(fact, inside, n);
        if (how !== null) concerns.set(n, how);
      }
      const [container] = named.parent ?? [];
      if (hop.hop === 'pack' && container !== undefined)
        for (const n of named.child ?? [])
          if (inside.get(n)?.container !== container) inside.set(n, { container, seq: hop.seq });
      if (hop.hop === 'unpack')
        for (const [n, stay] of [...inside])
          if (stay.container === container && (emptied(fact) !== undefined || has(named.child, n)))
            inside.delete(n);
      return { fact, time: hop.until, concerns, inside: new Map(inside) };
    });
}

export interface NaiveOptions {
  readonly start: number;
  readonly direction: Direction;
  readonly at: number | undefined;
  /** Who had no account until when. */
  readonly stubUntil: ReadonlyMap<PartyId, number>;
  /** Whether a thing has to have been made, and whether it is dealt by measure. */
  isMade(n: number): boolean;
  isMeasured(n: number): boolean;
  isPlace(n: number): boolean;
}

/** Everything as words, so that it can be compared. */
export interface NaiveTrace {
  readonly hops: readonly number[];
  readonly things: readonly number[];
  readonly links: readonly string[];
  readonly withdrawn: readonly string[];
  readonly handOvers: readonly string[];
  readonly gaps: readonly string[];
}

export function naiveTrace(facts: readonly Fact[], options: NaiveOptions): NaiveTrace {
  const { start, direction, at, isPlace } = options;
  const moments = replay(facts);
  const windows = new Map<string, { n: number; from: number; until: number }>();
  const upward = new Set<number>();
  const links = new Set<string>();
  const besides = new Set<number>();
  const link = (kind: string, seq: number, from: number, to: number) => {
    if (from !== to) links.add(`${kind} ${seq} ${from} ${to}`);
  };
  const look = (way: string, n: number, from: number, until: number): boolean => {
    const key = `${way}/${n}/${from}/${until}`;
    const isNew = !windows.has(key);
    windows.set(key, { n, from, until });
    return isNew;
  };

  /** What took whose place: told of either, and leading nowhere. */
  function beside(n: number, { hop, named }: Fact): void {
    if (hop.hop !== 'replace' || !has(named.child, n)) return;
    const [gone, come] = hop.note === 'old' ? [hop.seq, hop.seq + 1] : [hop.seq - 1, hop.seq];
    const half = (seq: number, note: string) =>
      moments.find(({ fact: { hop: it } }) => it.seq === seq && it.hop === 'replace' && it.note === note)
        ?.fact;
    const [out, into] = [half(gone, 'old'), half(come, 'new')];
    if (out === undefined || into === undefined) return;
    const told = ({ hop, named }: Fact) => `${hop.recorder} ${hop.until} ${named.parent}`;
    if (told(out) !== told(into)) return;
    for (const old of out.named.child ?? [])
      for (const fresh of into.named.child ?? []) {
        if (n !== old && n !== fresh) continue;
        link('replaced', come, old, fresh);
        for (const it of [old, fresh]) if (old !== fresh) besides.add(it);
      }
  }

  function up(n: number, until: number): void {
    if (!look('up', n, Number.NEGATIVE_INFINITY, until)) return;
    upward.add(n);
    for (const { time, fact } of moments) {
      if (time > until) continue;
      beside(n, fact);
      const { hop, named } = fact;
      const made = has(named.output, n) ? (named.input ?? []) : [];
      const fitted = hop.note === 'parts' && has(named.parent, n) ? (named.child ?? []) : [];
      for (const it of [...made, ...fitted]) {
        link('made-into', hop.seq, it, n);
        up(it, time);
      }
      if (hop.note !== 'new' || !has(named.epc, n)) continue;
      const old = facts.find((it) => it.hop.seq === hop.target);
      const stands = moments.find((it) => it.fact === old);
      for (const label of old?.named.epc ?? []) {
        link('made-into', hop.seq, label, n);
        up(label, stands?.time ?? time);
      }
    }
  }

  function down(n: number, from: number): void {
    if (!look('down', n, from, Number.POSITIVE_INFINITY)) return;
    const before = moments.filter(({ time }) => time < from).at(-1);
    for (const [child, stay] of before?.inside ?? []) {
      if (stay.container !== n) continue;
      link('contained', stay.seq, n, child);
      down(child, from);
    }
    for (const { time, fact, inside } of moments) {
      if (time < from) continue;
      const { hop, named } = fact;
      beside(n, fact);
      if (hop.hop === 'pack' && has(named.parent, n))
        for (const child of named.child ?? []) {
          if (inside.get(child)?.seq === hop.seq) link('contained', hop.seq, n, child);
          down(child, time);
        }
      const made = has(named.input, n) ? (named.output ?? []) : [];
      const fitted = hop.note === 'parts' && has(named.child, n) ? (named.parent ?? []) : [];
      for (const it of [...made, ...fitted]) {
        link('made-into', hop.seq, n, it);
        down(it, time);
      }
      if (hop.note !== 'old' || !has(named.epc, n)) continue;
      const renamed = moments.find((it) => it.fact.hop.target === hop.seq && it.fact.hop.note === 'new');
      for (const label of renamed?.fact.named.epc ?? []) {
        link('made-into', renamed?.fact.hop.seq ?? 0, n, label);
        down(label, renamed?.time ?? time);
      }
    }
  }

  if (direction !== 'down') up(start, at ?? Number.POSITIVE_INFINITY);
  if (direction !== 'up') down(start, at ?? Number.NEGATIVE_INFINITY);

  const hops = new Set<number>();
  const things = new Set<number>(besides);
  const withdrawn = new Set<string>();
  for (const { n, from, until } of windows.values()) {
    things.add(n);
    for (const { time, fact, concerns } of moments)
      if (time >= from && time <= until && concerns.has(n)) {
        hops.add(fact.hop.seq);
        for (const it of fact.named.parent ?? []) if (isPlace(it)) things.add(it);
      }
    for (const [i, { time, inside }] of moments.entries()) {
      const next = moments[i + 1]?.time ?? Number.POSITIVE_INFINITY;
      if (Math.max(time, from) >= Math.min(next, until)) continue;
      let inner = n;
      for (const container of around(inside, n)) {
        things.add(container);
        link('contained', inside.get(inner)?.seq ?? 0, container, inner);
        inner = container;
      }
    }
    for (const taking of facts) {
      const fact = takesBack(taking, facts);
      if (fact === undefined || fact.hop.until < from || fact.hop.until > until) continue;
      const inside = moments.filter(({ time }) => time < fact.hop.until).at(-1)?.inside ?? new Map();
      if (howIn(fact, inside, n) === null) continue;
      const first = facts.find((it) => takesBack(it, facts) === fact);
      withdrawn.add(`${fact.hop.seq} by ${first?.hop.seq}`);
    }
  }

  const handOvers = new Map<string, number[]>();
  const gaps = new Map<string, number[]>();
  const count = (found: Map<string, number[]>, what: string, n: number) =>
    found.set(what, [...(found.get(what) ?? []), n]);
  for (const n of new Set([...windows.values()].map((it) => it.n))) {
    const story = naiveStory(n, moments, upward.has(n), options);
    for (const { kind, seq, from, to } of story.gaps)
      if (seq === null || hops.has(seq)) count(gaps, `${kind} ${seq ?? `of ${n}`} ${from} ${to}`, n);
    for (const { from, to, seqs, gap } of story.handOvers) {
      const shown = seqs.filter((seq) => hops.has(seq));
      if (shown.length > 0) count(handOvers, `${from} → ${to} by ${shown} ${gap}`, n);
    }
  }
  const told = (found: ReadonlyMap<string, readonly number[]>) =>
    [...found].map(([what, of]) => `${what}: ${of.length} things, ${Math.min(...of)}`).sort();
  return {
    hops: [...hops].sort((a, b) => a - b),
    things: [...things].sort((a, b) => a - b),
    links: [...links].sort(),
    withdrawn: [...withdrawn].sort(),
    handOvers: told(handOvers),
    gaps: told(gaps),
  };
}

const trade = ['ship', 'return', 'sell', 'pack', 'unpack', 'transform', 'split'];
const officials = ['regulator', 'laboratory', 'certification-body'];

interface NaiveStory {
  readonly handOvers: { from: string | null; to: string | null; seqs: number[]; gap: string | null }[];
  readonly gaps: { kind: string; seq: number | null; from: string | null; to: string | null }[];
}

/** What passed between whom of one thing, by what is claimed of it and of what it was in. */
function naiveStory(
  n: number,
  moments: readonly Moment[],
  isUpward: boolean,
  { stubUntil, isMade, isMeasured }: NaiveOptions,
): NaiveStory {
  const told = moments.flatMap(({ fact, concerns }) => {
    const how = concerns.get(n);
    return how === undefined ? [] : [{ how, ...fact }];
  });
  type Told = (typeof told)[number];
  const isBirth = ({ how, hop, named }: Told): boolean =>
    how === 'named' &&
    (hop.hop === 'produce' ||
      (hop.hop === 'relabel' && hop.note === 'new') ||
      (has(named.output, n) && !has(named.input, n)));
  const takes = ({ hop }: Told): boolean =>
    hop.hop === 'receive' || (hop.hop === 'return' && hop.recorder === hop.taker);
  const gives = (it: Told): boolean => ['ship', 'return'].includes(it.hop.hop) && !takes(it);
  /** To somebody who cannot record a receipt. */
  const givesAway = (it: Told): boolean =>
    gives(it) && it.hop.taker !== null && (stubUntil.get(it.hop.taker) ?? 0) > it.hop.recordedAt;
  const couldBe = (a: string | null, b: string | null) => a === null || b === null || a === b;

  // Each half that is given, with what closed it.
  const closedBy = new Map<Told, Told>();
  for (const [i, it] of told.entries()) {
    const open = told.slice(0, i).filter((g) => gives(g) && !givesAway(g) && !closedBy.has(g));
    const closed = takes(it)
      ? open.find(({ hop }) => couldBe(hop.taker, it.hop.recorder) && couldBe(hop.giver, it.hop.giver))
      : it.hop.hop === 'cancel'
        ? open.find(({ hop }) =>
            it.hop.target === null ? hop.giver === it.hop.recorder : hop.seq === it.hop.target,
          )
        : undefined;
    if (closed !== undefined) closedBy.set(closed, it);
  }
  const isOpenAt = (g: Told, i: number): boolean => {
    const closer = closedBy.get(g);
    return gives(g) && !givesAway(g) && (closer === undefined || told.indexOf(closer) >= i);
  };

  const takesAway = ({ hop }: Told): boolean =>
    hop.hop === 'seize' || (hop.hop === 'inspect' && hop.note === 'sample');
  /** Whom a lift gives a thing to: whom it names, or who had it before the oldest seizure that it ends; undefined for nobody. */
  function liftedTo(i: number): string | null | undefined {
    const it = told[i];
    if (it?.hop.hop !== 'lift') return undefined;
    const ends = (s: Told, l: Told) =>
      l.hop.hop === 'lift' &&
      (l.hop.target === null ? l.hop.recorder === s.hop.recorder : l.hop.target === s.hop.seq);
    const seized = told.findIndex(
      (s, k) =>
        k < i && s.hop.hop === 'seize' && ends(s, it) && !told.slice(k + 1, i).some((l) => ends(s, l)),
    );
    if (it.hop.taker !== null) return it.hop.taker;
    return seized < 0 ? undefined : holderBefore(seized);
  }

  const handlesAt = (i: number): boolean => {
    const it = told[i];
    if (it === undefined || takes(it) || isBirth(it)) return false;
    const isIts = it.how !== 'opened' || (it.hop.hop === 'pack' && holderBefore(i) === null);
    return isIts && trade.includes(it.hop.hop) && !officials.includes(it.hop.as);
  };
  function holderBefore(i: number): string | null {
    for (let j = i - 1; j >= 0; j--) {
      const it = told[j];
      if (it === undefined) break;
      if (givesAway(it) || it.hop.hop === 'sell' || takesAway(it)) return it.hop.taker;
      const lifted = liftedTo(j);
      if (lifted !== undefined) return lifted;
      if (takes(it) || isBirth(it) || handlesAt(j)) return it.hop.recorder;
    }
    return null;
  }

  const found: NaiveStory = { handOvers: [], gaps: [] };
  const missing = (kind: string, seq: number, from: string | null, to: string | null) => {
    found.gaps.push({ kind, seq, from, to });
    found.handOvers.push({ from, to, seqs: [seq], gap: kind });
  };
  const passed = (from: string | null, to: string | null, ...seqs: number[]) => {
    if (from !== to) found.handOvers.push({ from, to, seqs, gap: null });
  };
  if (isMade(n) && isUpward && !told.some(isBirth))
    found.gaps.push({ kind: 'no-production', seq: told[0]?.hop.seq ?? null, from: null, to: null });
  for (const [i, it] of told.entries()) {
    const { hop } = it;
    const before = holderBefore(i);
    if (takes(it)) {
      const given = [...closedBy].find(([, closer]) => closer === it)?.[0];
      if (given !== undefined) passed(given.hop.giver, hop.recorder, given.hop.seq, hop.seq);
      else if (hop.giver !== hop.recorder) missing('received-not-shipped', hop.seq, hop.giver, hop.recorder);
    }
    const isExpected = told.slice(0, i).some((g) => isOpenAt(g, i) && g.hop.taker === hop.recorder);
    if (handlesAt(i) && before !== null && before !== hop.recorder && !isExpected && !isMeasured(n))
      missing('holder-changed-silently', hop.seq, before, hop.recorder);
    if (hop.hop === 'sell') passed(hop.giver ?? hop.recorder, hop.taker, hop.seq);
    if (takesAway(it) && hop.taker !== null) passed(hop.giver ?? before, hop.taker, hop.seq);
    const lifted = liftedTo(i);
    if (lifted !== undefined && lifted !== null) passed(hop.giver ?? before, lifted, hop.seq);
    if (givesAway(it)) passed(hop.giver, hop.taker, hop.seq);
  }
  for (const { hop } of told.filter((g) => isOpenAt(g, told.length)))
    if (hop.taker !== hop.giver) missing('shipped-not-received', hop.seq, hop.giver, hop.taker);
  return found;
}

/**
 * What stood upstream of a unit: everybody and everything that can have made it bad, with the entries that say so.
 *
 *   claimed-maker     whose code it bears; the code is what a counterfeit copies, so it proves nothing of …
 *   traced-source     … the first party that the record shows to have had it
 *   party             had it: made, gave, took, packed, installed it
 *   place             where it was
 *   product, lot      what its code was issued for
 *   shipment          went in it: the shipping hop, or the receipt where no shipping was recorded
 *   container         was in it
 *   input             went into it: a part, what it was made or cut of, the thing under its label before; of goods by
 *                     measure the lot
 *   certificate       covered it when it was made
 *   laboratory        tested it
 *   maintenance-firm  maintained or refilled it
 *
 * What went into a unit counts with what stood upstream of that until then, and so on. Goods by measure are in many hands
 * at once: of a lot that was used only what led to whoever used it counts, told back from there (`handsTo`).
 *
 * All claims count, whoever made them: an investigator weighs them by their evidence. Two things do not count. What
 * was withdrawn; and what came after an authority sampled, held or seized the unit, for that follows from its being
 * suspected: else every bad unit would lead to the laboratory that found it bad.
 *
 * Example: M makes unit 5 (seq 1), packs it into carton 7 (2), ships the carton to D (3); D ships 5 to U (6); a
 * regulator takes it as a sample (8). Parties M [1, 2, 3], D [3, 6], U [6]; shipments 3 and 6; container 7 [2].
 */

import { type HopRecord, type PartyId, type PlaceId, positions } from '../events/hop.ts';
import { compare, type Enclosure, enclosures, type Moment } from '../life/enclosure.ts';
import { byOrder, half, type Step } from '../life/history.ts';
import type { Histories } from '../life/membership.ts';
import { custodyActs, isOfficial } from '../life/standing.ts';
import { type PartsWanted, wentInto } from './trace-graph.ts';

export const candidateKinds = [
  'claimed-maker',
  'traced-source',
  'party',
  'place',
  'product',
  'lot',
  'shipment',
  'container',
  'input',
  'certificate',
  'laboratory',
  'maintenance-firm',
] as const;
export type CandidateKind = (typeof candidateKinds)[number];

/** A candidate; `id` is what its kind is named by: a party, a place, an identifier, a seq, a number. */
export interface Candidate {
  readonly kind: CandidateKind;
  readonly id: string;
}

/** The entries that say that a candidate stood upstream of a unit. */
export interface Exposure {
  readonly candidate: Candidate;
  readonly seqs: readonly number[];
}

/** What is known of a unit beside its history. */
export interface Origin {
  readonly maker: PartyId | null;
  readonly gtin: string | null;
  readonly lot: string | null;
  /** The entry that issued its code. */
  readonly issue: number;
  /** Those that covered it when it was made: id and entry. */
  readonly certificates: readonly { readonly id: string; readonly seq: number }[];
}

/** A station on the way of a unit: who had it, by which entries. */
export interface Station {
  readonly party: PartyId;
  readonly seqs: readonly number[];
}

/** What stood upstream of a unit, with the entries that say so. */
export interface Explained {
  exposures(): readonly Exposure[];
  /** Parties in the order in which they had it. */
  path(): readonly Station[];
}

/** What went into units, whose histories are loaded as well. */
export interface Inputs {
  /** Numbers in a position of an event; none where they are not to be followed. */
  parts(wanted: PartsWanted): readonly number[];
  /** Whether it is dealt by measure. */
  isMeasured(number: number): boolean;
  originOf(number: number): Origin | null;
}

const noInputs: Inputs = { parts: () => [], isMeasured: () => false, originOf: () => null };

/**
 * Only what happened until `at` counts, ms since the epoch; without it all. Of goods by measure `holder` is who had what is
 * meant; without one all who had any of the lot stood upstream of it.
 */
type About<T> = (unit: number, origin: Origin | null, at?: number, holder?: PartyId | null) => T;

export interface Upstreams {
  /** Every candidate seen so far; what follows names them by their place in this list. */
  readonly candidates: readonly Candidate[];
  /** The candidates upstream of a unit, each once. */
  look: About<number[]>;
  /** The same told. */
  explain: About<Explained>;
}

/**
 * Looks upstream of units whose histories are loaded. Candidates have numbers, for there are a hundred thousand units to
 * look upstream of; what a hop says is told anew for each of them, which takes less than to keep it and find it again.
 */
export function lookingUpstream(from: Histories, inputs: Inputs = noInputs): Upstreams {
  const { candidates, numbers } = numbering();

  /** What of lots led to a party, whenever; asked for by everything that the party put some of the lot into. */
  const hands = new Map<string, readonly Step[]>();
  function handsOf(lot: number, party: PartyId): readonly Step[] {
    const key = `${lot}/${party}`;
    const known = hands.get(key) ?? handsTo(party, from.own(lot));
    hands.set(key, known);
    return known;
  }

  /** The steps that count of a unit, and the containers that it was in by then. */
  function countedOf(unit: number, at: number, holder: PartyId | null): Counted {
    if (holder !== null) {
      const own = handsTo(
        holder,
        handsOf(unit, holder).filter((s) => s.at <= at),
      );
      return { unit, steps: own, around: [], own };
    }
    const counted = claimsAbout(unit, from);
    return upTo(firstSuspected(counted.steps, at), counted);
  }

  function visit(origin: Origin | null, counted: Counted, find: Find): void {
    if (origin !== null) visitOrigin(origin, numbers, find);
    const held = visitSteps(counted, find);
    const source = firstHolder(counted.steps, held);
    if (source !== null) {
      const traced = numbers['traced-source'](source);
      for (const [i, { hop }] of counted.steps.entries())
        if (held[i]?.includes(source)) find(traced, hop.seq);
    }
    if (counted.own.some((s) => wentInto(s) !== null)) visitInputs(counted, find);
  }

  /** Tells who had it by each step. */
  function visitSteps({ steps, around }: Counted, find: Find): (readonly PartyId[])[] {
    for (const { container, packed } of around) find(numbers.container(container), packed.hop.seq);
    return steps.map(({ hop }) => {
      const holders = holdersIn(hop);
      for (const party of holders) find(numbers.party(party), hop.seq);
      visitHop(hop, numbers, find);
      const side = half(hop);
      if (side === 'giving' || (side === 'taking' && !isShipped(hop, steps)))
        find(numbers.shipment(hop.seq), hop.seq);
      return holders;
    });
  }

  /**
   * What went into a thing, and what stood upstream of that until then; each but once. Depth first, without recursion: there
   * may be thousands of makings one after the other.
   */
  function visitInputs(counted: Counted, find: Find): void {
    const seen = new Set([counted.unit]);
    const open = [usesIn(counted.own)];
    for (let uses = open.at(-1); uses !== undefined; uses = open.at(-1)) {
      const next = uses.next();
      if (next.done === true) {
        open.pop();
        continue;
      }
      const { input, making, wanted } = next.value;
      if (seen.has(input)) continue;
      seen.add(input);
      const { seq, recorder } = making.hop;
      const met = from.own(input).findLast(({ hop }) => hop.seq === wanted.seq) ?? making;
      const origin = inputs.originOf(input);
      const isMeasured = inputs.isMeasured(input);
      if (!isMeasured) find(numbers.input(input), seq);
      // That it came into the unit is what the entry of the making says, whoever named its maker and lot before.
      if (origin !== null) visitOrigin({ ...origin, issue: seq }, numbers, find);
      const used = isMeasured ? measuredUntil(input, met, recorder) : wholeUntil(input, met);
      visitSteps(used, find);
      open.push(usesIn(used.own));
    }
  }

  /** What went into a thing by steps of its own. */
  function* usesIn(own: readonly Step[]): Generator<Use> {
    for (const making of own) {
      const wanted = wentInto(making);
      if (wanted === null) continue;
      for (const input of inputs.parts(wanted)) yield { input, making, wanted };
    }
  }

  function measuredUntil(unit: number, met: Moment, user: PartyId): Counted {
    const own = handsTo(
      user,
      handsOf(unit, user).filter((s) => compare(s, met) <= 0),
    );
    return { unit, steps: own, around: [], own };
  }

  function wholeUntil(unit: number, met: Moment): Counted {
    return upTo({ at: met.at, order: met.order + 1 }, claimsAbout(unit, from));
  }

  /** The last unit that each candidate was found upstream of, by the number of the look. */
  const seen: number[] = [];
  let looks = 0;
  const found: number[] = [];

  return {
    candidates,
    look(unit, origin, at = Number.POSITIVE_INFINITY, holder = null) {
      let count = 0;
      looks++;
      visit(origin, countedOf(unit, at, holder), (candidate) => {
        if (seen[candidate] === looks) return;
        seen[candidate] = looks;
        found[count++] = candidate;
      });
      // Lists that grew would take up half as much again, for a hundred thousand units.
      return found.slice(0, count);
    },
    explain(unit, origin, at = Number.POSITIVE_INFINITY, holder = null) {
      const counted = countedOf(unit, at, holder);
      return {
        exposures() {
          const seqs = new Map<number, Set<number>>();
          visit(origin, counted, (candidate, seq) =>
            seqs.set(candidate, (seqs.get(candidate) ?? new Set()).add(seq)),
          );
          return [...seqs].flatMap(([number, entries]) => {
            const candidate = candidates[number];
            return candidate === undefined
              ? []
              : [{ candidate, seqs: [...entries].sort((one, other) => one - other) }];
          });
        },
        path: () => pathOf([...counted.steps].sort(byOrder)),
      };
    },
  };
}

type Find = (candidate: number, seq: number) => void;

/** Something that went into a thing by a step of that. */
interface Use {
  readonly input: number;
  readonly making: Step;
  readonly wanted: PartsWanted;
}

/** What of a thing counts: its own steps and those of the containers around it, and these. */
interface Counted {
  readonly unit: number;
  readonly steps: readonly Step[];
  readonly around: readonly Enclosure[];
  readonly own: readonly Step[];
}

/** What was before a moment. */
function upTo(end: Moment, counted: Counted): Counted {
  if (end.at === Number.POSITIVE_INFINITY) return counted;
  const { unit, steps, around, own } = counted;
  const isBefore = (moment: Moment): boolean => compare(moment, end) < 0;
  return {
    unit,
    steps: steps.filter(isBefore),
    around: around.filter(({ first }) => isBefore(first)),
    own: own.filter(isBefore),
  };
}

/**
 * Of the steps of goods by measure, those that led to what a party had of them, told back from the last: what it got, and
 * what those got who gave it, and what each of them did; and what laboratories found of the lot before it was suspected.
 */
function handsTo(party: PartyId, steps: readonly Step[]): Step[] {
  const reached = new Set([party]);
  const end = firstSuspected(steps, Number.POSITIVE_INFINITY);
  const found: Step[] = [];
  for (const s of [...steps].sort(byOrder).reverse()) {
    const { recorder, giver, taker, as } = s.hop;
    const isMovement = half(s.hop) !== null || (giver !== null && taker !== null);
    const leads = isMovement
      ? taker !== null && reached.has(taker)
      : reached.has(recorder) || (isOfficial(as) && compare(s, end) < 0);
    if (!leads) continue;
    if (giver !== null && isMovement) reached.add(giver);
    found.push(s);
  }
  return found.reverse();
}

/** Numbers candidates of each kind, in the order in which they are first asked for. */
function numbering() {
  const candidates: Candidate[] = [];
  const of = <Key extends string | number>(kind: CandidateKind): ((key: Key) => number) => {
    const known = new Map<Key, number>();
    return (key) => {
      const before = known.get(key);
      if (before !== undefined) return before;
      known.set(key, candidates.length);
      candidates.push({ kind, id: String(key) });
      return candidates.length - 1;
    };
  };
  return {
    candidates,
    numbers: {
      'claimed-maker': of<PartyId>('claimed-maker'),
      'traced-source': of<PartyId>('traced-source'),
      party: of<PartyId>('party'),
      place: of<PlaceId>('place'),
      product: of<string>('product'),
      lot: of<string>('lot'),
      // There are nearly as many of these as units, and making texts takes time.
      shipment: of<number>('shipment'),
      container: of<number>('container'),
      input: of<number>('input'),
      certificate: of<string>('certificate'),
      laboratory: of<PartyId>('laboratory'),
      'maintenance-firm': of<PartyId>('maintenance-firm'),
    } satisfies Record<CandidateKind, unknown>,
  };
}

type Numbers = ReturnType<typeof numbering>['numbers'];

/** What a hop says beside who had what it names: places, laboratories and maintenance firms. */
function visitHop(hop: HopRecord, numbers: Numbers, find: Find): void {
  const { seq, place, toPlace, recorder } = hop;
  if (place !== null) find(numbers.place(place), seq);
  if (toPlace !== null) find(numbers.place(toPlace), seq);
  if (hop.as === 'laboratory') find(numbers.laboratory(recorder), seq);
  if (hop.hop === 'maintain' || hop.hop === 'refill') find(numbers['maintenance-firm'](recorder), seq);
}

/** Whether the giving half of a movement is told as well. */
function isShipped({ giver, taker }: HopRecord, steps: readonly Step[]): boolean {
  for (const { hop } of steps)
    if (half(hop) === 'giving' && hop.giver === giver && hop.taker === taker) return true;
  return false;
}

/** Who had the unit by what a hop says, in order. */
function holdersIn(hop: HopRecord): readonly PartyId[] {
  const { giver, taker } = hop;
  if (giver !== null) return taker === null ? [giver] : [giver, taker];
  if (taker !== null) return [taker];
  const has =
    custodyActs.has(hop.hop) || hop.hop === 'produce' || hop.hop === 'adopt' || hop.hop === 'receive';
  return has && !isOfficial(hop.as) ? [hop.recorder] : [];
}

/** Own steps and those of the containers around it while it was in them, in no order. */
function claimsAbout(unit: number, from: Histories): Counted {
  const own = from.own(unit);
  const around = enclosures(unit, from);
  const steps = [...own];
  for (const { container, first, last } of around)
    for (const s of from.reaching(container))
      if (compare(s, first) > 0 && compare(s, last) <= 0 && !tells(steps, s)) steps.push(s);
  return { unit, steps, around, own };
}

/** Whether a step of the same hop is among some. */
function tells(steps: readonly Step[], { hop: { seq } }: Step): boolean {
  for (const { hop } of steps) if (hop.seq === seq) return true;
  return false;
}

/** When an authority took the unit for suspect, or what happens no longer counts. */
function firstSuspected(steps: readonly Step[], at: number): Moment {
  let end: Moment = { at, order: Number.POSITIVE_INFINITY };
  for (const s of steps) if (suspects(s.hop) && isOfficial(s.hop.as) && compare(s, end) < 0) end = s;
  return end;
}

const suspects = (hop: HopRecord): boolean =>
  hop.hop === 'hold' ||
  hop.hop === 'seize' ||
  (hop.hop === 'inspect' && (hop.note === 'sample' || hop.note === 'sampling'));

/** Who had it first, of those who had it by each step. */
function firstHolder(steps: readonly Step[], held: readonly (readonly PartyId[])[]): PartyId | null {
  let first: Step | null = null;
  let holder: PartyId | null = null;
  for (const [i, s] of steps.entries()) {
    const party = held[i]?.[0];
    if (party === undefined || (first !== null && byOrder(s, first) >= 0)) continue;
    first = s;
    holder = party;
  }
  return holder;
}

function pathOf(steps: readonly Step[]): Station[] {
  const path: { party: PartyId; seqs: number[] }[] = [];
  for (const { hop } of steps)
    for (const party of holdersIn(hop)) {
      // The giver of one movement was the taker of the one before, told by two hops or four.
      const station = path.slice(-2).find((it) => it.party === party);
      if (station === undefined) path.push({ party, seqs: [hop.seq] });
      else if (station.seqs.at(-1) !== hop.seq) station.seqs.push(hop.seq);
    }
  return path;
}

function visitOrigin({ maker, gtin, lot, issue, certificates }: Origin, numbers: Numbers, find: Find): void {
  if (maker !== null) find(numbers['claimed-maker'](maker), issue);
  if (gtin !== null) find(numbers.product(gtin), issue);
  if (lot !== null) find(numbers.lot(lot), issue);
  for (const { id, seq } of certificates) find(numbers.certificate(id), seq);
}

/** Units with the same key went through the same: what stood upstream of one stood upstream of all. */
export function likenessOf(unit: number, from: Histories, origin: Origin | null): string {
  let key = `${origin?.issue}/${origin?.lot}/`;
  // A hop has one parent, so its entry and the position in it say all. As three characters, for these keys are many.
  for (const { hop, position } of from.own(unit))
    key += String.fromCharCode(positions.indexOf(position), hop.seq % 0x10000, hop.seq / 0x10000);
  return key;
}

/**
 * Adds the place to units that its owner had without anybody having said where, if the owner is known to have been at
 * that place alone: a missing hop is no sign that goods were elsewhere.
 * @param cases candidates upstream of each, by number
 * @param ownerOf whose place it is, null if that is not known
 */
export function inferPlaces(
  cases: readonly (readonly number[])[],
  candidates: readonly Candidate[],
  ownerOf: (place: string) => string | null,
): (readonly number[])[] {
  const named = new Uint8Array(candidates.length);
  for (const list of cases) for (const number of list) named[number] = 1;
  /** The one place of each owner, null for an owner of several. */
  const places = new Map<string, number | null>();
  for (const [number, { kind, id }] of candidates.entries()) {
    const owner = kind === 'place' && named[number] === 1 ? ownerOf(id) : null;
    if (owner !== null) places.set(owner, places.has(owner) ? null : number);
  }
  const placeOf = candidates.map(({ kind, id }) => (kind === 'party' ? (places.get(id) ?? null) : null));
  return cases.map((list) => {
    const inferred: number[] = [];
    for (const number of list) {
      const place = placeOf[number] ?? null;
      if (place !== null && !list.includes(place)) inferred.push(place);
    }
    return inferred.length === 0 ? list : [...list, ...inferred];
  });
}

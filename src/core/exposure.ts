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
 *   certificate       covered it when it was made
 *   laboratory        tested it
 *   maintenance-firm  maintained or refilled it
 *
 * All claims count, whoever made them: an investigator weighs them by their evidence. Two things do not count. What
 * was withdrawn; and what came after an authority sampled, held or seized the unit, for that follows from its being
 * suspected: else every bad unit would lead to the laboratory that found it bad.
 *
 * Example: M makes unit 5 (seq 1), packs it into carton 7 (2), ships the carton to D (3); D ships 5 to U (6); a
 * regulator takes it as a sample (8). Parties M [1, 2, 3], D [3, 6], U [6]; shipments 3 and 6; container 7 [2].
 */
import { compare, type Enclosure, enclosures, type Moment } from './enclosure.ts';
import { byOrder, half, type Step } from './history.ts';
import type { HopRecord, PartyId } from './hop.ts';
import type { Histories } from './membership.ts';
import { custodyActs, isOfficial } from './standing.ts';

export const candidateKinds = [
  'claimed-maker',
  'traced-source',
  'party',
  'place',
  'product',
  'lot',
  'shipment',
  'container',
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

export interface Exposure extends Candidate {
  /** Entries that say so. */
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

export interface Upstream {
  readonly exposures: readonly Exposure[];
  /** Parties in the order in which they had it. */
  path(): readonly Station[];
}

/**
 * What stood upstream of a unit.
 * @param at only what happened until then counts, ms since the epoch
 */
export function upstreamOf(
  unit: number,
  from: Histories,
  origin: Origin | null,
  at = Number.POSITIVE_INFINITY,
): Upstream {
  const around = [...enclosures(unit, from)];
  const claims = claimsAbout(unit, from, around);
  const end = firstSuspected(claims, at);
  const steps = claims.filter((s) => compare(s, end) < 0);
  const found = collector();
  if (origin !== null) addOrigin(found, origin);
  for (const { container, first, packed } of around)
    if (compare(first, end) < 0) found.add('container', String(container), packed.hop.seq);
  addStations(found, steps);
  const shipped = new Set(steps.flatMap(({ hop }) => (half(hop) === 'giving' ? [movementOf(hop)] : [])));
  for (const { hop } of steps) {
    if (hop.place !== null) found.add('place', hop.place, hop.seq);
    if (hop.toPlace !== null) found.add('place', hop.toPlace, hop.seq);
    if (hop.as === 'laboratory') found.add('laboratory', hop.recorder, hop.seq);
    if (isService(hop)) found.add('maintenance-firm', hop.recorder, hop.seq);
    const moves = half(hop);
    if (moves === 'giving' || (moves === 'taking' && !shipped.has(movementOf(hop))))
      found.add('shipment', String(hop.seq), hop.seq);
  }
  return { exposures: found.all(), path: () => pathOf([...steps].sort(byOrder)) };
}

/** Own steps and those of the containers around it while it was in them, in no order. */
function claimsAbout(unit: number, from: Histories, around: readonly Enclosure[]): Step[] {
  const own = from.own(unit);
  const found = [...own];
  for (const { container, first, last } of around)
    for (const s of from.reaching(container))
      if (compare(s, first) > 0 && compare(s, last) <= 0 && !found.some(({ hop }) => hop.seq === s.hop.seq))
        found.push(s);
  return found;
}

/** When an authority took the unit for suspect, or what happens no longer counts. */
function firstSuspected(steps: readonly Step[], at: number): Moment {
  let end: Moment = { at, order: Number.POSITIVE_INFINITY };
  for (const s of steps) if (isOfficial(s.hop.as) && suspects(s.hop) && compare(s, end) < 0) end = s;
  return end;
}

const suspects = (hop: HopRecord): boolean =>
  hop.hop === 'hold' ||
  hop.hop === 'seize' ||
  (hop.hop === 'inspect' && (hop.note === 'sample' || hop.note === 'sampling'));

const isService = (hop: HopRecord): boolean => hop.hop === 'maintain' || hop.hop === 'refill';

/** What tells the two halves of a movement to be one. */
const movementOf = ({ giver, taker }: HopRecord): string => `${giver}/${taker}`;

/** Who had the unit by what a hop says, in order. */
function holdersIn(hop: HopRecord): PartyId[] {
  const parties = [hop.giver, hop.taker].flatMap((party) => party ?? []);
  if (parties.length > 0) return parties;
  const has =
    custodyActs.has(hop.hop) || hop.hop === 'produce' || hop.hop === 'adopt' || hop.hop === 'receive';
  return has && !isOfficial(hop.as) ? [hop.recorder] : [];
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

function addOrigin(found: Collector, { maker, gtin, lot, issue, certificates }: Origin): void {
  if (maker !== null) found.add('claimed-maker', maker, issue);
  if (gtin !== null) found.add('product', gtin, issue);
  if (lot !== null) found.add('lot', lot, issue);
  for (const { id, seq } of certificates) found.add('certificate', id, seq);
}

/** Who had it, and who of them first. */
function addStations(found: Collector, steps: readonly Step[]): void {
  let first: Step | null = null;
  for (const s of steps) {
    const holders = holdersIn(s.hop);
    for (const party of holders) found.add('party', party, s.hop.seq);
    if (holders.length > 0 && (first === null || byOrder(s, first) < 0)) first = s;
  }
  const [source] = first === null ? [] : holdersIn(first.hop);
  if (source === undefined) return;
  for (const { hop } of steps)
    if (holdersIn(hop).includes(source)) found.add('traced-source', source, hop.seq);
}

interface Collector {
  add(kind: CandidateKind, id: string, ...seqs: readonly number[]): void;
  all(): Exposure[];
}

function collector(): Collector {
  const found: (Candidate & { readonly seqs: number[] })[] = [];
  return {
    add(kind, id, ...seqs) {
      // A unit has a few dozen candidates: looking through them is quicker than hashing each.
      const known = found.find((it) => it.kind === kind && it.id === id);
      if (known === undefined) found.push({ kind, id, seqs: [...seqs] });
      else for (const seq of seqs) if (!known.seqs.includes(seq)) known.seqs.push(seq);
    },
    all: () => found,
  };
}

/** Units with the same key went through the same: what stood upstream of one stood upstream of all. */
export function likenessOf(unit: number, from: Histories, origin: Origin | null): string {
  let key = `${origin?.issue}/${origin?.lot}`;
  for (const { hop, position, parent } of from.own(unit)) key += `/${hop.seq}${position}${parent ?? ''}`;
  return key;
}

/** Tells candidates apart. */
export const candidateKey = ({ kind, id }: Candidate): string => `${kind}:${id}`;

/**
 * Adds the place to units that its owner had without anybody having said where, if the owner is known to have been at
 * that place alone: a missing hop is no sign that goods were elsewhere.
 * @param ownerOf whose place it is, null if that is not known
 */
export function inferPlaces(
  cases: readonly (readonly Exposure[])[],
  ownerOf: (place: string) => string | null,
): (readonly Exposure[])[] {
  /** The one place of each owner, null for an owner of several. */
  const places = new Map<string, string | null>();
  for (const exposures of cases)
    for (const { kind, id } of exposures) {
      const owner = kind === 'place' ? ownerOf(id) : null;
      if (owner === null) continue;
      const known = places.get(owner);
      if (known === undefined) places.set(owner, id);
      else if (known !== id) places.set(owner, null);
    }
  return cases.map((exposures) => {
    const inferred = exposures.flatMap(({ kind, id, seqs }): Exposure[] => {
      const place = kind === 'party' ? (places.get(id) ?? null) : null;
      if (place === null || exposures.some((it) => it.kind === 'place' && it.id === place)) return [];
      return [{ kind: 'place', id: place, seqs }];
    });
    return inferred.length === 0 ? exposures : [...exposures, ...inferred];
  });
}

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

export interface Upstream {
  /** Each once. */
  readonly candidates: readonly Candidate[];
  /** The same with the entries that say so. */
  exposures(): readonly Exposure[];
  /** Parties in the order in which they had it. */
  path(): readonly Station[];
}

/**
 * Looks upstream of a unit.
 * @param at only what happened until then counts, ms since the epoch
 */
export type LookUpstream = (unit: number, origin: Origin | null, at?: number) => Upstream;

/**
 * Looks upstream of units whose histories are loaded. What a hop says is worked out once for all units that it names,
 * and a candidate is one object for all of them.
 */
export function lookingUpstream(from: Histories): LookUpstream {
  const candidateOf = interning();
  const saying = new Map<HopRecord, Says>();
  const says = (hop: HopRecord): Says => {
    const known = saying.get(hop);
    if (known !== undefined) return known;
    const said = saysOf(hop, candidateOf);
    saying.set(hop, said);
    return said;
  };

  return (unit, origin, at = Number.POSITIVE_INFINITY) => {
    const around = [...enclosures(unit, from)];
    const claims = claimsAbout(unit, from, around);
    const end = firstSuspected(claims, at);
    const steps = claims.filter((s) => compare(s, end) < 0);
    const visit = (find: (candidate: Candidate, seq: number) => void): void => {
      if (origin !== null) visitOrigin(origin, (kind, id, seq) => find(candidateOf(kind, id), seq));
      for (const { container, first, packed } of around)
        if (compare(first, end) < 0) find(candidateOf('container', String(container)), packed.hop.seq);
      const source = firstHolder(steps, says);
      const shipped = new Set<string>();
      for (const { hop } of steps) if (half(hop) === 'giving') shipped.add(movementOf(hop));
      for (const { hop } of steps) {
        const { candidates, holders, shipment } = says(hop);
        for (const candidate of candidates) find(candidate, hop.seq);
        if (source !== null && holders.includes(source)) find(candidateOf('traced-source', source), hop.seq);
        if (shipment !== null && (half(hop) === 'giving' || !shipped.has(movementOf(hop))))
          find(shipment, hop.seq);
      }
    };
    const found = new Set<Candidate>();
    visit((candidate) => found.add(candidate));
    return {
      candidates: [...found],
      exposures() {
        const seqs = new Map<Candidate, Set<number>>();
        visit((candidate, seq) => seqs.set(candidate, (seqs.get(candidate) ?? new Set()).add(seq)));
        return [...seqs].map(([candidate, entries]) => ({
          candidate,
          seqs: [...entries].sort((one, other) => one - other),
        }));
      },
      path: () => pathOf([...steps].sort(byOrder)),
    };
  };
}

/** One object for each candidate. */
function interning(): (kind: CandidateKind, id: string) => Candidate {
  const known = new Map<CandidateKind, Map<string, Candidate>>(
    candidateKinds.map((kind) => [kind, new Map()]),
  );
  return (kind, id) => {
    const found = known.get(kind)?.get(id);
    if (found !== undefined) return found;
    const made = { kind, id };
    known.get(kind)?.set(id, made);
    return made;
  };
}

/** What a hop says whatever unit it names. */
interface Says {
  /** Parties, places, laboratories and maintenance firms. */
  readonly candidates: readonly Candidate[];
  readonly holders: readonly PartyId[];
  /** The movement that it tells one half of. */
  readonly shipment: Candidate | null;
}

function saysOf(hop: HopRecord, candidateOf: (kind: CandidateKind, id: string) => Candidate): Says {
  const holders = holdersIn(hop);
  const places = [hop.place, hop.toPlace].flatMap((place) => place ?? []);
  const service = hop.hop === 'maintain' || hop.hop === 'refill';
  return {
    candidates: [
      ...holders.map((party) => candidateOf('party', party)),
      ...places.map((place) => candidateOf('place', place)),
      ...(hop.as === 'laboratory' ? [candidateOf('laboratory', hop.recorder)] : []),
      ...(service ? [candidateOf('maintenance-firm', hop.recorder)] : []),
    ],
    holders,
    shipment: half(hop) === null ? null : candidateOf('shipment', String(hop.seq)),
  };
}

/** Who had the unit by what a hop says, in order. */
function holdersIn(hop: HopRecord): readonly PartyId[] {
  const parties = [hop.giver, hop.taker].flatMap((party) => party ?? []);
  if (parties.length > 0) return parties;
  const has =
    custodyActs.has(hop.hop) || hop.hop === 'produce' || hop.hop === 'adopt' || hop.hop === 'receive';
  return has && !isOfficial(hop.as) ? [hop.recorder] : [];
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

/** What tells the two halves of a movement to be one. */
const movementOf = ({ giver, taker }: HopRecord): string => `${giver}/${taker}`;

function firstHolder(steps: readonly Step[], says: (hop: HopRecord) => Says): PartyId | null {
  let first: Step | null = null;
  for (const s of steps)
    if (says(s.hop).holders.length > 0 && (first === null || byOrder(s, first) < 0)) first = s;
  return first === null ? null : (says(first.hop).holders[0] ?? null);
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

function visitOrigin(
  { maker, gtin, lot, issue, certificates }: Origin,
  find: (kind: CandidateKind, id: string, seq: number) => void,
): void {
  if (maker !== null) find('claimed-maker', maker, issue);
  if (gtin !== null) find('product', gtin, issue);
  if (lot !== null) find('lot', lot, issue);
  for (const { id, seq } of certificates) find('certificate', id, seq);
}

/** Units with the same key went through the same: what stood upstream of one stood upstream of all. */
export function likenessOf(unit: number, from: Histories, origin: Origin | null): string {
  let key = `${origin?.issue}/${origin?.lot}`;
  for (const { hop, position, parent } of from.own(unit)) key += `/${hop.seq}${position}${parent ?? ''}`;
  return key;
}

/**
 * Adds the place to units that its owner had without anybody having said where, if the owner is known to have been at
 * that place alone: a missing hop is no sign that goods were elsewhere.
 * @param cases candidates upstream of each, one object for each candidate
 * @param ownerOf whose place it is, null if that is not known
 */
export function inferPlaces(
  cases: readonly (readonly Candidate[])[],
  ownerOf: (place: string) => string | null,
): (readonly Candidate[])[] {
  /** The one place of each owner, null for an owner of several. */
  const places = new Map<string, Candidate | null>();
  for (const place of new Set(cases.flatMap((list) => list.filter(({ kind }) => kind === 'place')))) {
    const owner = ownerOf(place.id);
    if (owner !== null) places.set(owner, places.has(owner) ? null : place);
  }
  return cases.map((candidates) => {
    const inferred = candidates.flatMap(({ kind, id }): Candidate[] => {
      const place = kind === 'party' ? (places.get(id) ?? null) : null;
      return place === null || candidates.includes(place) ? [] : [place];
    });
    return inferred.length === 0 ? candidates : [...candidates, ...inferred];
  });
}

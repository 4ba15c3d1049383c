/**
 * Who may see what of a thing's history: the one place where this is decided. Pure; whoever answers a request
 * asks here and shows no more.
 *
 * | reader                                               | sees of a hop                                       |
 * |------------------------------------------------------|-----------------------------------------------------|
 * | took part: recorder, giver, taker, or whose delegate recorded it | `whole`                                 |
 * | regulator, when any hop of the thing touches its jurisdiction    | `whole`, of every hop                   |
 * | regulator under a mandate for the thing, its lot or product, or for who recorded, gave or took it in any hop | the same |
 * | gave the thing to the hop's recorder, or took it from it *       | `neighbour`: strangers have no name     |
 * | maker: owner of the GTIN                             | `outline`: what, when, in which region, how much    |
 * | anybody else, the operator included                  | `hidden`                                            |
 *
 * * as the other side says, or the reader itself while the record leads to it from the maker: nobody buys a look at
 *   others' dealings with a claim of its own.
 *
 * A mandate (core/mandate.ts) goes by what a thing is, not by what it was shipped or packed with: a pallet that a unit in
 * scope stood on shows in that unit's history, and neither the pallet nor the unit beside it has one for this reader. A single
 * event is read as it was recorded, by whoever may read it at all, so one that names goods in scope names also what else was
 * in the shipment.
 *
 * Example: A ships to B, B receives and ships to C, C sells. A sees its own shipment whole; of B, its partner, the
 * receipt whole and the shipment as "B, 浙江省, to somebody"; of C's sale nothing, unless A made the thing.
 */

import type { HopRecord, PartyId, PlaceId, Role, Transfer } from '../../core/events/hop.ts';
import type { PartyFact, PlaceFact } from '../../core/log/fact.ts';
import type { Mandate } from '../../core/mandate.ts';
import { holdsRegion } from '../../core/region.ts';

/** Jurisdiction of a regulator: a region holds its parts. */
export type Jurisdiction = NonNullable<PartyFact['jurisdiction']>;

export interface Reader {
  readonly party: PartyId;
  readonly roles: readonly Role[];
  /** null when it is no regulator, or one without any. */
  readonly jurisdiction: Jurisdiction | null;
  /** What its request says that it reads under; null when it says nothing. */
  readonly mandate: Mandate | null;
}

/** What a hop has to do with whom and where. */
export interface Involved {
  readonly recorder: PartyId;
  readonly giver: PartyId | null;
  readonly taker: PartyId | null;
  /** On whose behalf a delegate recorded it. */
  readonly principal?: PartyId | null;
  /** Regions of its places and parties. */
  readonly regions: readonly string[];
  readonly places: readonly PlaceId[];
}

/** A unit, container or lot with all hops that reach it. */
export interface Thing {
  /** All that it goes under, which a mandate may be for: `namesOfThing`. */
  readonly names: readonly string[];
  /** Owner of its GTIN; null when there is none. */
  readonly maker: PartyId | null;
  readonly hops: readonly Involved[];
}

export const sights = ['hidden', 'outline', 'neighbour', 'whole'] as const;
export type Sight = (typeof sights)[number];

/** How much a reader sees of each hop of a thing, and which parties have a name for it. */
export interface Vision {
  sightOf(hop: Involved): Sight;
  /** Itself and those it exchanged the thing with. */
  readonly acquainted: ReadonlySet<PartyId>;
  /** It sees all as the regulator in charge. */
  readonly overseer: boolean;
  /**
   * More than its own word ties it to the thing. A claim about a container says nothing of what is inside: who has no
   * other ties must not learn by it what that is.
   */
  readonly tied: boolean;
  /**
   * The record leads to it from the maker, or from whoever first tells of a thing without one. Two who name each other
   * are tied by that, and led to by nobody.
   */
  isLed(): boolean;
}

const tookPart = (party: PartyId, { recorder, giver, taker, principal }: Involved): boolean =>
  party === recorder || party === giver || party === taker || party === principal;

/** Whether regions or places lie in a jurisdiction. */
export const touches = (
  { regions, places }: Jurisdiction,
  where: { readonly regions: readonly string[]; readonly places: readonly PlaceId[] },
): boolean =>
  where.regions.some((inner) => regions.some((outer) => holdsRegion(outer, inner))) ||
  where.places.some((place) => places.includes(place));

/** Whether a reader is the regulator in charge of where a hop was, or of whom it names, or reads under a mandate for one of these. */
export const isInCharge = ({ roles, jurisdiction, mandate }: Reader, hop: Involved): boolean =>
  roles.includes('regulator') &&
  ((jurisdiction !== null && touches(jurisdiction, hop)) ||
    (mandate !== null && [...mandate.parties].some((party) => tookPart(party, hop))));

/** Whether a regulator reads under a mandate for goods that go under one of these names. */
export const isMandated = ({ roles, mandate }: Reader, names: readonly string[]): boolean =>
  mandate !== null && roles.includes('regulator') && names.some((name) => mandate.goods.has(name));

/** Whether a regulator oversees a thing of these names and hops. */
export const oversees = (reader: Reader, { names, hops }: Omit<Thing, 'maker'>): boolean =>
  isMandated(reader, names) || hops.some((hop) => isInCharge(reader, hop));

/** What a reader may see of a thing. */
export function visionOf(reader: Reader, { names, maker, hops }: Thing): Vision {
  const { party } = reader;
  const overseer = oversees(reader, { names, hops });
  const acquainted = new Set<PartyId>([party]);
  const claimed = new Set<PartyId>();
  for (const { recorder, giver, taker } of hops) {
    const other = giver === party ? taker : taker === party ? giver : null;
    if (other !== null) (recorder === party ? claimed : acquainted).add(other);
  }
  if (claimed.size > 0 && leadsTo(party, maker, hops)) for (const other of claimed) acquainted.add(other);
  return {
    acquainted,
    overseer,
    tied: overseer || maker === party || acquainted.size > 1,
    isLed: () => overseer || leadsTo(party, maker ?? hops[0]?.recorder ?? null, hops),
    sightOf(hop) {
      if (overseer || tookPart(party, hop)) return 'whole';
      if (acquainted.has(hop.recorder)) return 'neighbour';
      return maker === party ? 'outline' : 'hidden';
    },
  };
}

/** Whether the maker, or one that it leads to, says that the party gave or took the thing; or is that party. */
function leadsTo(party: PartyId, maker: PartyId | null, hops: readonly Involved[]): boolean {
  if (maker === null) return false;
  const named = new Map<PartyId, Set<PartyId>>();
  for (const { recorder, giver, taker } of hops) {
    const others = named.get(recorder) ?? new Set();
    for (const other of [giver, taker]) if (other !== null) others.add(other);
    named.set(recorder, others);
  }
  const reached = new Set<PartyId>([maker]);
  for (const one of reached) for (const other of named.get(one) ?? []) reached.add(other);
  return reached.has(party);
}

/** Whether a reader may see a single event as it was recorded; `names` are those of what it names, as far as a mandate asks. */
export const mayReadEvent = (reader: Reader, event: Involved, names: readonly string[]): boolean =>
  tookPart(reader.party, event) || oversees(reader, { names, hops: [event] });

/** Whether a reader may see all of a party: identifiers, address, whom to talk to. */
export const mayReadParty = (reader: Reader, { id, region }: PartyFact): boolean =>
  mayReadMasterData(reader, id, region === undefined ? [] : [region], []);

/** Whether a reader may see all of a place: address, position, design list. */
export const mayReadPlace = (reader: Reader, { id, party, region }: PlaceFact): boolean =>
  mayReadMasterData(reader, party, [region], [id]);

/** Its owner, the operator that keeps it, and the regulator in charge, also by a mandate for its owner. */
const mayReadMasterData = (
  reader: Reader,
  owner: PartyId,
  regions: readonly string[],
  places: readonly PlaceId[],
): boolean =>
  reader.party === owner ||
  reader.roles.includes('operator') ||
  isInCharge(reader, { recorder: owner, giver: null, taker: null, regions, places });

/** A hop with nothing in it that its reader may not see. Times are ms since the epoch. */
export interface SeenHop
  extends Pick<HopRecord, 'seq' | 'recordedAt' | 'hop' | 'from' | 'until' | 'outcome' | 'note'> {
  readonly recorder: PartyId | null;
  readonly as: Role | null;
  readonly giver: PartyId | null;
  readonly taker: PartyId | null;
  readonly transfer: Transfer | null;
  readonly place: PlaceId | null;
  readonly toPlace: PlaceId | null;
  readonly nextDue: number | null;
}

/** The part of a hop that a sight shows; null when it shows none. A member is hidden unless it is named here. */
export function redactHop(hop: HopRecord, sight: Sight, acquainted: ReadonlySet<PartyId>): SeenHop | null {
  if (sight === 'hidden') return null;
  const named = (party: PartyId | null): PartyId | null =>
    sight === 'whole' || (sight === 'neighbour' && party !== null && acquainted.has(party)) ? party : null;
  const recorder = named(hop.recorder);
  const whole = sight === 'whole';
  return {
    seq: hop.seq,
    recordedAt: hop.recordedAt,
    hop: hop.hop,
    from: hop.from,
    until: hop.until,
    outcome: hop.outcome,
    note: hop.note,
    recorder,
    as: recorder === null ? null : hop.as,
    giver: named(hop.giver),
    taker: named(hop.taker),
    transfer: sight === 'outline' ? null : hop.transfer,
    place: whole ? hop.place : null,
    toPlace: whole ? hop.toPlace : null,
    nextDue: hop.nextDue,
  };
}

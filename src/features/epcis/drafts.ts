/**
 * From events of others to the facts they become: the other door to the room that hops come into (events/drafts.ts).
 * The same rules of permission hold, for the hop that an event is; whatever else it says is kept as it is. Whoever gives or
 * takes by a party's GLN that nobody has registered becomes a stub, which a later registration with it takes over.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ReadEvent } from '../../core/epcis/epcis-reading.ts';
import { hasMoreParts } from '../../core/epcis/epcis-size.ts';
import { type EventBody, partyPath } from '../../core/events/epcis.ts';
import { hopOf } from '../../core/events/event-kind.ts';
import { isObject, objectsOf, textOf } from '../../core/events/event-members.ts';
import { eventParts, happenedAt, hopRecord, isErrorDeclaration } from '../../core/events/event-record.ts';
import { type HopRecord, type PartyId, type PlaceId, type Role, roles } from '../../core/events/hop.ts';
import type { Captured } from '../../core/log/fact.ts';
import { notFuture, parseEventTime } from '../../core/time.ts';
import { type Fault, fault, type Result } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Draft } from '../../ledger/submission.ts';
import { eventFact, eventKey } from '../events/event-fact.ts';
import { createFaults } from '../events/faults.ts';
import { referenceKey } from '../events/known.ts';
import { inForce } from '../events/masters.ts';
import { findOriginals, type Original, ownOriginal } from '../events/originals.ts';
import { actingRole, type Making, making, permit } from '../events/permission.ts';
import type { EventsDeps } from '../events/service.ts';
import { placesById } from '../places/queries.ts';
import { type EventReader, partsMin } from './reading.ts';

export interface CapturingDeps extends EventsDeps {
  readonly reader: EventReader;
}

export interface Capturing {
  readonly caller: Caller;
  /** SHA-256 of the XML that the events came as, base64url; null for JSON. */
  readonly original: string | null;
}

/** What one event of a request becomes: a fact, or what is wrong with it, with pointers into the event. */
export interface DraftedEvent {
  readonly draft: Draft | null;
  /** Parties that it names and nobody named before, to be recorded with it; several events may name one. */
  readonly newcomers: readonly Draft[];
  readonly faults: readonly Fault[];
  /** Key of the event, by which it is recorded once (event-fact.ts); '' when it could not be read. */
  readonly key: string;
  readonly eventID: string;
}

/** The facts that events become. The number of statements does not grow with theirs. */
export async function draftEvents(
  deps: CapturingDeps,
  { caller, original }: Capturing,
  read: readonly ReadEvent[],
): Promise<DraftedEvent[]> {
  const known = await lookUp(deps, caller, read);
  const seen = new Map<string, EventBody>();
  return read.map((it) => {
    if (it.event === null) return { draft: null, newcomers: [], faults: it.faults, key: '', eventID: '' };
    const { event } = it;
    const { faults, captured } = judge(event, it, {
      caller,
      now: deps.now(),
      known,
      seen,
      original,
    });
    const key = eventKey(caller.party, event.eventID, isErrorDeclaration(event));
    if (seen.has(key)) faults.push(twice);
    seen.set(key, event);
    const draft =
      faults.length > 0
        ? null
        : { fact: eventFact(caller.party, { ...event, captured }), large: hasMoreParts(event, partsMin) };
    const newcomers = [captured.giver, captured.taker].flatMap(
      (path) => known.newcomers.get(path ?? '') ?? [],
    );
    return { draft, newcomers, faults, key, eventID: event.eventID };
  });
}

const twice: Fault = {
  code: 'duplicate-event',
  detail: 'This is the same event as an earlier one of the document; give the two eventIDs of their own.',
  pointer: '/eventID',
};

/** What the names in a request stand for. */
interface Known {
  readonly parties: ReadonlyMap<string, Result<PartyId>>;
  /** Parties that come into being with this request, by what events call them: `party/{id}`. */
  readonly newcomers: ReadonlyMap<string, Draft>;
  /** Whose the places are that are registered here. */
  readonly keepers: ReadonlyMap<string, PartyId>;
  readonly originals: ReadonlyMap<string, readonly Original[]>;
  readonly owners: ReadonlyMap<string, PartyId>;
  readonly delegations: ReturnType<typeof inForce>;
}

async function lookUp(deps: CapturingDeps, caller: Caller, read: readonly ReadEvent[]): Promise<Known> {
  const { db, known, masters } = deps;
  const events = read.flatMap(({ event }) => (event === null ? [] : [event]));
  const named = events.flatMap(partiesOf);
  const places = new Set(events.flatMap(placesIn));
  const made = new Set(events.flatMap((event) => makingsIn(event).map(({ gtin }) => gtin)));
  const [parties, registered, originals, owners] = await Promise.all([
    partiesOfAll(known, named, caller.party),
    placesById(db.sql, [...places]),
    findOriginals(
      deps,
      caller,
      events.filter(isErrorDeclaration).map(({ eventID }) => eventID),
    ),
    known.owners([...made].filter((gtin) => gtin !== '')),
    masters.freshen(),
  ]);
  return {
    ...parties,
    keepers: new Map([...registered].map(([id, { fact }]) => [id, fact.party])),
    originals,
    owners,
    delegations: inForce(masters),
  };
}

/** Who the names stand for. At most two statements, and two more where nobody bears a party's GLN. */
async function partiesOfAll(
  known: CapturingDeps['known'],
  named: readonly NamedParty[],
  by: PartyId,
): Promise<Pick<Known, 'parties' | 'newcomers'>> {
  const { found } = await known.parties([...new Set(named.map(({ name }) => name))], by);
  const unknown = new Set(
    named.flatMap(({ name, isPartyGln }) => {
      const it = found.get(name);
      return isPartyGln && it?.ok === false && it.code === 'unknown-party' ? [name] : [];
    }),
  );
  if (unknown.size === 0) return { parties: found, newcomers: new Map() };
  const stubs = [...unknown].map((gln) => ({ name: `GLN ${gln}`, gln }));
  const made = await known.parties(stubs, by);
  const brought = stubs.flatMap((stub): [string, Result<PartyId>][] => {
    const party = made.found.get(referenceKey(stub));
    return party === undefined ? [] : [[stub.gln, party]];
  });
  return {
    parties: new Map([...found, ...brought]),
    newcomers: new Map(made.drafts.map((draft) => [partyPath(draft.fact.id), draft])),
  };
}

interface NamedParty {
  readonly side: 'giver' | 'taker';
  /** As `known.parties` takes it: an id of ours, or a GLN. */
  readonly name: string;
  /** The GLN of a party, and not that of a place which may stand for one. */
  readonly isPartyGln: boolean;
}

/** Who gives and who takes, as far as the words are a party's number; possession goes before ownership. */
function partiesOf(event: EventBody): NamedParty[] {
  const sides = [
    { side: 'giver', list: 'sourceList', member: 'source' },
    { side: 'taker', list: 'destinationList', member: 'destination' },
  ] as const;
  return sides.flatMap(({ side, list, member }) => {
    const all = objectsOf(event, list);
    const found =
      all.find(({ type }) => type === 'possessing_party') ?? all.find(({ type }) => type === 'owning_party');
    const [, kind, name] = /^(party|41[47])\/([0-9A-Z]+)$/.exec((found && textOf(found, member)) ?? '') ?? [];
    return name === undefined ? [] : [{ side, name, isPartyGln: kind === '417' }];
  });
}

/** Where it happened, and with the GLN of a part of a place the place: whose that is, it is. */
function placesIn(event: EventBody): string[] {
  const place = happenedAt(event);
  return place === null ? [] : [place, wholeOf(place)];
}

/** `414/6901234567892/254/dock-3`  →  `414/6901234567892` */
const wholeOf = (place: PlaceId): string => place.replace(/\/254\/.*$/, '');

/** GTINs under which an event makes things. */
function makingsIn(event: EventBody): Making[] {
  const hop = hopOf(event);
  if (hop !== 'produce' && hop !== 'transform') return [];
  return eventParts(event).flatMap(({ epc, position }) => {
    if (hop === 'transform') return position === 'output' ? [making(epc, '/outputEPCList')] : [];
    if (position === 'epc') return [making(epc, '/epcList')];
    return position === 'quantity' ? [making(epc, '/quantityList')] : [];
  });
}

interface Judging {
  readonly caller: Caller;
  /** ms since the epoch. */
  readonly now: number;
  readonly known: Known;
  /** Earlier events of the request, by their keys. */
  readonly seen: ReadonlyMap<string, EventBody>;
  readonly original: string | null;
}

type Spelt = Pick<ReadEvent, 'prefixes' | 'spelling'>;

/** What an event may not say, and what is settled about it. */
function judge(
  event: EventBody,
  spelt: Spelt,
  { caller, now, known, seen, original }: Judging,
): { readonly faults: Fault[]; readonly captured: Captured } {
  const faults: Fault[] = [];
  const take = <T>(pointer: string, result: Result<T>): T | null => {
    if (result.ok) return result.value;
    faults.push(fault(result.code, result.detail, pointer));
    return null;
  };
  const declaration = isObject(event.errorDeclaration) ? event.errorDeclaration : null;
  const act = declaration ?? event;
  for (const [member, owner] of [
    ['eventTime', event],
    ['declarationTime', declaration],
  ] as const) {
    const time = parseEventTime((owner && textOf(owner, member)) ?? textOf(event, 'eventTime') ?? '');
    if (owner !== null)
      take(
        `/${owner === event ? '' : 'errorDeclaration/'}${member}`,
        time.ok ? notFuture(time.value, now) : time,
      );
  }
  const said = textOf(act, 'suyuan:as');
  const named = roles.find((role) => role === said);
  const hop = hopRecord(0, 0, caller.party, event);
  const as = take('/bizStep', actingRole(caller.roles, hop.hop, named));
  if (declaration !== null) take('/eventID', originalOf(event, caller, known, seen));
  const judged = declaration === null && as !== null;
  const delegation = judged ? permitted(event, hop, { caller, known }, faults) : null;
  const parties = settled(event, as ?? 'distributor', delegation, spelt, {
    caller,
    known,
    place: hop.place,
  });
  return { faults, captured: original === null ? parties : { ...parties, original } };
}

/** The event that a declaration takes back: the caller's own, recorded or before it in the document. */
function originalOf(
  event: EventBody,
  { party }: Caller,
  { originals }: Known,
  seen: ReadonlyMap<string, EventBody>,
): Result<EventBody> {
  const before = seen.get(eventKey(party, event.eventID, false));
  const found = before === undefined ? ownOriginal(originals.get(event.eventID), party) : null;
  if (found !== null && !found.ok) return found;
  const original = before ?? found?.value.body ?? event;
  const same = isDeepStrictEqual(whatOf(event), whatOf(original));
  return same
    ? { ok: true, value: original }
    : fault('invalid-request', 'An error declaration repeats the event it takes back; its goods are others.');
}

/** The what-dimension, by which an error declaration reaches the things that its original named. */
const whatOf = (event: EventBody): string[] =>
  [...new Set(eventParts(event).map(({ epc, position }) => `${position} ${epc}`))].sort();

function permitted(
  event: EventBody,
  hop: HopRecord,
  { caller, known }: Pick<Judging, 'caller' | 'known'>,
  faults: Fault[],
): string | null {
  const noted = createFaults();
  const delegation = permit(
    { hop: hop.hop, delegation: textOf(event, 'suyuan:delegation'), time: hop, place: hop.place },
    '',
    makingsIn(event),
    {
      caller: caller.party,
      owners: known.owners,
      delegations: known.delegations.filter(({ to }) => to === caller.party),
    },
    noted,
  );
  faults.push(...noted.list);
  return delegation;
}

function settled(
  event: EventBody,
  as: Role,
  delegation: string | null,
  { prefixes, spelling }: Spelt,
  { caller, known, place }: Pick<Judging, 'caller' | 'known'> & { readonly place: PlaceId | null },
): Captured {
  const sides: { giver?: string; taker?: string } = {};
  for (const { side, name } of partiesOf(event)) {
    const party = known.parties.get(name);
    if (party?.ok) sides[side] = partyPath(party.value);
  }
  const keeper = place === null ? undefined : (known.keepers.get(place) ?? known.keepers.get(wholeOf(place)));
  return {
    as,
    ...(delegation === null ? {} : { delegation }),
    ...sides,
    ...(keeper !== undefined && isReporter(caller.party, keeper, known) ? { reporter: true } : {}),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(spelling === null ? {} : { spelling }),
  };
}

const isReporter = (party: PartyId, keeper: PartyId, { delegations }: Known): boolean =>
  party !== keeper &&
  !delegations.some(({ from, to }) => (from === keeper && to === party) || (from === party && to === keeper));

/**
 * Hops in API form, read into the form that becomes events: identifiers canonical, parties and places known, times
 * and quantities parsed. Everything wrong is noted with its place in the request.
 */
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import type { DifferenceFound, Making, PlainHop, ResolvedHop } from '../../core/events/resolved-hop.ts';
import { type EventTime, notFuture, parseEventTime } from '../../core/time.ts';
import { fault, ok, type Result } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { PartyReference } from '../parties/references.ts';
import type { Faults } from './faults.ts';
import { referenceKey } from './known.ts';
import { anyOriginal, goodsOf, type Original, ownOriginal } from './originals.ts';
import { actingRole } from './permission.ts';
import { readDifference, readGoods, readLot, readThing } from './read-goods.ts';
import type { Hop, PlainHopInput } from './schemas.ts';

/** What the names in a request stand for. */
export interface Names {
  readonly parties: ReadonlyMap<string, Result<PartyId>>;
  readonly places: ReadonlyMap<string, Result<PlaceId>>;
  readonly originals: ReadonlyMap<string, readonly Original[]>;
  /** Lots whose making was recorded before; those of this request are added on the way. */
  readonly begun: Set<string>;
}

export interface Reading {
  readonly caller: Caller;
  /** ms since the epoch. */
  readonly now: number;
  readonly names: Names;
  readonly faults: Faults;
}

/** Stands in where a time could not be read; such a hop is refused. */
const unread: EventTime = { from: 0, until: 0, offset: '+00:00', text: '', precision: 'millisecond' };

/** A hop at its place in the request; null when anything of it could not be read. */
export function readHop(hop: Hop, pointer: string, reading: Reading): ResolvedHop | null {
  const before = reading.faults.count;
  const read = readAny(hop, pointer, reading);
  return reading.faults.count > before ? null : read;
}

function readAny(hop: Hop, at: string, reading: Reading): ResolvedHop | null {
  if (hop.hop !== 'void' && hop.hop !== 'correct') return readPlain(hop, at, reading);
  const { faults, names, caller } = reading;
  const act = readAct(hop, at, reading);
  const original = faults.take(`${at}/event`, ownOriginal(names.originals.get(hop.event), caller.party));
  if (hop.hop === 'void')
    return original && { hop: 'void', original: original.body, reason: hop.reason, ...act };
  const replacement =
    hop.replacement === undefined ? null : readPlain(hop.replacement, `${at}/replacement`, reading);
  return original && { hop: 'correct', original: original.body, replacement, ...act };
}

function readAct(hop: Hop, at: string, reading: Reading) {
  const { caller, now, faults } = reading;
  const time = parseEventTime(hop.time, hop.precision);
  const as = faults.take(
    hop.as === undefined ? `${at}/hop` : `${at}/as`,
    actingRole(caller.roles, hop.hop, hop.as),
  );
  return {
    ref: hop.ref,
    time: faults.take(`${at}/time`, time.ok ? notFuture(time.value, now) : time) ?? unread,
    recorder: caller.party,
    as: as ?? 'operator',
    delegation: hop.delegation ?? null,
    place: 'place' in hop ? readPlace(hop.place, `${at}/place`, reading) : null,
    documents: 'documents' in hop ? (hop.documents ?? []) : [],
    note: 'note' in hop ? (hop.note ?? null) : null,
  };
}

function readPlain(hop: PlainHopInput, at: string, reading: Reading): PlainHop | null {
  const { faults, names } = reading;
  const act = readAct(hop, at, reading);
  switch (hop.hop) {
    case 'produce': {
      const read = readGoods(hop, at, faults);
      const begun = read.lots.length > 0 && read.lots.every(({ lot }) => names.begun.has(lot));
      for (const { lot } of read.lots) names.begun.add(lot);
      return { hop: 'produce', begun, ...act, ...read, ...readMaking(hop, at, reading) };
    }
    case 'adopt':
      return {
        hop: 'adopt',
        origin: hop.origin,
        ...act,
        ...readGoods(hop, at, faults),
        ...readMaking(hop, at, reading),
      };
    case 'release':
      return { hop: 'release', outcome: hop.outcome, ...act, ...readGoods(hop, at, faults) };
    case 'pack':
    case 'unpack': {
      const container = readThing(hop.container, `${at}/container`, faults);
      const read = readGoods(hop, at, faults);
      return container && { hop: hop.hop, container, ...act, ...read };
    }
    case 'ship': {
      const read = readGoods(hop, at, faults);
      const to = readParty(hop.to, `${at}/to`, reading);
      const toPlace = readPlace(hop.toPlace, `${at}/toPlace`, reading);
      if (to === null || act.place === null) return null;
      return { hop: 'ship', to, toPlace, transfer: hop.transfer, ...act, ...read, place: act.place };
    }
    case 'cancel': {
      const read = readGoods(hop, at, faults);
      const whole = hop.epcs === undefined && hop.lots === undefined;
      const original = faults.take(
        `${at}/event`,
        anyOriginal(names.originals.get(hop.event), whole ? null : read),
      );
      return (
        original && { hop: 'cancel', target: hop.event, ...act, ...(whole ? goodsOf(original.body) : read) }
      );
    }
    case 'receive': {
      const read = readGoods(hop, at, faults);
      const from = readParty(hop.from, `${at}/from`, reading);
      const fromPlace = readPlace(hop.fromPlace, `${at}/fromPlace`, reading);
      const differences = readDifferences(hop.differences, at, faults);
      return from && { hop: 'receive', from, fromPlace, differences, ...act, ...read };
    }
    case 'sell':
      return {
        hop: 'sell',
        to: readParty(hop.to, `${at}/to`, reading),
        ...act,
        ...readGoods(hop, at, faults),
      };
    case 'install':
    case 'remove': {
      const read = readGoods(hop, at, faults);
      return act.place && { hop: hop.hop, ...act, ...read, place: act.place };
    }
    case 'replace': {
      const removed = readGoods(hop.removed, `${at}/removed`, faults);
      const installed = readGoods(hop.installed, `${at}/installed`, faults);
      return act.place && { hop: 'replace', removed, installed, ...act, place: act.place };
    }
    case 'inspect':
      return {
        hop: 'inspect',
        outcome: hop.outcome ?? null,
        sampling: hop.sampling ?? null,
        from: readParty(hop.from, `${at}/from`, reading),
        nextDue: hop.nextDue ?? null,
        ...act,
        ...readGoods(hop, at, faults),
      };
    case 'maintain':
    case 'refill': {
      const parts = readGoods(hop.parts ?? {}, `${at}/parts`, faults);
      const { outcome, nextDue = null } = hop;
      return { hop: hop.hop, outcome, nextDue, parts, ...act, ...readGoods(hop, at, faults) };
    }
    case 'transform': {
      const inputs = readGoods(hop.inputs, `${at}/inputs`, faults);
      return { hop: 'transform', inputs, outputs: readGoods(hop.outputs, `${at}/outputs`, faults), ...act };
    }
    case 'split': {
      const of = readLot(hop.of, `${at}/of`, faults);
      const cuts = readGoods(hop.cuts, `${at}/cuts`, faults);
      return of && { hop: 'split', of, cuts, ...act };
    }
    case 'seize':
      return {
        hop: 'seize',
        from: readParty(hop.from, `${at}/from`, reading),
        ...act,
        ...readGoods(hop, at, faults),
      };
    case 'lift': {
      const named = hop.epcs === undefined && hop.lots === undefined ? null : readGoods(hop, at, faults);
      const original =
        hop.event === undefined
          ? null
          : faults.take(`${at}/event`, anyOriginal(names.originals.get(hop.event), named));
      const read = named ?? (original === null ? { epcs: [], lots: [] } : goodsOf(original.body));
      return {
        hop: 'lift',
        target: hop.event ?? null,
        to: readParty(hop.to, `${at}/to`, reading),
        ...act,
        ...read,
      };
    }
    case 'return': {
      const read = readGoods(hop, at, faults);
      const other = readParty(hop.party, `${at}/party`, reading);
      const partyPlace = readPlace(hop.partyPlace, `${at}/partyPlace`, reading);
      const differences = readDifferences(hop.differences, at, faults);
      const { direction, transfer = null } = hop;
      return (
        other && {
          hop: 'return',
          direction,
          party: other,
          partyPlace,
          transfer,
          differences,
          ...act,
          ...read,
        }
      );
    }
    case 'hold':
    case 'scrap':
    case 'destroy':
      return { hop: hop.hop, ...act, ...readGoods(hop, at, faults) };
    case 'relabel': {
      const pairs = hop.pairs.flatMap((pair, i) => {
        const old = readThing(pair.old, `${at}/pairs/${i}/old`, faults);
        const fresh = readThing(pair.new, `${at}/pairs/${i}/new`, faults);
        return old === null || fresh === null ? [] : [{ old, new: fresh }];
      });
      return { hop: 'relabel', pairs, ...act };
    }
  }
}

function readMaking(
  hop: Extract<PlainHopInput, { hop: 'produce' | 'adopt' }>,
  at: string,
  reading: Reading,
): Making {
  return {
    lot: hop.lot ?? null,
    productionDate: hop.productionDate ?? null,
    bestBefore: hop.bestBefore ?? null,
    factory: readPlace(hop.factory, `${at}/factory`, reading),
  };
}

function readDifferences(
  list: readonly Parameters<typeof readDifference>[0][] | undefined,
  at: string,
  faults: Faults,
): DifferenceFound[] {
  return (list ?? []).flatMap((it, i) => readDifference(it, `${at}/differences/${i}`, faults) ?? []);
}

function readParty(
  reference: PartyReference | undefined,
  pointer: string,
  { names, faults }: Reading,
): PartyId | null {
  if (reference === undefined) return null;
  return faults.take(pointer, looked(names.parties.get(referenceKey(reference))));
}

function readPlace(text: string | undefined, pointer: string, { names, faults }: Reading): PlaceId | null {
  return text === undefined ? null : faults.take(pointer, looked(names.places.get(text)));
}

/** Every name of a request is looked up before its hops are read. */
function looked<T>(result: Result<T> | undefined): Result<T> {
  if (result === undefined) throw new Error('a name was not looked up');
  return result.ok ? ok(result.value) : fault(result.code, result.detail);
}

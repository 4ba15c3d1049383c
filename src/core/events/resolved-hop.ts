/**
 * A hop once its service has read it: identifiers canonical, parties and places known, times and quantities
 * parsed. `hop-check.ts` says what of it cannot be, `hop-event.ts` writes it as EPCIS events.
 *
 * What a party leaves out is null or an empty list here, never undefined.
 */

import type { Uom } from '../quantity.ts';
import type { EventTime } from '../time.ts';
import type { DocumentType, EventBody } from './epcis.ts';
import type { Epc, HopType, Outcome, PartyId, PlaceId, Role, Transfer } from './hop.ts';

/** So much of a lot; `amount` in millionths of `uom`, null for the lot as a whole. */
export interface LotQuantity {
  readonly lot: Epc;
  readonly amount: bigint | null;
  readonly uom: Uom;
}

export interface Goods {
  /** Units and containers. */
  readonly epcs: readonly Epc[];
  readonly lots: readonly LotQuantity[];
}

/** A document line by which people know the hop; numbers are those of whoever issued the document. */
export interface DocumentReference {
  readonly type: DocumentType;
  readonly number: string;
}

/** What is known of the making of goods (EPCIS ilmd). Dates are `YYYY-MM-DD`. */
export interface Making {
  /** Batch number of the units. */
  readonly lot: string | null;
  readonly productionDate: string | null;
  readonly bestBefore: string | null;
  readonly factory: PlaceId | null;
}

/** Goods arrived otherwise than despatched: an instance missing or too many, or another quantity of a lot. */
export type DifferenceFound =
  | { readonly type: 'instance'; readonly epc: Epc; readonly found: boolean }
  | {
      readonly type: 'quantity';
      readonly lot: Epc;
      readonly expected: bigint;
      readonly found: bigint;
      readonly uom: Uom;
    };

interface Act {
  /** Document line or device UUID: tells apart two hops that are otherwise alike. */
  readonly ref: string;
  readonly time: EventTime;
  readonly recorder: PartyId;
  readonly as: Role;
  /** Id of the delegation under which the recorder acts. */
  readonly delegation: string | null;
  readonly place: PlaceId | null;
  readonly documents: readonly DocumentReference[];
  readonly note: string | null;
}

interface At {
  readonly place: PlaceId;
}

/** What each hop says beside the act itself. */
interface Says {
  /** `begun`: an earlier hop has commissioned these lots. */
  produce: Goods & Making & { readonly begun: boolean };
  release: Goods & { readonly outcome: Outcome };
  pack: Goods & { readonly container: Epc };
  /** Without goods: everything in the container. */
  unpack: Goods & { readonly container: Epc };
  ship: Goods & At & { readonly to: PartyId; readonly toPlace: PlaceId | null; readonly transfer: Transfer };
  /** `target`: eventID of the shipment; its goods, or the part of them that stays. */
  cancel: Goods & { readonly target: string };
  receive: Goods & {
    readonly from: PartyId;
    readonly fromPlace: PlaceId | null;
    readonly differences: readonly DifferenceFound[];
  };
  sell: Goods & { readonly to: PartyId | null };
  install: Goods & At;
  remove: Goods & At;
  replace: At & { readonly removed: Goods; readonly installed: Goods };
  /** `nextDue` is a day, `YYYY-MM-DD`. A sample passes into the custody of the recorder; a destructive test uses the thing up. */
  inspect: Goods & {
    readonly outcome: Outcome | null;
    readonly sampling: 'sample' | 'destructive' | null;
    readonly from: PartyId | null;
    readonly nextDue: string | null;
  };
  /** `parts`: what was put into the one thing that was maintained: spare parts, extinguishing agent. */
  maintain: Goods & { readonly outcome: Outcome; readonly nextDue: string | null; readonly parts: Goods };
  refill: Goods & { readonly outcome: Outcome; readonly nextDue: string | null; readonly parts: Goods };
  transform: { readonly inputs: Goods; readonly outputs: Goods };
  split: { readonly of: LotQuantity; readonly cuts: Goods };
  hold: Goods;
  seize: Goods & { readonly from: PartyId | null };
  /** `target`: eventID of the hold or seizure; `to`: who gets the goods back. */
  lift: Goods & { readonly target: string | null; readonly to: PartyId | null };
  /** Goods go back to whom they came from: the half of whoever sends them, or of whoever takes them in. */
  return: Goods & {
    readonly direction: 'out' | 'in';
    /** The other side and its place. */
    readonly party: PartyId;
    readonly partyPlace: PlaceId | null;
    readonly transfer: Transfer | null;
    readonly differences: readonly DifferenceFound[];
  };
  scrap: Goods;
  destroy: Goods;
  /** Stock from before the ledger; `origin` is what its holder declares of where it came from. */
  adopt: Goods & Making & { readonly origin: string };
  relabel: { readonly pairs: readonly { readonly old: Epc; readonly new: Epc }[] };
  correct: { readonly original: EventBody; readonly replacement: PlainHop | null };
  void: { readonly original: EventBody; readonly reason: string };
}

type HopOf<T extends HopType> = { [K in T]: { readonly hop: K } & Omit<Act, keyof Says[K]> & Says[K] }[T];

/** A hop that tells of goods, not of another hop's error. */
export type PlainHop = HopOf<Exclude<HopType, 'correct' | 'void'>>;
export type ResolvedHop = HopOf<HopType>;
/** The resolved form of one kind of hop. */
export type Resolved<T extends HopType> = HopOf<T>;

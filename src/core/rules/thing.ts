/**
 * What rules about one thing look at: its life as the fold tells it, and the master data that hold at the entry by which
 * it is looked at. A rule of this kind is a pure function of that. All of them stand in thing-rules.ts; a rule that another
 * feature brings is one more line there, and what it rests on one more member here.
 */
import type { HopRecord, PartyId, PlaceId } from '../events/hop.ts';
import type { Claim, Move } from '../life/lifecycle.ts';
import type { LifecycleState, Validity } from '../life/lifecycle-state.ts';
import type { MaintenanceInterval } from '../life/maintenance.ts';
import type { Span } from '../orders/descent.ts';
import type { ListedRole, Listing, SupersededStandard } from './lists.ts';
import type { Thresholds } from './thresholds.ts';

/** Where a place is. */
export interface Position {
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
  /** Uncertainty, metres. */
  readonly radius: number;
}

/** A certificate in force: what it covers beside the product. Empty lists cover everything. */
export interface CertificateScope extends Validity {
  readonly models: readonly string[];
  readonly factories: readonly PlaceId[];
  /** The certification body. */
  readonly issuer: PartyId;
  readonly holder: PartyId;
}

/** What the product record says that rules go by. */
export interface ProductTraits {
  readonly model: string;
  readonly serviceLifeMonths: number | null;
  /** Empty where none is told. */
  readonly standard: string;
  /** Key of the policy `categories`; null where none is told. */
  readonly category: string | null;
  /** What one unit holds: millionths of a unit of measure; null where that is not told. */
  readonly content: { readonly amount: bigint; readonly uom: string } | null;
}

/** An order that stops a thing, and when it was in force: ms since the epoch. */
export interface Stop {
  readonly seq: number;
  readonly from: number;
  /** When its release was recorded; Infinity while it stands. */
  readonly until: number;
  /** The entry that made the thing of what the order is about, or put that into it; null where it is about the thing itself. */
  readonly made: number | null;
  /** While what of it the thing was under the order: what was put into it is in it for a time. */
  readonly during: Span;
  /** It is under the order no longer, by what was recorded since as having happened before. */
  readonly left: boolean;
  /**
   * To whose hands, of which the order asks, it came, and when, ms since the epoch: what others did with it until then was
   * not under the order. Null where the order asks no such thing, or that party had it from the first.
   */
  readonly came: { readonly to: PartyId; readonly at: number } | null;
}

/** What is known of the product of a unit whose code nobody issued here: somebody is vetted to own it. */
export interface Unissued {
  /** Codes of other units of it were issued. */
  readonly coded: boolean;
}

/** A hop of a life with what it is worth there. */
export interface Told extends Pick<Claim, 'standing' | 'effect'> {
  readonly hop: HopRecord;
  /** The thing begins with it: it is what was produced, adopted or made of others there. */
  readonly begins: boolean;
  /** Others were put into it there: contents, parts, agents. */
  readonly hosts: boolean;
}

/** A failed sample of a maker that counts against it. */
export interface SampleFailure {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** The lot, or the thing where none is known. */
  readonly of: string;
}

/** What went into a transformation and came out of it, in grains (measures.ts). */
export interface Making {
  /** Pieces, mass, length: what adds up. */
  readonly kind: string;
  readonly input: bigint;
  readonly output: bigint;
}

/** How a laboratory judged the samples that it was the first to judge, and how others judged again what it passed. */
export type TestRecord = {
  readonly samples: number;
  readonly passed: number;
  /** Of the samples that it passed. */
  readonly judgedAgain: number;
  readonly failedAgain: number;
};

/** How the supervision samples of what a body certified for a holder turned out. */
export type CertifiedRecord = {
  readonly samples: number;
  readonly failed: number;
};
/** By body and holder (certified-goods-fail.ts). */
export type CertifiedRecords = ReadonlyMap<`${PartyId} ${PartyId}`, CertifiedRecord>;

/** How much of an agent a firm had and used at a use of it, in grains (measures.ts). */
export interface AgentSum {
  readonly used: bigint;
  readonly had: bigint;
  /** The entry by which it last got any. */
  readonly purchase: number;
}

/** What is told alike of units and of goods by measure. */
export interface Goods {
  /** In the order in which things happened. */
  readonly told: readonly Told[];
  readonly product: ProductTraits | null;
  /** Orders about them, as they stand. */
  readonly orders: readonly Stop[];
  /** What the list for a role that was in force at an entry says of a party; null where there was none. */
  listing(role: ListedRole, party: PartyId, seq: number): Listing | null;
  /** The lot, or the thing where none is known: what samples are of. */
  readonly sample: string;
  /** Whether the result that an entry tells is, of these goods, that of a supervision sample (supervision.ts). */
  isSupervised(seq: number): boolean;
  /** Failed samples of the same maker that count against it, in any order. */
  readonly failures: readonly SampleFailure[];
  /** The records of laboratories in the category of the product, by the entries up to one; none where it has no category. */
  testRecordsAt(seq: number): ReadonlyMap<PartyId, TestRecord>;
  /** The certificate under which what was sampled was made, by the entry of a result of the sample; null where that is not known. */
  certifiedBy(seq: number): Pick<CertificateScope, 'seq' | 'issuer' | 'holder'> | null;
  /** How samples of certified goods of the category of the product turned out, by the entries up to one. */
  certifiedRecordsAt(seq: number): CertifiedRecords;
  /** How many things the recorder of a refill refilled that day, up to and with it. */
  refilledThatDay(refill: HopRecord): number;
  /** Until when what an entry made is best used, RFC 3339 full-date; null where that is not told. */
  bestBeforeOf(seq: number): string | null;
  /** What went into a transformation and came out of it, by its entry; a line a unit of measure. */
  makingsOf(seq: number): readonly Making[];
  /** How much of the goods, as an agent, the recorder of a use had and used by then; nothing for other hops. */
  agentsAt(use: HopRecord): readonly AgentSum[];
  /** Where a dealer may sell the goods, by the list in force at an entry; null where nobody published it. */
  territoryOf(
    party: PartyId,
    seq: number,
  ): { readonly seq: number; readonly regions: readonly string[] } | null;
  /** Region that a hop sends or sells to; empty where that is not told. */
  destinationOf(hop: HopRecord): string;
  readonly thresholds: Thresholds;
}

export interface Thing extends Goods {
  readonly state: LifecycleState;
  readonly moves: readonly Move[];
  /** The code was issued here. */
  readonly issued: boolean;
  /** Of a unit whose code was not; null where it was, and where nobody here owns its product. */
  readonly unissued: Unissued | null;
  /** It has a serial: no container. */
  readonly isUnit: boolean;
  /** When the entry was recorded by which the thing is looked at, ms since the epoch. */
  readonly asOf: number;
  /** How long others may take to record their part, ms. */
  readonly graceMs: number;
  /** null where no certificate is known. */
  readonly certificates: readonly CertificateScope[] | null;
  /** What the product said of its maintenance, in order of seq. */
  readonly maintenance: readonly MaintenanceInterval[];
  /** When the product's standard was superseded, and by which list; null where no list says so. */
  readonly standard: (SupersededStandard & { readonly seq: number }) | null;
  /** Where a place is, by its own record; null where that is not told. */
  positionOf(place: PlaceId): Position | null;
}

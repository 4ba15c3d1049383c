/**
 * What is known of one unit at a moment of its history, and what the fold must be told beside the history.
 *
 * Stages:
 *   unknown     nothing recorded that began it (a foreign or observed thing)
 *   issued      its code was issued; no production recorded yet                    已赋码
 *   produced    made                                                               已生产
 *   released    passed the maker's final inspection                                已出厂检验
 *   held        in somebody's stock or hands                                       在库
 *   in-transit  shipped, not yet received; the giver still answers for it          在途
 *   sold        sold at retail, to a named or an unnamed buyer                     已销售
 *   installed   fixed at a place, or built into another unit                       已安装
 *   consumed, relabelled, scrapped, destroyed: the code's life is over             已加工、已换标、已报废、已销毁
 *
 * A hold or a seizure lies over the stage (`blocks`) and does not replace it.
 */
import type { HopRecord, HopType, PartyId, PlaceId, Transfer } from '../events/hop.ts';
import type { Due, MaintenanceInterval } from './maintenance.ts';

export const stages = [
  'unknown',
  'issued',
  'produced',
  'released',
  'held',
  'in-transit',
  'sold',
  'installed',
  'consumed',
  'relabelled',
  'scrapped',
  'destroyed',
] as const;
export type Stage = (typeof stages)[number];

/** In what quality a claimant speaks of a thing. */
export const standings = ['holder', 'counterparty', 'delegate', 'authority', 'stranger'] as const;
export type Standing = (typeof standings)[number];

/** What the fold must know beside the history. All of it comes from facts, none from a clock. */
export interface LifecycleContext {
  /** Whose code it is: the owner of the GTIN when it was issued; null for things never issued here. */
  readonly issuer: PartyId | null;
  readonly issued: boolean;
  /** The moment as of which we ask, ms since the epoch: decides whether a grace period is over. */
  readonly asOf: number;
  /** How long a counterparty may take to record its half of a movement, ms, counted from when ours was recorded. */
  readonly graceMs: number;
  /** Parties that were named before they had an account: when the account began, ms; Infinity while they have none. */
  readonly stubUntil: ReadonlyMap<PartyId, number>;
  readonly delegates: Delegates;
  /** Certificates that cover the product, each with the seq of its fact; null where none is known. */
  readonly certificates: readonly Validity[] | null;
  /**
   * The first moment from which such goods are made with a certificate, ms: from when on the list asks for one, or when the
   * first of the product began, were it taken away since; null where neither. What was made before needed none.
   */
  readonly certifiedFrom: number | null;
  /** What the product said of its maintenance, in order of seq; none where it said nothing. */
  readonly maintenance: readonly MaintenanceInterval[];
}

/** Principal → agent → what it was given. */
export type Delegates = ReadonlyMap<PartyId, ReadonlyMap<PartyId, readonly Mandate[]>>;

/**
 * That somebody may act for somebody else: for what happens within its validity and is recorded before it is
 * revoked. A revocation takes away what comes, not what was. Times in ms since the epoch.
 */
export interface Mandate {
  /** The hops it was given for; also words that are no hops. */
  readonly acts: ReadonlySet<string>;
  /** Where; empty for anywhere. */
  readonly places: ReadonlySet<PlaceId>;
  readonly from: number;
  readonly until: number;
  /** When its revocation was recorded; Infinity while it stands. */
  readonly revoked: number;
}

type Acted = Pick<HopRecord, 'hop' | 'place' | 'from' | 'until' | 'recordedAt'>;

const mandatesOf = (
  { delegates }: Pick<LifecycleContext, 'delegates'>,
  principal: PartyId,
  agent: PartyId,
  hop: Acted,
): readonly Mandate[] =>
  delegates
    .get(principal)
    ?.get(agent)
    ?.filter(
      ({ from, until, revoked }) => from <= hop.from && hop.until <= until && hop.recordedAt <= revoked,
    ) ?? [];

/** Whether an agent speaks for its principal in a hop: such an act was given to it, there and then. */
export const isMandated = (
  context: Pick<LifecycleContext, 'delegates'>,
  principal: PartyId,
  agent: PartyId,
  hop: Acted,
): boolean =>
  mandatesOf(context, principal, agent, hop).some(
    ({ acts, places }) =>
      acts.has(hop.hop) && (places.size === 0 || (hop.place !== null && places.has(hop.place))),
  );

/** Whether a party had given another any act at the time of a hop: of what such an agent has, its principal may speak. */
export const hasMandated = (
  context: Pick<LifecycleContext, 'delegates'>,
  principal: PartyId,
  agent: PartyId,
  hop: Acted,
): boolean => mandatesOf(context, principal, agent, hop).length > 0;

export interface Validity {
  readonly seq: number;
  /** First and last moment of validity, ms since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** Those of which something may have happened within their validity, as far as the interval of its time tells. */
export const validDuring = <V extends Validity>(
  certificates: readonly V[],
  { from, until }: { readonly from: number; readonly until: number },
): readonly V[] => certificates.filter((it) => it.from <= until && from <= it.until);

/** A hop that mattered, with its interval of event time. */
export interface Mark {
  readonly seq: number;
  readonly from: number;
  readonly until: number;
}

/** That it was made, by who told so first. */
export interface Production extends Mark {
  readonly by: PartyId;
  /** As what: `produce` or `transform`; null once it was told as both (`isSameMaking` in decide.ts). */
  readonly as: HopType | null;
}

export interface Packing {
  readonly container: number;
  readonly seq: number;
  readonly by: PartyId;
}

export interface Block extends Mark {
  readonly by: PartyId;
  readonly kind: 'hold' | 'seize';
  readonly authority: boolean;
  /** Who held it before a seizure took it away. */
  readonly heldBy: PartyId | null;
  /** The shipment that a seizure broke off. */
  readonly brokenOff: Shipment | null;
}

export interface Shipment extends Mark {
  readonly giver: PartyId | null;
  readonly taker: PartyId | null;
  readonly transfer: Transfer | null;
  readonly toPlace: PlaceId | null;
  /** What it was before, so that cancelling can restore it. */
  readonly before: { readonly stage: Stage; readonly place: PlaceId | null };
}

/** A party that the record connects with the thing. */
export interface Link {
  readonly party: PartyId;
  /** The hop by which it gave the thing away; null if it never did or has it again. */
  readonly parted: number | null;
  readonly sale: boolean;
  /** Named only by a shipment that contradicts another one, already reported. */
  readonly rival: boolean;
}

export interface LifecycleState {
  /** Internal number of the thing itself, which is in no container of its own. */
  readonly self: number;
  readonly stage: Stage;
  readonly holder: PartyId | null;
  readonly place: PlaceId | null;
  /** Internal number of the place or unit that it is installed in. */
  readonly site: number | null;
  /** The containers around it, nearest first. */
  readonly packings: readonly Packing[];
  /** Holds and seizures in force, oldest first. */
  readonly blocks: readonly Block[];
  readonly open: Shipment | null;
  /** Old stock taken into the ledger: what happened before is not known. */
  readonly adopted: boolean;
  /** The last outcome that somebody with standing recorded was bad. */
  readonly nonconformant: boolean;
  /** It left the trade: sold, installed, received by a using unit, or with somebody who has no account. */
  readonly inUse: boolean;
  /** null also where it was serviced since, and neither that nor the product tells when next. */
  readonly nextDue: Due | null;
  /**
   * When it was made: produced, or made of others by a transformation. A piece cut off (`split`) is as old as what it was
   * cut from, and a relabelled thing (`relabel`) as old as it was: when that was made stands in other histories, over any
   * number of generations, and a verdict reads that of the thing alone. So of these it stays null, rather than say that
   * they are new.
   */
  readonly produced: Production | null;
  /** The first hop that moved or used it. */
  readonly first: Mark | null;
  /** What ended it. */
  readonly ended: Mark | null;
  /** seq of the hop that gave it to the present holder. */
  readonly since: number | null;
  /** The parties that the record connects with it, in the order in which it did. */
  readonly chain: ReadonlyMap<PartyId, Link>;
}

/** Stands for a thing told of alone, among no others; no identifier has this number. */
export const alone = -1;

/** The state before anything happened. */
export function initialState(context: LifecycleContext, self: number = alone): LifecycleState {
  return {
    self,
    stage: context.issued ? 'issued' : 'unknown',
    holder: null,
    place: null,
    site: null,
    packings: [],
    blocks: [],
    open: null,
    adopted: false,
    nonconformant: false,
    inUse: false,
    nextDue: null,
    produced: null,
    first: null,
    ended: null,
    since: null,
    chain: new Map(
      context.issuer === null
        ? []
        : [[context.issuer, { party: context.issuer, parted: null, sale: false, rival: false }]],
    ),
  };
}

/** Nearest container, or null. */
export const containerOf = (state: LifecycleState): number | null => state.packings[0]?.container ?? null;

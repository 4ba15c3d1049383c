/**
 * Orders about goods: what is stopped, recalled or followed, and which things an order is about.
 *
 * The scope of an order is a predicate over what is known of a thing: the conjunction of the members that it has, where
 * a list means any of it. So an order holds at once for a million units without naming one, and for a unit whose
 * production is told tomorrow. An order of a regulator reaches no further than its jurisdiction (`reach`).
 *
 *   {"products":["06901234567892"],"produced":{"from":"2026-03-01","until":"2026-03-31"}}
 *   what was made of this product in March: a unit produced on 2026-03-02 is in it, one of April is not, and of one
 *   without a record of its production nobody knows, so it is not until that is recorded.
 *
 * To find the orders about a thing without asking each of them, an order is kept under *terms*, those of one member of
 * its scope (`termsOf`): a thing that is in it has one of them (`termsAbout`), and what else the scope asks is looked
 * at only then (`isInScope`).
 */
import { dateOf } from '../china-dates.ts';
import { type Epc, fitsIn, type HopRecord, type HopType, type PartyId, type PlaceId } from '../events/hop.ts';
import { isOfficial } from '../life/standing.ts';
import { holdsRegion } from '../region.ts';

export const orderTypes = ['hold', 'stop-sale', 'recall', 'seizure', 'tracking'] as const;
export type OrderType = (typeof orderTypes)[number];

/** What orders are called. */
export const orderWords: Readonly<Record<OrderType, { readonly zh: string; readonly en: string }>> = {
  hold: { zh: '封存', en: 'Hold' },
  'stop-sale': { zh: '停止销售', en: 'Stop of sale' },
  recall: { zh: '召回', en: 'Recall' },
  seizure: { zh: '扣押', en: 'Seizure' },
  tracking: { zh: '跟踪', en: 'Tracking' },
};

/** Types whose things must not be bought, used or passed on; goods that are only followed go on as before. */
export const blockingTypes = ['hold', 'stop-sale', 'recall', 'seizure'] as const;
export type BlockingType = (typeof blockingTypes)[number];
export const isBlocking = (type: OrderType): type is BlockingType => type !== 'tracking';

/** What moves or uses up goods, beside fitting them in. A return is none of it: it is what most orders ask for. */
export const movingHops = [
  'ship',
  'sell',
  'install',
  'transform',
  'split',
  'relabel',
] as const satisfies HopType[];

/** Whether a hop moves or uses goods that are stopped. */
export const movesStopped = (hop: Pick<HopRecord, 'hop' | 'note' | 'as'>): boolean =>
  (movingHops.some((it) => it === hop.hop) || fitsIn(hop)) && !isOfficial(hop.as);

/** Days in China, RFC 3339 full-dates, both inclusive; without one of them open on that side. */
export interface Period {
  readonly from?: string;
  readonly until?: string;
}

/** Everything that went through somebody's hands, a place or a thing since then, whatever was made of it and what it was put into. */
export interface Downstream {
  readonly party?: PartyId;
  readonly place?: PlaceId;
  readonly unit?: Epc;
  readonly lot?: Epc;
  readonly container?: Epc;
  /** RFC 3339, UTC; without it from the beginning. */
  readonly since?: string;
}

export interface OrderScope {
  /** One of its members says of what. What belongs to it is put down on the order's roll, which takes time. */
  readonly downstream?: Downstream;
  readonly units?: readonly Epc[];
  readonly lots?: readonly Epc[];
  /** What is or was in one of these containers. */
  readonly containers?: readonly Epc[];
  /** GTINs. */
  readonly products?: readonly string[];
  /** Whose product it is: the owner of the GTIN. */
  readonly made?: PartyId;
  /** Who has it or ever had it. */
  readonly held?: PartyId;
  /** Who had it when the order was made, or got it since. */
  readonly holding?: PartyId;
  /** When it was made, as recorded. */
  readonly produced?: Period;
  /** When its code was entered in the log. */
  readonly recorded?: Period;
}

/** Members of a scope by which things can be found: each scope has one. What finds fewest stands first. */
export const anchors = [
  'downstream',
  'containers',
  'units',
  'lots',
  'holding',
  'held',
  'products',
  'made',
] as const;
export type Anchor = (typeof anchors)[number];

/** Regions of GB/T 2260 and places that an order can reach. */
export interface Reach {
  readonly regions: readonly string[];
  readonly places: readonly PlaceId[];
}

/** What of an order decides which things it is about. */
export interface OrderRule {
  readonly scope: OrderScope;
  /** null: wherever things are. */
  readonly reach: Reach | null;
  /** When it was made, ms since the epoch. */
  readonly at: number;
}

/** A party that has or had a thing; when it gave it away, and when that was recorded, ms since the epoch, or null. */
export interface Holding {
  readonly party: PartyId;
  readonly partedAt: number | null;
  readonly toldAt: number | null;
}

/** What is known of a thing, as far as orders ask. Days are days in China. */
export interface Subject {
  readonly epc: Epc;
  readonly type: 'unit' | 'lot' | 'container';
  readonly gtin: string | null;
  readonly lot: Epc | null;
  readonly maker: PartyId | null;
  /** Of a lot none: it is in many hands. */
  readonly holdings: readonly Holding[];
  /** Containers that it is or was in. */
  readonly containers: readonly Epc[];
  readonly produced: { readonly from: string; readonly until: string } | null;
  readonly recorded: string | null;
  /** Regions and places of its maker and of those who handled it. */
  readonly regions: readonly string[];
  readonly places: readonly PlaceId[];
}

/** The member by which an order is found; null for a scope that has none, which must not be recorded. */
export const anchorOf = (scope: OrderScope): Anchor | null =>
  anchors.find((anchor) => scope[anchor] !== undefined) ?? null;

/** Through whose hands an order asks that goods went; null where it does not ask that. */
export const askedHands = ({ held, holding, downstream }: OrderScope): PartyId | null =>
  held ?? holding ?? downstream?.party ?? null;

/** What an order is kept under; nothing for one whose things are on its roll, and for a scope without an anchor. */
export function termsOf(scope: OrderScope): string[] {
  const { containers, units, lots, holding, held, products, made } = scope;
  switch (anchorOf(scope)) {
    case 'downstream':
      return [];
    case 'containers':
      return (containers ?? []).map((epc) => `container:${epc}`);
    case 'units':
      return (units ?? []).map((epc) => `unit:${epc}`);
    case 'lots':
      return (lots ?? []).map((epc) => `lot:${epc}`);
    case 'holding':
      return [`held:${holding}`];
    case 'held':
      return [`held:${held}`];
    case 'products':
      return (products ?? []).map((gtin) => `product:${gtin}`);
    case 'made':
      return [`made:${made}`];
    case null:
      return [];
  }
}

/** The terms of a thing: an order about it is kept under one of them. Few, however many orders there are. */
export function termsAbout(subject: Omit<Subject, 'regions' | 'places' | 'produced' | 'recorded'>): string[] {
  const { epc, type, gtin, lot, maker, holdings, containers } = subject;
  return [
    `${type}:${epc}`,
    ...(lot === null || type === 'lot' ? [] : [`lot:${lot}`]),
    ...(gtin === null ? [] : [`product:${gtin}`]),
    ...(maker === null ? [] : [`made:${maker}`]),
    ...holdings.map(({ party }) => `held:${party}`),
    ...containers.map((container) => `container:${container}`),
  ];
}

/** Whether an order is about a thing. `enrolled`: that it is downstream of what the scope names was found out. */
export function isInScope({ scope, reach, at }: OrderRule, subject: Subject, enrolled = false): boolean {
  const { epc, type, gtin, lot, maker, holdings, containers, produced, recorded } = subject;
  return (
    anchorOf(scope) !== null &&
    (scope.downstream === undefined || enrolled) &&
    (scope.units === undefined || (type === 'unit' && scope.units.includes(epc))) &&
    (scope.lots === undefined || (lot !== null && scope.lots.includes(lot))) &&
    (scope.containers === undefined ||
      scope.containers.some((container) => container === epc || containers.includes(container))) &&
    (scope.products === undefined || (gtin !== null && scope.products.includes(gtin))) &&
    (scope.made === undefined || scope.made === maker) &&
    (scope.held === undefined || holdings.some(({ party }) => party === scope.held)) &&
    (scope.holding === undefined || holdings.some((it) => it.party === scope.holding && isKept(it, at))) &&
    (scope.produced === undefined ||
      (produced !== null && overlaps(scope.produced, produced.from, produced.until))) &&
    (scope.recorded === undefined || (recorded !== null && overlaps(scope.recorded, recorded, recorded))) &&
    (reach === null || isWithin(reach, subject))
  );
}

/**
 * A thing as an order asks about it that is about what was put into it at a moment, ms since the epoch: made what it is
 * then, and with those who had it since. Whoever had it before had nothing of that.
 */
export const sincePutIn = <S extends Pick<Subject, 'holdings' | 'produced'>>(
  moment: number,
  subject: S,
): S => ({
  ...subject,
  holdings: subject.holdings.filter((it) => isKept(it, moment)),
  produced: { from: dateOf(moment), until: dateOf(moment) },
});

/** A thing as if nobody had given it away who told so only after a moment, ms since the epoch. */
export const beforeToldAfter = <S extends Pick<Subject, 'holdings'>>(moment: number, subject: S): S => ({
  ...subject,
  holdings: subject.holdings.map((it) =>
    it.toldAt !== null && it.toldAt > moment ? { ...it, partedAt: null, toldAt: null } : it,
  ),
});

/** Whether a thing itself went through what a scope asks for, apart from what it was made of. */
export function isDownstream(
  { party, place, unit, lot, container, since }: Downstream,
  subject: Subject & { readonly visits: readonly Visit[] },
): boolean {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const { epc, holdings, containers, visits } = subject;
  return (
    (party !== undefined && holdings.some((it) => it.party === party && isKept(it, from))) ||
    (place !== undefined && visits.some((it) => it.place === place && it.until >= from)) ||
    (unit !== undefined && unit === epc) ||
    (lot !== undefined && lot === subject.lot) ||
    (container !== undefined && (container === epc || containers.includes(container)))
  );
}

/** That a thing was at a place, the last time by a hop at `until`, ms since the epoch. */
export interface Visit {
  readonly place: PlaceId;
  readonly until: number;
}

const isKept = ({ partedAt }: Holding, since: number): boolean => partedAt === null || partedAt >= since;

/** Full-dates compare as text. */
const overlaps = (period: Period, from: string, until: string): boolean =>
  (period.from === undefined || period.from <= until) && (period.until === undefined || from <= period.until);

const isWithin = (reach: Reach, { regions, places }: Subject): boolean =>
  regions.some((inner) => reach.regions.some((outer) => holdsRegion(outer, inner))) ||
  places.some((place) => reach.places.includes(place));

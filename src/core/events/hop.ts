/**
 * Hops: the short form in which parties tell us what happened to things; a hop is one EPCIS 2.0 event, or a few. This
 * file holds the words; `hop-event.ts` writes a hop as its events, and `event-record.ts` reads an event back as the
 * compact `HopRecord` that lifecycle, trace and flow fold.
 */

import type { Amount } from '../measures.ts';

/** Opaque random id of a party: 16 symbols of Crockford base32. Facts name parties `party/{id}`. */
export type PartyId = string & { readonly __brand: 'PartyId' };
/** A place in canonical form: `414/{GLN}[/254/{ext}]` or `place/{id}`. */
export type PlaceId = string & { readonly __brand: 'PlaceId' };
/** Canonical identifier without host: `01/…/21/…`, `01/…/10/…`, `00/…`. */
export type Epc = string & { readonly __brand: 'Epc' };

export const hopTypes = [
  'produce', // 生产
  'release', // 出厂检验
  'pack', // 装箱
  'unpack', // 拆箱
  'ship', // 发货
  'cancel', // 取消发货
  'receive', // 收货
  'sell', // 销售
  'install', // 安装
  'remove', // 拆除
  'replace', // 更换
  'inspect', // 检查
  'maintain', // 维修
  'refill', // 充装
  'transform', // 加工
  'split', // 分切
  'hold', // 封存
  'seize', // 扣押
  'lift', // 解除
  'return', // 退货
  'scrap', // 报废
  'destroy', // 销毁
  'adopt', // 存量
  'relabel', // 换标
  'correct', // 更正
  'void', // 撤销
] as const;
export type HopType = (typeof hopTypes)[number];

export const roles = [
  'operator',
  'manufacturer',
  'importer',
  'distributor',
  'seller',
  'platform',
  'installer',
  'using-unit',
  'maintenance-firm',
  'certification-body',
  'laboratory',
  'regulator',
] as const;
export type Role = (typeof roles)[number];

/** How a shipment changes title and custody. Only `sale` passes title. */
export const transfers = ['sale', 'own-move', 'consignment', 'loan'] as const;
export type Transfer = (typeof transfers)[number];

/** In which list of its event an identifier stands. */
export const positions = ['epc', 'parent', 'child', 'input', 'output', 'quantity'] as const;
export type Position = (typeof positions)[number];

/** The outcome an inspecting, releasing or maintaining hop claims. */
export const outcomes = ['conformant', 'non-conformant'] as const;
export type Outcome = (typeof outcomes)[number];

/** What tells apart events of one kind of hop. */
export type HopNote =
  | 'mismatch' // received, or taken back, other than announced
  | 'returned' // sent back, or taken back as announced
  | 'stock' // adopted
  | 'sample' // inspected by taking a sample
  | 'sampling' // inspected by a test that uses it up
  | 'old' // replaced or relabelled: what went; maintained or refilled: what was taken out
  | 'new' // replaced or relabelled: what came
  | 'parts'; // maintained or refilled: what was put in

/**
 * The compact form of a recorded event: what lifecycle, trace and flow need, and nothing of its lists. It is a
 * pure function of the fact, stored as the projection `hops`, one row per event.
 */
export interface HopRecord {
  readonly seq: number;
  /** When the entry was recorded, ms since the epoch. */
  readonly recordedAt: number;
  readonly hop: HopType;
  readonly recorder: PartyId;
  /** The role the recorder claimed for this act, checked when recorded. */
  readonly as: Role;
  /** Event time as an interval in ms since the epoch: equal ends unless its precision is coarser than the ms. */
  readonly from: number;
  readonly until: number;
  /** Custody as claimed: who gives and who takes (EPCIS possessing_party source and destination). */
  readonly giver: PartyId | null;
  readonly taker: PartyId | null;
  readonly transfer: Transfer | null;
  /** Where it happened (readPoint or bizLocation). */
  readonly place: PlaceId | null;
  /** Where things go (destination location of a ship hop). */
  readonly toPlace: PlaceId | null;
  readonly outcome: Outcome | null;
  readonly note: HopNote | null;
  /** seq of the event that a void, correction, cancel or lift names; null when it names none that is known. */
  readonly target: number | null;
  /** When the thing is next due for service, ms since the epoch, as an inspecting or maintaining hop says. */
  readonly nextDue: number | null;
  /** Its recorder tells what was done at another's place: it reports, whoever acted. */
  readonly reporter: boolean;
}

/** Whether a hop reports that somebody, and not who records it, gave things away. */
export const reportsGiving = ({ hop, recorder, giver, taker, reporter }: HopRecord): boolean =>
  reporter && giver !== recorder && (hop === 'ship' || (hop === 'return' && taker !== recorder));

/** Whether a hop takes a sample into the hands of whoever will test it. */
export const takesSample = ({ hop, note }: Pick<HopRecord, 'hop' | 'note'>): boolean =>
  hop === 'inspect' && note === 'sample';

/**
 * Whether a hop fits what it names into something else: what replaces another thing at a place, parts and agents used in a
 * maintenance. What they were fitted into, where it is a thing itself, stands in it as parent.
 */
export const fitsIn = ({ hop, note }: Pick<HopRecord, 'hop' | 'note'>): boolean =>
  hop === 'replace' ? note === 'new' : (hop === 'maintain' || hop === 'refill') && note === 'parts';

/** Whether a hop is a service by which what was due is done: not the putting in or taking out of parts, nor one that found it not in order. */
export const isServiced = ({ hop, note, outcome }: Pick<HopRecord, 'hop' | 'note' | 'outcome'>): boolean =>
  (hop === 'maintain' || hop === 'refill') && note === null && outcome !== 'non-conformant';

/** One identifier's part in a hop. */
export interface Part {
  readonly seq: number;
  /** Internal number of the identifier (`epcs.unit`). */
  readonly unit: number;
  readonly position: Position;
  /** Of goods by measure, as it was told; else null. */
  readonly amount: Amount | null;
}

/**
 * EPCIS 2.0 events and the words of CBV 2.0 that we write, as they stand in a fact.
 *
 * Standards: GS1 EPCIS 2.0 §7.4 (event types), CBV 2.0 §7 (business steps, dispositions, transaction and
 * source/destination types). Words are bare (`shipping`), as in the JSON-LD binding. Inside a fact identifiers
 * are canonical paths without host; `epcisUri` makes them URIs where an event leaves the house. Members that
 * EPCIS does not have carry the prefix `suyuan:`.
 *
 *   epcisUri('01/06901234567892/21/A7', 'sy.example')  →  https://id.gs1.org/01/06901234567892/21/A7
 *   epcisUri('place/7ZK3QW9D5TB1M0AB', 'sy.example')   →  https://sy.example/place/7ZK3QW9D5TB1M0AB
 */

import { encodeComponent } from '../gs1/gs1-text.ts';
import type { JsonObject } from '../text/canonical.ts';
import type { Precision } from '../time.ts';
import type { HopType, Role, Transfer } from './hop.ts';

export const eventTypes = [
  'ObjectEvent',
  'AggregationEvent',
  'AssociationEvent',
  'TransformationEvent',
  'TransactionEvent',
] as const;
export type EventType = (typeof eventTypes)[number];

export type Action = 'ADD' | 'OBSERVE' | 'DELETE';

/** CBV 2.0 §7.1, those our hops use. */
export type BizStep =
  | 'collecting'
  | 'commissioning'
  | 'creating_class_instance'
  | 'decommissioning'
  | 'destroying'
  | 'holding'
  | 'inspecting'
  | 'installing'
  | 'packing'
  | 'receiving'
  | 'removing'
  | 'repairing'
  | 'replacing'
  | 'retail_selling'
  | 'sampling'
  | 'shipping'
  | 'unpacking'
  | 'void_shipping';

/** CBV 2.0 §7.2, those our hops use. */
export type Disposition =
  | 'active'
  | 'available'
  | 'completeness_inferred'
  | 'conformant'
  | 'destroyed'
  | 'disposed'
  | 'in_transit'
  | 'inactive'
  | 'mismatch_instance'
  | 'mismatch_quantity'
  | 'non_conformant'
  | 'non_sellable_other'
  | 'retail_sold'
  | 'returned';

/** CBV 2.0 §7.3: what kind of document a business transaction is. */
export const documentTypes = [
  'bol', // bill of lading 提单
  'cert', // certificate 证书
  'desadv', // despatch advice 发货单
  'inv', // invoice 发票
  'pedigree', // 谱系文件
  'po', // purchase order 采购订单
  'poc', // purchase order confirmation 订单确认
  'prodorder', // production order 生产工单
  'recadv', // receiving advice 收货单
  'rma', // return merchandise authorisation 退货授权
  'testprd', // test procedure 检验规程
  'testres', // test result 检验报告
  'upevt', // upstream event 上游事件
] as const;
export type DocumentType = (typeof documentTypes)[number];

/** CBV 2.0 §7.4: what a source or destination is. */
export type SourceDestinationType = 'owning_party' | 'possessing_party' | 'location';

export type QuantityElement = {
  readonly epcClass: string;
  /** Canonical decimal; a JSON number where the event leaves the house. Absent: the lot as a whole. */
  readonly quantity?: string;
  /** UN/ECE Rec 20; absent for pieces (EPCIS 2.0 §7.3.3.3). */
  readonly uom?: string;
};
export type BizTransaction = { readonly type: DocumentType; readonly bizTransaction: string };
export type Source = { readonly type: SourceDestinationType; readonly source: string };
export type Destination = { readonly type: SourceDestinationType; readonly destination: string };

/** EPCIS 2.0 §7.4.1.2. Its members never enter the event hash. */
export type ErrorDeclaration = {
  readonly declarationTime: string;
  readonly reason: 'did_not_occur' | 'incorrect_data';
  readonly correctiveEventIDs?: readonly string[];
  readonly 'suyuan:ref': string;
  readonly 'suyuan:as': Role;
  readonly 'suyuan:delegation'?: string;
  readonly 'suyuan:timePrecision'?: Precision;
  readonly 'suyuan:note'?: string;
};

/** One thing that was not as the despatch said. */
export type Difference = {
  readonly 'suyuan:difference': 'instance' | 'quantity';
  readonly 'suyuan:epc': string;
  readonly 'suyuan:expected'?: string;
  readonly 'suyuan:found'?: string;
  /** Of both quantities; pieces unless said. */
  readonly 'suyuan:uom'?: string;
};

/** The body of an event fact: everything but `kind`, `by` and `private`. */
export type EpcisEvent = {
  readonly type: EventType;
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventTimeZoneOffset: string;
  readonly errorDeclaration?: ErrorDeclaration;
  readonly action?: Action;
  readonly bizStep?: BizStep;
  readonly disposition?: Disposition;
  readonly persistentDisposition?: { readonly set: readonly Disposition[] };
  readonly readPoint?: { readonly id: string };
  readonly bizTransactionList?: readonly BizTransaction[];
  readonly sourceList?: readonly Source[];
  readonly destinationList?: readonly Destination[];
  readonly epcList?: readonly string[];
  readonly quantityList?: readonly QuantityElement[];
  readonly parentID?: string;
  readonly childEPCs?: readonly string[];
  readonly childQuantityList?: readonly QuantityElement[];
  readonly inputEPCList?: readonly string[];
  readonly inputQuantityList?: readonly QuantityElement[];
  readonly outputEPCList?: readonly string[];
  readonly outputQuantityList?: readonly QuantityElement[];
  readonly ilmd?: { readonly [name: string]: string };
  readonly 'suyuan:hop': HopType;
  readonly 'suyuan:ref': string;
  readonly 'suyuan:as': Role;
  readonly 'suyuan:delegation'?: string;
  readonly 'suyuan:timePrecision'?: Precision;
  readonly 'suyuan:transfer'?: Transfer;
  readonly 'suyuan:nextDue'?: string;
  /** eventID of the event that this one answers: cancels, lifts, or follows in a change of label. */
  readonly 'suyuan:target'?: string;
  readonly 'suyuan:replaces'?: string;
  readonly 'suyuan:replacedBy'?: string;
  readonly 'suyuan:differences'?: readonly Difference[];
  readonly 'suyuan:origin'?: string;
  readonly 'suyuan:note'?: string;
};

/** Of what is being put together. */
export type Writable<T> = { -readonly [name in keyof T]: T[name] };

/** An event as it stands in a fact, whoever wrote it; JSON with its eventID. */
export type EventBody = JsonObject & { readonly eventID: string };

/** What `suyuan:` stands for in the JSON-LD of a ledger at `host`. */
export const namespace = (host: string): string => `https://${host}/ns/`;

/** Prefixes an event may use without declaring them. */
export const namespaces = (host: string): Readonly<Record<string, string>> => ({
  suyuan: namespace(host),
  cbvmda: 'urn:epcglobal:cbv:mda:',
  gs1: 'https://gs1.org/voc/',
});

const ours = /^(?:party|place)\//;
const gs1 = /^(?:0[01]|253|255|40[12]|41[47]|80(?:0[346]|1[078]))\//;

/**
 * The URI of an identifier as the world sees it: GS1 keys at id.gs1.org (GS1 Digital Link §4.11), parties,
 * places and documents of ours at `host`; what is a URI already stays.
 */
export function epcisUri(value: string, host: string): string {
  if (gs1.test(value)) return `https://id.gs1.org/${value}`;
  return ours.test(value) ? `https://${host}/${value}` : value;
}

/** What EPCIS calls a party of ours: `party/{id}`. */
export const partyPath = (party: string): string => `party/${party}`;

/** A document by whoever numbered it: `party/{id}/{type}/{number}`. */
export const documentPath = (issuer: string, type: DocumentType, number: string): string =>
  `party/${issuer}/${type}/${encodeComponent(number)}`;

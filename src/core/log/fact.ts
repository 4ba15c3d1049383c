/**
 * Facts: everything that can be recorded, by kind. A fact is one JSON object with the members `kind`, `by` (the
 * party that says so) and the body's own members beside them; the log entry commits to it by its digest
 * (digest.ts). For an event the body's members are those of an EPCIS 2.0 event.
 *
 *   {"by":"3F7ZK2M9QX41TB6D","gtin":"06901234567892","kind":"product","model":"MFZ/ABC4", …}
 *
 * Records that have versions (parties, places, products, delegations, clients) are recorded whole each time;
 * the newest entry counts. Facts are append-only promises: a member's meaning never changes.
 */

import type { Spelling } from '../epcis/epcis-spelling.ts';
import type { VocabularyAttribute } from '../epcis/epcis-vocabulary.ts';
import { isObject, quantityLists } from '../events/event-members.ts';
import { type Epc, type PartyId, type PlaceId, type Position, positions, type Role } from '../events/hop.ts';
import type { MandateScope } from '../mandate.ts';
import type { OrderScope, OrderType, Reach } from '../orders/order.ts';
import type { JsonObject } from '../text/canonical.ts';
import { epcListNames } from './digest.ts';

/** Entry 0: fixes the origin and names the operator for ever. */
export interface GenesisFact {
  readonly kind: 'genesis';
  readonly by: PartyId;
  readonly origin: string;
  readonly host: string;
}

/** Data that rules depend on: region codes, product categories, thresholds. */
export interface PolicyFact {
  readonly kind: 'policy';
  readonly by: PartyId;
  readonly name: string;
  readonly body: JsonObject;
}

/** An organisation that acts, or a stub that somebody named and that has no account yet. */
export interface PartyFact {
  readonly kind: 'party';
  readonly by: PartyId;
  readonly id: PartyId;
  readonly stub: boolean;
  readonly name: string;
  readonly nameEn?: string;
  readonly gln?: string;
  readonly creditCode?: string;
  readonly roles: readonly Role[];
  /** GB/T 2260 code, six digits. */
  readonly region?: string;
  readonly address?: string;
  /** Jurisdiction of a regulator: regions (prefixes hold their parts) and places. */
  readonly jurisdiction?: { readonly regions: readonly string[]; readonly places: readonly PlaceId[] };
}

export interface PlaceFact {
  readonly kind: 'place';
  readonly by: PartyId;
  readonly id: PlaceId;
  readonly party: PartyId;
  readonly type: 'factory' | 'warehouse' | 'market' | 'shop' | 'project' | 'building' | 'workshop' | 'other';
  readonly name: string;
  readonly region: string;
  readonly address?: string;
  /** The project or larger place it lies in. */
  readonly within?: PlaceId;
  /** Degrees (WGS 84) with a radius of uncertainty in metres. */
  readonly position?: { readonly latitude: string; readonly longitude: string; readonly radius: number };
  /** Of a construction project: permit number and the design list, by category and quantity. */
  readonly permit?: string;
  readonly design?: readonly { readonly category: string; readonly quantity: string; readonly uom: string }[];
}

/** The operator has vetted that a party owns a GTIN. */
export interface GtinFact {
  readonly kind: 'gtin';
  readonly by: PartyId;
  readonly gtin: string;
  readonly party: PartyId;
  /** What was looked at, by whom, when. */
  readonly evidence: string;
  readonly vettedBy: string;
  readonly vettedAt: string;
}

export interface ProductFact {
  readonly kind: 'product';
  readonly by: PartyId;
  readonly gtin: string;
  readonly party: PartyId;
  /** A restricted-circulation number given by the operator. */
  readonly local: boolean;
  readonly name: string;
  readonly nameEn?: string;
  readonly model: string;
  /** Key of the policy `categories`. */
  readonly category: string;
  /** UN/ECE Recommendation 20 code; `H87` is one piece. */
  readonly uom: string;
  readonly serviceLifeMonths?: number;
  /** From production to the first maintenance, where that is not as long as from one to the next. */
  readonly firstMaintenanceMonths?: number;
  readonly maintenanceMonths?: number;
  /** What one unit holds: a drum of 20 kg. */
  readonly content?: { readonly quantity: string; readonly uom: string };
  readonly standard?: string;
}

export interface DelegationFact {
  readonly kind: 'delegation';
  readonly by: PartyId;
  readonly id: string;
  readonly from: PartyId;
  readonly to: PartyId;
  readonly gtins: readonly string[];
  readonly places: readonly PlaceId[];
  /** Hops the delegate may record for the owner, and `issue` for its codes. */
  readonly acts: readonly string[];
  readonly validFrom: string;
  readonly validUntil: string;
  readonly revoked: boolean;
}

export interface CertificateFact {
  readonly kind: 'certificate';
  readonly by: PartyId;
  readonly id: string;
  readonly number: string;
  /** Certification body and holder. */
  readonly issuer: PartyId;
  readonly holder: PartyId;
  readonly status: 'issued' | 'suspended' | 'withdrawn';
  /** Since when the status holds: an RFC 3339 full-date. */
  readonly since: string;
  readonly reason?: string;
  readonly scheme: string;
  readonly gtins: readonly string[];
  readonly models: readonly string[];
  readonly factories: readonly PlaceId[];
  readonly validFrom: string;
  readonly validUntil: string;
}

/** An API client of a party: its roles are a subset of the party's. */
export interface ClientFact {
  readonly kind: 'client';
  readonly by: PartyId;
  readonly id: string;
  readonly party: PartyId;
  readonly roles: readonly Role[];
  readonly label: string;
  readonly revoked: boolean;
}

export const keyPurposes = [
  'issuing',
  'claims',
  'token',
  'receipt',
  'trust-list',
  'checkpoint',
  'witness',
] as const;
export type KeyPurpose = (typeof keyPurposes)[number];
export const keyStatuses = ['active', 'retired', 'compromised'] as const;
export type KeyStatus = (typeof keyStatuses)[number];

export interface KeyFact {
  readonly kind: 'key';
  readonly by: PartyId;
  /** Seven decimal digits, never reused. */
  readonly kid: string;
  readonly purpose: KeyPurpose;
  /** Whose key it is: of keys for codes and claims the party's, else the operator's. */
  readonly party: PartyId;
  readonly algorithm: 'EdDSA';
  /** Public key, 32 bytes in base64url (RFC 8037 `x`). */
  readonly x: string;
  /** Who holds the private key. */
  readonly custody: 'operator' | 'party';
  /** Where a party brought the key: that it holds the private half (key-proof.ts). */
  readonly proof?: string;
  readonly status: KeyStatus;
  /** Of a compromised key: the first entry whose codes are no longer trusted. */
  readonly distrustedFrom?: number;
  readonly reason?: string;
}

/** What the chains of all identifiers came to when the log had `size` entries (heads.ts). */
export interface HeadsFact {
  readonly kind: 'heads';
  readonly by: PartyId;
  /** Of the format of the map. */
  readonly version: 1;
  readonly size: number;
  /** Root of the map, 32 bytes in base64url. */
  readonly root: string;
  /** Identifiers in the map. */
  readonly count: number;
}

/** What an officer decided about a case; the officer's name is personal data, beside it. */
export interface DecisionFact {
  readonly kind: 'decision';
  readonly by: PartyId;
  /** Id of the case, and what its findings have in common (rules/case.ts). */
  readonly case: string;
  readonly rule: string;
  /** The version of the rule that was judged. */
  readonly version: number;
  readonly severity: string;
  readonly party?: PartyId;
  readonly gtin?: string;
  /** Lot, or thing without one, of rules by sample. */
  readonly sample?: string;
  readonly outcome: 'confirmed' | 'rejected';
  /** What it turned out to be (rules/causes.ts). */
  readonly cause: string;
  readonly reason: string;
}

/**
 * Whether a report by the public was founded, as an officer found; the officer's name is personal data, beside it. Of the report
 * stands here a random id that no receipt code leads to, and nothing of what it says, what it is about or who sent it.
 */
export interface ReportDecisionFact {
  readonly kind: 'report-decision';
  readonly by: PartyId;
  readonly report: string;
  readonly outcome: 'founded' | 'unfounded';
}

/** Codes given out: at most 10,000 identifiers of one product and lot, or containers. */
export interface IssueFact {
  readonly kind: 'issue';
  readonly by: PartyId;
  readonly batch: string;
  /** Absent when the codes are of containers. */
  readonly gtin?: string;
  readonly lot?: string;
  readonly kid: string;
  /** Who chose the serials; check characters are tested only on ours. */
  readonly serials: 'ours' | 'own';
  /** Of the units, as planned by whoever ordered the codes: an RFC 3339 full-date. Their production is an event. */
  readonly productionDate?: string;
  readonly epcs: readonly Epc[];
}

/** On what legal ground something is ordered and under which number; the officer's name is personal data, beside it. */
export interface Authority {
  readonly ground: string;
  readonly number: string;
  /** Of what was recorded before the name stood beside: it stays as it was recorded. */
  readonly officer?: string;
}

/** What is stopped, recalled or followed, from this entry on until a release (order.ts). */
export interface OrderFact extends Authority {
  readonly kind: 'order';
  readonly by: PartyId;
  readonly id: string;
  readonly type: OrderType;
  readonly reason: string;
  /** What people with such a thing should do, for everybody to read. */
  readonly notice?: { readonly zh: string; readonly en?: string };
  /** By when holders must acknowledge it: RFC 3339, UTC. */
  readonly acknowledgeBy: string;
  readonly scope: OrderScope;
  readonly reach: Reach | null;
  /** What the log held when the scope was decided on: its size. */
  readonly asOf: number;
  /** Entry of the failed inspection that it follows from. */
  readonly result?: number;
}

/** An order is taken back whole. */
export interface OrderReleaseFact extends Authority {
  readonly kind: 'order-release';
  readonly by: PartyId;
  readonly order: string;
  readonly reason: string;
}

/** What was settled about an event that came in as EPCIS, when it came. */
export type Captured = {
  /** The role that its recorder acts in. */
  readonly as: Role;
  readonly delegation?: string;
  /** Parties that it names by numbers of theirs, `party/{id}`, where its own words say no party of this ledger. */
  readonly giver?: string;
  readonly taker?: string;
  /** Told of another's place, without a delegation between the two. */
  readonly reporter?: true;
  /** Company prefixes of its EPC URNs, by which they can be written again (gs1-translation.ts). */
  readonly prefixes?: readonly string[];
  /** What else of its spelling does not follow from its members (epcis-spelling.ts). */
  readonly spelling?: Spelling;
  /** SHA-256 over the bytes of the XML document that it came in, base64url. */
  readonly original?: string;
};

/** What the owner of a GTIN says stands elsewhere about its product, lot or unit (links.ts). */
export interface LinkFact {
  readonly kind: 'link';
  readonly by: PartyId;
  readonly id: string;
  readonly gtin: string;
  /** Canonical path of the product, lot or unit. */
  readonly anchor: string;
  readonly linkType: string;
  readonly href: string;
  readonly title: { readonly zh: string; readonly en?: string };
  readonly language?: string;
  readonly mediaType: string;
  readonly context?: string;
  readonly revoked: boolean;
}

/**
 * The personal data of these entries is gone: value and salt of their member `private` were deleted with this entry. The hash
 * of it stays, so that all else of those entries is as provable as before.
 */
export interface ErasureFact {
  readonly kind: 'erasure';
  readonly by: PartyId;
  /** Distinct, rising. */
  readonly entries: readonly number[];
  /** The law that asks for it, as in 个人信息保护法第四十七条 or GDPR Article 17. */
  readonly ground: string;
  /** Of the request or case, in the words of whoever erases; names no person. */
  readonly number?: string;
}

/**
 * A regulator's officer asks to read beyond its jurisdiction (mandate.ts); the officer's name is personal data, beside it. The
 * client by which it was asked names no person, and shows that another approved it.
 */
export interface MandateFact extends MandateScope {
  readonly kind: 'mandate';
  readonly by: PartyId;
  readonly id: string;
  readonly client: string;
  /** Legal number of the case. */
  readonly number: string;
  readonly ground: string;
  /** The last moment: RFC 3339, UTC. */
  readonly until: string;
}

/** A second officer approves or refuses a mandate; the name is personal data, beside it. */
export interface MandateDecisionFact {
  readonly kind: 'mandate-decision';
  readonly by: PartyId;
  readonly client: string;
  readonly mandate: string;
  readonly outcome: 'approved' | 'refused';
  readonly reason?: string;
}

/** A mandate is over before its time: by the authority itself, or by the operator. */
export interface MandateEndFact {
  readonly kind: 'mandate-end';
  readonly by: PartyId;
  readonly client: string;
  readonly mandate: string;
  readonly reason?: string;
}

/** A holder says that it knows of an order. */
export interface OrderAcknowledgementFact {
  readonly kind: 'order-acknowledgement';
  readonly by: PartyId;
  readonly order: string;
  readonly note?: string;
}

/** What a party says of a place, class or party beside its events (epcis-vocabulary.ts): its claim, in no register. */
export interface VocabularyFact {
  readonly kind: 'vocabulary';
  readonly by: PartyId;
  /** Kind of thing: a URI. */
  readonly vocabulary: string;
  /** The thing: a canonical identifier, or another URI. */
  readonly name: string;
  readonly attributes: readonly VocabularyAttribute[];
  readonly children: readonly string[];
  readonly '@context'?: Readonly<Record<string, string>>;
  /** SHA-256 over the bytes of the XML document that it came in, base64url. */
  readonly original?: string;
}

/** An EPCIS 2.0 event; hop-event.ts writes its members and event-record.ts reads them, claim.ts those by which its recorder signed. */
export interface EventFact {
  readonly kind: 'event';
  readonly by: PartyId;
  readonly type: string;
  readonly eventID: string;
  readonly captured?: Captured;
  readonly claim?: JsonObject;
  readonly claimKey?: string;
  readonly claimSignature?: string;
  readonly [member: string]: unknown;
}

export type Fact =
  | GenesisFact
  | PolicyFact
  | PartyFact
  | PlaceFact
  | GtinFact
  | ProductFact
  | DelegationFact
  | CertificateFact
  | ClientFact
  | KeyFact
  | HeadsFact
  | DecisionFact
  | ReportDecisionFact
  | IssueFact
  | OrderFact
  | OrderReleaseFact
  | ErasureFact
  | MandateFact
  | MandateDecisionFact
  | MandateEndFact
  | OrderAcknowledgementFact
  | LinkFact
  | VocabularyFact
  | EventFact;
export type FactKind = Fact['kind'];
export type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;

/** Kinds that anybody may read at `/log/payload/<seq>`. */
export const publicKinds: readonly FactKind[] = ['genesis', 'key', 'heads'];

/** Where the identifiers of each member stand in an event. */
const positionOf: Readonly<Record<string, Position>> = {
  epcList: 'epc',
  epcs: 'epc',
  parentID: 'parent',
  childEPCs: 'child',
  inputEPCList: 'input',
  outputEPCList: 'output',
  quantityList: 'quantity',
  childQuantityList: 'child',
  inputQuantityList: 'input',
  outputQuantityList: 'output',
};

/** The members that name identifiers: all that `namedIdentifiers` looks at, beside the kind. */
export const namingMembers: ReadonlySet<string> = new Set(Object.keys(positionOf));

/** An identifier that a fact names, and where: as index into `positions`. */
export interface Named {
  readonly epc: string;
  readonly position: number;
}

/**
 * The distinct union of the identifiers in the EPC lists, `parentID` and quantity lists of a fact, sorted by
 * code points; an identifier that stands in several lists counts where it stands first in `positions`.
 */
export const namedIdentifiers = (fact: Fact): Named[] => identifiersIn(fact.kind, factJson(fact));

/** The same of a fact of which no more is at hand than its kind and its members of `namingMembers`. */
export function identifiersIn(kind: string, members: Readonly<Record<string, unknown>>): Named[] {
  if (kind !== 'event' && kind !== 'issue') return [];
  const found = new Map<string, number>();
  const add = (epc: unknown, member: string): void => {
    const name = positionOf[member];
    if (typeof epc !== 'string' || name === undefined)
      throw new Error(`${member} names something unreadable`);
    const position = positions.indexOf(name);
    const before = found.get(epc);
    if (before === undefined || position < before) found.set(epc, position);
  };
  for (const name of epcListNames) for (const epc of listOf(members[name])) add(epc, name);
  if (members.parentID !== undefined) add(members.parentID, 'parentID');
  for (const name of quantityLists)
    for (const item of listOf(members[name])) add(isObject(item) ? item.epcClass : undefined, name);
  // Identifiers are ASCII, so the default order is that of code points.
  return [...found.keys()].sort().map((epc) => ({ epc, position: found.get(epc) ?? 0 }));
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A fact as the JSON object that it is; `canonical` throws on what JSON cannot hold. */
export const factJson = (fact: Fact): JsonObject => fact as object as JsonObject;

/** A fact read back from its canonical text. The ledger only ever stores what `append` was given. */
export function parseFact(payload: string): Fact {
  const fact: Fact = JSON.parse(payload);
  return fact;
}

/** The same for the JSON of a list of facts. */
export function parseFacts(json: string): Fact[] {
  const facts: Fact[] = JSON.parse(json);
  return facts;
}

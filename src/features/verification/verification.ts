/**
 * The answer to "what is known of this code?", put together from what was read. What a code that was not verified
 * claims is never shown as if it were known: of a forged or an unknown one the answer is the verdict and its reasons.
 */

import { dateOf, endOf, monthOf, monthsAfter } from '../../core/china-dates.ts';
import type { ParsedCode } from '../../core/codes/code.ts';
import { type KeyStanding, standingOfKey } from '../../core/codes/trust-list.ts';
import {
  type HostState,
  judge,
  type KeyState,
  type Reason,
  type SignatureState,
  type Verdict,
  type Words,
} from '../../core/codes/verdict.ts';
import type { HopRecord, HopType, PartyId } from '../../core/events/hop.ts';
import { elementString } from '../../core/gs1/identifiers.ts';
import type { Step } from '../../core/life/history.ts';
import type { Life } from '../../core/life/lifecycle.ts';
import type { PartyFact, ProductFact } from '../../core/log/fact.ts';
import { type BlockingType, isBlocking } from '../../core/orders/order.ts';
import { factsOf } from '../certificates/queries.ts';
import { certifiedOn, stateOn } from '../certificates/validity.ts';
import type { EffectiveOrder } from '../orders/effective.ts';
import type { Policies } from '../policies/policies.ts';
import type { PublicData } from './public-data.ts';
import type { Entry, Found } from './queries.ts';

/** What was read about one code. */
export interface Told {
  /** null where no entry of the log names it. */
  readonly found: Found | null;
  /** That the code was issued, or, of a lot whose own code was not, the first of its units. */
  readonly issued:
    | (Entry & {
        readonly kid: string;
        readonly gtin: string | null;
        readonly issuer: PartyId | null;
        readonly issuedAt: number;
      })
    | null;
  /** Without what strangers claim. */
  readonly life: Life;
  /** Those that tell it, in no order. */
  readonly steps: readonly Step[];
  /** Orders in force about it. */
  readonly orders: readonly EffectiveOrder[];
  readonly data: PublicData;
}

/** An order as everybody may see it: whose it is and what to do, and nothing of who trades in the thing. */
export interface ShownOrder {
  readonly id: string;
  readonly type: BlockingType;
  readonly number: string;
  readonly issuer: { readonly name: string; readonly nameEn: string | null } | null;
  readonly since: string;
  readonly notice: Words | null;
}

export interface JourneyStep {
  readonly step: HopType;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly region: Words | null;
}

export type CertificateState = 'valid' | 'suspended' | 'withdrawn' | 'expired';

export interface ShownEntry {
  readonly seq: number;
  /** base64url. */
  readonly leaf: string;
}

export interface Verification {
  /** As sent. */
  readonly code: string;
  readonly epc: string;
  readonly elementString: string;
  readonly verdict: Verdict;
  readonly sentence: Words;
  readonly reasons: readonly Reason[];
  readonly orders: readonly ShownOrder[];
  readonly product: {
    readonly gtin: string;
    readonly name: string;
    readonly nameEn: string | null;
    readonly model: string;
    readonly category: ({ readonly key: string } & Words) | null;
  } | null;
  readonly manufacturer: {
    readonly name: string;
    readonly nameEn: string | null;
    readonly region: Words | null;
  } | null;
  readonly lot: string | null;
  readonly productionDate: string | null;
  readonly certificate: {
    readonly number: string;
    readonly body: string | null;
    readonly state: CertificateState;
    readonly validUntil: string;
  } | null;
  /** Whether one on record was valid when it was made; null where that cannot be said. */
  readonly certifiedWhenMade: boolean | null;
  readonly journey: readonly JourneyStep[] | null;
  readonly scans: { readonly count: number; readonly firstAt: string | null } | null;
  readonly dueDates: { readonly service: string | null; readonly life: string | null } | null;
  readonly proof: { readonly issued: ShownEntry; readonly last: ShownEntry } | null;
  /** The host printed beside our codes. */
  readonly host: string;
  readonly checkedAt: string;
}

/** What of the policies is shown. */
export type Names = Pick<Policies, 'category' | 'regionName'>;

export interface Circumstances {
  /** As sent. */
  readonly text: string;
  readonly code: ParsedCode;
  /** null when there was none to check, or no key to check it with. */
  readonly signatureGood: boolean | null;
  /** Host of our codes, and that of the ledger's genesis. */
  readonly hosts: readonly string[];
  readonly host: string;
  readonly policies: Names;
  /** ms since the epoch. */
  readonly now: number;
}

const keyStates: Readonly<Record<KeyStanding, KeyState>> = {
  active: 'active',
  retired: 'retired',
  'compromised-before': 'leaked-later',
  'compromised-after': 'leaked',
  foreign: 'foreign',
  unknown: 'unknown',
};

/** Steps of a public journey: what happened to the thing, not how it was packed or what was written wrong. */
const hidden: ReadonlySet<HopType> = new Set<HopType>(['pack', 'unpack', 'cancel', 'correct', 'void']);

export function verificationOf(told: Told, about: Circumstances): Verification {
  const { data, life, found } = told;
  const { code, now, policies } = about;
  const signature = signatureOf(about);
  const issued = issuedAs(told, code);
  const gtin = 'gtin' in code.identifier ? code.identifier.gtin : null;
  const standing = keyStateOf(told, about, gtin, issued);
  const product = gtin === null ? undefined : data.product(gtin);
  const maker = makerOf(told);
  const certificate = gtin === null ? null : certificateOf(data, gtin, now);
  const produced = life.state.produced === null ? null : dateOf(life.state.produced.from);
  const lifeEnd =
    produced === null || product?.serviceLifeMonths === undefined
      ? null
      : monthsAfter(produced, product.serviceLifeMonths);
  const judgement = judge({
    signature,
    key: standing,
    host: hostOf(about),
    issued: issued !== null,
    life,
    orders: told.orders.map(({ fact }) => fact.type).filter(isBlocking),
    now,
    expiresAt: lifeEnd === null ? null : endOf(lifeEnd),
    makerVerified: gtin === null ? maker !== undefined : told.issued?.issuer != null,
    certificate: certificate?.state ?? null,
    maker: maker === undefined ? null : { zh: maker.name, en: maker.nameEn ?? maker.name },
  });
  const trusted = judgement.verdict !== 'forged' && judgement.verdict !== 'unknown';
  const known =
    issued === null || !trusted
      ? nothingKnown
      : {
          orders: ordersOf(told),
          product: productOf(product, policies),
          manufacturer: manufacturerOf(maker, policies),
          lot: lotOf(told, code),
          productionDate: produced,
          certificate,
          certifiedWhenMade:
            product === undefined
              ? null
              : certifiedOn(data.certificates(product.gtin).map(factsOf), produced),
          journey: signature === 'valid' ? journeyOf(told, policies) : null,
          scans: scansOf(found),
          dueDates: {
            service: life.state.nextDue === null ? null : dateOf(life.state.nextDue.at),
            life: lifeEnd,
          },
          proof: { issued: shown(issued), last: shown(found?.last ?? issued) },
        };
  // Member by member: this is made for every scan, and spreading objects costs several times as much.
  return {
    code: about.text,
    epc: code.epc,
    elementString: elementString(code.identifier),
    verdict: judgement.verdict,
    sentence: judgement.sentence,
    reasons: judgement.reasons,
    orders: known.orders,
    product: known.product,
    manufacturer: known.manufacturer,
    lot: known.lot,
    productionDate: known.productionDate,
    certificate: known.certificate,
    certifiedWhenMade: known.certifiedWhenMade,
    journey: known.journey,
    scans: known.scans,
    dueDates: known.dueDates,
    proof: known.proof,
    host: about.host,
    checkedAt: new Date(now).toISOString(),
  };
}

function productOf(product: ProductFact | undefined, policies: Names): Verification['product'] {
  if (product === undefined) return null;
  const category = policies.category(product.category);
  return {
    gtin: product.gtin,
    name: product.name,
    nameEn: product.nameEn ?? null,
    model: product.model,
    category: category && { key: product.category, zh: category.zh, en: category.en },
  };
}

function manufacturerOf(maker: PartyFact | undefined, policies: Names): Verification['manufacturer'] {
  if (maker === undefined) return null;
  return {
    name: maker.name,
    nameEn: maker.nameEn ?? null,
    region: maker.region === undefined ? null : policies.regionName(maker.region),
  };
}

/** Newest first, so that a page that shows a few shows those. */
const ordersOf = ({ orders, data }: Told): ShownOrder[] =>
  orders
    .flatMap(({ fact: { id, type, number, by, notice }, at }): ShownOrder[] => {
      if (!isBlocking(type)) return [];
      const party = data.party(by);
      return [
        {
          id,
          type,
          number,
          issuer: party === undefined ? null : { name: party.name, nameEn: party.nameEn ?? null },
          since: new Date(at).toISOString(),
          notice: notice === undefined ? null : { zh: notice.zh, en: notice.en ?? notice.zh },
        },
      ];
    })
    .reverse();

function scansOf(found: Found | null): Verification['scans'] {
  if (found === null) return null;
  const { count, firstAt } = found.scans;
  return { count, firstAt: firstAt === null ? null : new Date(firstAt).toISOString() };
}

const nothingKnown = {
  orders: [],
  product: null,
  manufacturer: null,
  lot: null,
  productionDate: null,
  certificate: null,
  certifiedWhenMade: null,
  journey: null,
  scans: null,
  dueDates: null,
  proof: null,
} as const;

const signatureOf = ({ code, signatureGood }: Circumstances): SignatureState => {
  if (code.signed === null) return 'none';
  if (signatureGood === null) return 'unverifiable';
  return signatureGood ? 'valid' : 'invalid';
};

/** Whoever had no key to check the signature with says so, though the key may have become known a moment later. */
function keyStateOf(
  { data }: Told,
  { code: { signed }, signatureGood }: Circumstances,
  gtin: string | null,
  issued: Told['issued'],
): KeyState {
  if (signed === null) return 'none';
  if (signatureGood === null) return 'unknown';
  const key = data.key(signed.kid);
  // No product number says whose a container is: who had its number issued does.
  const issuer = gtin === null && issued !== null ? data.key(issued.kid)?.party : undefined;
  if (issuer !== undefined && key?.party !== issuer) return 'foreign';
  return keyStates[standingOfKey(key?.trusted, gtin, issued?.seq ?? null, key?.cosigned ?? 0)];
}

/** A signed code must have been issued itself; the number of a lot is known by its units as well. */
const issuedAs = ({ found, issued }: Told, { signed }: ParsedCode): Told['issued'] =>
  signed === null ? issued : (found?.issued ?? null);

export function hostOf({ code, hosts }: Pick<Circumstances, 'code' | 'hosts'>): HostState {
  if (code.host === null) return 'none';
  const host = code.host.replace(code.scheme === 'http' ? /:80$/ : /:443$/, '');
  return hosts.some((ours) => ours.toLowerCase() === host) ? 'ours' : 'foreign';
}

/** Whose code it is: the vetted owner of the GTIN; of a container, whoever's key signed it. */
function makerOf({ issued, data }: Told): PartyFact | undefined {
  if (issued === null) return undefined;
  if (issued.issuer !== null) return data.party(issued.issuer);
  const party = data.key(issued.kid)?.party;
  return party === undefined ? undefined : data.party(party);
}

const shown = ({ seq, leaf }: Entry): ShownEntry => ({ seq, leaf: leaf.toString('base64url') });

function lotOf({ found }: Told, { identifier }: ParsedCode): string | null {
  if (identifier.type === 'lot') return identifier.lot;
  const lot = found?.issued?.lot ?? null;
  return lot === null ? null : decodeURIComponent(lot.slice(lot.lastIndexOf('/') + 1));
}

/** The certificate to show: one in force if there is any, else the newest. */
function certificateOf(data: PublicData, gtin: string, now: number): Verification['certificate'] {
  const today = dateOf(now);
  const begun = data.certificates(gtin).flatMap((versions) => {
    const state = stateOn(factsOf(versions), today);
    const [{ fact }] = versions;
    return state === 'not-yet' || fact.validFrom > today ? [] : [{ fact, state }];
  });
  const of = begun.find(({ state }) => state === 'valid') ?? begun[0];
  if (of === undefined) return null;
  const { number, issuer, validUntil } = of.fact;
  return { number, body: data.party(issuer)?.name ?? null, state: of.state, validUntil };
}

/** What parties with standing say happened, when and in which prefecture: no partner, no person, no address. */
function journeyOf({ life, steps: told, data }: Told, policies: Names): JourneyStep[] {
  const hops = new Map(told.map(({ hop }) => [hop.seq, hop]));
  const steps: JourneyStep[] = [];
  for (const { seq, standing } of life.claims) {
    const hop = hops.get(seq);
    if (hop === undefined || standing === 'stranger' || hidden.has(hop.hop)) continue;
    const step = { step: hop.hop, month: monthOf(hop.until), region: regionOf(hop, data, policies) };
    const before = steps.at(-1);
    if (before?.step === step.step && before.month === step.month && before.region?.zh === step.region?.zh)
      continue;
    steps.push(step);
  }
  return steps;
}

function regionOf(hop: HopRecord, data: PublicData, policies: Names): Words | null {
  const place = hop.place === null ? undefined : data.place(hop.place);
  const code = place?.region ?? data.party(hop.recorder)?.region;
  return code === undefined ? null : policies.regionName(code, 'prefecture');
}

/**
 * In what quality a party speaks of a thing, and whether its word moves the thing.
 *
 *   holder        has it by the record (before production: whose code it is)
 *   delegate      acts for the holder: by delegation of such acts, or as an installer or maintenance firm on things in use whose
 *                 user cannot say so itself
 *   counterparty  connected by the record: named as taker of a shipment, or had it before
 *   authority     regulator, laboratory or certification body that inspects, holds, seizes or lifts
 *   stranger      nobody the record knows of: the claim is kept and never changes state or verdict
 *
 * A word moves the thing if its speaker has it, acts for who has it, is next in line, or has the power by office.
 * A counterparty that is none of these can contradict, but not move. Who reports from another's place that things left it,
 * and does not have them by the record, neither moves nor contradicts: it was not its act. Who holds goods by a shipment to a party
 * without an account is presumed (nobody else can say so); from there, a receipt that names it is believed.
 */

import { type HopType, type PartyId, type Role, reportsGiving } from '../events/hop.ts';
import { half, isProduction, type Step } from './history.ts';
import {
  hasMandated,
  isMandated,
  type LifecycleContext,
  type LifecycleState,
  type Link,
  type Standing,
} from './lifecycle-state.ts';

/** `arrives`: believed, and it shows that the open shipment had arrived without saying so. */
export type Effect = 'full' | 'arrives' | 'none';
export interface Power {
  readonly standing: Standing;
  readonly effect: Effect;
}

/** Those who act by their office. */
export const officialRoles = ['regulator', 'laboratory', 'certification-body'] as const satisfies Role[];
const officials: ReadonlySet<Role> = new Set<Role>(officialRoles);
const officialActs: ReadonlySet<HopType> = new Set<HopType>(['inspect', 'hold', 'seize', 'lift']);
const serviceRoles: ReadonlySet<Role> = new Set<Role>(['installer', 'maintenance-firm']);
const serviceActs: ReadonlySet<HopType> = new Set<HopType>([
  'install',
  'remove',
  'replace',
  'inspect',
  'maintain',
  'refill',
  'scrap',
]);
/** What only somebody who has the thing can do. */
export const custodyActs: ReadonlySet<HopType> = new Set<HopType>([
  'ship',
  'return',
  'sell',
  'pack',
  'unpack',
  'install',
  'remove',
  'replace',
  'transform',
  'split',
  'scrap',
  'destroy',
  'relabel',
]);

export const isOfficial = (role: Role): boolean => officials.has(role);
/** Whether a hop is one that its recorder may do by office, whoever has the goods. */
export const actsByOffice = ({ hop, as }: { readonly hop: HopType; readonly as: Role }): boolean =>
  isOfficial(as) && officialActs.has(hop);

const power = (standing: Standing, effect: Effect): Power => ({ standing, effect });
const asHolder = power('holder', 'full');
const asDelegate = power('delegate', 'full');
const asAuthority = power('authority', 'full');
const nextInLine = power('counterparty', 'full');
const arrives = power('counterparty', 'arrives');
const contradicts = power('counterparty', 'none');
const asStranger = power('stranger', 'none');

/** Whether a party had no account when this was recorded. */
export const isStub = (party: PartyId | null, recordedAt: number, context: LifecycleContext): boolean =>
  party !== null && (context.stubUntil.get(party) ?? Number.NEGATIVE_INFINITY) > recordedAt;

/** Whether the recorder of a step acts for a party, or has given the party acts of its own. */
export function actTogether(party: PartyId | null, { hop }: Step, context: LifecycleContext): boolean {
  if (party === null || context.delegates.size === 0) return false;
  return isMandated(context, party, hop.recorder, hop) || hasMandated(context, hop.recorder, party, hop);
}

export const linkOf = (state: LifecycleState, party: PartyId): Link | undefined => state.chain.get(party);

/** Standing and effect of a step's recorder, in the state before it. */
export function powerOf(state: LifecycleState, step: Step, context: LifecycleContext): Power {
  const { hop } = step;
  const who = hop.recorder;
  if (officials.has(hop.as)) {
    if (officialActs.has(hop.hop)) return asAuthority;
    if (hop.hop === 'destroy' && state.blocks.some((b) => b.by === who)) return asAuthority;
  }
  if (state.holder === who) return asHolder;
  const forHolder = actTogether(state.holder, step, context);
  if (forHolder) return asDelegate;
  const forIssuer =
    who === context.issuer ? asHolder : actTogether(context.issuer, step, context) ? asDelegate : null;
  if (state.holder === null && state.since === null) {
    if (forIssuer) return forIssuer;
    // A thing never issued here has no owner to ask: its history starts with whoever tells it first.
    if (context.issuer === null && state.chain.size === 0 && !reportsGiving(hop)) return asHolder;
  }
  if (reportsGiving(hop)) return linkOf(state, who) === undefined ? asStranger : contradicts;
  const isMakers = isProduction(hop, step.position) || hop.hop === 'release' || hop.hop === 'hold';
  if (forIssuer && isMakers) return nextInLine;
  const taking = half(hop) === 'taking';
  const { open } = state;
  if (open !== null) {
    if (open.taker === who || actTogether(open.taker, step, context)) {
      return custodyActs.has(hop.hop) && !taking ? arrives : nextInLine;
    }
  }
  if (taking && hop.giver === state.holder && isStub(state.holder, hop.recordedAt, context))
    return nextInLine;
  if (state.inUse && serviceActs.has(hop.hop)) {
    if (serviceRoles.has(hop.as)) return asDelegate;
    if (hop.as === 'using-unit' && state.holder === null) return asDelegate;
  }
  if (step.orphanedBy !== null) return nextInLine;
  const link = linkOf(state, who);
  if (hop.hop === 'lift' && state.blocks.some((b) => b.by === who)) return nextInLine;
  if (link === undefined) return asStranger;
  if (taking && isTakingBack(state, step)) return nextInLine;
  if (hop.hop === 'cancel' && cancelsPresumed(state, step, link, context)) return nextInLine;
  return contradicts;
}

/** Goods that come back: shipped to nobody named, sold at retail, or returned by a holder whose own half may be missing. */
function isTakingBack(state: LifecycleState, { hop }: Step): boolean {
  if (state.stage === 'sold' && state.holder === null) return true;
  if (state.open !== null) return state.open.taker === null && hop.giver === state.open.giver;
  return hop.hop === 'return' && hop.giver !== null && hop.giver === state.holder;
}

/** A cancelled shipment to a party without an account, which could not have received it. */
const cancelsPresumed = (
  state: LifecycleState,
  { hop }: Step,
  link: Link,
  context: LifecycleContext,
): boolean =>
  link.parted !== null &&
  link.parted === state.since &&
  (hop.target === null || hop.target === link.parted) &&
  isStub(state.holder, hop.recordedAt, context);

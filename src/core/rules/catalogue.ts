/**
 * Every rule by which findings are made: what it says, how grave that is, what is likely behind it, and what it rests
 * on. A rule stands here only if it is wired to data.
 *
 * A change of what a rule finds is a new version of it, and comes with a migration that empties what followers derived
 * by the old one: they derive it again from the log.
 */
import { rules as lifecycleRules } from '../life/contradictions.ts';
import { agentRules } from './agent-beyond-purchases.ts';
import { certificateRules } from './certificate-scope.ts';
import { certifierRules } from './certified-goods-fail.ts';
import { burstRules } from './complaint-burst.ts';
import { listedFirmRules } from './listed-firms.ts';
import { makingRules } from './made-of-too-little.ts';
import { orderRules } from './moved-under-order.ts';
import { productionRules } from './never-produced.ts';
import { territoryRules } from './out-of-territory.ts';
import { passRateRules } from './pass-rate-above-peers.ts';
import { passRules } from './passed-then-failed.ts';
import { bestBeforeRules } from './past-best-before.ts';
import { serviceLifeRules } from './past-service-life.ts';
import { refillRules } from './refill-capacity.ts';
import { failureRules } from './repeat-failure.ts';
import { reportRules } from './report-before-sample.ts';
import { reportedRules } from './reported.ts';
import type { Basis, Family, FoundBy, RuleDefinition } from './rule.ts';
import { scanCountRules } from './scan-counts.ts';
import { scanPlaceRules } from './scan-places.ts';
import { serviceRules } from './service-overdue.ts';
import { transitRules } from './slow-transit.ts';
import { strayScanRules } from './stray-scans.ts';
import { standardRules } from './superseded-standard.ts';
import { travelRules } from './travel.ts';

type LifecycleRule = keyof typeof lifecycleRules;

const familyOf: Readonly<Record<LifecycleRule, Family>> = {
  'receipt-without-shipment': 'chain',
  'withdrawn-after-receipt': 'chain',
  'cancelled-not-shipped': 'chain',
  'received-differently': 'chain',
  'ship-by-non-holder': 'chain',
  'handled-by-non-holder': 'chain',
  'double-sale': 'chain',
  'two-containers-at-once': 'life',
  'event-after-scrap': 'life',
  'event-before-production': 'life',
  'produced-twice': 'life',
  'certificate-not-valid-at-production': 'certificate',
  'moved-while-blocked': 'life',
  'lot-quantity-exceeded': 'quantity',
  'measured-in-another-kind': 'quantity',
  'implied-unpack': 'life',
  'implied-receipt': 'chain',
  'lift-without-power': 'life',
  'stranger-claim': 'chain',
  'user-without-seller': 'chain',
  'production-beyond-codes': 'quantity',
};

const ofLifecycle = Object.fromEntries(
  Object.entries(lifecycleRules).map(([name, words]): [string, RuleDefinition] => [
    name,
    { version: 1, family: familyOf[name as LifecycleRule], basis: 'log', thresholds: [], ...words },
  ]),
) as Record<LifecycleRule, RuleDefinition>;

/** Every rule by name. */
export const catalogue = {
  ...ofLifecycle,
  ...transitRules,
  ...productionRules,
  ...serviceLifeRules,
  ...bestBeforeRules,
  ...serviceRules,
  ...certificateRules,
  ...travelRules,
  ...orderRules,
  ...standardRules,
  ...listedFirmRules,
  ...reportRules,
  ...failureRules,
  ...passRules,
  ...passRateRules,
  ...certifierRules,
  ...refillRules,
  ...agentRules,
  ...territoryRules,
  ...makingRules,
  ...scanPlaceRules,
  ...scanCountRules,
  ...strayScanRules,
  ...reportedRules,
  ...burstRules,
} satisfies Record<string, RuleDefinition>;

export type RuleName = keyof typeof catalogue;
export const ruleNames = Object.keys(catalogue).filter((name): name is RuleName => name in catalogue);

/** The rules that rest on this. */
export const rulesOn = (basis: Basis): RuleName[] =>
  ruleNames.filter((name) => catalogue[name].basis === basis);

/** What any rule finds. */
export type Found = FoundBy<RuleName>;

/** Every rule that looks at one thing, beside those of its lifecycle (contradictions.ts). */
import { agentBeyondPurchases } from './agent-beyond-purchases.ts';
import { cancelledNotShipped } from './cancelled-not-shipped.ts';
import type { Found } from './catalogue.ts';
import { certificateScope } from './certificate-scope.ts';
import { certifiedGoodsFail } from './certified-goods-fail.ts';
import { certifiedOutsideScope, unlistedActs } from './listed-firms.ts';
import { madeOfTooLittle } from './made-of-too-little.ts';
import { movedUnderOrder } from './moved-under-order.ts';
import { outOfNowhere } from './never-produced.ts';
import { outOfTerritory } from './out-of-territory.ts';
import { passRateAbovePeers } from './pass-rate-above-peers.ts';
import { passedThenFailed } from './passed-then-failed.ts';
import { pastBestBefore } from './past-best-before.ts';
import { pastServiceLife } from './past-service-life.ts';
import { refillsBeyondCapacity } from './refill-capacity.ts';
import { failedSample, repeatFailure } from './repeat-failure.ts';
import { reportBeforeSample } from './report-before-sample.ts';
import { serviceOverdue } from './service-overdue.ts';
import { neverArrived, slowTransit } from './slow-transit.ts';
import { supersededStandard } from './superseded-standard.ts';
import type { Goods, Thing } from './thing.ts';
import { impossibleTravel } from './travel.ts';

const rulesOfGoods: readonly ((goods: Goods) => readonly Found[])[] = [
  movedUnderOrder,
  unlistedActs,
  reportBeforeSample,
  failedSample,
  repeatFailure,
  passedThenFailed,
  passRateAbovePeers,
  certifiedGoodsFail,
  refillsBeyondCapacity,
  agentBeyondPurchases,
  outOfTerritory,
  pastBestBefore,
  madeOfTooLittle,
];

const rules: readonly ((thing: Thing) => readonly Found[])[] = [
  impossibleTravel,
  slowTransit,
  neverArrived,
  outOfNowhere,
  cancelledNotShipped,
  pastServiceLife,
  serviceOverdue,
  certificateScope,
  supersededStandard,
  certifiedOutsideScope,
  ...rulesOfGoods,
];

/** What is found in goods by measure, beside what their balances contradict. */
export const foundInGoods = (goods: Goods): Found[] => rulesOfGoods.flatMap((rule) => rule(goods));

/** What is found in a thing. */
export const foundIn = (thing: Thing): Found[] => rules.flatMap((rule) => rule(thing));

/** The projections of all features, in no particular order: each is a function of the log alone. */
import type { Projection } from '../ledger/projection.ts';
import type { FollowerProjection } from '../ledger/rebuild.ts';
import { clientsProjection } from './access/projection.ts';
import { decisionsProjection } from './cases/projection.ts';
import { certificatesProjection } from './certificates/projection.ts';
import { issuesProjection } from './codes/projection.ts';
import { delegationsProjection } from './delegations/projection.ts';
import { usedProjection } from './epcis/used-projection.ts';
import { vocabulariesProjection } from './epcis/vocabulary-projection.ts';
import { erasuresProjection } from './erasures/projection.ts';
import { eventsProjection } from './events/projection.ts';
import { findingsProjection } from './findings/follower.ts';
import { keysProjection } from './keys/projection.ts';
import { linksProjection } from './links/projection.ts';
import { headsProjection } from './log/projection.ts';
import { mandatesProjection } from './mandates/projection.ts';
import { ordersProjection } from './orders/projection.ts';
import { ownersProjection } from './owners.ts';
import { partiesProjection } from './parties/projection.ts';
import { placesProjection } from './places/projection.ts';
import { policiesProjection } from './policies/projection.ts';
import { productsProjection } from './products/projection.ts';
import { reportDecisionsProjection } from './reports/projection.ts';

export const projections: readonly Projection[] = [
  eventsProjection,
  issuesProjection,
  keysProjection,
  headsProjection,
  erasuresProjection,
  linksProjection,
  vocabulariesProjection,
  usedProjection,
  policiesProjection,
  clientsProjection,
  certificatesProjection,
  delegationsProjection,
  ordersProjection,
  mandatesProjection,
  ownersProjection,
  partiesProjection,
  placesProjection,
  productsProjection,
  decisionsProjection,
  reportDecisionsProjection,
];

/** Those that followers write behind the head, for `suyuan rebuild`. */
export const followerProjections: readonly FollowerProjection[] = [findingsProjection()];

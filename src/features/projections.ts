/** The projections of all features, in no particular order: each is a function of the log alone. */
import type { Projection } from '../ledger/projection.ts';
import { issuesProjection } from './codes/projection.ts';
import { eventsProjection } from './events/projection.ts';
import { keysProjection } from './keys/projection.ts';
import { policiesProjection } from './policies/projection.ts';

export const projections: readonly Projection[] = [
  eventsProjection,
  issuesProjection,
  keysProjection,
  policiesProjection,
];

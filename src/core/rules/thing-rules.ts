/** Every rule that looks at one thing, beside those of its lifecycle (contradictions.ts). */
import type { Found } from './catalogue.ts';
import { certificateScope } from './certificate-scope.ts';
import { movedUnderOrder } from './moved-under-order.ts';
import { neverProduced } from './never-produced.ts';
import { pastServiceLife } from './past-service-life.ts';
import { slowTransit } from './slow-transit.ts';
import type { Thing } from './thing.ts';
import { impossibleTravel } from './travel.ts';

const rules: readonly ((thing: Thing) => readonly Found[])[] = [
  impossibleTravel,
  slowTransit,
  neverProduced,
  pastServiceLife,
  certificateScope,
  movedUnderOrder,
];

/** What is found in a thing. */
export const foundIn = (thing: Thing): Found[] => rules.flatMap((rule) => rule(thing));

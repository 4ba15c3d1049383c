/** Every rule that rests on scans. */
import type { RuleName } from './catalogue.ts';
import type { ClueFound } from './clues.ts';
import {
  forgedCopies,
  scanAfterScrap,
  scanBeforeIssue,
  scanBeforeProduction,
  scanNeverProduced,
  scanVelocity,
} from './scan-counts.ts';
import { scanElsewhere, scanFarFromSale, scanTravel } from './scan-places.ts';
import type { ScannedThing } from './scans.ts';

const rules: readonly ((thing: ScannedThing) => readonly ClueFound<RuleName>[])[] = [
  scanTravel,
  scanElsewhere,
  scanFarFromSale,
  scanVelocity,
  scanBeforeIssue,
  scanBeforeProduction,
  scanNeverProduced,
  scanAfterScrap,
  forgedCopies,
];

/** What is found in the scans of a thing. */
export const foundInScans = (thing: ScannedThing): ClueFound<RuleName>[] =>
  rules.flatMap((rule) => rule(thing));

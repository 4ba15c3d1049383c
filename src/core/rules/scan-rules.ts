/** Every rule that rests on scans. */
import type { RuleName } from './catalogue.ts';
import { forgedCopies, scanBeforeProduction, scanVelocity } from './scan-counts.ts';
import { scanFarFromSale, scanTravel } from './scan-places.ts';
import type { ScanFound, ScannedThing } from './scans.ts';

const rules: readonly ((thing: ScannedThing) => readonly ScanFound<RuleName>[])[] = [
  scanTravel,
  scanFarFromSale,
  scanVelocity,
  scanBeforeProduction,
  forgedCopies,
];

/** What is found in the scans of a thing. */
export const foundInScans = (thing: ScannedThing): ScanFound<RuleName>[] =>
  rules.flatMap((rule) => rule(thing));

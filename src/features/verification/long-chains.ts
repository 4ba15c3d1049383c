/**
 * Long histories of things that are verified, kept in memory. What was recorded never changes, so that of a thing of which
 * very much is told only what is new is read: else everybody who scans it has all of it read again, and one party that
 * tells thousands of claims about a thing, or that it put it into thousands of containers, keeps the service busy with it.
 */
import type { KeptChain, KeptChains } from '../events/chains.ts';
import { createKept } from './kept.ts';

/** Shorter ones are read as soon as found, … */
export const longMin = 500;
/** … unless they are so many: more than the things of any request, or one container around each of these. */
const manyMin = 2_000;
/** Steps of all together: some 100 MB. */
const stepsMax = 200_000;

export function createLongChains(): KeptChains {
  const kept = createKept<KeptChain>(({ steps }) => steps.length + 1, stepsMax);
  return {
    get: kept.get,
    keep(unit, chain, among) {
      if (chain.steps.length >= longMin || among >= manyMin) kept.keep(unit, chain);
    },
  };
}

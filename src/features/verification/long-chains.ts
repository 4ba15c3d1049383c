/**
 * Long histories of things that are verified, kept in memory. What was recorded never changes, so that of a thing of which
 * very much is told only what is new is read: else everybody who scans it has all of it read again, and one party that
 * tells thousands of claims about a thing keeps the service busy with it.
 */
import type { KeptChain, KeptChains } from '../events/chains.ts';

/** Shorter ones are read as soon as found. */
const stepsMin = 500;
/** Of all together: some 100 MB. */
const stepsMax = 200_000;

export function createLongChains(): KeptChains {
  const kept = new Map<number, KeptChain>();
  let steps = 0;

  function forget(unit: number): void {
    steps -= kept.get(unit)?.steps.length ?? 0;
    kept.delete(unit);
  }

  return {
    get: (unit) => kept.get(unit),
    keep(unit, chain) {
      forget(unit);
      if (chain.steps.length < stepsMin || chain.steps.length > stepsMax) return;
      kept.set(unit, chain);
      steps += chain.steps.length;
      // The one that was looked at longest ago goes first.
      for (const oldest of kept.keys()) {
        if (steps <= stepsMax) break;
        forget(oldest);
      }
    },
  };
}

/**
 * When a message that did not arrive is sent again: 5 s after the first failure, four times as long after each further
 * one, at most 4 hours; each wait times a random factor of 3/4 to 5/4, so that those who failed together do not come
 * back together. Three days after the first failure in a row nobody tries any more.
 *
 *   5 s, 20 s, 80 s, 5 min 20 s, 21 min 20 s, 1 h 25 min 20 s, 4 h, 4 h, …
 */
const firstMs = 5_000;
const factor = 4;
const longestMs = 4 * 3_600_000;

/** How long nothing may arrive before it is given up, ms. */
export const givenUpAfterMs = 3 * 86_400_000;

/** ms to wait after so many failures in a row, at least one; `random` is 0 ≤ random < 1. */
export const retryAfterMs = (failures: number, random: number): number =>
  Math.round(Math.min(firstMs * factor ** (failures - 1), longestMs) * (0.75 + random / 2));

/**
 * Slows down whoever guesses secrets. Failures count by client and address together, and by address alone (of IPv6 by
 * the 64 bits that a subscriber has whole); never by client alone, or a stranger could lock a client out from elsewhere. After the free failures each further one
 * doubles the wait, to five minutes at most; a quiet quarter of an hour forgets them. Kept in memory by each
 * process: what protects secrets is their 256 bits, this only saves work and shows up in the log.
 */
import { addressGroup } from '../../http/addresses.ts';

export interface Throttle {
  /** Seconds to wait before the next attempt; 0 when it may be made now. */
  wait(client: string, address: string): number;
  failed(client: string, address: string): void;
  succeeded(client: string, address: string): void;
}

const freeOfPair = 5;
const freeOfAddress = 50;
const waitMaxMs = 300_000;
const forgetMs = 900_000;
const keptMax = 20_000;

interface Failures {
  readonly count: number;
  readonly last: number;
}

export function createThrottle(now: () => number): Throttle {
  const kept = new Map<string, Failures>();
  const keys = (client: string, address: string) => {
    const group = addressGroup(address);
    return [
      [`${group} ${client}`, freeOfPair],
      [group, freeOfAddress],
    ] as const;
  };
  const failuresOf = (key: string): Failures | undefined => {
    const failures = kept.get(key);
    return failures !== undefined && now() - failures.last < forgetMs ? failures : undefined;
  };

  return {
    wait(client, address) {
      const waits = keys(client, address).map(([key, free]) => {
        const failures = failuresOf(key);
        if (failures === undefined || failures.count < free) return 0;
        const penalty = Math.min(1000 * 2 ** Math.min(failures.count - free, 20), waitMaxMs);
        return Math.ceil((failures.last + penalty - now()) / 1000);
      });
      return Math.max(0, ...waits);
    },

    failed(client, address) {
      for (const [key] of keys(client, address)) {
        const count = (failuresOf(key)?.count ?? 0) + 1;
        // Deleting first keeps the map in order of last failure, so that the oldest goes when it is full.
        kept.delete(key);
        kept.set(key, { count, last: now() });
      }
      for (const [oldest] of kept) {
        if (kept.size <= keptMax) break;
        kept.delete(oldest);
      }
    },

    succeeded(client, address) {
      kept.delete(`${addressGroup(address)} ${client}`);
    },
  };
}

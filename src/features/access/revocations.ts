/**
 * Clients whose tokens are dead before they expire: those that the log says were revoked.
 *
 * In the process that revokes, tokens die with the commit. Other processes look again every few seconds, when a
 * request comes: that is how long a token can outlive its client there.
 */
import type { Sql } from '../../database/connection.ts';
import { revokedSince } from './queries.ts';

const lookAgainMs = 5000;

export interface Revocations {
  /** Whether the client has been revoked. Waits for a look at the database when the last one is too old. */
  has(client: string): Promise<boolean>;
  /** Something was committed: looks again before it answers next. */
  stale(): void;
}

export function createRevocations(sql: Sql, now: () => number): Revocations {
  const revoked = new Set<string>();
  let next = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let fresh = false;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    // Before the statement: what is committed while it runs makes it stale again.
    fresh = true;
    try {
      for (const { seq, client } of await revokedSince(sql, next)) {
        revoked.add(client);
        next = seq + 1;
      }
      lookedAt = now();
    } catch (error) {
      fresh = false;
      throw error;
    } finally {
      looking = null;
    }
  }

  return {
    async has(client) {
      if (looking === null && now() - lookedAt >= lookAgainMs) fresh = false;
      while (!fresh || looking !== null) {
        looking ??= look();
        await looking;
      }
      return revoked.has(client);
    },
    stale() {
      fresh = false;
    },
  };
}

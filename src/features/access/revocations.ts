/**
 * Tokens that are dead before they expire: those of clients that the log says were revoked, and those for a role that
 * their party has no more.
 *
 * In the process that records it, tokens die with the commit. Other processes look again every few seconds, when a
 * request comes: that is how long a token can outlive its client or role there.
 */
import type { PartyId, Role } from '../../core/events/hop.ts';
import type { Sql } from '../../database/connection.ts';
import { revokedSince, rolesSince } from './queries.ts';

const lookAgainMs = 5000;

export interface Revocations {
  /** Whether the client has been revoked. Waits for a look at the database when the last one is too old. */
  has(client: string): Promise<boolean>;
  /** The first of these roles that the party had once and has no more; null when there is none. */
  lostBy(party: PartyId, roles: readonly Role[]): Promise<Role | null>;
  /** Something was committed: looks again before it answers next. */
  stale(): void;
}

export function createRevocations(sql: Sql, now: () => number): Revocations {
  const revoked = new Set<string>();
  const lost = new Map<PartyId, ReadonlySet<Role>>();
  let [nextClient, nextParty] = [0, 0];
  let lookedAt = Number.NEGATIVE_INFINITY;
  let fresh = false;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    // Before the statement: what is committed while it runs makes it stale again.
    fresh = true;
    try {
      const [clients, parties] = await Promise.all([
        revokedSince(sql, nextClient),
        rolesSince(sql, nextParty),
      ]);
      for (const { seq, client } of clients) {
        revoked.add(client);
        nextClient = seq + 1;
      }
      for (const { party, roles, before } of parties.changes) {
        const gone = [...(lost.get(party) ?? []), ...before].filter((role) => !roles.includes(role));
        if (gone.length > 0) lost.set(party, new Set(gone));
        else lost.delete(party);
      }
      nextParty = parties.last + 1;
      lookedAt = now();
    } catch (error) {
      fresh = false;
      throw error;
    } finally {
      looking = null;
    }
  }

  async function catchUp(): Promise<void> {
    if (looking === null && now() - lookedAt >= lookAgainMs) fresh = false;
    while (!fresh || looking !== null) {
      looking ??= look();
      await looking;
    }
  }

  return {
    async has(client) {
      await catchUp();
      return revoked.has(client);
    },
    async lostBy(party, roles) {
      await catchUp();
      return roles.find((role) => lost.get(party)?.has(role)) ?? null;
    },
    stale() {
      fresh = false;
    },
  };
}

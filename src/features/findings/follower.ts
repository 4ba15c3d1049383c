/** The follower that keeps findings up with the log, one for each ledger of the process. */
import type { FastifyBaseLogger } from 'fastify';
import type { Sql } from '../../database/connection.ts';
import { createFollower, type Follower } from '../../ledger/follower.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { FollowerProjection } from '../../ledger/rebuild.ts';
import type { FeatureDeps } from '../feature.ts';
import { deriveFindings } from './derive.ts';
import { type Known, knownTo } from './known.ts';

/** Entries a step takes: enough to share its statements, few enough not to hold up requests. */
const chunk = 500;

const cursorName = 'findings';

const followers = new WeakMap<Ledger, Follower>();

export function findingsFollower(
  { db, ledger }: Pick<FeatureDeps, 'db' | 'ledger'>,
  log: Pick<FastifyBaseLogger, 'error'>,
): Follower {
  const known = followers.get(ledger);
  if (known) return known;
  const rests = knownTo(db.sql);
  const follower = createFollower({
    name: cursorName,
    sql: db.sql,
    ledger,
    chunk,
    follow: (sql, from, until) => deriveFindings(sql, rests, from, until),
    onError: (error) => log.error({ err: error }, 'findings cannot be brought up to date; trying again'),
  });
  followers.set(ledger, follower);
  return follower;
}

/** What a rebuild does for findings, on a connection that it keeps from the first entry to the last. */
export function findingsProjection(): FollowerProjection {
  const read = new WeakMap<Sql, Known>();
  return {
    name: cursorName,
    tables: ['findings', 'finding_closings', 'cases', 'case_links'],
    async derive(sql, from, until) {
      const known = read.get(sql) ?? knownTo(sql);
      read.set(sql, known);
      for (let next = from; next < until; next += chunk)
        await deriveFindings(sql, known, next, Math.min(until, next + chunk));
    },
  };
}

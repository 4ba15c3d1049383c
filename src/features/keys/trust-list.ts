/**
 * The trust list as it is served: derived from the log, signed, and kept until the log says something else about
 * keys, their owners or their GTINs. It is made anew after a while all the same, since delegations begin and end.
 */
import { createHash } from 'node:crypto';
import {
  buildTrustList,
  type KeyStanding,
  standingOfKey,
  type TrustList,
  trustListSigningInput,
} from '../../core/codes/trust-list.ts';
import type { Sql } from '../../database/connection.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Keystore } from './keystore.ts';
import { cosignedBefore, trustedKeys } from './queries.ts';
import { serviceKey } from './service-keys.ts';

/** How long a list may be used by whoever has fetched it. */
const lifetimeSeconds = 24 * 3600;
/** How long this process serves the same list while nothing changes. */
const freshMs = 5 * 60_000;

export interface ServedTrustList {
  readonly list: TrustList;
  readonly jws: string;
  /** Changes with the list. */
  readonly etag: string;
}

interface Kept extends ServedTrustList {
  /** Newest entries that the list depends on. */
  readonly stamp: string;
  readonly madeAt: number;
}

const kept = new WeakMap<Keystore, Kept>();

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'ledger' | 'keystore' | 'genesis' | 'now'>;

/** The trust list of this moment. One statement while nothing has changed. */
export async function trustList(deps: Deps): Promise<ServedTrustList> {
  const before = kept.get(deps.keystore);
  const stamp = await newestEntries(deps.reads.sql);
  if (before?.stamp === stamp && deps.now() - before.madeAt < freshMs) return before;
  const made = await makeList(deps, stamp);
  kept.set(deps.keystore, made);
  return made;
}

/** What a list depends on, told by the newest entry of each kind. */
async function newestEntries(sql: Sql): Promise<string> {
  const [row] = await sql<{ stamp: string }[]>`
    SELECT concat_ws(' ', (SELECT max(seq) FROM keys), (SELECT max(seq) FROM owners),
      (SELECT max(seq) FROM delegations), (SELECT max(seq) FROM parties)) AS stamp`;
  return row?.stamp ?? '';
}

async function makeList(deps: Deps, stamp: string): Promise<Kept> {
  const kid = await serviceKey(deps, 'trust-list');
  const now = deps.now();
  const iat = Math.floor(now / 1000);
  // The size is read first: the list says at least what so many entries say.
  const size = await deps.ledger.size();
  const keys = await trustedKeys(deps.reads.sql, now);
  const list = buildTrustList({ origin: deps.genesis.origin, size, iat, exp: iat + lifetimeSeconds, keys });
  const input = trustListSigningInput(kid, list);
  const jws = `${input}.${(await deps.keystore.sign(kid, input)).toString('base64url')}`;
  const etag = `"${createHash('sha256').update(jws).digest('base64url').slice(0, 22)}"`;
  return { list, jws, etag, stamp, madeAt: now };
}

/** A code whose key is in question. */
export interface AskedKey {
  readonly kid: string;
  /** null for containers. */
  readonly gtin: string | null;
  /** Entry of the code's issue; null when it was never issued. */
  readonly issued: number | null;
}

/** What the keys of codes count for at this moment, in the order asked. Four statements, however many. */
export async function keyStandings(
  { reads, now }: Pick<FeatureDeps, 'reads' | 'now'>,
  asked: readonly AskedKey[],
): Promise<KeyStanding[]> {
  const keys = await trustedKeys(
    reads.sql,
    now(),
    asked.map(({ kid }) => kid),
  );
  const cosigned = await cosignedBefore(reads.sql, keys);
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  return asked.map(({ kid, gtin, issued }) =>
    standingOfKey(byKid.get(kid), gtin, issued, cosigned.get(kid) ?? 0),
  );
}

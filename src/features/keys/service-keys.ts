/** The service's own signing keys: for receipts, for the trust list, for checkpoints, and for cosignatures of other logs' checkpoints. The log knows each. */
import type { PartyId } from '../../core/events/hop.ts';
import type { Database } from '../../database/connection.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { idempotencyOf } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Keystore } from './keystore.ts';
import { makeKey } from './make-key.ts';
import { activeKey, keysOfPurposes } from './queries.ts';

export type ServicePurpose = 'receipt' | 'trust-list' | 'checkpoint' | 'witness';

export interface ServiceKeyDeps {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly keystore: Keystore;
  readonly operator: PartyId;
}

/**
 * The id of the active key for a purpose, which is made when there is none. Processes that start at once end with
 * the same one: the log takes the first.
 */
export async function ensureServiceKey(deps: ServiceKeyDeps, purpose: ServicePurpose): Promise<string> {
  const { sql } = deps.db;
  const known = await keysOfPurposes(sql, [purpose]);
  const active = known.find(({ status }) => status === 'active');
  if (active !== undefined) return active.kid;
  // The n-th key of a purpose is made once, whoever asks first.
  const once = idempotencyOf('service-key', purpose, String(known.length), purpose);
  await makeKey(deps, { by: deps.operator, party: deps.operator, purpose, own: null }, [], once);
  const made = await activeKey(sql, purpose);
  if (made === null) throw new Error(`no active key for ${purpose} after one was made`);
  return made.kid;
}

/** Makes sure that receipts, the trust list, checkpoints and cosignatures can be signed. */
export async function ensureServiceKeys(deps: ServiceKeyDeps): Promise<void> {
  await ensureServiceKey(deps, 'receipt');
  await ensureServiceKey(deps, 'trust-list');
  await ensureServiceKey(deps, 'checkpoint');
  await ensureServiceKey(deps, 'witness');
}

/** How long a process may go on with a key after another process has retired it. */
const rememberedMs = 5000;
const remembered = new WeakMap<
  Keystore,
  Map<ServicePurpose, { readonly kid: Promise<string>; readonly until: number }>
>();

/** The key to sign with now, without asking the database every time. */
export function serviceKey(
  deps: Pick<FeatureDeps, 'db' | 'ledger' | 'keystore' | 'genesis'>,
  purpose: ServicePurpose,
): Promise<string> {
  const known = remembered.get(deps.keystore) ?? new Map();
  remembered.set(deps.keystore, known);
  const before = known.get(purpose);
  if (before !== undefined && before.until > performance.now()) return before.kid;
  const kid = ensureServiceKey({ ...deps, operator: deps.genesis.operator }, purpose);
  known.set(purpose, { kid, until: performance.now() + rememberedMs });
  kid.catch(() => known.delete(purpose));
  return kid;
}

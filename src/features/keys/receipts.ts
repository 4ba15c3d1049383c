/** Receipts (core/log/receipt.ts), signed with the key for receipts that is active when they are given. */
import { type Recorded, receiptSigningInput } from '../../core/log/receipt.ts';
import type { FeatureDeps } from '../feature.ts';
import { serviceKey } from './service-keys.ts';

/** Compact JWS over where each fact of a request stands in the log, in the order of the request. */
export async function signReceipt(
  deps: Pick<FeatureDeps, 'db' | 'ledger' | 'keystore' | 'genesis'>,
  facts: readonly Recorded[],
): Promise<string> {
  const kid = await serviceKey(deps, 'receipt');
  const input = receiptSigningInput(kid, deps.genesis.origin, facts);
  return `${input}.${(await deps.keystore.sign(kid, input)).toString('base64url')}`;
}

/**
 * What must stand in the log before the first request: its genesis, the operator as a party, the policies, and the
 * service's own keys. Each step looks first and records only what is missing, so that it may run at every start,
 * in several processes at once, and again after a crash between any two steps.
 */

import type { PartyId } from '../core/events/hop.ts';
import type { PartyFact } from '../core/log/fact.ts';
import { canonical } from '../core/text/canonical.ts';
import type { Database } from '../database/connection.ts';
import { ensureGenesis, type Genesis } from '../ledger/genesis.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { idempotencyOf } from '../ledger/submission.ts';
import type { Keystore } from './keys/keystore.ts';
import { ensureServiceKeys } from './keys/service-keys.ts';
import { newPartyId } from './new-id.ts';
import { partyById } from './parties/queries.ts';
import { ensurePolicies, type Policies } from './policies/policies.ts';

export interface BootstrapDeps {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly keystore: Keystore;
  /** Host of the log's origin, if there is no log yet. */
  readonly host: string;
}

export async function bootstrap({
  db,
  ledger,
  keystore,
  host,
}: BootstrapDeps): Promise<{ genesis: Genesis; policies: Policies }> {
  const genesis = await ensureGenesis(db, ledger, host, newPartyId);
  await ensureOperator(db, ledger, genesis.operator);
  const policies = await ensurePolicies(db, ledger, genesis.operator);
  await ensureServiceKeys({ db, ledger, keystore, operator: genesis.operator });
  return { genesis, policies };
}

async function ensureOperator(db: Database, ledger: Ledger, operator: PartyId): Promise<void> {
  if ((await partyById(db.sql, operator)) !== null) return;
  const fact: PartyFact = {
    kind: 'party',
    by: operator,
    id: operator,
    stub: false,
    name: '账本运营方',
    nameEn: 'Operator of the ledger',
    roles: ['operator'],
  };
  await ledger.append([{ fact }], idempotencyOf('operator', operator, '', canonical('operator')));
}

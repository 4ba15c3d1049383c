/** A ledger on a fresh database, with nothing of the service around it. */
import { randomBytes } from 'node:crypto';
import type { PartyId } from '../../src/core/events/hop.ts';
import type { EventFact, PolicyFact } from '../../src/core/log/fact.ts';
import { appRole } from '../../src/database/connection.ts';
import { auditLog, type LogAudit } from '../../src/ledger/audit.ts';
import { ensureGenesis, type Genesis } from '../../src/ledger/genesis.ts';
import { createLedger, type Ledger, type LedgerOptions } from '../../src/ledger/ledger.ts';
import type { Draft } from '../../src/ledger/submission.ts';
import { type Teardown, type TestDatabase, testDatabase } from './postgres.ts';

export interface TestLog extends TestDatabase {
  readonly ledger: Ledger;
  readonly genesis: Genesis;
  /** Another ledger on the same database, as a second process would have. */
  another(): Promise<Ledger>;
  audit(): Promise<LogAudit>;
}

export const newParty = (): PartyId => {
  const id = randomBytes(10).toString('hex').toUpperCase().slice(0, 16);
  return id as PartyId;
};

export async function testLog(t: Teardown, options: Partial<LedgerOptions> = {}): Promise<TestLog> {
  const database = await testDatabase(t);
  const open = (): Ledger => createLedger({ database: database.db, projections: [], ...options });
  const ledger = open();
  const genesis = await ensureGenesis(database.db, ledger, 'example.org', newParty);
  return {
    ...database,
    ledger,
    genesis,
    another: async () => open(),
    audit: () => auditLog(database.db, { url: database.url, role: appRole, processes: 1 }),
  };
}

/** Some fact that names nothing. */
export const note = (by: PartyId, text: string): Draft => {
  const fact: PolicyFact = { kind: 'policy', by, name: 'note', body: { text } };
  return { fact };
};

/** An event that names identifiers. */
export const sighting = (by: PartyId, epcList: readonly string[], parentID?: string): Draft => {
  const fact: EventFact = {
    kind: 'event',
    by,
    type: 'ObjectEvent',
    eventID: `urn:uuid:${randomBytes(16).toString('hex')}`,
    epcList: [...epcList].sort(),
    ...(parentID === undefined ? {} : { parentID }),
  };
  return { fact };
};

/**
 * Entry 0 of a log: the fact `genesis` fixes its origin and names its operator for ever.
 */

import type { PartyId } from '../core/events/hop.ts';
import { originHash } from '../core/log/entry.ts';
import type { GenesisFact } from '../core/log/fact.ts';
import { canonical } from '../core/text/canonical.ts';
import type { Database } from '../database/connection.ts';
import type { Ledger } from './ledger.ts';
import { idempotencyOf } from './submission.ts';

export interface Genesis {
  readonly origin: string;
  readonly host: string;
  readonly operator: PartyId;
}

/** Begins the log when it is empty, and answers with the genesis that stands. Safe from several processes. */
export async function ensureGenesis(
  { sql }: Database,
  ledger: Ledger,
  host: string,
  newPartyId: () => PartyId,
): Promise<Genesis> {
  const origin = `${host}/log`;
  // If we crash between the two statements, the head waits for its genesis and the next start adds it.
  await sql`
    INSERT INTO head (id, size, at, leaf, frontier, next_unit)
    VALUES (1, 0, 0, ${originHash(origin)}, ''::bytea, 1) ON CONFLICT DO NOTHING`;
  const fact: GenesisFact = { kind: 'genesis', by: newPartyId(), origin, host };
  if ((await ledger.size()) === 0)
    // Two processes at once name two operators; the key lets one of them win.
    await ledger.append([{ fact }], idempotencyOf('genesis', '', '', canonical('genesis')));
  const [first] = await ledger.read(0, 1);
  if (first?.fact.kind !== 'genesis') throw new Error('entry 0 of the log is not its genesis');
  return { origin: first.fact.origin, host: first.fact.host, operator: first.fact.by };
}

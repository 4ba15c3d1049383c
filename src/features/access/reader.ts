/** Who reads: a caller with the jurisdiction its party has, and the mandate that its request names. */
import type { Sql } from '../../database/connection.ts';
import type { Caller } from '../../http/authentication.ts';
import { partyById } from '../parties/queries.ts';
import type { Reader } from './reading.ts';

/** One statement for regulators, none for others. */
export async function readerOf(sql: Sql, { party, roles, mandate }: Caller): Promise<Reader> {
  const fact = roles.includes('regulator') ? (await partyById(sql, party))?.fact : undefined;
  return { party, roles, jurisdiction: fact?.jurisdiction ?? null, mandate };
}

/** One event, as it was recorded, for those who took part in it or oversee it, or read under a mandate for what it names. */

import { base64url, formatAt } from '../../core/log/entry.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import { mayReadEvent } from '../access/reading.ts';
import type { FeatureDeps } from '../feature.ts';
import { namedInScope } from '../mandates/named.ts';
import { loadHops } from './chains.ts';
import { involvedIn } from './involved.ts';

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly digest: Buffer;
  readonly leaf: Buffer;
  readonly salt: Buffer;
  readonly payload: string;
  readonly principal: string | null;
}

/**
 * The event at an entry. `unknown-event` also when the caller may not read it: the log tells nobody of which kind
 * an entry is.
 */
export async function readEvent(
  { reads: { sql }, audit }: Pick<FeatureDeps, 'reads' | 'audit'>,
  caller: Caller,
  seq: number,
  route: string,
) {
  const none = new Refusal('unknown-event', 'No event that you took part in stands at this entry.');
  const [hops, rows, reader] = await Promise.all([
    loadHops(sql, [seq]),
    sql<EntryRow[]>`
      SELECT e.seq, e.at, e.digest, e.leaf, f.salt, f.payload,
        (SELECT d.grantor FROM delegations d
         WHERE d.id = coalesce(f.payload::jsonb ->> 'suyuan:delegation', f.payload::jsonb #>> '{captured,delegation}')
         ORDER BY d.seq DESC LIMIT 1) AS principal
      FROM entries e JOIN facts f USING (seq) WHERE e.seq = ${seq}`,
    readerOf(sql, caller),
  ]);
  const hop = hops.get(seq);
  const [row] = rows;
  if (hop === undefined || row === undefined) throw none;
  const [involvement, names] = await Promise.all([
    involvedIn(sql, [hop], null),
    namedInScope(sql, reader.mandate, [seq]),
  ]);
  const involved = involvement.get(seq);
  const own = row.principal === caller.party || hop.recorder === caller.party;
  if (involved === undefined || !(own || mayReadEvent(reader, involved, names(seq)))) throw none;
  if (hop.recorder !== caller.party) audit.note(caller, route, `event/${seq}`);
  const fact: JsonObject = JSON.parse(row.payload);
  return {
    seq,
    at: formatAt(row.at),
    digest: base64url(row.digest),
    leaf: base64url(row.leaf),
    // Whoever knows the salt can open every member: it is its submitter's to give.
    ...(hop.recorder === caller.party ? { salt: base64url(row.salt) } : {}),
    fact,
  };
}

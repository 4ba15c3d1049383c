/** Notices as they are written, in the transaction that knows what there is to tell. */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/sql.ts';
import { noteNotices } from '../webhooks/queries.ts';
import { lockNotices, type NoticeKind } from './queries.ts';

export interface Telling {
  readonly kind: NoticeKind;
  /** Entry of the order, of its release or of the failed sample. */
  readonly seq: number;
  readonly parties: readonly string[];
  /** Entries that it tells of; `seq` unless others are named. */
  readonly entries?: readonly number[];
}

/** Notes for each party, once, what it should know; of entries, once each. Answers whom it was news to. */
export async function tell(
  tx: Sql,
  at: number,
  { kind, seq, parties, entries = [seq] }: Telling,
): Promise<string[]> {
  if (parties.length * entries.length === 0) return [];
  // Who asks for what came after a number must not miss a lower one that is committed later.
  await lockNotices(tx);
  const fresh = await tx<{ id: number; party: string }[]>`
    INSERT INTO notices (party, at, kind, seq, entry)
    SELECT party, ${at}::bigint, ${kind}, ${seq}, entry
    FROM unnest(${arrayLiteral([...new Set(parties)].sort())}::text[]) AS t (party),
      unnest(${arrayLiteral(entries)}::bigint[]) AS e (entry)
    ON CONFLICT DO NOTHING RETURNING id, party`;
  await noteNotices(tx, fresh, at);
  return fresh.map(({ party }) => party);
}

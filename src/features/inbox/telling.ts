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

/**
 * Notes for each party, once, what it should know; of entries, once each. Answers whom it was news to. Three statements,
 * however much there is to tell.
 */
export async function tell(tx: Sql, at: number, tellings: readonly Telling[]): Promise<string[]> {
  const notices = tellings.flatMap(({ kind, seq, parties, entries = [seq] }) =>
    [...new Set(parties)].sort().flatMap((party) => entries.map((entry) => ({ party, kind, seq, entry }))),
  );
  if (notices.length === 0) return [];
  // Who asks for what came after a number must not miss a lower one that is committed later.
  await lockNotices(tx);
  const fresh = await tx<{ id: number; party: string }[]>`
    INSERT INTO notices (party, at, kind, seq, entry)
    SELECT party, ${at}::bigint, kind, seq, entry
    FROM unnest(${arrayLiteral(notices.map(({ party }) => party))}::text[],
      ${arrayLiteral(notices.map(({ kind }) => kind))}::text[], ${arrayLiteral(notices.map(({ seq }) => seq))}::bigint[],
      ${arrayLiteral(notices.map(({ entry }) => entry))}::bigint[]) AS told (party, kind, seq, entry)
    ON CONFLICT DO NOTHING RETURNING id, party`;
  await noteNotices(tx, fresh, at);
  return fresh.map(({ party }) => party);
}

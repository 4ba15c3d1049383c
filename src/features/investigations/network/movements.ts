/** Who handed goods to some parties, and to whom they did, by what was recorded last. */
import type { HopRecord, PartyId } from '../../../core/events/hop.ts';
import { arrayLiteral } from '../../../database/array-literal.ts';
import type { Sql } from '../../../database/connection.ts';
import { isInCharge, type Reader } from '../../access/reading.ts';
import { type HopRow, hopColumns } from '../../events/chains.ts';
import { type LoadNames, stationsIn } from '../../tracing/names.ts';

/** Hops of one party that are looked at in each of its parts, the newest. */
const hopsMax = 1_000;

/** A hop that hands goods over. */
export interface Movement {
  readonly from: PartyId;
  readonly to: PartyId;
  /** Told by whoever gave them. */
  readonly gives: boolean;
  /** Things that it names. */
  readonly units: number;
  readonly seqs: readonly number[];
}

/** Those that touch the reader's jurisdiction. One statement, by the indexes of who took part, and those of names. */
export async function movementsOf(
  sql: Sql,
  loadNames: LoadNames,
  reader: Reader,
  parties: readonly PartyId[],
  before: number,
): Promise<Movement[]> {
  if (parties.length === 0) return [];
  const part = (column: 'recorder' | 'giver' | 'taker') => sql`
    SELECT * FROM hops WHERE ${sql(column)} = asked.party AND seq < ${before}
      ${column === 'recorder' ? sql`` : sql`AND ${sql(column)} <> recorder`}
      AND giver IS NOT NULL AND taker IS NOT NULL AND hop IN ('ship', 'receive', 'return', 'sell')
    ORDER BY seq DESC LIMIT ${hopsMax}`;
  const rows = await sql<HopRow[]>`
    SELECT DISTINCT ${hopColumns(sql)} FROM unnest(${arrayLiteral(parties)}::text[]) AS asked (party)
    CROSS JOIN LATERAL ((${part('recorder')}) UNION ALL (${part('giver')}) UNION ALL (${part('taker')})) h
    ORDER BY h.seq`;
  const names = await loadNames(stationsIn(rows.map((hop) => ({ hop }))));
  return rows.flatMap((hop: HopRow & HopRecord): Movement[] => {
    const { giver, taker, recorder, parts, seq } = hop;
    const isSeen = isInCharge(reader, names.involved(hop));
    if (giver === null || taker === null || !isSeen) return [];
    return [{ from: giver, to: taker, gives: recorder === giver, units: parts, seqs: [seq] }];
  });
}

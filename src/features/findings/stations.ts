/** Parties and places as any prefix of the log has them: where they are, and which firm a party is. */
import { append } from '../../core/grouping.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface Stations {
  /** Region of a party or place by the entries up to `seq`; empty when it told none. */
  regionOf(id: string, seq: number): string;
  /** Unified social credit code of a party by the entries up to `seq`; empty when it told none. */
  creditCodeOf(party: string, seq: number): string;
}

export const isPlace = (id: string): boolean => id.includes('/');

interface Version {
  readonly seq: number;
  readonly region: string | null;
  readonly code: string | null;
}

/** One statement. */
export async function loadStations(sql: Sql, named: Iterable<string>): Promise<Stations> {
  const ids = [...new Set(named)];
  const [parties, places] = [ids.filter((id) => !isPlace(id)), ids.filter(isPlace)];
  const rows = await sql<(Version & { id: string })[]>`
    SELECT p.id, p.seq, p.body ->> 'region' AS region, p.body ->> 'creditCode' AS code
    FROM unnest(${arrayLiteral(parties)}::text[]) AS asked (id) JOIN parties p USING (id)
    UNION ALL
    SELECT p.id, p.seq, p.body ->> 'region', NULL
    FROM unnest(${arrayLiteral(places)}::text[]) AS asked (id) JOIN places p USING (id)
    ORDER BY seq`;
  const versions = new Map<string, Version[]>();
  for (const { id, ...version } of rows) {
    append(versions, id, version);
  }
  const at = (id: string, seq: number) => versions.get(id)?.findLast((it) => it.seq <= seq);
  return {
    regionOf: (id, seq) => at(id, seq)?.region ?? '',
    creditCodeOf: (party, seq) => at(party, seq)?.code ?? '',
  };
}

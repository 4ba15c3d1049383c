/** Regions of parties and places as any prefix of the log has them. */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface Regions {
  /** Region of a party or place by the entries up to `seq`; empty when it told none. */
  regionOf(id: string, seq: number): string;
}

export const isPlace = (id: string): boolean => id.includes('/');

/** One statement. */
export async function loadRegions(sql: Sql, named: Iterable<string>): Promise<Regions> {
  const ids = [...new Set(named)];
  const [parties, places] = [ids.filter((id) => !isPlace(id)), ids.filter(isPlace)];
  const rows = await sql<{ id: string; seq: number; region: string | null }[]>`
    SELECT p.id, p.seq, p.body ->> 'region' AS region
    FROM unnest(${arrayLiteral(parties)}::text[]) AS asked (id) JOIN parties p USING (id)
    UNION ALL
    SELECT p.id, p.seq, p.body ->> 'region'
    FROM unnest(${arrayLiteral(places)}::text[]) AS asked (id) JOIN places p USING (id)
    ORDER BY seq`;
  const versions = new Map<string, { readonly seq: number; readonly region: string }[]>();
  for (const { id, seq, region } of rows) {
    const list = versions.get(id) ?? [];
    list.push({ seq, region: region ?? '' });
    versions.set(id, list);
  }
  return {
    regionOf: (id, seq) => versions.get(id)?.findLast((it) => it.seq <= seq)?.region ?? '',
  };
}

/**
 * A party bears several names: its address here and its GLN. Events name it by one of them, hops by the address alone, and
 * who asks for one means the party.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { canonicalUri } from '../../core/gs1/gs1-translation.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { glnKey } from '../owners.ts';
import type { Paged } from './page-tokens.ts';

/** Parameters whose values may be parties (EPCIS 2.0 §8.2.7.1). */
const ofParties = /^EQ_(?:source|destination)(?:_|$)/;

/** Parameters in which parties stand under their other names too. At most one statement. */
export async function withOtherNames(
  sql: Sql,
  host: string,
  parameters: Paged['parameters'],
): Promise<Paged['parameters']> {
  const asked = [...parameters].filter(([name]) => ofParties.test(name)).flatMap(([, values]) => values);
  const paths = new Map(
    asked.flatMap((value): [string, string][] => {
      const read = canonicalUri(value, host);
      return read.ok && /^(?:417|party)\/[^/]+$/.test(read.value) ? [[value, read.value]] : [];
    }),
  );
  if (paths.size === 0) return parameters;
  const named = (prefix: string): string[] =>
    [...paths.values()].flatMap((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : []));
  const rows = await sql<{ identifier: string; party: PartyId }[]>`
    SELECT identifier, party FROM owners WHERE identifier = ANY (${arrayLiteral(named('417/').map(glnKey))}::text[])
    UNION SELECT identifier, party FROM owners
    WHERE party = ANY (${arrayLiteral(named('party/'))}::text[]) AND identifier LIKE ${glnKey('%')}`;
  const others = new Map<string, string[]>();
  const also = (path: string, other: string) => others.set(path, [...(others.get(path) ?? []), other]);
  for (const { identifier, party } of rows) {
    const [gln, own] = [`417/${identifier.slice(glnKey('').length)}`, `https://${host}/party/${party}`];
    also(gln, own);
    also(`party/${party}`, `https://id.gs1.org/${gln}`);
  }
  return new Map(
    [...parameters].map(([name, values]) => [
      name,
      ofParties.test(name)
        ? values.flatMap((value) => [value, ...(others.get(paths.get(value) ?? '') ?? [])])
        : values,
    ]),
  );
}

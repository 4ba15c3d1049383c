/** Queries that a party keeps under a name, as rows. What they are asked is read anew each time. */

import { parseQueryDefinition, type QueryDefinition } from '../../core/epcis/epcis-query-definition.ts';
import type { PartyId } from '../../core/events/hop.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { type Database, type Sql, transaction } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';

export interface NamedQuery {
  readonly name: string;
  readonly query: JsonObject;
}

/** Queries of one party. */
const queriesMax = 100;
/** Those that the standard has (EPCIS 2.0 §8.2.7): nobody calls one of his own so. */
const reserved: ReadonlySet<string> = new Set(['SimpleEventQuery', 'SimpleMasterDataQuery']);

/** Characters of a definition, as JSON: a list of queries is answered whole, and each is read whenever it is asked. */
const definitionMax = 200_000;

interface Row {
  readonly name: string;
  readonly definition: string;
}
const queryOf = ({ name, definition }: Row): NamedQuery => ({ name, query: JSON.parse(definition) });

/** Keeps a query. Refusals: `already-exists`, `state-conflict`, `query-too-complex`. */
export async function insertQuery(
  { sql }: Database,
  party: PartyId,
  { name, query }: NamedQuery,
  at: number,
): Promise<void> {
  const taken = () => new Refusal('already-exists', `There is a query ${name} already; choose another name.`);
  if (reserved.has(name)) throw taken();
  const definition = JSON.stringify(query);
  if (definition.length > definitionMax)
    throw new Refusal(
      'query-too-complex',
      `A query has at most ${definitionMax} characters; keep it in parts.`,
    );
  // Two at once may make it one more than the bound, which does no harm.
  const rows = await sql`
    INSERT INTO epcis_queries (party, name, definition, created_at)
    SELECT ${party}, ${name}, ${definition}, ${at}
    WHERE ${queriesMax} > (SELECT count(*) FROM epcis_queries WHERE party = ${party})
    ON CONFLICT DO NOTHING RETURNING name`;
  if (rows.length > 0) return;
  if ((await queryByName(sql, party, name)) !== null) throw taken();
  throw new Refusal('state-conflict', `You keep ${queriesMax} queries already; delete one first.`);
}

/** A page of a party's queries in order of name. */
export async function queriesOf(
  sql: Sql,
  party: PartyId,
  after: string,
  limit: number,
): Promise<NamedQuery[]> {
  const rows = await sql<Row[]>`
    SELECT name, definition FROM epcis_queries WHERE party = ${party} AND name > ${after}
    ORDER BY name LIMIT ${limit}`;
  return rows.map(queryOf);
}

export async function queryByName(sql: Sql, party: PartyId, name: string): Promise<NamedQuery | null> {
  const [row] = await sql<Row[]>`
    SELECT name, definition FROM epcis_queries WHERE party = ${party} AND name = ${name}`;
  return row === undefined ? null : queryOf(row);
}

export const unknownQuery = (name: string): Refusal =>
  new Refusal('unknown-query', `You keep no query ${name}; GET /epcis/v2/queries lists yours.`);

/** A query with what it asks. Refusal: `unknown-query`. */
export async function definitionOf(
  sql: Sql,
  party: PartyId,
  name: string,
  host: string,
): Promise<QueryDefinition> {
  const found = await queryByName(sql, party, name);
  if (found === null) throw unknownQuery(name);
  return required(parseQueryDefinition(found.query, host));
}

/** Forgets a query and ends the subscriptions to it. Refusal: `unknown-query`. */
export const deleteQuery = ({ sql }: Database, party: PartyId, name: string): Promise<void> =>
  transaction(sql, async (tx) => {
    const rows = await tx`
      DELETE FROM epcis_queries WHERE party = ${party} AND name = ${name} RETURNING name`;
    if (rows.length === 0) throw unknownQuery(name);
    await tx`DELETE FROM epcis_subscriptions WHERE party = ${party} AND query = ${name}`;
  });

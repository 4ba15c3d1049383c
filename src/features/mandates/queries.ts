/** Mandates with what became of them, and what was read under them. */
import type { PartyId } from '../../core/events/hop.ts';
import type { MandateDecisionFact, MandateEndFact, MandateFact } from '../../core/log/fact.ts';
import { type MandateState, mandateStateAt } from '../../core/mandate.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** What was recorded, by an officer whose name is null once it was erased. */
interface Act<F> {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly fact: F;
  readonly officer: string | null;
}

export interface StandingMandate extends Act<MandateFact> {
  readonly decision: Act<MandateDecisionFact> | null;
  readonly end: Act<MandateEndFact> | null;
}

type Row = Omit<Act<MandateFact | MandateDecisionFact | MandateEndFact>, 'officer'> & {
  readonly private: string | null;
};

/** By id; what nobody asked for is absent. One statement. */
export async function mandatesById(sql: Sql, ids: readonly string[]): Promise<Map<string, StandingMandate>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<Row[]>`
    SELECT m.seq, m.at, m.body AS fact, p.value AS private FROM mandates m LEFT JOIN privates p USING (seq)
    WHERE m.id = ANY (${arrayLiteral(ids)}::text[]) ORDER BY m.seq`;
  const found = new Map<string, StandingMandate>();
  for (const { private: value, fact, ...place } of rows) {
    const said: { officer?: string } = value === null ? {} : JSON.parse(value);
    const act = { ...place, officer: said.officer ?? null };
    if (fact.kind === 'mandate') {
      found.set(fact.id, { ...act, fact, decision: null, end: null });
      continue;
    }
    const mandate = found.get(fact.mandate);
    if (mandate === undefined) continue;
    found.set(
      fact.mandate,
      fact.kind === 'mandate-decision'
        ? { ...mandate, decision: { ...act, fact } }
        : { ...mandate, end: { ...act, fact } },
    );
  }
  return found;
}

export async function mandateById(sql: Sql, id: string): Promise<StandingMandate | null> {
  return (await mandatesById(sql, [id])).get(id) ?? null;
}

/** A page of an authority's mandates, or of everybody's, newest first. Two statements. */
export async function mandatesOf(
  sql: Sql,
  party: PartyId | null,
  before: number,
  limit: number,
): Promise<StandingMandate[]> {
  const rows = await sql<{ id: string }[]>`
    SELECT id FROM mandates WHERE act = 'asked' AND seq < ${before} AND ${party === null ? sql`true` : sql`party = ${party}`}
    ORDER BY seq DESC LIMIT ${limit}`;
  const found = await mandatesById(
    sql,
    rows.map(({ id }) => id),
  );
  return rows.flatMap(({ id }) => found.get(id) ?? []);
}

export const mandateState = ({ fact, decision, end }: StandingMandate, now: number): MandateState =>
  mandateStateAt({ until: fact.until, outcome: decision?.fact.outcome ?? null, ended: end !== null }, now);

/** A read under a mandate. */
interface NotedRead {
  readonly id: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly client: string;
  readonly route: string;
  readonly subject: string;
}

/** What was read under a mandate, in the order in which it was noted. One statement. */
export async function readsUnder(
  sql: Sql,
  mandate: string,
  after: number,
  limit: number,
): Promise<NotedRead[]> {
  return sql<NotedRead[]>`
    SELECT id, at, client, route, subject FROM read_audit
    WHERE mandate = ${mandate} AND id > ${after} ORDER BY id LIMIT ${limit}`;
}

/**
 * The events that a party took part in, by index: those it recorded, gave or took in, and those recorded by whoever it
 * delegated to. Whoever takes part in one event of a million finds it as soon as who takes part in all.
 *
 * An order that begins with the party is given by its index alone. Said as `recorder = party`, the planner knows that
 * nothing is left to sort by but the entry, and reads the log from its end until enough events are the party's own, which
 * is right for whoever took part in most of them and reads all of it for others; said as a range of pairs, it cannot.
 */

import type { EventQuery } from '../../core/epcis/epcis-query.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Fragment, Sql } from '../../database/connection.ts';

/** A delegation that a party ever gave: it may read what was recorded on such grounds. */
export interface Granted {
  readonly id: string;
  readonly to: PartyId;
}

export interface Part {
  readonly party: PartyId;
  readonly granted: readonly Granted[];
}

/** In the order of the log. */
export interface Stretch {
  /** From this entry on, and before `end`. */
  readonly first: number;
  readonly end: number;
  readonly direction: EventQuery['direction'];
  /** Of each way to take part. */
  readonly most: number;
}

/**
 * The first entries of each way to take part, one way after another; an entry may come several times. The indexes of
 * givers and takers have those beside the recorder only.
 */
export function partsOf(
  sql: Sql,
  { party, granted }: Part,
  { first, end, direction, most }: Stretch,
): Fragment {
  const recorders = [...new Set([party, ...granted.map(({ to }) => to)])];
  const turn = direction === 'DESC' ? sql`DESC` : sql`ASC`;
  const entriesOf = (role: Fragment, who: Fragment, beside: Fragment) => sql`
    SELECT seq FROM hops
    WHERE (${role}, seq) >= (${who}, ${first}::bigint) AND (${role}, seq) < (${who}, ${end}::bigint) AND ${beside}
    ORDER BY ${role} ${turn}, seq ${turn} LIMIT ${most}`;
  return sql`
    SELECT h.seq FROM unnest(${arrayLiteral(recorders)}::text[]) AS r (party)
      CROSS JOIN LATERAL (${entriesOf(sql`recorder`, sql`r.party`, sql`true`)}) h
    UNION ALL (${entriesOf(sql`giver`, sql`${party}`, sql`giver <> recorder`)})
    UNION ALL (${entriesOf(sql`taker`, sql`${party}`, sql`taker <> recorder`)})`;
}

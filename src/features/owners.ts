/**
 * Who owns an outside identifier. One table for all kinds, so that nothing is ever claimed by two: the first fact
 * that binds an identifier stands for ever, and a claim by another party is refused when it is recorded.
 *
 *   gln:6901234567892                    the party registered with it
 *   credit-code:91350100M000100Y43       likewise
 *   stub:{by}/{region}/{name}            the stub that a party named so
 *   gtin:06901234567892                  the party vetted for it, or given a local number
 *   place:414/6901234567892/254/W2       the party whose place it is
 *   certificate:{issuer}/{number}        the certificate (its id) of that number
 */

import type { PartyId } from '../core/events/hop.ts';
import type { Fact } from '../core/log/fact.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import type { Sql } from '../database/connection.ts';
import type { Projection } from '../ledger/projection.ts';

export const glnKey = (gln: string): string => `gln:${gln}`;
export const creditCodeKey = (code: string): string => `credit-code:${code}`;
export const gtinKey = (gtin: string): string => `gtin:${gtin}`;
export const stubKey = (by: PartyId, region: string | undefined, name: string): string =>
  `stub:${by}/${region ?? ''}/${name}`;
export const certificateKey = (issuer: PartyId, number: string): string => `certificate:${issuer}/${number}`;

/** What a fact binds: identifiers and their owner. */
function bindings(fact: Fact): { identifier: string; owner: string }[] {
  const bind = (owner: string, ...identifiers: readonly string[]) =>
    identifiers.map((identifier) => ({ identifier, owner }));
  switch (fact.kind) {
    case 'party': {
      const outside = [
        ...(fact.gln === undefined ? [] : [glnKey(fact.gln)]),
        ...(fact.creditCode === undefined ? [] : [creditCodeKey(fact.creditCode)]),
      ];
      const nameOnly = fact.stub && outside.length === 0;
      return bind(fact.id, ...(nameOnly ? [stubKey(fact.by, fact.region, fact.name)] : outside));
    }
    case 'gtin':
      return bind(fact.party, gtinKey(fact.gtin));
    case 'product':
      return fact.local ? bind(fact.party, gtinKey(fact.gtin)) : [];
    case 'place':
      return bind(fact.party, `place:${fact.id}`);
    case 'certificate':
      return bind(fact.id, certificateKey(fact.issuer, fact.number));
    case 'genesis':
    case 'policy':
    case 'delegation':
    case 'client':
    case 'key':
    case 'heads':
    case 'decision':
    case 'report-decision':
    case 'issue':
    case 'order':
    case 'order-release':
    case 'erasure':
    case 'mandate':
    case 'mandate-decision':
    case 'mandate-end':
    case 'order-acknowledgement':
    case 'link':
    case 'vocabulary':
    case 'event':
      return [];
  }
}

export const ownersProjection: Projection = {
  tables: ['owners'],
  conflicts: {
    owners_pkey: {
      code: 'already-exists',
      detail:
        'An identifier in the request belongs to somebody else already; look it up, or ask the operator.',
    },
  },
  insert(sql, { facts }) {
    const rows = facts.flatMap(({ seq, fact }) => bindings(fact).map((binding) => ({ ...binding, seq })));
    if (rows.length === 0) return [];
    // Later versions bind what is bound already; only another owner's claim meets the primary key.
    return [
      sql`
        INSERT INTO owners (identifier, party, seq)
        SELECT DISTINCT ON (r.identifier, r.party) r.identifier, r.party, r.seq
        FROM unnest(
          ${arrayLiteral(rows.map(({ identifier }) => identifier))}::text[],
          ${arrayLiteral(rows.map(({ owner }) => owner))}::text[],
          ${arrayLiteral(rows.map(({ seq }) => seq))}::bigint[]) AS r (identifier, party, seq)
        WHERE NOT EXISTS (
          SELECT FROM owners o WHERE o.identifier = r.identifier AND o.party = r.party)
        ORDER BY r.identifier, r.party, r.seq`.execute(),
    ];
  },
};

/** Owners of those identifiers that have one. */
export async function ownersOf(sql: Sql, identifiers: readonly string[]): Promise<Map<string, PartyId>> {
  if (identifiers.length === 0) return new Map();
  const rows = await sql<{ identifier: string; party: PartyId }[]>`
    SELECT identifier, party FROM owners
    WHERE identifier = ANY (${arrayLiteral([...new Set(identifiers)])}::text[])`;
  return new Map(rows.map(({ identifier, party }) => [identifier, party]));
}

/** Who owns an identifier since which entry, or null. */
export async function bindingOf(
  sql: Sql,
  identifier: string,
): Promise<{ party: PartyId; seq: number } | null> {
  const [binding] = await sql<{ party: PartyId; seq: number }[]>`
    SELECT party, seq FROM owners WHERE identifier = ${identifier}`;
  return binding ?? null;
}

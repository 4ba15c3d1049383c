/**
 * Events as they are written for others. How long the company prefix of a key is, which makes an EPC URN of it, no
 * Digital Link tells: where an event came with links, what others wrote as URNs does, in whatever event. Where they differ
 * the owner of the GTIN or GLN is right. Where nobody wrote one, or the owner does not settle it, what is published counts
 * (prefix-lengths.ts); what is not known by that either stays a link, and the answer says so.
 */
import { type EpcFormat, type PrefixDigits, withWordsAsSent } from '../../core/epcis/epcis-spelling.ts';
import { keysWithoutUrn, type Recording, writeEpcisEvent } from '../../core/epcis/epcis-writing.ts';
import { possiblePrefixes, prefixedDigits } from '../../core/gs1/gs1-translation.ts';
import { prefixLength } from '../../core/gs1/prefix-lengths.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { FeatureDeps } from '../feature.ts';
import { glnKey, gtinKey, ownersOf } from '../owners.ts';

/** How identifiers and words are spelt. */
export interface Spelt {
  readonly format: EpcFormat;
  /** Whether words of the standard are told as they came, in place of bare. */
  readonly wordsAsSent: boolean;
}

/** Statements: none, or for EPC URNs one, and two more where those who wrote them differ. */
export async function writeEvents(
  { reads, genesis: { host } }: Pick<FeatureDeps, 'reads' | 'genesis'>,
  found: readonly Recording[],
  { format, wordsAsSent }: Spelt,
): Promise<JsonObject[]> {
  const writing =
    format === 'Always_EPC_URN'
      ? { host, format, learnt: await learntPrefixes(reads.sql, found) }
      : { host, format };
  return found.map((it) => {
    const event = writeEpcisEvent(it, writing);
    return wordsAsSent ? withWordsAsSent(event, it.fact) : event;
  });
}

async function learntPrefixes(sql: Sql, found: readonly Recording[]): Promise<PrefixDigits> {
  const keys = new Map<string, string>();
  for (const { fact } of found)
    for (const path of keysWithoutUrn(fact)) {
      const digits = prefixedDigits(path);
      if (digits !== null) keys.set(path, digits);
    }
  const possible = [...new Set([...keys.values()].flatMap(possiblePrefixes))];
  const known = possible.length === 0 ? new Set() : await writtenBefore(sql, possible);
  const told = (digits: string): string[] => possiblePrefixes(digits).filter((it) => known.has(it));
  const disputed = [...keys].filter(([, digits]) => told(digits).length > 1);
  const settled = disputed.length === 0 ? new Map() : await byOwners(sql, new Map(disputed));
  return (path) => {
    const digits = keys.get(path);
    if (digits === undefined) return null;
    const [only, other] = told(digits);
    return (other === undefined ? only?.length : settled.get(path)) ?? prefixLength(digits);
  };
}

/** Those of the prefixes that somebody wrote. */
async function writtenBefore(sql: Sql, prefixes: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await sql<{ prefix: string }[]>`
    SELECT prefix FROM unnest(${arrayLiteral([...prefixes])}::text[]) AS asked (prefix)
    WHERE EXISTS (SELECT FROM company_prefixes c WHERE c.prefix = asked.prefix)`;
  return new Set(rows.map(({ prefix }) => prefix));
}

/** How long the prefixes of keys are that their owners wrote, each in one way. Two statements. */
async function byOwners(sql: Sql, keys: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, number>> {
  const owners = await ownersOf(
    sql,
    [...keys.keys()].flatMap((path) => ownedBy(path) ?? []),
  );
  const said = [...keys].flatMap(([path, digits]) => {
    const party = owners.get(ownedBy(path) ?? '');
    return party === undefined ? [] : possiblePrefixes(digits).map((prefix) => ({ path, party, prefix }));
  });
  const rows = await sql<{ path: string; digits: number }[]>`
    SELECT said.path, min(length(prefix))::integer AS digits
    FROM unnest(${arrayLiteral(said.map(({ path }) => path))}::text[],
      ${arrayLiteral(said.map(({ party }) => party))}::text[],
      ${arrayLiteral(said.map(({ prefix }) => prefix))}::text[]) AS said (path, party, prefix)
    JOIN company_prefixes USING (prefix, party) GROUP BY said.path HAVING count(*) = 1`;
  return new Map(rows.map(({ path, digits }) => [path, digits]));
}

/** What binds a key to a party (owners.ts). */
function ownedBy(path: string): string | null {
  const [, gtin, gln] = /^(?:01\/(\d{14})|41[47]\/(\d{13}))(?:\/|$)/.exec(path) ?? [];
  if (gtin !== undefined) return gtinKey(gtin);
  return gln === undefined ? null : glnKey(gln);
}

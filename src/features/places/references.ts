/** How people name a place: by any spelling of its GLN with or without extension, or of our own place id. */
import type { PlaceId } from '../../core/events/hop.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import type { Sql } from '../../database/connection.ts';
import { fault, ok, type Result, refusalAt, required } from '../../errors.ts';
import { placesById } from './queries.ts';

/** Canonical form of a place. A bare GLN of 13 digits is one, too. Faults: `invalid-identifier`, `invalid-check-digit`. */
export function parsePlace(text: string): Result<PlaceId> {
  const trimmed = text.trim();
  const identifier = parseIdentifier(/^[0-9]{13}$/.test(trimmed) ? `414/${trimmed}` : trimmed);
  if (!identifier.ok) return identifier;
  return identifier.value.type === 'place'
    ? ok(identifier.value.epc)
    : fault('invalid-identifier', 'Name a place by its GLN (414/…) or by the id it was given (place/…).');
}

/** Places that exist, in the order asked, with one statement; `pointer` is that of the list, or of the only one. */
export async function resolvePlaces(
  sql: Sql,
  texts: readonly string[],
  pointer: string,
  isList = true,
): Promise<PlaceId[]> {
  const at = (i: number): string => (isList ? `${pointer}/${i}` : pointer);
  const ids = texts.map((text, i) => required(parsePlace(text), at(i)));
  const known = await placesById(sql, ids);
  for (const [i, id] of ids.entries()) {
    if (!known.has(id))
      throw refusalAt(at(i), 'unknown-place', `There is no place ${id}; register it first.`);
  }
  return ids;
}

/**
 * Events by what master data says of the things that they name (EPCIS 2.0 §8.2.7.1, HASATTR_ and EQATTR_): by the claims
 * that the reader may read, as they stood when the query was asked.
 */
import { type AttributeOf, describes } from '../../core/epcis/epcis-query-attributes.ts';
import { append } from '../../core/grouping.ts';
import type { VocabularyFact } from '../../core/log/fact.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Reader } from '../access/reading.ts';
import { findVocabularies } from './vocabularies.ts';

/**
 * The events of which all of this is said. Statements: those of one page of claims, whatever the number of events.
 * Refusal: `query-too-complex` when there are more claims than a page.
 */
export async function described<T extends { readonly fact: JsonObject }>(
  sql: Sql,
  reader: Reader,
  events: readonly T[],
  attributes: readonly AttributeOf[],
  size: number,
): Promise<readonly T[]> {
  if (attributes.length === 0 || events.length === 0) return events;
  const names = new Set(events.flatMap(({ fact }) => attributes.flatMap((it) => it.names(fact))));
  const said = new Map<string, VocabularyFact[]>();
  if (names.size > 0) {
    const query = { vocabularies: null, names: [...names], attributes: [] };
    const all = { query, size, after: size, perPage: Number.MAX_SAFE_INTEGER };
    const { claims, next } = await findVocabularies(sql, reader, all);
    if (next !== null)
      throw new Refusal(
        'query-too-complex',
        'Too much is said of what these events name; ask for fewer events by further parameters.',
      );
    for (const { fact } of claims) {
      append(said, fact.name, fact);
    }
  }
  return events.filter(({ fact }) =>
    attributes.every(({ asked, names: namesOf }) =>
      namesOf(fact).some((name) => said.get(name)?.some((it) => describes(it, asked))),
    ),
  );
}

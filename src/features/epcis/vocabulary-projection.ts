/** Master data that parties send beside their events, as rows. */
import { hash } from 'node:crypto';
import type { VocabularyClaim } from '../../core/epcis/epcis-vocabulary.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { factJson, type VocabularyFact } from '../../core/log/fact.ts';
import { canonical } from '../../core/text/canonical.ts';
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const vocabulariesProjection: Projection = {
  tables: ['vocabularies'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'vocabularies',
      { seq: 'bigint', party: 'text', vocabulary: 'text', name: 'text', content: 'text' },
      ofKind(batch, 'vocabulary').map(({ seq, fact }) => ({
        seq,
        party: fact.by,
        vocabulary: fact.vocabulary,
        name: fact.name,
        content: contentOf(fact),
      })),
    ),
  ],
};

/** The fact of a claim. */
export const vocabularyFact = (
  by: PartyId,
  { context, ...claim }: VocabularyClaim,
  original: string | null,
): VocabularyFact => ({
  kind: 'vocabulary',
  by,
  ...claim,
  ...(context === null ? {} : { '@context': context }),
  ...(original === null ? {} : { original }),
});

/** What a claim says, in whatever document: 16 bytes of SHA-256, in hexadecimal. */
export function contentOf(fact: VocabularyFact): string {
  const { by: _by, original: _original, ...said } = factJson(fact);
  return hash('sha256', canonical(said)).slice(0, 32);
}

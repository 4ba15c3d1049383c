/** What an audit finds: the first thing that does not fit, and where. */
import type { Words } from '../core/codes/verdict-words.ts';

export interface Mismatch {
  /** Table, and the entry where there is one. */
  readonly table: string;
  readonly seq: number | null;
  /** An English sentence, without its full stop, that names the column and what differs. */
  readonly what: string;
  /** The same in Chinese. */
  readonly zh: string;
}

export const mismatchOf = (table: string, seq: number | null, { en, zh }: Words): Mismatch => ({
  table,
  seq,
  what: en,
  zh,
});

/** Thrown where it is found, and caught where the audit ends. */
export class Differs extends Error {
  override readonly name = 'Differs';
  readonly mismatch: Mismatch;
  constructor(table: string, seq: number | null, words: Words) {
    super(words.en);
    this.mismatch = mismatchOf(table, seq, words);
  }
}

/** What a drawing is made of: boxes and lines between them, in panels, each in words of both languages. */
import type { Bilingual } from '../../../web/words.ts';
import type { Folding } from './folding.ts';

/** What is drawn is told by the log, if only that one thing took another's place; or is missing there, or was taken back. */
export type Telling = 'told' | 'replaced' | 'missing' | 'withdrawn';

/** A line of words. */
export interface Words extends Bilingual {
  /** The entries that it rests on, as they are shown; empty where it rests on none. */
  readonly entries: string;
  readonly telling: Telling;
}

export interface SketchBox {
  readonly id: string;
  readonly title: Bilingual;
  readonly words: readonly Words[];
  /** Somebody or something that is not known, or not for this reader, or that the log no longer tells of. */
  readonly isHidden: boolean;
  /** It stands for all others of its level. */
  readonly isMany: boolean;
}

export interface SketchLine {
  readonly from: string;
  readonly to: string;
  readonly words: readonly Words[];
  readonly telling: Telling;
}

export interface Panel {
  readonly boxes: readonly SketchBox[];
  readonly lines: readonly SketchLine[];
  /** How many of what it tells is drawn together with others. */
  readonly together: number;
}

export const same = (text: string): Bilingual => ({ zh: text, en: text });
export const plain = (words: Bilingual): Words => ({ entries: '', telling: 'told', ...words });

/** Entries as they are shown: all of a few, else the first and the last. */
export const entriesOf = (seqs: readonly number[]): string =>
  seqs.length > 3 ? `#${seqs[0]} … #${seqs.at(-1)}` : seqs.map((seq) => `#${seq}`).join(' ');

/** How many of a panel's nodes share a box. */
export const sharing = ({ boxes }: Folding): number =>
  [...boxes.values()].reduce((sum, ids) => sum + (ids.length > 1 ? ids.length : 0), 0);

/** The first words of many, and how many more there are. */
export function firstOf(words: readonly Words[], max: number, more: (count: number) => Bilingual): Words[] {
  return words.length <= max ? [...words] : [...words.slice(0, max), plain(more(words.length - max))];
}

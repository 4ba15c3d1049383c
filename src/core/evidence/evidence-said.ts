/** A sentence of a report, in both languages, and the entries that it rests on. */
import type { Words } from '../codes/verdict-words.ts';

export interface Said extends Words {
  readonly seqs: readonly number[];
}

export const said = (seqs: readonly number[], zh: string, en: string): Said => ({ seqs, zh, en });

export const entriesOf = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`);

/** The last second that a Date holds (ECMAScript §21.4.1.1). */
const secondsMax = 8_640_000_000_000;
export const dateOf = (seconds: number): string =>
  seconds <= secondsMax ? new Date(seconds * 1000).toISOString() : String(seconds);

/** Things named one by one in a sentence. */
const namedMax = 12;

/** The names of things, or where they are many the first and how many there are. */
export function namesOf(epcs: readonly string[]): Words {
  if (epcs.length <= namedMax) return { zh: epcs.join('、'), en: epcs.join(', ') };
  const first = epcs.slice(0, 3);
  return {
    zh: `${first.join('、')} 等 ${epcs.length} 项`,
    en: `${first.join(', ')} and ${epcs.length - first.length} more`,
  };
}

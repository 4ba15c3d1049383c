/**
 * Clues: what the public does, that is scans (scans.ts) and reports (reported.ts, complaint-burst.ts). They are no facts:
 * whoever scans or reports may say anything. So what rests on them never changes a verdict, is kept apart from what follows
 * from the log, and is at most a reason to go and look.
 */
import type { FoundBy } from './rule.ts';

export interface Clue {
  /** ms since the epoch. */
  readonly at: number;
  /** GB/T 2260; null when the person gave none. */
  readonly region: string | null;
}

/** What a rule finds in clues: between which of them, how many, and in which regions. */
export interface ClueFound<Rule extends string> extends Omit<FoundBy<Rule>, 'seqs'> {
  /** ms since the epoch, both inclusive. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly regions: readonly string[];
  /** Of a rule that compares with what is usual: how many were expected, and from how many on it is found. */
  readonly usual?: { readonly expected: number; readonly needed: number };
}

/** The clues that a finding rests on, told; at least one. */
export function restingOn(clues: readonly Clue[]): Omit<ClueFound<string>, 'rule' | 'severity'> {
  const times = clues.map(({ at }) => at);
  const regions = [...new Set(clues.flatMap(({ region }) => region ?? []))].sort();
  return { first: Math.min(...times), last: Math.max(...times), count: clues.length, regions };
}

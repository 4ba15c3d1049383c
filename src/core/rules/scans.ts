/**
 * What rules about scans look at: how often and where the public looked at the code of one thing, and what the log says
 * of it. Scans are no facts: who says where it scanned may say anything, and scans are deleted in time. So what rests on
 * them never changes a verdict, is kept apart from what follows from the log, and is at most a reason to go and look.
 *
 * Scans by link previews and crawlers, and those by parties with their token, are not among them. A region counts only
 * if the person gave it: none is ever guessed from a network address.
 */
import type { LifecycleState } from '../life/lifecycle-state.ts';
import type { FoundBy } from './rule.ts';
import type { Thresholds } from './thresholds.ts';

/** One device on one day. */
export interface ScanSeen {
  /** ms since the epoch. */
  readonly at: number;
  /** GB/T 2260, no finer than a prefecture; null when the person gave none. */
  readonly region: string | null;
  /** The signature was not good: a copy that bears this thing's number. */
  readonly forged: boolean;
}

/** How often things of a product are scanned that are scanned at all, within `scan-window-days`. */
export interface Baseline {
  readonly things: number;
  /** Of the number of scans beyond the first. */
  readonly mean: number;
  readonly variance: number;
}

export interface ScannedThing {
  /** In order of time. */
  readonly scans: readonly ScanSeen[];
  readonly state: LifecycleState;
  /** When and in which region it was sold to whoever uses it; null while it is in the trade, or nobody told where. */
  readonly sold: { readonly at: number; readonly region: string } | null;
  /** Of its product; null when too little is known. */
  readonly baseline: Baseline | null;
  readonly thresholds: Thresholds;
}

/** What a rule finds in scans: between which of them, how many, and in which regions. */
export interface ScanFound<Rule extends string> extends Omit<FoundBy<Rule>, 'seqs'> {
  readonly first: number;
  readonly last: number;
  readonly scans: number;
  readonly regions: readonly string[];
}

/** The scans that a finding rests on, told. */
export function restingOn(scans: readonly ScanSeen[]): Omit<ScanFound<string>, 'rule' | 'severity'> {
  const times = scans.map(({ at }) => at);
  const regions = [...new Set(scans.flatMap(({ region }) => region ?? []))].sort();
  return { first: Math.min(...times), last: Math.max(...times), scans: scans.length, regions };
}

/**
 * What rules about scans look at: how often and where the public looked at the code of one thing, and what the log says
 * of it. Scans are clues (clues.ts), and deleted in time.
 *
 * Scans by link previews and crawlers, and those by parties with their token, are not among them. A region counts only
 * if the person gave it: none is ever guessed from a network address.
 */
import type { LifecycleState } from '../life/lifecycle-state.ts';
import type { Clue } from './clues.ts';
import type { Position } from './thing.ts';
import type { Thresholds } from './thresholds.ts';

/** One device on one day. Its region is no finer than a prefecture. */
export interface ScanSeen extends Clue {
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

/** A hop with the thing at hand, and where that was. */
export interface Whereabout {
  /** ms since the epoch; the hop was some time between them. */
  readonly from: number;
  readonly until: number;
  readonly position: Position;
}

export interface ScannedThing {
  /** In order of time. */
  readonly scans: readonly ScanSeen[];
  /** Scans of its code while no entry named it. */
  readonly strays: readonly Clue[];
  /** When its code was issued; null where it never was. */
  readonly issuedAt: number | null;
  /** By when it is looked at, ms since the epoch. */
  readonly asOf: number;
  /** How long others may take to record their part, ms. */
  readonly graceMs: number;
  readonly state: LifecycleState;
  /** When it was sold to whoever uses it, where and to where as far as told; null while it is in the trade, or nobody told where. */
  readonly sold: { readonly at: number; readonly regions: readonly string[] } | null;
  /** Where those whose word counts recorded it, in any order. */
  readonly recorded: readonly Whereabout[];
  /** Of its product; null when too little is known. */
  readonly baseline: Baseline | null;
  readonly thresholds: Thresholds;
}

/** How clues of one kind are looked at in a pass of the watch over them. */
import type { Sql } from '../../database/connection.ts';
import type { Docket } from './docket.ts';

export interface LookOptions {
  readonly sql: Sql;
  readonly docket: Docket;
  /** When the watch began, ms since the epoch. */
  readonly began: number;
}

export interface Turn {
  /** When the pass began, ms since the epoch. */
  readonly at: number;
  stopped(): boolean;
  /** Does a step in one transaction; others that look at the same time wait for it. */
  step(work: (connection: Sql) => Promise<void>): Promise<void>;
}

/** Looks at what came since it looked last. */
export type Look = (turn: Turn) => Promise<void>;

/** Rows of other processes may come so late, ms. */
export const lateMs = 5 * 60_000;
/** Things a step looks at. */
export const chunk = 500;

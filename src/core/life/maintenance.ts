/**
 * When a thing is next due for maintenance: the one definition behind states, verdicts, what is overdue and findings.
 *
 *   a hop tells when next               until the end of that day
 *   a service that tells no such day    so many months after it as the product said then from one to the next; no day where it
 *                                       said nothing
 *   the thing is made                   so many months after it as the product said then until the first; or, where it said
 *                                       nothing of the first, from one to the next
 *
 * The first counts from production, and not from installation, as for fire extinguishers (GB 50444-2008 §5.3.2: five years
 * after leaving the factory for dry powder, then every two). What was made or serviced before its product said how often
 * is due by no day, for nobody could know; neither is old stock, of which nobody says when it was made.
 *
 * Example: first after 60 months, then every 24: made on 2019-03-02, due by 2024-03-02; serviced on 2024-02-20 without a
 * word on when next, due by 2026-02-20.
 */
import { dateOf, endOf, monthsAfter } from '../china-dates.ts';
import { type HopRecord, isServiced } from '../events/hop.ts';

/** What a version of a product says of its maintenance, months; null where it says nothing. */
export interface MaintenanceInterval {
  readonly seq: number;
  /** From production to the first. */
  readonly first: number | null;
  /** From one to the next. */
  readonly next: number | null;
}

/** The last moment by which a thing is to be serviced, and the entry from which that follows. */
export interface Due {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
}

const dueIn = (hop: HopRecord, months: number | null): Due | null =>
  months === null ? null : { seq: hop.seq, at: endOf(monthsAfter(dateOf(hop.until), months)) };

/** In force when an entry was recorded. `intervals` in order of seq. */
const intervalAt = (
  intervals: readonly MaintenanceInterval[],
  seq: number,
): MaintenanceInterval | undefined => intervals.findLast((it) => it.seq < seq);

/** Of a thing that was just made. */
export function dueFirst(hop: HopRecord, intervals: readonly MaintenanceInterval[]): Due | null {
  const told = intervalAt(intervals, hop.seq);
  return dueIn(hop, told?.first ?? told?.next ?? null);
}

/** After a hop whose word counts; `before` where it says and does nothing about that. */
export function dueAfter(
  before: Due | null,
  hop: HopRecord,
  intervals: readonly MaintenanceInterval[],
): Due | null {
  if (hop.nextDue !== null) return { seq: hop.seq, at: hop.nextDue };
  return isServiced(hop) ? dueIn(hop, intervalAt(intervals, hop.seq)?.next ?? null) : before;
}

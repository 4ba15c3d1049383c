/**
 * The order of events by an extension member (EPCIS 2.0 §8.2.7.1, orderBy), named as parameters name it:
 *
 *   orderBy=acme:line   orderBy=ILMD_cbvmda:lotNumber   orderBy=INNER_acme:shift
 *
 * Nobody says of which type such a member is: what reads as a number counts as one, as in the event hash and in the
 * comparisons of parameters, then come moments, then texts by their code points. The first value of several counts.
 * Events that lack it come last in either direction (the standard: in any position), and of equals that was recorded
 * first which comes first in the direction.
 */
import { ok, type Result } from '../../errors.ts';
import { compareCodePoints, type JsonObject } from '../text/canonical.ts';
import { firstExtension } from './epcis-query-extension.ts';
import { momentOf, numberOf, type QueryReading, wrong } from './epcis-query-tests.ts';

/** A value by which events are sorted; null where an event lacks it. */
export type SortKey = number | string | Moment | null;
interface Moment {
  /** ms since the epoch. */
  readonly at: number;
}

/** Finds the value by which an event is sorted. */
export type SortBy = (event: JsonObject) => SortKey;

export type Direction = 'ASC' | 'DESC';

/** An event in its place among others. */
export interface Placed {
  readonly key: SortKey;
  readonly seq: number;
}

/** Reads what orderBy names. Fault: `invalid-query`. */
export function sortByOf(name: string, reading: QueryReading): Result<SortBy> {
  const value = firstExtension(name, reading);
  if (value === null)
    return wrong('orderBy', `${name} is no member that can be sorted by, or nobody said what its prefix is.`);
  return ok((event) => {
    const found = value(event);
    if (found === null) return null;
    const text = String(found);
    const moment = numberOf(text) === null ? momentOf(text) : null;
    return numberOf(text) ?? (moment === null ? text : { at: moment });
  });
}

/** Numbers, moments, texts. */
const rank = (key: number | string | Moment): number => {
  if (typeof key === 'number') return 0;
  return typeof key === 'string' ? 2 : 1;
};

function compareKeys(a: number | string | Moment, b: number | string | Moment): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  if (typeof a === 'object' && typeof b === 'object') return a.at - b.at;
  return rank(a) - rank(b);
}

/** The order of two events. */
export function comparePlaced(a: Placed, b: Placed, direction: Direction): number {
  if (a.key === null && b.key !== null) return 1;
  if (a.key !== null && b.key === null) return -1;
  const sign = a.key === null || b.key === null ? 0 : compareKeys(a.key, b.key);
  return (sign || a.seq - b.seq) * (direction === 'ASC' ? 1 : -1);
}

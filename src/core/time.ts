/**
 * Event times: RFC 3339 date-times with their zone kept, or a bare date with an offset.
 *
 * Format: RFC 3339 §5.6 in the narrower form that EPCIS 2.0 takes (xsd:dateTimeStamp): upper-case `T` and `Z`,
 * offset at most ±14:00, any number of second fractions up to nine. A bare date (`2025-07-01+08:00`, xsd:date)
 * is allowed where only the day is known. Milliseconds are rounded as CBV 2.0 §8.9 rounds them: up when the
 * fourth decimal is 5 to 9.
 *
 * A time whose precision is coarser than the millisecond is the interval of that day, hour, minute or second
 * at the sender's own clock:
 *
 *   parseEventTime('2025-07-01T10:30:00+08:00')         10:30:00.000 exactly
 *   parseEventTime('2025-07-01T10:30:00+08:00', 'day')  2025-06-30T16:00:00.000Z … 2025-07-01T15:59:59.999Z
 *   parseEventTime('2025-07-01+08:00')                  the same day
 */
import { fault, ok, type Result } from '../errors.ts';

/** From coarse to fine. */
export const precisions = ['day', 'hour', 'minute', 'second', 'millisecond'] as const;
export type Precision = (typeof precisions)[number];

export interface EventTime {
  /** First and last millisecond since the epoch that the time may mean; equal at millisecond precision. */
  readonly from: number;
  readonly until: number;
  /** `±hh:mm`; `Z` reads as `+00:00`. */
  readonly offset: string;
  /** The date-time as sent; a bare date as the start of its day. */
  readonly text: string;
  readonly precision: Precision;
}

const precisionMs: Readonly<Record<Precision, number>> = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
  millisecond: 1,
};

const form =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;

/**
 * Reads an event time. `precision` coarser than the text widens it; without it a date-time is exact and a bare
 * date is a day. Faults: `invalid-time`.
 */
export function parseEventTime(text: string, precision?: Precision): Result<EventTime> {
  const match = form.exec(text);
  if (!match) return invalid('Write the time as 2025-07-01T10:30:00+08:00, with its zone.');
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  if (zone === undefined || zone === '-00:00') {
    return invalid('-00:00 says that the zone is unknown; give the offset of the place where it happened.');
  }
  if (hour === undefined && precision !== undefined && precision !== 'day') {
    return invalid(`A bare date is precise to the day, not to the ${precision}; add the time of day.`);
  }
  const midnight = dayStart(Number(year), Number(month), Number(day));
  if (midnight === null) return invalid('There is no such day between the years 1970 and 9999.');
  const [h, m, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)];
  if (h > 23 || m > 59 || s > 59) {
    return invalid('Hours run from 00 to 23, minutes and seconds from 00 to 59; leap seconds are not taken.');
  }
  const local = midnight + h * 3_600_000 + m * 60_000 + s * 1_000 + roundedMs(fraction ?? '');
  const offset = zone === 'Z' ? '+00:00' : zone;
  const kind = precision ?? (hour === undefined ? 'day' : 'millisecond');
  const width = precisionMs[kind];
  const from = Math.floor(local / width) * width - offsetMs(offset);
  if (from < 0) return invalid('There is no such day between the years 1970 and 9999.');
  return ok({
    from,
    until: from + width - 1,
    offset,
    text: hour === undefined ? `${text.slice(0, 10)}T00:00:00${zone}` : text,
    precision: kind,
  });
}

/**
 * Refuses a time that begins later than the clock and its skew allow. `now` in ms since the epoch.
 * Faults: `future-time`.
 */
export function notFuture(time: EventTime, now: number, skewMs = 120_000): Result<EventTime> {
  if (time.from <= now + skewMs) return ok(time);
  return fault('future-time', 'The time lies in the future; set your clock, or check the date and its zone.');
}

/** A calendar day `YYYY-MM-DD` between 1970 and 9999. Faults: `invalid-time`. */
export function parseDate(text: string): Result<string> {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match || dayStart(Number(match[1]), Number(match[2]), Number(match[3])) === null) {
    return invalid('Write the date as 2025-07-01, a day between the years 1970 and 9999.');
  }
  return ok(text);
}

/** The last millisecond of a day at the given offset; null when the day is none. */
export function dayEnd(date: string, offset: string): number | null {
  const time = parseEventTime(`${date}${offset}`);
  return time.ok ? time.value.until : null;
}

const invalid = (detail: string) => fault('invalid-time', detail);

/** UTC midnight of a day as if it were UTC, in ms since the epoch; null when the calendar has no such day. */
function dayStart(year: number, month: number, day: number): number | null {
  if (year < 1970) return null;
  return month < 1 || month > 12 || day < 1 || day > daysOf(year, month)
    ? null
    : Date.UTC(year, month - 1, day);
}

const daysOf = (year: number, month: number): number =>
  month === 2
    ? isLeap(year)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const roundedMs = (fraction: string): number =>
  Number(fraction.slice(0, 3).padEnd(3, '0')) + (Number(fraction[3] ?? 0) >= 5 ? 1 : 0);

/** ms by which local time is ahead of UTC. */
const offsetMs = (offset: string): number =>
  (offset.startsWith('-') ? -60_000 : 60_000) *
  (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6)));

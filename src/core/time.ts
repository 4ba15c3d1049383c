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

const form = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;

/** The last moment of the year 9999 in UTC. */
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Reads an event time. `precision` coarser than the text widens it; without it a date-time is exact and a bare
 * date is a day. Faults: `invalid-time`.
 */
export function parseEventTime(text: string, precision?: Precision): Result<EventTime> {
  if (!form.test(text)) return invalid('Write the time as 2025-07-01T10:30:00+08:00, with its zone.');
  // Every event is timed several times over: once its form is known, digits are read where they stand.
  const zoneAt = text.endsWith('Z') ? text.length - 1 : text.length - 6;
  const zone = text.slice(zoneAt);
  if (zone === '-00:00') {
    return invalid('-00:00 says that the zone is unknown; give the offset of the place where it happened.');
  }
  const isDate = zoneAt === dateLength;
  if (isDate && precision !== undefined && precision !== 'day') {
    return invalid(`A bare date is precise to the day, not to the ${precision}; add the time of day.`);
  }
  const midnight = dayStart(
    100 * twoDigits(text, 0) + twoDigits(text, 2),
    twoDigits(text, 5),
    twoDigits(text, 8),
  );
  if (midnight === null) return invalid('There is no such day between the years 1970 and 9999.');
  let local = midnight;
  if (!isDate) {
    const [h, m, s] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
    if (h > 23 || m > 59 || s > 59) {
      return invalid(
        'Hours run from 00 to 23, minutes and seconds from 00 to 59; leap seconds are not taken.',
      );
    }
    local += h * 3_600_000 + m * 60_000 + s * 1_000 + roundedMs(text.slice(20, zoneAt));
  }
  const offset = zone === 'Z' ? '+00:00' : zone;
  const kind = precision ?? (isDate ? 'day' : 'millisecond');
  const width = precisionMs[kind];
  const from = Math.floor(local / width) * width - offsetMs(offset);
  const until = from + width - 1;
  // West of Greenwich the last day of 9999 reaches into a year that neither ISO 8601 nor PostgreSQL writes in four digits.
  if (from < 0 || until > lastMs) return invalid('There is no such day between the years 1970 and 9999.');
  return ok({
    from,
    until,
    offset,
    text: isDate ? `${text.slice(0, dateLength)}T00:00:00${zone}` : text,
    precision: kind,
  });
}

/** How far a sender's clock may be ahead of ours, ms. */
const skewMs = 120_000;

/**
 * Refuses a time that begins later than the clock and its skew allow. `now` in ms since the epoch.
 * Faults: `future-time`.
 */
export function notFuture(time: EventTime, now: number): Result<EventTime> {
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

const dateLength = 'YYYY-MM-DD'.length;

/** A number of two digits, which stand there. */
const twoDigits = (text: string, at: number): number =>
  10 * (text.charCodeAt(at) - zeroCode) + (text.charCodeAt(at + 1) - zeroCode);
const zeroCode = '0'.charCodeAt(0);

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
  fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0')) + (Number(fraction[3] ?? 0) >= 5 ? 1 : 0);

/** ms by which local time is ahead of UTC. */
const offsetMs = (offset: string): number =>
  (offset.startsWith('-') ? -60_000 : 60_000) * (60 * twoDigits(offset, 1) + twoDigits(offset, 4));

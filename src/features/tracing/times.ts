/** Event times as they were told: in the teller's own zone, with the precision the teller had. */
import type { Precision } from '../../core/time.ts';

const minuteMs = 60_000;
/** Length of an interval less one, by precision. */
const precisionOfWidth: ReadonlyMap<number, Precision> = new Map([
  [0, 'millisecond'],
  [999, 'second'],
  [minuteMs - 1, 'minute'],
  [60 * minuteMs - 1, 'hour'],
  [24 * 60 * minuteMs - 1, 'day'],
]);

/**
 * RFC 3339 with milliseconds and the offset in minutes.
 * Example: toldTime(1751337000000, 480) is 2025-07-01T10:30:00.000+08:00.
 */
export function toldTime(ms: number, zone: number): string {
  const local = new Date(ms + zone * minuteMs).toISOString().slice(0, -1);
  const size = Math.abs(zone);
  const pair = (n: number): string => String(n).padStart(2, '0');
  return `${local}${zone < 0 ? '-' : '+'}${pair(Math.floor(size / 60))}:${pair(size % 60)}`;
}

/** How exactly an event time is known, by its first and last ms. */
export const precisionOf = (from: number, until: number): Precision =>
  precisionOfWidth.get(until - from) ?? 'millisecond';

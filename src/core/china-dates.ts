/** Days and months as the calendar in China has them (UTC+8 all year), where production dates and services fall due. */
/** The zone as texts have it. */
export const chinaZone = '+08:00';
const offsetMs = 8 * 3_600_000;

/** `YYYY-MM-DD` of a moment in ms since the epoch. */
export const dateOf = (ms: number): string => new Date(ms + offsetMs).toISOString().slice(0, 10);

/** `YYYY-MM` of a moment. */
export const monthOf = (ms: number): string => dateOf(ms).slice(0, 7);

/** The date so many months later; on the last day of a month that is too short. `2024-01-31` + 1 is `2024-02-29`. */
export function monthsAfter(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(day, days));
  return first.toISOString().slice(0, 10);
}

/** First ms of a date, and its last. */
export const startOf = (date: string): number => Date.parse(`${date}T00:00:00.000${chinaZone}`);
export const endOf = (date: string): number => Date.parse(`${date}T23:59:59.999${chinaZone}`);

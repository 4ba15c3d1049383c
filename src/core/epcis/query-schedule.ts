/**
 * When a standing query is asked again (EPCIS 2.0 §8.2.5.3): fields as in cron, each a list of numbers and ranges.
 *
 *   {"hour":"1","minute":"5"}                every day at 01:05:00
 *   {"dayOfWeek":"[1-5]","hour":"8,16"}      Monday to Friday at 08:00:00 and 16:00:00
 *   {"second":"0,30"}, {"second":"0/30"}     every half minute
 *
 * A moment fits when it fits every field. What is left out fits always, unless it is finer than all that is given: then
 * it is the least, so that an hour alone means its beginning. Times are UTC; Monday is day 1 of the week.
 */
import { fault, ok, type Result } from '../../errors.ts';

/** From coarse to fine, with the least and the largest value of each. */
const fields = {
  month: [1, 12],
  dayOfMonth: [1, 31],
  dayOfWeek: [1, 7],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
} as const satisfies Record<string, readonly [number, number]>;
type Field = keyof typeof fields;
const names: readonly Field[] = ['month', 'dayOfMonth', 'dayOfWeek', 'hour', 'minute', 'second'];

export type Schedule = Readonly<Record<Field, readonly number[]>>;

/** Reads a schedule. `at`: pointer to the object that its fields stand in. Fault: `invalid-subscription`. */
export function parseSchedule(value: Readonly<Record<string, unknown>>, at: string): Result<Schedule> {
  const wrong = (field: string, detail: string) =>
    fault('invalid-subscription', `${field}: ${detail}`, `${at}/${field}`);
  const given = names.filter((name) => value[name] !== undefined);
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) return wrong(unknown, `there is no such field; give ${names.join(', ')}.`);
  if (given.length === 0) return wrong('hour', 'give at least one field.');
  const finest = Math.max(...given.map((name) => names.indexOf(name)));
  const schedule: Record<Field, readonly number[]> = { ...everything };
  for (const [i, name] of names.entries()) {
    const said = value[name];
    if (said === undefined) {
      if (i > finest && name !== 'dayOfMonth' && name !== 'dayOfWeek') schedule[name] = [fields[name][0]];
    } else {
      const read = typeof said === 'string' && said.length <= 200 ? numbersOf(said, fields[name]) : null;
      if (read === null)
        return wrong(name, `write numbers from ${fields[name].join(' to ')} and ranges, such as 1,[3-5].`);
      schedule[name] = read;
    }
  }
  // A month by itself begins with its first day.
  if (given.every((name) => name === 'month')) schedule.dayOfMonth = [1];
  return nextTime(schedule, 0) === null ? wrong('dayOfMonth', 'there is no such day.') : ok(schedule);
}

const allOf = ([least, most]: readonly [number, number]): number[] =>
  Array.from({ length: most - least + 1 }, (_, i) => least + i);
const everything: Schedule = {
  month: allOf(fields.month),
  dayOfMonth: allOf(fields.dayOfMonth),
  dayOfWeek: allOf(fields.dayOfWeek),
  hour: allOf(fields.hour),
  minute: allOf(fields.minute),
  second: allOf(fields.second),
};

function numbersOf(text: string, [least, most]: readonly [number, number]): readonly number[] | null {
  const found = new Set<number>();
  for (const element of text.split(',')) {
    // From a number on every so many, as the example of the REST binding has it, or a range.
    const [, first, last, every] =
      /^\[?(\d{1,2})(?:-(\d{1,2}))?\]?(?:\/(\d{1,2}))?$/.exec(element.trim()) ?? [];
    const [from, step] = [Number(first), Number(every ?? 1)];
    const to = Number(last ?? (every === undefined ? first : most));
    if (first === undefined || from < least || to > most || from > to || step < 1) return null;
    for (let number = from; number <= to; number += step) found.add(number);
  }
  return [...found].sort((a, b) => a - b);
}

const dayMs = 86_400_000;
/** Every date comes within 40 years with every day of the week: 29 February on one day of the week only by then. */
const daysMax = 40 * 366;

/** The first moment after `after` that fits, ms since the epoch; null when none ever does. */
export function nextTime(schedule: Schedule, after: number): number | null {
  const start = Math.floor(after / 1000) * 1000 + 1000;
  let day = Math.floor(start / dayMs) * dayMs;
  for (let days = 0; days < daysMax; days++, day += dayMs) {
    const date = new Date(day);
    const fits =
      schedule.month.includes(date.getUTCMonth() + 1) &&
      schedule.dayOfMonth.includes(date.getUTCDate()) &&
      schedule.dayOfWeek.includes(date.getUTCDay() === 0 ? 7 : date.getUTCDay());
    const time = fits ? timeWithin(schedule, Math.max(0, start - day)) : null;
    if (time !== null) return day + time;
  }
  return null;
}

/** The first time of a day that is not before, ms since its beginning. */
function timeWithin({ hour, minute, second }: Schedule, least: number): number | null {
  for (const h of hour) {
    if ((h + 1) * 3_600_000 <= least) continue;
    for (const m of minute) {
      if (h * 3_600_000 + (m + 1) * 60_000 <= least) continue;
      for (const s of second) {
        const time = h * 3_600_000 + m * 60_000 + s * 1000;
        if (time >= least) return time;
      }
    }
  }
  return null;
}

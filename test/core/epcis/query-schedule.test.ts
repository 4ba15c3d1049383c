import t from 'tap';
import { nextTime, parseSchedule } from '../../../src/core/epcis/query-schedule.ts';

const after = (schedule: Record<string, string>, moment: string, times = 1): string[] => {
  const read = parseSchedule(schedule, '');
  if (!read.ok) throw new Error(read.detail);
  let at = Date.parse(moment);
  return Array.from({ length: times }, () => {
    at = nextTime(read.value, at) ?? Number.NaN;
    return new Date(at).toISOString().replace('.000Z', '');
  });
};

t.test('the examples of the file', async (t) => {
  const moment = '2025-07-04T01:05:00Z'; // a Friday
  t.strictSame(after({ hour: '1', minute: '5' }, moment, 2), ['2025-07-05T01:05:00', '2025-07-06T01:05:00']);
  t.strictSame(after({ hour: '1', minute: '5' }, '2025-07-04T01:04:59.999Z'), ['2025-07-04T01:05:00']);
  t.strictSame(after({ dayOfWeek: '[1-5]', hour: '8,16' }, moment, 3), [
    '2025-07-04T08:00:00',
    '2025-07-04T16:00:00',
    '2025-07-07T08:00:00',
  ]);
  for (const second of ['0,30', '0/30'])
    t.strictSame(after({ second }, moment, 2), ['2025-07-04T01:05:30', '2025-07-04T01:06:00'], second);
});

t.test('what is left out fits always, or is the least', async (t) => {
  const moment = '2025-07-04T01:05:00Z';
  t.strictSame(after({ month: '2', dayOfMonth: '29' }, moment), ['2028-02-29T00:00:00']);
  t.strictSame(after({ month: '1,[10-12]' }, moment, 2), ['2025-10-01T00:00:00', '2025-11-01T00:00:00']);
  t.strictSame(after({ dayOfWeek: '7' }, moment), ['2025-07-06T00:00:00']);
  t.strictSame(after({ dayOfMonth: '31' }, '2025-08-31T00:00:00Z'), ['2025-10-31T00:00:00']);
  t.strictSame(after({ hour: '1', second: '10' }, moment), ['2025-07-04T01:05:10']);
  t.strictSame(after({ minute: '0' }, moment), ['2025-07-04T02:00:00']);
});

t.test('what is no schedule is refused', async (t) => {
  const schedules: readonly Record<string, unknown>[] = [
    {},
    { hour: '24' },
    { second: '0/0' },
    { second: '*/5' },
    { hour: '-1' },
    { hour: '5-3' },
    { hour: '' },
    { hour: '*' },
    { hour: 1 },
    { dayOfWeek: '0' },
    { day: '1' },
    { month: '2', dayOfMonth: '30' },
    { constructor: '1' },
  ];
  t.match(parseSchedule({ hour: '24' }, '/schedule'), { pointer: '/schedule/hour', detail: /^hour: / });
  for (const schedule of schedules)
    t.match(
      parseSchedule(schedule, ''),
      { ok: false, code: 'invalid-subscription' },
      JSON.stringify(schedule),
    );
});

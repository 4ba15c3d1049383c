import fc from 'fast-check';
import t from 'tap';
import { dayEnd, notFuture, parseDate, parseEventTime, precisions } from '../../src/core/time.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const read = (text: string, precision?: (typeof precisions)[number]) => {
  const time = parseEventTime(text, precision);
  return time.ok
    ? [iso(time.value.from), iso(time.value.until), time.value.offset, time.value.text]
    : time.code;
};

t.test('times are read with their zone, coarse ones as the interval at the sender’s clock', async (t) => {
  const tenThirty = '2025-07-01T10:30:00+08:00';
  t.strictSame(
    [
      read(tenThirty),
      read(tenThirty, 'day'),
      read(tenThirty, 'hour'),
      read('2025-07-01+08:00'),
      read('2025-07-01T10:30:00.1415Z'),
      read('2025-07-01T10:30:00.1414999Z', 'second'),
      read('2024-02-29T23:59:59-03:30', 'minute'),
    ],
    [
      ['2025-07-01T02:30:00.000Z', '2025-07-01T02:30:00.000Z', '+08:00', tenThirty],
      ['2025-06-30T16:00:00.000Z', '2025-07-01T15:59:59.999Z', '+08:00', tenThirty],
      ['2025-07-01T02:00:00.000Z', '2025-07-01T02:59:59.999Z', '+08:00', tenThirty],
      ['2025-06-30T16:00:00.000Z', '2025-07-01T15:59:59.999Z', '+08:00', '2025-07-01T00:00:00+08:00'],
      ['2025-07-01T10:30:00.142Z', '2025-07-01T10:30:00.142Z', '+00:00', '2025-07-01T10:30:00.1415Z'],
      ['2025-07-01T10:30:00.000Z', '2025-07-01T10:30:00.999Z', '+00:00', '2025-07-01T10:30:00.1414999Z'],
      ['2024-03-01T03:29:00.000Z', '2024-03-01T03:29:59.999Z', '-03:30', '2024-02-29T23:59:59-03:30'],
    ],
  );
});

t.test('what is no time is refused', async (t) => {
  const refused = [
    '2025-07-01T10:30:00',
    '2025-07-01',
    '2025-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-01T00:00:00Z',
    '2025-04-31T00:00:00Z',
    '2025-07-00T00:00:00Z',
    '2025-07-01T24:00:00Z',
    '2025-07-01T10:60:00Z',
    '2025-06-30T23:59:60Z',
    '2025-07-01T10:30Z',
    '2025-07-01t10:30:00z',
    '2025-07-01 10:30:00Z',
    '2025-07-01T10:30:00-00:00',
    '2025-07-01T10:30:00+14:01',
    '2025-07-01T10:30:00+0800',
    '2025-07-01T10:30:00.1234567890Z',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+08:00',
    '10000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-00:01',
    '9999-12-31T23:59:59.9996Z',
    '9999-12-31-12:00',
    ' 2025-07-01T10:30:00Z',
    '٢٠٢٥-07-01T10:30:00Z',
  ];
  t.strictSame(
    refused.filter((text) => parseEventTime(text).ok),
    [],
  );
  t.strictSame(
    refused.map((text) => read(text)),
    refused.map(() => 'invalid-time'),
  );
  t.equal(read('2025-07-01Z', 'minute'), 'invalid-time', 'a bare date is no finer than a day');
});

t.test('a time beyond the skew lies in the future', async (t) => {
  const now = Date.parse('2025-07-01T02:30:00Z');
  const judged = (text: string, precision?: 'day') => {
    const time = parseEventTime(text, precision);
    if (!time.ok) return time.code;
    const judgement = notFuture(time.value, now);
    return judgement.ok ? 'ok' : judgement.code;
  };
  t.strictSame(
    [
      judged('2025-07-01T10:32:00+08:00'),
      judged('2025-07-01T10:32:00.001+08:00'),
      judged('2025-07-01T23:00:00+08:00', 'day'),
      judged('2025-07-02+08:00'),
    ],
    ['ok', 'future-time', 'ok', 'future-time'],
  );
});

t.test('days', async (t) => {
  t.strictSame(
    ['2024-02-29', '2025-02-29', '2025-7-1', '1969-12-31'].map((it) => parseDate(it).ok),
    [true, false, false, false],
  );
  t.equal(iso(dayEnd('2025-07-01', '+08:00') ?? 0), '2025-07-01T15:59:59.999Z');
  t.equal(dayEnd('2025-02-30', '+08:00'), null);
});

t.test('every instant survives a round trip and lies in its own coarser intervals', async () => {
  const instant = fc.integer({ min: 86_400_000, max: Date.parse('9999-12-30T00:00:00Z') });
  fc.assert(
    fc.property(instant, fc.constantFrom(...precisions), (ms, precision) => {
      const exact = parseEventTime(iso(ms));
      const coarse = parseEventTime(iso(ms), precision);
      if (!exact.ok || !coarse.ok) return false;
      return exact.value.from === ms && coarse.value.from <= ms && ms <= coarse.value.until;
    }),
  );
});

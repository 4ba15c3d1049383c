import t from 'tap';
import { retryAfterMs } from '../../src/core/retrying.ts';

t.test('waits grow to four hours, each within a quarter of its middle', async (t) => {
  const middles = Array.from({ length: 9 }, (_, i) => retryAfterMs(i + 1, 0.5) / 1000);
  t.strictSame(middles, [5, 20, 80, 320, 1_280, 5_120, 14_400, 14_400, 14_400]);
  t.equal(retryAfterMs(1, 0), 3_750);
  t.ok(retryAfterMs(1, 0.999_999) <= 6_250);
  t.equal(retryAfterMs(2_000, 0.5), 14_400_000, 'also after very many');
});

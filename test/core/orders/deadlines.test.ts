import t from 'tap';
import { dueOf } from '../../../src/core/orders/deadlines.ts';

t.test('who is told late has as long as who was told at once', async (t) => {
  const day = (n: number): number => Date.parse('2026-03-01T00:00:00Z') + (n - 1) * 86_400_000;
  const order = { at: day(1), acknowledgeBy: day(8) };
  t.equal(dueOf(order, day(1)), day(8));
  t.equal(dueOf(order, day(20)), day(27));
});

import t from 'tap';
import { createKept } from '../../../src/features/verification/kept.ts';

t.test('what was kept longest ago goes first, and what is larger than all may be is not kept', async (t) => {
  const kept = createKept<string>(({ length }) => length, 10);
  const left = () => [1, 2, 3, 4].filter((unit) => kept.get(unit) !== undefined);
  kept.keep(1, 'aaaa');
  kept.keep(2, 'bbbb');
  kept.keep(1, 'aaa');
  kept.keep(3, 'ccc');
  t.strictSame([left(), kept.get(1)], [[1, 2, 3], 'aaa'], 'all that there is room for');
  kept.keep(4, 'd');
  t.strictSame(left(), [1, 3, 4], 'the second was not kept again since');
  kept.keep(3, 'c'.repeat(11));
  t.strictSame(left(), [1, 4], 'nor is its older state');
});

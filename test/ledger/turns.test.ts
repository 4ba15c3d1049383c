import t from 'tap';
import { createTurns } from '../../src/ledger/turns.ts';

const all = (take: () => string | undefined): string[] => {
  const taken: string[] = [];
  for (let next = take(); next !== undefined; next = take()) taken.push(next);
  return taken;
};

t.test('owners take turns, each in its own order', async (t) => {
  const turns = createTurns<string>();
  for (const it of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) turns.add(it.slice(0, 1), it);
  t.strictSame(
    all(() => turns.take()),
    ['a1', 'b1', 'c1', 'a2', 'c2', 'a3'],
  );
  t.equal(turns.take(), undefined);
});

t.test('what does not fit keeps its turn, and all of its owner behind it', async (t) => {
  const turns = createTurns<string>();
  for (const it of ['a-large', 'a2', 'b1', 'b2']) turns.add(it.slice(0, 1), it);
  const small = (it: string): boolean => it.length === 2;
  t.strictSame(
    all(() => turns.take(small)),
    ['b1', 'b2'],
  );
  turns.add('b', 'b3');
  t.equal(turns.take(), 'a-large');
});

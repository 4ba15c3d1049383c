import t from 'tap';
import { createTurns, type Turns } from '../../src/ledger/turns.ts';

interface Item {
  readonly name: string;
  readonly weight: number;
}
const bring = (turns: Turns<Item>, weight: number, ...names: string[]): void => {
  for (const name of names) turns.add(name.slice(0, 1), { name, weight });
};
function all(turns: Turns<Item>, fits?: (it: Item) => boolean): string[] {
  const taken: string[] = [];
  for (let next = turns.take(fits); next !== undefined; next = turns.take(fits)) taken.push(next.name);
  return taken;
}

t.test('owners take turns, each in its own order', async (t) => {
  const turns = createTurns<Item>();
  bring(turns, 1, 'a1', 'a2', 'a3', 'b1', 'c1', 'c2');
  t.strictSame(all(turns), ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
});

t.test('who had less comes first, also when it came later', async (t) => {
  const turns = createTurns<Item>();
  bring(turns, 2, 'a1', 'a2', 'a3');
  t.equal(turns.take()?.name, 'a1');
  bring(turns, 1, 'b1', 'b2');
  t.strictSame(all(turns), ['b1', 'b2', 'a2', 'a3']);
  bring(turns, 1, 'a4', 'c1');
  t.strictSame(all(turns), ['c1', 'a4'], 'what it had counts as long as there is work');
  turns.rest();
  bring(turns, 1, 'a5', 'c2');
  t.strictSame(all(turns), ['a5', 'c2']);
});

t.test('what does not fit keeps its turn, and all of its owner behind it', async (t) => {
  const turns = createTurns<Item>();
  bring(turns, 9, 'a1');
  bring(turns, 1, 'a2', 'b1', 'b2');
  t.strictSame(
    all(turns, ({ weight }) => weight < 9),
    ['b1', 'b2'],
  );
  bring(turns, 1, 'b3', 'c1');
  t.equal(turns.take()?.name, 'a1', 'nobody overtakes it for ever');
  t.strictSame(all(turns), ['c1', 'b3', 'a2']);
});

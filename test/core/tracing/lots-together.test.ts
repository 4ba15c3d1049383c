import t from 'tap';
import type { HopRecord } from '../../../src/core/events/hop.ts';
import { foldLot } from '../../../src/core/life/lot.ts';
import { lotsTogether } from '../../../src/core/tracing/lots-together.ts';
import { context, hop, party, stepOf } from '../../support/hops.ts';

const lifeOf = (made: bigint, shipped: bigint, seq: number) => {
  const measured = (record: HopRecord, amount: bigint) =>
    stepOf(record, { amount, uom: 'H87', position: 'quantity' });
  return foldLot(
    [
      measured(hop(seq, 'produce', 'A'), made),
      measured(hop(seq + 1, 'ship', 'A', { taker: party('B') }), shipped),
      measured(hop(seq + 2, 'receive', 'B', { giver: party('A') }), shipped),
    ],
    { ...context, planned: null },
  );
};

t.test('the example at the head of the file', async (t) => {
  const together = lotsTogether([lifeOf(100n, 60n, 1), lifeOf(50n, 20n, 11)]);
  t.equal(together.made, 150n);
  t.same(
    together.balances.map(({ party, level, has }) => [party, level, has]),
    [
      [party('A'), 0, 70n],
      [party('B'), 1, 80n],
    ],
  );
  t.same(
    together.edges.map(({ amount, level, seqs }) => [amount, level, seqs]),
    [[80n, 0, [2, 3, 12, 13]]],
  );
});

t.test('one lot is itself', async (t) => {
  const { made, balances: all, edges } = lifeOf(100n, 60n, 1);
  const balances = all.map(({ destroyed: _, back: __, ...balance }) => balance);
  t.same(lotsTogether([{ made, balances, edges }]), { made, balances, edges });
});

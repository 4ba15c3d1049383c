import t from 'tap';
import { hopTypes, positions } from '../../../src/core/events/hop.ts';
import { arrange, half, isBirth, orderHops, surelyBefore } from '../../../src/core/life/history.ts';
import { day, hop, hour, party, receive, ship } from '../../support/hops.ts';

const seqs = (hops: Parameters<typeof orderHops>[0]) => orderHops(hops).map((h) => h.seq);
const wholeDay = (n: number) => ({ from: n * day, until: (n + 1) * day - 1 });

t.test('the example at the head of the file: a receipt draws its shipment before itself', async (t) => {
  const shipped = hop(3, 'ship', 'A', { ...wholeDay(2), recordedAt: 3.5 * day, taker: party('B') });
  const received = hop(2, 'receive', 'B', { at: 2 * day + 15 * hour, giver: party('A') });
  t.same(seqs([received, shipped]), [3, 2]);
  const elsewhere = { ...shipped, taker: party('C') };
  t.same(seqs([received, elsewhere]), [2, 3], 'only its own');
  const slow = { ...shipped, from: received.until + 2 * hour, until: received.until + 2 * hour };
  t.same(seqs([received, slow]), [3, 2], 'within what clocks may differ');
  t.same(seqs([received, { ...slow, from: slow.from + 1, until: slow.until + 1 }]), [2, 3]);
  const first = hop(1, 'ship', 'A', { at: day, taker: party('B') });
  t.same(seqs([received, slow, first]), [1, 2, 3], 'an earlier shipment is meant first');
});

t.test('by time, then by what begins, then by seq', async (t) => {
  t.same(seqs([hop(1, 'pack', 'A', { at: 5 }), hop(2, 'pack', 'A', { at: 4 })]), [2, 1]);
  t.same(seqs([hop(2, 'pack', 'A', { at: 5 }), hop(1, 'inspect', 'A', { at: 5 })]), [1, 2]);
  t.same(seqs([hop(1, 'pack', 'A', { at: 5 }), hop(2, 'produce', 'A', { at: 5 })]), [2, 1]);
  const made = hop(9, 'produce', 'A', { ...wholeDay(1), recordedAt: 5 * day });
  t.same(seqs([hop(1, 'ship', 'A', { at: day + hour }), made]), [9, 1], 'made that day, so before');
  const seen = hop(2, 'inspect', 'A', { ...wholeDay(1), recordedAt: day + hour });
  t.same(seqs([hop(3, 'ship', 'A', { at: day + 2 * hour }), seen]), [2, 3], 'recorded by then, so it was');
  t.same(seqs([hop(3, 'ship', 'A', { at: day + 2 * hour }), { ...seen, recordedAt: 9 * day }]), [3, 2]);
  t.equal(surelyBefore(seen, made), false);
  t.equal(surelyBefore(seen, hop(4, 'ship', 'A', { at: 2 * day })), true);
});

t.test('voids and corrections count by the same recorder only, and not of each other', async (t) => {
  const a = hop(1, 'ship', 'A', { taker: party('B') });
  const voided = hop(2, 'void', 'A', { target: 1 });
  t.same(seqs([a, voided]), []);
  t.same(seqs([a, { ...voided, hop: 'correct' }]), []);
  t.same(seqs([a, { ...voided, recorder: party('B') }]), [1]);
  t.same(seqs([a, { ...voided, target: null }]), [1]);
  t.same(seqs([a, voided, hop(3, 'void', 'A', { target: 2 })]), [], 'what is void stays void');
});

t.test('a receipt whose shipment was voided after it remembers the void', async (t) => {
  const steps = (voidSeq: number) => [
    ship(2, 'A', 'B'),
    receive(4, 'B', 'A'),
    { ...ship(voidSeq, 'A', 'B'), hop: hop(voidSeq, 'void', 'A', { target: 2 }) },
  ];
  t.same(
    arrange(steps(5)).map((s) => [s.hop.seq, s.orphanedBy]),
    [[4, 5]],
  );
  t.same(
    arrange(steps(3)).map((s) => [s.hop.seq, s.orphanedBy]),
    [[4, null]],
  );
});

t.test('halves of movements and beginnings', async (t) => {
  const movements = hopTypes.filter((type) => half(hop(1, type, 'A')) !== null);
  t.same(movements, ['ship', 'receive', 'return']);
  t.equal(half(hop(1, 'return', 'A', { taker: party('A') })), 'taking');
  t.equal(half(hop(1, 'return', 'A', { giver: party('A') })), 'giving');
  const births = hopTypes.flatMap((type) =>
    positions.filter((p) => isBirth(hop(1, type, 'A', { note: 'new' }), p)).map((p) => `${type} ${p}`),
  );
  t.same(births, [
    ...['epc', 'child', 'input', 'output', 'quantity'].map((p) => `produce ${p}`),
    'transform output',
    'split output',
    ...['epc', 'child', 'input', 'output', 'quantity'].map((p) => `adopt ${p}`),
    'relabel epc',
    'relabel output',
  ]);
});

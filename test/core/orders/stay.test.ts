import t from 'tap';
import type { HopNote, HopType, Position } from '../../../src/core/events/hop.ts';
import { arrange, type Step } from '../../../src/core/life/history.ts';
import { takenOutAt, takingsOut } from '../../../src/core/orders/stay.ts';
import { hop, stepOf } from '../../support/hops.ts';

const forever = Number.POSITIVE_INFINITY;
const host = 50;
const at = (seq: number): number => hop(seq, 'inspect', 'A').until;
const told = (
  seq: number,
  type: HopType,
  position: Position,
  { note = null, ...part }: { note?: HopNote | null; parent?: number; amount?: bigint } = {},
): Step => stepOf(hop(seq, type, 'A', { note }), { position, ...part });
const put = told(11, 'maintain', 'child', { note: 'parts', parent: host });
const out = (steps: readonly Step[], strange: readonly number[] = [], both: readonly number[] = []): number =>
  takenOutAt(
    takingsOut(11, arrange([put, ...steps]), (entry) => !strange.includes(entry)),
    (entry) => both.includes(entry),
  );

t.test('a part is in what it was put into until it is taken out', async (t) => {
  t.equal(out([]), forever);
  const example = [told(14, 'ship', 'epc'), told(15, 'remove', 'child'), told(18, 'remove', 'child')];
  t.equal(out(example, [], [14, 15]), at(18), 'the example of the file');
  t.equal(out(example), at(15), 'had it been removed alone');
  t.equal(out(example, [15]), at(18), 'nor when a stranger says so');
  t.equal(out(example, [15, 18]), forever);
  t.equal(out([told(9, 'remove', 'child')]), forever, 'before it was put in');
  for (const type of ['remove', 'install', 'scrap', 'destroy'] as const)
    t.equal(out([told(12, type, 'epc')]), at(12), type);
  t.equal(out([told(12, 'replace', 'child', { note: 'old', parent: 60 })]), at(12), 'replaced by another');
  for (const type of ['transform', 'split'] as const) t.equal(out([told(12, type, 'input')]), at(12), type);
  for (const type of ['ship', 'sell', 'return', 'inspect', 'maintain', 'relabel'] as const)
    t.equal(out([told(12, type, 'epc')]), forever, `${type} does not say so`);
  t.equal(out([told(12, 'install', 'parent')]), forever, 'something was installed in it');
  const again = (parent: number) => told(12, 'refill', 'child', { note: 'parts', parent });
  t.equal(out([again(60)]), at(12), 'put into something else');
  t.equal(out([again(host)]), forever, 'put into it once more');
  const taken = (parent: number) => told(12, 'maintain', 'child', { note: 'old', parent });
  t.equal(out([taken(host)]), at(12), 'taken out of it');
  t.equal(out([taken(60)]), forever, 'taken out of something else');
});

t.test('an agent stays, and of what was never put in nothing is taken out', async (t) => {
  const agent = told(11, 'refill', 'child', { note: 'parts', parent: host, amount: 5n });
  const believes = () => true;
  t.same(takingsOut(11, [agent, told(12, 'destroy', 'epc', { amount: 5n })], believes), []);
  t.same(takingsOut(10, [put, told(12, 'remove', 'epc')], believes), []);
});

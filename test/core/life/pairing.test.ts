/** Receipts and the shipments that they take: as the plain way has it, and in time however many there are. */
import { deepStrictEqual as same } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import type { HopRecord } from '../../../src/core/events/hop.ts';
import { arrange, byOrder, half, markWithdrawn, type Step, skewMs } from '../../../src/core/life/history.ts';
import { hop, hour, party, stepOf } from '../../support/hops.ts';

/** Each receipt goes through all shipments from its giver to its taker, and takes the first that may be its own. */
function plainly(steps: readonly Step[]): Step[] {
  const sorted = [...markWithdrawn(steps)].sort(byOrder);
  const result = [...sorted];
  const used = new Set<number>();
  const isSent = (s: Step, to: HopRecord): boolean =>
    half(s.hop) === 'giving' &&
    s.hop.giver === s.hop.recorder &&
    s.hop.giver === to.giver &&
    s.hop.taker === to.recorder;
  for (const [i, receipt] of sorted.entries()) {
    if (half(receipt.hop) !== 'taking' || receipt.hop.giver === null || receipt.withdrawnBy !== null)
      continue;
    const left = [...sorted.entries()].filter(([j, s]) => !used.has(j) && isSent(s, receipt.hop));
    const stands = left.filter(([, s]) => s.withdrawnBy === null);
    const [found] = [
      ...stands.filter(([j]) => j < i),
      ...stands.filter(([j, s]) => j > i && s.hop.from <= receipt.hop.until + skewMs),
    ];
    const over = (s: Step): boolean =>
      s.withdrawnBy !== null && s.hop.seq < receipt.hop.seq && receipt.hop.seq < s.withdrawnBy;
    const orphan = left.findLast(([, s]) => over(s));
    if (found !== undefined) {
      const [j, s] = found;
      used.add(j);
      if (j > i) result[j] = { ...s, at: receipt.at, order: receipt.order - 0.5 };
    } else if (orphan !== undefined) {
      used.add(orphan[0]);
      result[i] = { ...receipt, orphanedBy: orphan[1].withdrawnBy };
    }
  }
  return result.sort(byOrder).filter((s) => s.withdrawnBy === null);
}

const told = fc.record({
  type: fc.constantFrom('ship', 'ship', 'receive', 'receive', 'return', 'void', 'inspect'),
  by: fc.constantFrom('A', 'B'),
  other: fc.constantFrom('A', 'B', null),
  from: fc.nat(24),
  length: fc.constantFrom(0, 0, 1, 12),
  late: fc.nat(24),
  back: fc.integer({ min: 1, max: 12 }),
} as const);

t.test('as the plain way has it', async () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 40 }), (all) => {
      const steps = all.map(({ type, by, other, from, length, late, back }, seq) => {
        const until = (from + length) * hour;
        const times = { from: from * hour, until, recordedAt: until + (late - 12) * hour };
        const partner = other === null ? null : party(other);
        const sides =
          type === 'ship'
            ? { taker: partner }
            : type === 'receive'
              ? { giver: partner }
              : type === 'return'
                ? back % 2 === 0
                  ? { giver: partner, taker: party(by) }
                  : { giver: party(by), taker: partner }
                : type === 'void'
                  ? { target: seq - back }
                  : {};
        return stepOf(hop(seq, type, by, { ...times, ...sides }));
      });
      same(arrange(steps), plainly(steps));
    }),
    { numRuns: 3_000 },
  );
});

t.test('in time however many there are', async (t) => {
  /** How often it is asked who gave. */
  let asked = 0;
  const counted = (record: HopRecord): HopRecord =>
    Object.defineProperty({ ...record }, 'giver', {
      enumerable: true,
      get() {
        asked++;
        return record.giver;
      },
    });
  const n = 3_000;
  const floods: Record<string, (i: number) => HopRecord> = {
    'receipts before their shipments, which are too late for them': (i) =>
      i < n / 2
        ? hop(i, 'receive', 'A', { giver: party('A'), at: i })
        : hop(i, 'ship', 'A', { taker: party('A'), at: 24 * hour + i }),
    'one after the other': (i) =>
      i % 2 === 0
        ? hop(i, 'ship', 'A', { taker: party('A'), at: (n - i) * hour })
        : hop(i, 'receive', 'A', { giver: party('A'), at: (n - i) * hour }),
    'shipments taken back at once': (i) =>
      i % 3 === 0
        ? hop(i, 'ship', 'A', { taker: party('A'), at: i })
        : i % 3 === 1
          ? hop(i, 'void', 'A', { target: i - 1 })
          : hop(i, 'receive', 'A', { giver: party('A'), at: i }),
  };
  for (const [name, make] of Object.entries(floods)) {
    const steps = Array.from({ length: n }, (_, i) => stepOf(counted(make(i))));
    asked = 0;
    arrange(steps);
    t.ok(asked < 10 * n, `${name}: asked ${asked} times`);
  }
});

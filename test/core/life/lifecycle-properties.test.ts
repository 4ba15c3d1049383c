import fc from 'fast-check';
import t from 'tap';
import type { HopType, Role } from '../../../src/core/events/hop.ts';
import { type Contradiction, hasConflict } from '../../../src/core/life/contradictions.ts';
import { decide } from '../../../src/core/life/decide.ts';
import { evolve } from '../../../src/core/life/evolve.ts';
import { arrange, type Step } from '../../../src/core/life/history.ts';
import { type Life, lifeOf } from '../../../src/core/life/lifecycle.ts';
import { initialState } from '../../../src/core/life/lifecycle-state.ts';
import { histories, missing } from '../../../src/core/life/membership.ts';
import { day, hop, hour, party, context as plain, stepOf } from '../../support/hops.ts';
import { naiveLife, type WorldHop } from '../../support/naive-life.ts';

const unit = 1;
const containers = [7, 8, 9];
const context = { ...plain, stubUntil: new Map([[party('S'), Number.POSITIVE_INFINITY]]) };

const acts: HopType[] = [
  'produce',
  'transform',
  'ship',
  'ship',
  'ship',
  'receive',
  'receive',
  'receive',
  'sell',
  'pack',
  'pack',
  'pack',
  'unpack',
  'cancel',
  'install',
  'remove',
  'maintain',
  'inspect',
  'scrap',
  'hold',
  'lift',
  'destroy',
];

interface Drawn {
  readonly type: HopType;
  readonly by: string;
  readonly other: string | null;
  readonly as: Role;
  readonly things: number[];
  readonly container: number;
  readonly sale: boolean;
  readonly bad: boolean;
  readonly returned: boolean;
  readonly target: number | null;
}

const drawn = (parties: string[], others: (string | null)[], types: HopType[]): fc.Arbitrary<Drawn> =>
  fc.record({
    type: fc.constantFrom(...types),
    by: fc.constantFrom(...parties),
    other: fc.constantFrom(...others),
    as: fc.constantFrom<Role>(
      'distributor',
      'distributor',
      'distributor',
      'using-unit',
      'maintenance-firm',
      'regulator',
    ),
    things: fc.constantFrom([unit], [unit], [unit], [7], [7], [8], [9], [unit, 7], [7, 8]),
    container: fc.constantFrom(...containers),
    sale: fc.boolean(),
    bad: fc.boolean(),
    returned: fc.boolean(),
    target: fc.option(fc.nat(24), { freq: 2 }),
  });

/** A hop of the world; who is named follows the sense of its type. */
function worldHop(d: Drawn, seq: number, at: number, until = at, recordedAt = until): WorldHop {
  const gives = d.type === 'ship' || d.type === 'sell';
  const type = d.type === 'receive' && d.returned ? 'return' : d.type;
  const record = hop(seq, type, d.by, {
    from: at,
    until,
    recordedAt,
    as: d.as,
    giver: gives ? party(d.by) : d.type === 'receive' && d.other ? party(d.other) : null,
    taker: d.type === 'receive' ? party(d.by) : gives && d.other ? party(d.other) : null,
    transfer: gives ? (d.type === 'sell' || d.sale ? 'sale' : 'loan') : null,
    outcome: d.type === 'inspect' || d.type === 'maintain' ? (d.bad ? 'non-conformant' : 'conformant') : null,
    target: ['cancel', 'lift', 'void', 'correct'].includes(d.type) ? d.target : null,
  });
  const packs = d.type === 'pack' || d.type === 'unpack';
  const things = packs ? d.things.filter((n) => n !== d.container).slice(0, 1) : d.things;
  return { hop: record, things, container: packs ? d.container : null };
}

/** Own steps of every number, as the projections would give them. */
function chainsOf(world: readonly WorldHop[]): Map<number, Step[]> {
  const chains = new Map<number, Step[]>([unit, ...containers].map((n) => [n, []]));
  for (const { hop: record, things, container } of world) {
    for (const thing of things) {
      const position = container !== null ? 'child' : record.hop === 'transform' ? 'output' : 'epc';
      const part = container === null ? {} : { parent: container };
      chains.get(thing)?.push(stepOf(record, { position, ...part }));
    }
    if (container !== null && things.length > 0) {
      chains.get(container)?.push(stepOf(record, { position: 'parent' }));
    }
  }
  return chains;
}

const lifeIn = (world: readonly WorldHop[]): Life => {
  const chains = chainsOf(world);
  return lifeOf(
    unit,
    histories((n) => chains.get(n) ?? []),
    context,
  );
};

/** What the naive model tells, of a life. */
const summary = (life: Life) => ({
  stage: life.state.stage,
  holder: life.state.holder,
  containers: life.state.packings.map((p) => p.container),
  blocks: life.state.blocks.map((b) => b.seq),
  open: life.state.open?.seq ?? null,
  nonconformant: life.state.nonconformant,
  inUse: life.state.inUse,
  claims: life.claims.map(({ seq, standing, via }) => ({ seq, standing, via: [...via] })),
  found: life.contradictions.map(({ rule, seqs, severity }) => ({ rule, seqs: [...seqs], severity })),
});

const insiders = ['@', '@', '@', '@', '@', 'A', 'B', 'C', 'R'];
const everybody = ['A', 'B', 'B', 'C', 'S', null];
const produced: Drawn = {
  type: 'produce',
  by: 'A',
  other: null,
  as: 'manufacturer',
  things: [unit],
  container: 7,
  sale: false,
  bad: false,
  returned: false,
  target: null,
};

/** By `@` is meant whoever has the unit then, or is to receive it: worlds in which every second hop makes sense. */
function resolved(d: Drawn, before: readonly WorldHop[]): Drawn {
  if (d.by !== '@') return d;
  const { holder, open } = lifeIn(before).state;
  if (d.type !== 'receive') return { ...d, by: holder ?? 'A' };
  // The maker takes back what nobody recorded as sent.
  if (d.returned && open === null) return { ...d, by: 'A', other: holder };
  return { ...d, by: open?.taker ?? holder ?? 'B', other: open?.giver ?? holder };
}

/** Some hops are less than a day apart, none less than clocks may differ. */
const apart = 7 * hour;

/** A world of hops at different times; their order of recording is any. */
const world = fc
  .tuple(
    fc.array(drawn(insiders, everybody, acts), { minLength: 1, maxLength: 24 }),
    fc.boolean(),
    fc.infiniteStream(fc.nat()),
  )
  .map(([hops, begins, keys]) => {
    const all = begins ? [produced, ...hops] : hops;
    const seqs = all
      .map((_, n) => ({ n, key: keys.next().value ?? 0 }))
      .sort((a, b) => a.key - b.key || a.n - b.n)
      .map(({ n }) => n);
    const told: WorldHop[] = [];
    for (const [n, d] of all.entries())
      told.push(worldHop(resolved(d, told), seqs.indexOf(n), (n + 1) * apart));
    return told;
  });

/** Compares once a property instead of once a run. */
function same(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a}\nis not\n${b}`);
}

const runs = { numRuns: 300 };

t.test('the fold tells what the naive model tells', async () => {
  fc.assert(
    fc.property(world, (w) => {
      const told = summary(lifeIn(w));
      const naive = naiveLife(unit, w, context);
      same(told, naive);
    }),
    runs,
  );
});

/** A world told with clocks that differ and books that know the day or half a day only; seqs in order of telling. */
const blurred = fc
  .array(
    fc.record({
      d: drawn(insiders, everybody, [...acts, 'void', 'correct']),
      from: fc.nat(20 * 24),
      length: fc.constantFrom(0, 0, 0, 12, 24),
      late: fc.constantFrom(0, 0, 1, 100),
    }),
    { minLength: 1, maxLength: 16 },
  )
  .map((told) => [{ d: produced, from: 0, length: 0, late: 0 }, ...told])
  .map((drawn) => {
    const told: WorldHop[] = [];
    for (const [seq, { d, from, length, late }] of drawn.entries()) {
      const until = (from + length) * hour;
      told.push(worldHop(resolved(d, told), seq, from * hour, until, until + late * hour));
    }
    return told;
  });

const shuffled = <T>(list: readonly T[], key: number): T[] =>
  list
    .map((item, n) => ({ item, key: Math.imul(n + 1, key | 1) >>> 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

t.test('the order in which hops are handed over does not matter', async () => {
  fc.assert(
    fc.property(blurred, fc.nat(), (w, key) => same(lifeIn(shuffled(w, key)), lifeIn(w))),
    runs,
  );
});

t.test('late and out-of-order recording tells the same life', async () => {
  const renumbered = (w: readonly WorldHop[]): WorldHop[] => {
    const inOrder = [...w].sort((a, b) => a.hop.until - b.hop.until);
    const at = new Map(inOrder.map(({ hop: h }, n) => [h.seq, n]));
    const renumber = (seq: number): number => at.get(seq) ?? seq + w.length;
    return w.map(({ hop: h, ...rest }) => ({
      ...rest,
      hop: { ...h, seq: renumber(h.seq), target: h.target === null ? null : renumber(h.target) },
    }));
  };
  fc.assert(
    fc.property(world, (w) => {
      const inOrder = [...w].sort((a, b) => a.hop.until - b.hop.until).map((x) => x.hop.seq);
      const told = summary(lifeIn(renumbered(w)));
      const back = (seq: number): number => inOrder[seq] ?? seq - w.length;
      same(
        {
          ...told,
          blocks: told.blocks.map(back),
          open: told.open === null ? null : back(told.open),
          claims: told.claims.map((c) => ({ ...c, seq: back(c.seq) })),
          found: told.found.map((c) => ({ ...c, seqs: c.seqs.map(back) })),
        },
        summary(lifeIn(w)),
      );
    }),
    runs,
  );
});

t.test('a stranger changes neither state nor verdict', async () => {
  const meddling = fc.array(
    fc.record({
      d: drawn(['X'], ['A', 'B', 'C', 'X', null], [...acts, 'void', 'correct']),
      from: fc.nat(20 * 24),
      length: fc.constantFrom(0, 0, 12, 24),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(blurred, meddling, (w, tricks) => {
      const more = tricks.map(({ d, from, length }, n) =>
        worldHop({ ...d, as: 'distributor' }, 100 + n, from * hour, (from + length) * hour),
      );
      const alone = lifeIn(w);
      const meddled = lifeIn([...w, ...more]);
      const ours = (life: Life) => ({
        state: life.state,
        claims: life.claims.filter((c) => c.seq < 100),
        contradictions: life.contradictions.filter((c) => c.seqs[1] < 100),
        moves: life.moves,
      });
      same(ours(meddled), ours(alone));
      same(hasConflict(meddled.contradictions), hasConflict(alone.contradictions));
      same(
        meddled.claims.filter((c) => c.seq >= 100 && (c.effect || c.standing !== 'stranger')),
        [],
      );
    }),
    runs,
  );
});

t.test('a void takes its hop out of the life as if it had never been told', async () => {
  fc.assert(
    fc.property(
      blurred,
      drawn(insiders, everybody, acts),
      fc.nat(20 * 24),
      fc.constantFrom(0, 24),
      fc.constantFrom<HopType>('void', 'correct'),
      (w, d, from, length, type) => {
        const mistake = worldHop(resolved(d, w), 100, from * hour, (from + length) * hour);
        const { hop: m, ...what } = mistake;
        const declared = { ...what, hop: hop(101, type, m.recorder, { at: 90 * day, target: 100 }) };
        same(lifeIn([...w, mistake, declared]), lifeIn(w));
        const byAnother = { ...what, hop: hop(101, type, 'X', { at: 90 * day, target: 100 }) };
        same(summary(lifeIn([...w, mistake, byAnother])), summary(lifeIn([...w, mistake])));
      },
    ),
    runs,
  );
});

t.test('decide and evolve alone follow the fold, for a unit in no container', async () => {
  fc.assert(
    fc.property(world, (w) => {
      const own = w.filter((x) => x.container === null && x.things.includes(unit));
      let state = initialState(context, unit);
      const contradictions: Contradiction[] = [];
      const steps = own.map((x) => stepOf(x.hop, { position: x.hop.hop === 'transform' ? 'output' : 'epc' }));
      for (const step of arrange(steps)) {
        contradictions.push(...decide(state, step, context));
        state = evolve(state, step, context);
      }
      const life = lifeIn(own.map((x) => ({ ...x, things: [unit] })));
      same({ state, contradictions }, { state: life.state, contradictions: life.contradictions });
    }),
    runs,
  );
});

t.test('containers are loaded in as many rounds as they are nested', async (t) => {
  const chain = chainsOf([
    worldHop({ ...produced, type: 'pack', things: [unit], container: 7 }, 1, day),
    worldHop({ ...produced, type: 'pack', things: [7], container: 8 }, 2, 2 * day),
    worldHop({ ...produced, type: 'pack', things: [8], container: 9 }, 3, 3 * day),
  ]);
  const loaded = new Set<number>();
  const rounds: number[][] = [];
  for (;;) {
    const need = missing(
      [unit, 5],
      (n) => loaded.has(n),
      (n) => chain.get(n) ?? [],
    );
    if (need.length === 0) break;
    rounds.push(need);
    for (const n of need) loaded.add(n);
  }
  t.same(rounds, [[1, 5], [7], [8], [9]]);
});

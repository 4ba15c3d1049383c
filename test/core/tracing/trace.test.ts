import fc from 'fast-check';
import t from 'tap';
import type { Step } from '../../../src/core/life/history.ts';
import { expectedOf, storyOf } from '../../../src/core/tracing/gaps.ts';
import { frontiers, trace } from '../../../src/core/tracing/trace.ts';
import {
  type Direction,
  directions,
  type HopGraph,
  type NodeKind,
  partsKey,
  type TraceOptions,
} from '../../../src/core/tracing/trace-graph.ts';
import { act, day, hop, pack, party, place, produce, receive, ship, stepOf } from '../../support/hops.ts';
import { type Fact, type NaiveTrace, naiveTrace } from '../../support/naive-trace.ts';

const kindOf = (n: number): NodeKind =>
  n >= 90 ? 'place' : n >= 50 ? 'container' : n >= 40 ? 'lot' : 'unit';

/** The rows that a database would hold. */
function rowsOf(facts: readonly Fact[]) {
  const chains = new Map<number, Step[]>();
  const parts = new Map<string, number[]>();
  for (const { hop: record, named } of facts) {
    const parent = named.parent?.[0];
    const whole = record.hop === 'unpack' && (named.child ?? []).length === 0;
    for (const position of ['epc', 'parent', 'child', 'input', 'output', 'quantity'] as const) {
      const numbers = named[position] ?? [];
      if (numbers.length > 0) parts.set(partsKey({ seq: record.seq, position }), [...numbers]);
      for (const unit of numbers) {
        const about = position === 'parent' ? { whole } : parent === undefined ? {} : { parent };
        const chain = chains.get(unit) ?? [];
        const amount = kindOf(unit) === 'lot' ? { amount: 1n } : {};
        chain.push(stepOf(record, { position, ...about, ...amount }));
        chains.set(unit, chain);
      }
    }
  }
  return { chains, parts };
}

/** Loads as a service would, counting rounds. */
function load(facts: readonly Fact[], starts: readonly number[], options: TraceOptions) {
  const rows = rowsOf(facts);
  const chains = new Map<number, Step[]>();
  const parts = new Map<string, number[]>();
  const graph: HopGraph = { chains, parts, kindOf };
  const next = frontiers(graph, starts, options);
  for (let rounds = 0; ; rounds++) {
    const need = next();
    if (need.numbers.length + need.parts.length === 0) return { graph, rounds };
    if (rounds > 1_000) throw new Error('the frontier never ends');
    for (const n of need.numbers) chains.set(n, rows.chains.get(n) ?? []);
    for (const p of need.parts) parts.set(partsKey(p), rows.parts.get(partsKey(p)) ?? []);
  }
}

const traced = (facts: readonly Fact[], starts: readonly number[], options: TraceOptions) =>
  trace(load(facts, starts, options).graph, starts, options);
const seqs = (facts: readonly Fact[], start: number, direction: Direction, at?: number) =>
  traced(facts, [start], at === undefined ? { direction } : { direction, at }).hops.map((h) => h.seq);

const packing = (seq: number, by: string, container: number, child: number[]): Fact => ({
  hop: hop(seq, 'pack', by),
  named: { parent: [container], child },
});

t.test('the example at the head of the file', async (t) => {
  const facts: Fact[] = [
    packing(2, 'A', 57, [5]),
    { hop: ship(3, 'A', 'B').hop, named: { epc: [57] } },
    { hop: receive(4, 'B', 'A').hop, named: { epc: [57] } },
    { hop: act(5, 'sell', 'B').hop, named: { epc: [5] } },
  ];
  const up = traced(facts, [5], { direction: 'up' });
  t.same(
    up.hops.map((h) => [h.seq, h.number, h.via]),
    [
      [2, 5, []],
      [3, 5, [57]],
      [4, 5, [57]],
      [5, 5, []],
    ],
  );
  t.same(up.nodes, [
    { kind: 'unit', number: 5 },
    { kind: 'container', number: 57 },
    { kind: 'party', party: 'A' },
    { kind: 'party', party: 'B' },
  ]);
  t.same(up.links, [{ kind: 'contained', seq: 2, from: 57, to: 5 }]);
  t.same(up.gaps, [{ kind: 'no-production', seq: 2, from: null, to: null, number: 5, things: 1 }]);
  t.same(up.handOvers, [
    { from: party('A'), to: party('B'), seqs: [3, 4], gap: null, number: 5, things: 1 },
    { from: party('B'), to: null, seqs: [5], gap: null, number: 5, things: 1 },
  ]);
  t.same(seqs(facts, 57, 'down', 2.5 * day), [3, 4, 5]);
  t.same(seqs(facts, 57, 'up', 3.5 * day), [2, 3]);
  t.same(seqs(facts, 5, 'down', 4.5 * day), [5]);
});

t.test('through inputs, labels, parts and places', async (t) => {
  const facts: Fact[] = [
    { hop: hop(1, 'produce', 'P'), named: { quantity: [41] } },
    { hop: hop(2, 'produce', 'A'), named: { epc: [1] } },
    { hop: hop(3, 'transform', 'A'), named: { input: [1, 41], output: [2, 3] } },
    { hop: hop(4, 'relabel', 'A', { note: 'old' }), named: { epc: [2] } },
    { hop: hop(5, 'relabel', 'A', { note: 'new', target: 4 }), named: { epc: [4] } },
    { hop: hop(6, 'maintain', 'M', { note: 'parts' }), named: { parent: [4], child: [6, 42] } },
    { hop: hop(7, 'install', 'I', { place: place('hall') }), named: { parent: [95], child: [4] } },
    { hop: hop(8, 'produce', 'Q', { at: 1 }), named: { epc: [6] } },
    { hop: hop(9, 'ship', 'A', { taker: party('Z') }), named: { epc: [3] } },
    { hop: hop(10, 'ship', 'A', { at: 9.5 * day }), named: { epc: [1] } },
  ];
  const up = traced(facts, [4], { direction: 'up' });
  t.same(
    up.hops.map((h) => h.seq),
    [8, 1, 2, 3, 4, 5, 6, 7],
  );
  t.same(
    up.links.map((l) => [l.kind, l.seq, l.from, l.to]).sort(),
    [
      ['made-into', 3, 1, 2],
      ['made-into', 3, 41, 2],
      ['made-into', 5, 2, 4],
      ['made-into', 6, 42, 4],
      ['made-into', 6, 6, 4],
    ].sort(),
  );
  t.ok(up.nodes.some((n) => n.kind === 'place' && n.number === 95));
  t.ok(up.nodes.some((n) => n.kind === 'location' && n.place === place('hall')));
  t.same(seqs(facts, 41, 'down'), [1, 3, 4, 5, 6, 7, 9]);
  t.same(seqs(facts, 6, 'down'), [8, 6, 7]);
  t.same(seqs(facts, 2, 'both'), [1, 2, 3, 4, 5, 6, 7]);
});

t.test('a hop that names a thing beside its container leaves it there', async (t) => {
  const both = (named: number[]): Fact[] => [
    packing(1, 'A', 57, [5]),
    { hop: ship(2, 'A', 'B').hop, named: { epc: named } },
    { hop: receive(3, 'B', 'A').hop, named: { epc: [57] } },
  ];
  t.same(seqs(both([5, 57]), 5, 'up'), [1, 2, 3]);
  t.same(seqs(both([5]), 5, 'up'), [1, 2], 'alone, it was taken out');
});

t.test(
  'a carton named beside its pallet stays on it, and what is packed into it later goes along',
  async (t) => {
    const facts: Fact[] = [
      packing(1, 'A', 59, [58]),
      { hop: ship(2, 'A', 'B').hop, named: { epc: [59, 58] } },
      packing(3, 'B', 58, [5]),
      { hop: ship(4, 'B', 'C').hop, named: { epc: [59] } },
    ];
    t.same(seqs(facts, 5, 'up'), [3, 4]);
  },
);

t.test('a link is a stay or a label that stands', async (t) => {
  const links = (facts: Fact[], start: number) =>
    traced(facts, [start], { direction: 'both' }).links.map(({ kind, seq, from, to }) => [
      kind,
      seq,
      from,
      to,
    ]);
  const again = [packing(1, 'A', 58, [5]), packing(2, 'A', 58, [5])];
  t.same(links(again, 58), [['contained', 1, 58, 5]], 'packed into what it is in already');
  const relabelled: Fact[] = [
    { hop: hop(1, 'relabel', 'A', { note: 'old' }), named: { epc: [2] } },
    { hop: hop(2, 'relabel', 'A', { note: 'new', target: 1 }), named: { epc: [4] } },
    { hop: hop(3, 'transform', 'A'), named: { input: [2], output: [4] } },
  ];
  t.same(links(relabelled, 2), [
    ['made-into', 2, 2, 4],
    ['made-into', 3, 2, 4],
  ]);
  const takenBack = { hop: hop(4, 'void', 'A', { target: 2 }), named: { epc: [4] } };
  t.same(links([...relabelled, takenBack], 2), [['made-into', 3, 2, 4]], 'a label that was taken back');
});

t.test('of two things that one entry names, each gap names who had that one', async (t) => {
  const facts: Fact[] = [
    packing(1, 'C', 59, [58]),
    packing(2, 'A', 58, [5]),
    { hop: ship(3, 'S', 'B').hop, named: { epc: [58] } },
  ];
  t.same(
    traced(facts, [58], { direction: 'down' })
      .gaps.filter(({ kind }) => kind === 'holder-changed-silently')
      .map(({ seq, from, number, things }) => [seq, from, number, things]),
    [
      [3, 'A', 5, 1],
      [3, 'C', 58, 1],
    ],
  );
});

t.test(
  'what was taken back is told apart, also of the container around, and bounded like all else',
  async (t) => {
    const wrong = { hop: ship(3, 'A', 'Z').hop, named: { epc: [58] } };
    const facts: Fact[] = [
      packing(2, 'A', 58, [5]),
      wrong,
      { hop: hop(4, 'void', 'A', { target: 3 }), named: wrong.named },
      { hop: ship(5, 'A', 'B').hop, named: { epc: [58] } },
    ];
    const found = traced(facts, [5], { direction: 'up' });
    t.same(
      found.withdrawn.map(({ seq, number, via, withdrawnBy }) => [seq, number, via, withdrawnBy]),
      [[3, 5, [58], 4]],
    );
    t.same(
      found.hops.map(({ seq }) => seq),
      [2, 5],
    );
    t.notOk(found.nodes.some((node) => node.kind === 'party' && node.party === 'Z'));
    t.same(traced(facts, [5], { direction: 'up', at: 2.5 * day }).withdrawn, []);
    t.equal(traced(facts, [5], { direction: 'down', at: 2.5 * day }).withdrawn.length, 1);
  },
);

t.test('gaps', async (t) => {
  const nobodyIsStub = () => false;
  const gaps = (steps: Step[]) =>
    storyOf(steps, true, nobodyIsStub).gaps.map((g) => [g.kind, g.seq, g.from, g.to]);
  const a = party('A');
  const b = party('B');
  const c = party('C');
  t.same(gaps([produce(1, 'A'), receive(2, 'C', 'B')]), [['received-not-shipped', 2, b, c]]);
  t.same(gaps([produce(1, 'A'), ship(2, 'A', 'B')]), [['shipped-not-received', 2, a, b]]);
  t.same(gaps([produce(1, 'A'), ship(2, 'A', 'B'), act(3, 'cancel', 'A', { target: 2 })]), []);
  t.same(gaps([produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'B', 'A'), ship(4, 'C', 'B')]), [
    ['holder-changed-silently', 4, b, c],
    ['shipped-not-received', 4, c, b],
  ]);
  t.same(gaps([ship(2, 'A', 'A', { transfer: 'own-move' })]), [['no-production', 2, null, null]]);
  t.same(gaps([]), [['no-production', null, null, null]]);
  const emptied = { ...stepOf(hop(3, 'unpack', 'C'), { position: 'parent', whole: true }), depth: 1 };
  t.same(
    gaps([produce(1, 'A'), pack(2, 'A', 57), emptied]),
    [['holder-changed-silently', 3, a, c]],
    'who empties what it never received',
  );
  t.same(storyOf([ship(2, 'A', 'S')], false, (p) => p === party('S')).gaps, []);
  const facts: Fact[] = [
    packing(1, 'A', 57, [1, 2, 3]),
    { hop: receive(2, 'B', 'A').hop, named: { epc: [57] } },
  ];
  t.same(
    traced(facts, [57], { direction: 'down' }).gaps.map((g) => [g.kind, g.seq, g.number, g.things]),
    [['received-not-shipped', 2, 1, 4]],
    'once, with how many things it concerns',
  );
});

t.test('what passed between whom, and the record that would close each gap', async (t) => {
  const story = storyOf(
    [produce(1, 'A'), ship(2, 'A', 'B'), act(3, 'split', 'C'), receive(4, 'E', 'D'), ship(5, 'E', 'F')],
    true,
    () => false,
  );
  t.same(
    story.handOvers.map((h) => [h.from, h.to, h.seqs, h.gap]),
    [
      ['A', 'C', [3], 'holder-changed-silently'],
      ['D', 'E', [4], 'received-not-shipped'],
      ['A', 'B', [2], 'shipped-not-received'],
      ['E', 'F', [5], 'shipped-not-received'],
    ],
  );
  t.same(
    story.gaps.map((gap) => expectedOf(gap, party('M')).map(({ hop, by }) => `${hop} by ${by}`)),
    [['ship by A', 'receive by C'], ['ship by D'], ['receive by B'], ['receive by F']],
  );
  const sampled = storyOf(
    [
      produce(1, 'A'),
      act(2, 'inspect', 'R', { as: 'regulator', note: 'sample', taker: party('R') }),
      act(3, 'seize', 'S', { as: 'regulator', taker: party('S') }),
      act(4, 'lift', 'S', { as: 'regulator', target: 3 }),
    ],
    true,
    () => false,
  );
  t.same(
    sampled.handOvers.map((h) => [h.from, h.to, h.seqs, h.gap]),
    [
      ['A', 'R', [2], null],
      ['R', 'S', [3], null],
      ['S', 'R', [4], null],
    ],
    'an authority that takes a sample has it, and what was seized goes back',
  );
  const seized = [produce(1, 'A'), act(2, 'seize', 'R', { as: 'regulator', taker: party('R') })];
  for (const [by, back] of [
    ['R', [['R', 'A', [3]]]],
    ['S', []],
  ] as const)
    t.same(
      storyOf([...seized, act(3, 'lift', by, { as: 'regulator' })], true, () => false)
        .handOvers.slice(1)
        .map((h) => [h.from, h.to, h.seqs]),
      back,
      `lifted without naming what, by ${by}`,
    );
  const held = [produce(1, 'A'), act(2, 'hold', 'R', { as: 'regulator' })];
  const lifted = act(3, 'lift', 'R', { as: 'regulator', target: 2 });
  t.same(
    storyOf([...held, lifted, ship(4, 'C', 'A')], true, () => false).gaps.map(({ kind, seq }) => [kind, seq]),
    [
      ['holder-changed-silently', 4],
      ['shipped-not-received', 4],
    ],
    'what was only put on hold and lifted stayed where it was',
  );
  const unborn = storyOf([], true, () => false).gaps.flatMap((gap) => expectedOf(gap, party('M')));
  t.same(unborn, [{ hop: 'produce', by: party('M') }]);
});

t.test('who had a thing before the moment asked for, the containers of its containers tell', async (t) => {
  const opening = (seq: number, container: number, child: number): Fact => ({
    hop: hop(seq, 'unpack', 'R', { as: 'regulator' }),
    named: { parent: [container], child: [child] },
  });
  const facts: Fact[] = [
    packing(1, 'A', 57, [5]),
    packing(2, 'A', 58, [57]),
    { hop: ship(3, 'A', 'B').hop, named: { epc: [58] } },
    { hop: receive(4, 'B', 'A').hop, named: { epc: [58] } },
    opening(5, 58, 57),
    opening(6, 57, 5),
    { hop: act(7, 'sell', 'C').hop, named: { epc: [5] } },
  ];
  const down = traced(facts, [5], { direction: 'down', at: 6.5 * day });
  t.same(
    down.gaps.map(({ kind, seq, from, to }) => [kind, seq, from, to]),
    [['holder-changed-silently', 7, 'B', 'C']],
  );
  t.same(
    down.hops.map(({ seq }) => seq),
    [7],
  );
});

t.test('what met in a making told by the day met within that day', async (t) => {
  const of = (date: number) => ({
    from: date * day,
    until: (date + 1) * day - 1,
    recordedAt: (date + 2) * day,
  });
  const facts: Fact[] = [
    { hop: hop(1, 'receive', 'A', { at: 5.4 * day, giver: party('P') }), named: { quantity: [41] } },
    { hop: hop(2, 'transform', 'A', of(5)), named: { input: [41], output: [1, 41] } },
    { hop: hop(3, 'ship', 'A', { at: 5.6 * day, taker: party('B') }), named: { epc: [1] } },
  ];
  t.same(seqs(facts, 1, 'up'), [2, 1, 3], 'what was received that day went into it');
  t.same(seqs(facts, 41, 'down'), [2, 1, 3], 'what was shipped that day came out of it');
  t.same(
    seqs(facts, 41, 'down', 5.7 * day),
    [2],
    'and not what was shipped before the moment that is asked about',
  );
  t.same(seqs(facts, 1, 'up', 5.3 * day), [2], 'nor received after it');
});

t.test('rounds of loading grow with depth and not with the number of things', async (t) => {
  const nested = (each: number): Fact[] => {
    const cartons = Array.from({ length: each }, (_, c) => 60 + (c % 20) + 100 * Math.floor(c / 20));
    const units = (c: number) => Array.from({ length: each }, (_, u) => 10_000 + c * each + u);
    return [
      ...cartons.map((carton, c) => packing(1 + c, 'A', carton, units(c))),
      packing(900, 'A', 59, cartons),
      packing(901, 'A', 58, [59]),
      { hop: hop(902, 'ship', 'A', { taker: party('B') }), named: { epc: [58] } },
    ];
  };
  const rounds = (each: number, start: number, direction: Direction) =>
    load(nested(each), [start], { direction }).rounds;
  t.equal(rounds(2, 58, 'down'), rounds(40, 58, 'down'));
  t.equal(rounds(2, 10_000, 'up'), 4, 'the unit, its carton, its pallet, its truck');
  t.equal(rounds(40, 10_000, 'up'), 4);
  t.equal(traced(nested(40), [58], { direction: 'down' }).nodes.length, 1600 + 40 + 2 + 2);
});

t.test('containers nest deeper than anything is packed', async (t) => {
  const levels = 60;
  const facts: Fact[] = [
    packing(1, 'A', 1_001, [1]),
    ...Array.from({ length: levels }, (_, i) => packing(2 + i, 'A', 1_002 + i, [1_001 + i])),
    { hop: ship(900, 'A', 'B').hop, named: { epc: [1_001 + levels] } },
  ];
  const up = traced(facts, [1], { direction: 'up' });
  t.equal(up.nodes.filter((node) => 'number' in node).length, levels + 2);
  t.equal(up.hops.at(-1)?.seq, 900, 'what happens to the outermost is told of what is inmost');
  t.equal(up.hops.at(-1)?.via.length, levels + 1);
  const down = traced(facts, [1_001 + levels], { direction: 'down' });
  t.equal(down.nodes.filter((node) => 'number' in node).length, levels + 2);
});

// Random histories, told a second time by `naiveTrace`.

const unitNumber = fc.constantFrom(1, 2, 3, 4);
const somebody = fc.constantFrom(...['A', 'B', 'C', 'S'].map(party));
const somebodyOrNot = fc.option(somebody, { nil: null, freq: 4 });
const drawnNamed = {
  epc: fc.uniqueArray(fc.constantFrom(1, 2, 3, 57, 58, 59), { minLength: 1, maxLength: 2 }),
};
// A container is packed only into one with a higher number: the claims' own circles have no sense to compare.
const drawnAct = fc.oneof(
  fc.record({ type: fc.constant('pack' as const), child: unitNumber, into: fc.constantFrom(57, 58, 59) }),
  fc.record({ type: fc.constant('pack' as const), child: fc.constantFrom(57, 58), into: fc.constant(59) }),
  fc.record({ type: fc.constant('pack' as const), child: fc.constant(57), into: fc.constant(58) }),
  fc.record({
    type: fc.constant('unpack' as const),
    child: fc.constantFrom(1, 2, 57, 58, null),
    into: fc.constantFrom(57, 58, 59),
  }),
  fc.record({
    type: fc.constantFrom('ship' as const, 'receive' as const),
    other: somebodyOrNot,
    ...drawnNamed,
  }),
  fc.record({
    type: fc.constantFrom('ship' as const, 'receive' as const),
    other: somebodyOrNot,
    ...drawnNamed,
  }),
  fc.record({ type: fc.constant('return' as const), other: somebody, isIn: fc.boolean(), ...drawnNamed }),
  fc.record({
    type: fc.constantFrom('sell' as const, 'seize' as const, 'sample' as const),
    other: somebodyOrNot,
    ...drawnNamed,
  }),
  fc.record({
    type: fc.constant('lift' as const),
    of: fc.option(fc.nat(2), { nil: null }),
    to: fc.option(somebody, { nil: null }),
    ...drawnNamed,
  }),
  fc.record({ type: fc.constant('inspect' as const), ...drawnNamed }),
  fc.record({
    type: fc.constant('produce' as const),
    epc: fc.uniqueArray(unitNumber, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('cancel' as const), of: fc.option(fc.nat(13), { nil: null }) }),
  fc.record({
    type: fc.constantFrom('transform' as const, 'split' as const),
    input: fc.uniqueArray(fc.oneof(unitNumber, fc.constantFrom(40, 41)), { minLength: 1, maxLength: 2 }),
    output: fc.uniqueArray(fc.oneof(unitNumber, fc.constantFrom(40, 41)), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('maintain' as const), thing: unitNumber, part: fc.constantFrom(1, 2, 41) }),
  fc.record({ type: fc.constant('relabel' as const), old: unitNumber, renamed: unitNumber }),
  fc.record({
    type: fc.constant('replace' as const),
    place: fc.constantFrom(91, 92),
    removed: fc.uniqueArray(fc.oneof(unitNumber, fc.constant(40)), { maxLength: 2 }),
    installed: fc.uniqueArray(fc.oneof(unitNumber, fc.constantFrom(40, 41)), { maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('void' as const), of: fc.nat(13), isOwn: fc.boolean() }),
);
const drawnFact = fc.record({
  act: drawnAct,
  by: somebody,
  as: fc.constantFrom('distributor' as const, 'distributor' as const, 'regulator' as const),
});
type Drawn = typeof drawnFact extends fc.Arbitrary<infer T> ? T : never;

/** What a draw becomes: entries from this seq on. */
function factsOf({ act: d, by, as }: Drawn, seq: number, told: readonly Fact[]): Fact[] {
  const record = (options: object = {}, next = seq) =>
    hop(next, d.type === 'sample' ? 'inspect' : d.type, by, { as, taker: null, giver: null, ...options });
  const standing = told.filter(({ hop }) => hop.hop !== 'void');
  switch (d.type) {
    case 'pack':
    case 'unpack':
      if (d.child !== null && d.child >= d.into) return [];
      return [{ hop: record(), named: { parent: [d.into], child: d.child === null ? [] : [d.child] } }];
    case 'ship':
      return [{ hop: record({ giver: by, taker: d.other }), named: { epc: d.epc } }];
    case 'receive':
      return [{ hop: record({ giver: d.other, taker: by }), named: { epc: d.epc } }];
    case 'return': {
      const [giver, taker] = d.isIn ? [d.other, by] : [by, d.other];
      return [{ hop: record({ giver, taker }), named: { epc: d.epc } }];
    }
    case 'sell':
      return [{ hop: record({ as: 'seller', giver: by, taker: d.other }), named: { epc: d.epc } }];
    case 'seize':
      return [{ hop: record({ giver: d.other, taker: by }), named: { epc: d.epc } }];
    case 'sample':
      return [{ hop: record({ note: 'sample', giver: d.other, taker: by }), named: { epc: d.epc } }];
    case 'lift': {
      const blocks = standing.filter(({ hop }) => hop.hop === 'seize' || hop.hop === 'inspect');
      const target = d.of === null ? null : (blocks.at(d.of)?.hop.seq ?? null);
      const giver = d.to === null ? null : by;
      return [{ hop: record({ target, giver, taker: d.to }), named: { epc: d.epc } }];
    }
    case 'cancel': {
      const shipped = standing.filter(({ hop }) => hop.hop === 'ship').at(d.of ?? -1);
      return shipped === undefined
        ? []
        : [{ hop: record({ target: d.of === null ? null : shipped.hop.seq }), named: shipped.named }];
    }
    case 'transform':
    case 'split': {
      // Of a lot some may be left over; a unit is not made of itself.
      const output = d.output.filter((o) => kindOf(o) === 'lot' || !d.input.includes(o));
      return [{ hop: record(), named: { input: d.input, output } }];
    }
    case 'maintain':
      return d.thing === d.part
        ? []
        : [{ hop: record({ note: 'parts' }), named: { parent: [d.thing], child: [d.part] } }];
    case 'relabel':
      return d.old === d.renamed
        ? []
        : [
            { hop: record({ note: 'old' }), named: { epc: [d.old] } },
            { hop: record({ note: 'new', target: seq }, seq + 1), named: { epc: [d.renamed] } },
          ];
    case 'replace': {
      // Two entries, or what may look like one half of them: the other half was never told.
      const halves = [
        { note: 'old', child: d.removed },
        { note: 'new', child: d.installed },
      ].filter(({ child }) => child.length > 0);
      return halves.map(({ note, child }, i) => ({
        hop: record({ note, at: seq * day, place: place(`${d.place}`) }, seq + i),
        named: { parent: [d.place], child },
      }));
    }
    case 'void': {
      const original = standing[d.of];
      if (original === undefined) return [];
      const { recorder } = original.hop;
      return [
        {
          hop: record({ target: original.hop.seq, ...(d.isOwn ? { recorder } : {}) }),
          named: original.named,
        },
      ];
    }
    default:
      return [{ hop: record(), named: { epc: d.epc } }];
  }
}

const facts = fc.array(drawnFact, { minLength: 1, maxLength: 14 }).map((drawn) => {
  const told: Fact[] = [];
  for (const d of drawn) told.push(...factsOf(d, told.length + 1, told));
  return told;
});

const moment = fc.option(
  fc.nat(20).map((n) => (n + 0.5) * day),
  { nil: undefined },
);

t.test('the trace tells what the naive replay tells: hops, things, links, hand-overs, gaps', async () => {
  fc.assert(
    fc.property(
      facts,
      fc.constantFrom(1, 2, 40, 57, 58, 59),
      fc.constantFrom(...directions),
      moment,
      fc.nat(16),
      (told, start, direction, at, joined) => {
        const stubUntil = new Map([[party('S'), joined * day]]);
        const found = traced(told, [start], { direction, stubUntil, ...(at === undefined ? {} : { at }) });
        const expected = naiveTrace(told, {
          ...{ start, direction, at, stubUntil },
          isMade: (n) => kindOf(n) === 'unit' || kindOf(n) === 'lot',
          isMeasured: (n) => kindOf(n) === 'lot',
          isPlace: (n) => kindOf(n) === 'place',
        });
        const said: NaiveTrace = {
          hops: found.hops.map(({ seq }) => seq).sort((a, b) => a - b),
          things: found.nodes.flatMap((node) => ('number' in node ? [node.number] : [])),
          links: found.links.map(({ kind, seq, from, to }) => `${kind} ${seq} ${from} ${to}`).sort(),
          withdrawn: found.withdrawn.map(({ seq, withdrawnBy }) => `${seq} by ${withdrawnBy}`).sort(),
          handOvers: found.handOvers
            .map((it) => `${it.from} → ${it.to} by ${it.seqs} ${it.gap}: ${it.things} things, ${it.number}`)
            .sort(),
          gaps: found.gaps
            .map(
              (it) =>
                `${it.kind} ${it.seq ?? `of ${it.number}`} ${it.from} ${it.to}: ${it.things} things, ${it.number}`,
            )
            .sort(),
        };
        for (const what of ['hops', 'things', 'links', 'withdrawn', 'handOvers', 'gaps'] as const)
          if (JSON.stringify(said[what]) !== JSON.stringify(expected[what]))
            throw new Error(`${what}: ${said[what].join('; ')}, expected ${expected[what].join('; ')}`);
      },
    ),
    { numRuns: 4_000 },
  );
});

t.test('circles of containers and of transformations end', async (t) => {
  const circle: Fact[] = [
    packing(1, 'A', 57, [58]),
    packing(2, 'A', 58, [57, 1]),
    { hop: hop(3, 'transform', 'A'), named: { input: [1], output: [2] } },
    { hop: hop(4, 'transform', 'A'), named: { input: [2], output: [1] } },
  ];
  for (const direction of directions) t.same(seqs(circle, 1, direction), [2, 3, 4], direction);
});

t.test('the work of a trace grows with what is told, not with the ways through it', async (t) => {
  /** How often histories and parts are looked up until everything is loaded. */
  function lookups(facts: readonly Fact[], start: number, direction: Direction): number {
    const rows = rowsOf(facts);
    let count = 0;
    class Counting<K, V> extends Map<K, V> {
      override get(key: K): V | undefined {
        count++;
        return super.get(key);
      }
    }
    const chains = new Counting<number, readonly Step[]>();
    const parts = new Counting<string, readonly number[]>();
    const next = frontiers({ chains, parts, kindOf }, [start], { direction });
    for (let need = next(); need.numbers.length + need.parts.length > 0; need = next()) {
      for (const n of need.numbers) chains.set(n, rows.chains.get(n) ?? []);
      for (const p of need.parts) parts.set(partsKey(p), rows.parts.get(partsKey(p)) ?? []);
    }
    return count;
  }
  const cut = (seq: number, input: number[], output: number[]): Fact => ({
    hop: hop(seq, 'transform', 'A'),
    named: { input, output },
  });
  const row = Array.from({ length: 200 }, (_, i) => cut(i + 1, [100 + i], [101 + i]));
  const net = Array.from({ length: 200 }, (_, i) =>
    cut(i + 1, [1 + (i % 9), 1 + ((i * 5 + 2) % 9)], [1 + ((i * 7 + 4) % 9), 1 + ((i * 2 + 8) % 9)]),
  );
  for (const direction of ['up', 'down'] as const) {
    const along = lookups(row, direction === 'up' ? 300 : 100, direction);
    t.ok(along > 200 && along < 10 * row.length, `${direction} a row: ${along}`);
    const across = lookups(net, 1, direction);
    t.ok(across > 200 && across < 30 * net.length, `${direction} a net: ${across}`);
  }
});

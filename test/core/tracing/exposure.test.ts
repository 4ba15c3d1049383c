import t from 'tap';
import type { Step } from '../../../src/core/life/history.ts';
import { histories } from '../../../src/core/life/membership.ts';
import {
  type Candidate,
  inferPlaces,
  lookingUpstream,
  type Origin,
} from '../../../src/core/tracing/exposure.ts';
import {
  act,
  day,
  hop,
  pack,
  party,
  place,
  produce,
  receive,
  ship,
  stepOf,
  unpack,
} from '../../support/hops.ts';

const carton = 7;
/** Exposures of unit 5 as `kind id: seqs`, sorted. */
function told(own: readonly Step[], box: readonly Step[] = [], origin: Origin | null = null, at?: number) {
  const from = histories((number) => (number === 5 ? own : number === carton ? box : []));
  const { candidates, look, explain } = lookingUpstream(from);
  const { exposures, path } = explain(5, origin, at);
  const told = exposures();
  t.same(
    look(5, origin, at).map((number) => candidates[number]),
    told.map(({ candidate }) => candidate),
  );
  return {
    exposures: told.map(({ candidate: { kind, id }, seqs }) => `${kind} ${id}: ${seqs.join(' ')}`).sort(),
    path: path().map(({ party, seqs }) => `${party}: ${seqs.join(' ')}`),
  };
}

const own = [
  produce(1, 'M'),
  pack(2, 'M', carton),
  unpack(4, 'D', carton),
  ship(6, 'D', 'U'),
  act(8, 'inspect', 'R', {
    as: 'regulator',
    note: 'sample',
    giver: party('U'),
    taker: party('R'),
    place: place('lab'),
  }),
  act(9, 'inspect', 'L', { as: 'laboratory', outcome: 'non-conformant' }),
];
const box = [
  stepOf(hop(2, 'pack', 'M'), { position: 'parent' }),
  stepOf(hop(3, 'ship', 'M', { taker: party('D') })),
  stepOf(hop(4, 'unpack', 'D'), { position: 'parent' }),
  stepOf(hop(5, 'ship', 'D', { taker: party('elsewhere') })),
];

t.test('the example at the head of the file', async (t) => {
  t.same(told(own, box), {
    exposures: [
      'container 7: 2',
      'party D: 3 4 6',
      'party M: 1 2 3',
      'party U: 6',
      'shipment 3: 3',
      'shipment 6: 6',
      'traced-source M: 1 2 3',
    ],
    path: ['M: 1 2 3', 'D: 3 4 6', 'U: 6'],
  });
});

t.test('nothing counts after the moment that is asked for', async (t) => {
  const at = own[1]?.at ?? 0;
  t.same(told(own, box, null, at).path, ['M: 1 2']);
  t.same(told(own, box, null, 0).exposures, []);
});

t.test('whose code it is, is not who is first seen with it', async (t) => {
  const origin = {
    maker: party('M'),
    gtin: '06901234567892',
    lot: '01/06901234567892/10/A',
    issue: 0,
    certificates: [{ id: 'c1', seq: 9 }],
  };
  t.same(
    told([receive(3, 'D', 'X'), act(4, 'refill', 'F', { as: 'maintenance-firm' })], [], origin).exposures,
    [
      'certificate c1: 9',
      'claimed-maker M: 0',
      'lot 01/06901234567892/10/A: 0',
      'maintenance-firm F: 4',
      'party D: 3',
      'party X: 3',
      'product 06901234567892: 0',
      'shipment 3: 3',
      'traced-source X: 3',
    ],
  );
});

t.test('a shipment is one, told by its giver, its taker or both', async (t) => {
  const shipments = (...steps: Step[]) => told(steps).exposures.filter((line) => line.startsWith('shipment'));
  t.same(shipments(ship(1, 'A', 'B'), receive(2, 'B', 'A')), ['shipment 1: 1']);
  t.same(shipments(receive(2, 'B', 'A')), ['shipment 2: 2']);
  t.same(shipments(ship(1, 'A', 'B')), ['shipment 1: 1']);
});

t.test('a laboratory that tested it before it was suspected counts', async (t) => {
  const tested = act(2, 'release', 'L', { as: 'laboratory', outcome: 'conformant' });
  t.same(
    told([produce(1, 'M'), tested]).exposures.filter((line) => line.startsWith('laboratory')),
    ['laboratory L: 2'],
  );
});

t.test('what went into it, and what led to that', async (t) => {
  const [unit, powder, drum, old] = [5, 8, 9, 4];
  const lot = '01/06901234567892/10/P';
  const refill = hop(20, 'refill', 'F', { as: 'maintenance-firm', note: 'parts' });
  const powderTo = (seq: number, from: string, to: string) =>
    stepOf(hop(seq, 'ship', from, { taker: party(to) }));
  const chains = new Map<number, readonly Step[]>([
    [
      unit,
      [stepOf(hop(10, 'relabel', 'D', { note: 'new', target: 9 })), stepOf(refill, { position: 'parent' })],
    ],
    [
      old,
      [
        produce(1, 'M'),
        ship(2, 'M', 'D'),
        stepOf(hop(9, 'relabel', 'D', { note: 'old' })),
        ship(11, 'D', 'Z'),
      ],
    ],
    [
      powder,
      [
        stepOf(hop(3, 'split', 'P'), { position: 'output' }),
        act(4, 'inspect', 'L', { as: 'laboratory', outcome: 'conformant' }),
        powderTo(5, 'P', 'W'),
        powderTo(6, 'P', 'V'),
        powderTo(7, 'V', 'G'),
        powderTo(8, 'W', 'F'),
        stepOf(refill, { position: 'child' }),
        powderTo(21, 'V', 'F'),
      ],
    ],
    [drum, [produce(12, 'Q', { at: day }), stepOf(hop(3, 'split', 'P'), { position: 'input' })]],
  ]);
  const parts = new Map([
    ['9/epc', [old]],
    ['20/child', [powder]],
    ['3/input', [drum]],
  ]);
  const { candidates, look, explain } = lookingUpstream(
    histories((number) => chains.get(number) ?? []),
    {
      parts: ({ seq, position }) => parts.get(`${seq}/${position}`) ?? [],
      isMeasured: (number) => number === powder,
      originOf: (number) =>
        number === powder ? { maker: party('P'), gtin: null, lot, issue: 0, certificates: [] } : null,
    },
  );
  const told = explain(unit, null).exposures();
  t.same(
    new Set(look(unit, null).map((number) => candidates[number])),
    new Set(told.map(({ candidate }) => candidate)),
  );
  t.same(
    told.map(({ candidate: { kind, id }, seqs }) => `${kind} ${id}: ${seqs.join(' ')}`).sort(),
    [
      'claimed-maker P: 20',
      'input 4: 10',
      'input 9: 3',
      'laboratory L: 4',
      `lot ${lot}: 20`,
      'maintenance-firm F: 20',
      'party D: 2 9 10',
      'party F: 8',
      'party M: 1 2',
      'party P: 3 5',
      'party Q: 12',
      'party W: 5 8',
      'shipment 2: 2',
      'shipment 5: 5',
      'shipment 8: 8',
      'traced-source D: 10',
    ],
    'not who else had some of the agent, nor what came after it was put in, nor what became of the old label',
  );
  t.same(
    explain(unit, null, hop(15, 'ship', 'D').from)
      .exposures()
      .some(({ candidate: { id } }) => id === 'W'),
    false,
    'nothing of it before it was put in',
  );
  const ofHolder = explain(powder, null, undefined, party('G')).exposures();
  t.same(
    ofHolder.flatMap(({ candidate: { kind, id } }) => (kind === 'party' ? [id] : [])).sort(),
    ['G', 'P', 'Q', 'V'],
    'of goods by measure, the way to whoever had what was bad',
  );
});

t.test('who has one place had it there, whether or not it says so', async (t) => {
  const candidates: Candidate[] = [
    ...['A', 'B'].map((id): Candidate => ({ kind: 'party', id })),
    ...['A1', 'A2', 'anywhere'].map((id): Candidate => ({ kind: 'place', id })),
  ];
  const [a, b, first, second, anywhere] = [0, 1, 2, 3, 4];
  const placed = (cases: number[][]) =>
    inferPlaces(cases, candidates, (id) => (id === 'anywhere' ? null : id.charAt(0)));
  t.same(placed([[a, first], [a], [b]]), [[a, first], [a, first], [b]]);
  const several = [[a, first, second], [a]];
  t.same(placed(several), several, 'of two places nobody knows which');
  const unowned = [[a, anywhere], [a]];
  t.same(placed(unowned), unowned);
});

t.test('what a thing took the place of did not go into it', async (t) => {
  const from = histories((number) =>
    number === 5
      ? [stepOf(hop(3, 'replace', 'F', { note: 'new' }), { position: 'child', parent: 95 })]
      : [produce(1, 'M'), stepOf(hop(2, 'replace', 'F', { note: 'old' }), { position: 'child', parent: 95 })],
  );
  const everything = { parts: () => [6], isMeasured: () => false, originOf: () => null };
  t.strictSame(
    lookingUpstream(from, everything)
      .explain(5, null)
      .exposures()
      .filter(({ candidate: { kind, id } }) => kind === 'input' || id === 'M'),
    [],
  );
});

t.test('what was made of each other ten thousand times over is followed to its beginning', async (t) => {
  const made = 10_000;
  const from = histories((number) => [
    number === 0 ? produce(1, 'M') : stepOf(hop(number + 1, 'transform', 'W'), { position: 'output' }),
    ...(number < made ? [stepOf(hop(number + 2, 'transform', 'W'), { position: 'input' })] : []),
  ]);
  const { candidates, look } = lookingUpstream(from, {
    parts: ({ seq }) => [seq - 2],
    isMeasured: () => false,
    originOf: () => null,
  });
  const found = look(made, null).map((number) => candidates[number]);
  t.equal(found.filter((it) => it?.kind === 'input').length, made);
  t.ok(
    found.some((it) => it?.kind === 'party' && it.id === 'M'),
    'who made the first of them is upstream',
  );
});

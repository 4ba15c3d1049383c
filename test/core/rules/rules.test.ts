import fc from 'fast-check';
import t from 'tap';
import type { HopRecord, HopType } from '../../../src/core/events/hop.ts';
import { fold } from '../../../src/core/life/lifecycle.ts';
import { foldLot } from '../../../src/core/life/lot.ts';
import type { CaseSubject } from '../../../src/core/rules/case.ts';
import { caseId, subjectKey } from '../../../src/core/rules/case.ts';
import { catalogue, ruleNames } from '../../../src/core/rules/catalogue.ts';
import { causes } from '../../../src/core/rules/causes.ts';
import { outOfNowhere } from '../../../src/core/rules/never-produced.ts';
import { apart, isWatched, judgedBy, wilson } from '../../../src/core/rules/precision.ts';
import { defaultThresholds, thresholdsOf, thresholdWords } from '../../../src/core/rules/thresholds.ts';
import { context, hop, party, stepOf } from '../../support/hops.ts';

const rounded = ({ lower, upper }: { lower: number; upper: number }) => [
  Number(lower.toFixed(3)),
  Number(upper.toFixed(3)),
];

t.test('Wilson intervals', async (t) => {
  t.strictSame(rounded(wilson(1, 40)), [0.004, 0.129]);
  // Table I of R. G. Newcombe, Statistics in Medicine 17 (1998), method 3.
  t.strictSame(
    [
      [81, 263],
      [15, 148],
      [0, 20],
      [1, 29],
    ].map(([k = 0, n = 0]) => rounded(wilson(k, n))),
    [
      [0.255, 0.366],
      [0.062, 0.16],
      [0, 0.161],
      [0.006, 0.172],
    ],
  );
  t.strictSame(wilson(0, 0), { lower: 0, upper: 1 });
});

t.test(
  'a rule demotes itself when it is surely below the floor, and not before enough was decided',
  async (t) => {
    const watched = (confirmed: number, rejected: number) =>
      isWatched({ confirmed, rejected }, defaultThresholds);
    t.strictSame(
      [watched(1, 39), watched(0, 20), watched(0, 19), watched(2, 18), watched(0, 0), watched(30, 0)],
      [true, true, false, false, false, false],
    );
  },
);

t.test('a rule that demoted itself comes back by being right, not by being changed', async (t) => {
  const wrong = { confirmed: 0, rejected: 40 };
  const watched = (
    by: readonly (readonly [number, { confirmed: number; rejected: number }])[],
    version: number,
  ) => isWatched(judgedBy(new Map(by), version, defaultThresholds), defaultThresholds);
  t.equal(watched([[1, wrong]], 1), true);
  t.equal(watched([[1, wrong]], 2), true, 'changed, and nobody decided since');
  const few = [2, { confirmed: 2, rejected: 5 }] as const;
  t.equal(watched([[1, wrong], few], 2), true, 'too few decisions of its own');
  t.equal(
    watched(
      [
        [1, wrong],
        [2, { confirmed: 10, rejected: 10 }],
      ],
      2,
    ),
    false,
    'enough of its own',
  );
  t.equal(
    watched(
      [
        [1, { confirmed: 40, rejected: 0 }],
        [2, wrong],
      ],
      2,
    ),
    true,
    'what it did before is no merit',
  );
  const newest = [
    [1, wrong],
    [2, { confirmed: 20, rejected: 0 }],
  ] as const;
  t.equal(watched(newest, 3), false, 'judged by the newest versions that were decided often enough');
  t.strictSame(apart(new Map([[1, wrong], few]), 2), { of: few[1], earlier: wrong });
  t.strictSame(apart(new Map([[1, wrong], few]), 3), {
    of: { confirmed: 0, rejected: 0 },
    earlier: { confirmed: 2, rejected: 45 },
  });
});

t.test('thresholds: what is left out or beyond its bounds is the default', async (t) => {
  t.same(thresholdsOf({ 'precision-floor-percent': 30 }), {
    ...defaultThresholds,
    'precision-floor-percent': 30,
  });
  for (const wrong of [-1, 101, 1.5, '30', null, {}, Number.NaN])
    t.same(thresholdsOf({ 'precision-floor-percent': wrong, constructor: 1 }), defaultThresholds);
});

t.test('cases are told apart by what their findings have in common', async (t) => {
  const subject: CaseSubject = {
    rule: 'double-sale',
    severity: 'conflict',
    party: '7ZK3QW9D5TB1M0AB',
    gtin: '06901234567892',
  };
  const ids = [
    caseId(subject, 5),
    caseId(subject, 6),
    caseId({ ...subject, gtin: '' }, 5),
    caseId({ ...subject, severity: 'claim' }, 5),
    caseId({ ...subject, sample: '01/06901234567892/10/L1' }, 5),
    caseId({ ...subject, sample: '01/06901234567892/10/L2' }, 5),
  ];
  t.equal(new Set(ids).size, ids.length);
  t.equal(caseId({ ...subject, sample: '' }, 5), ids[0]);
  t.equal(subjectKey(subject), 'double-sale|conflict|7ZK3QW9D5TB1M0AB|06901234567892');
});

t.test('every rule says what it is', async (t) => {
  for (const name of ruleNames) {
    const { version, severities, cause, thresholds, zh, en } = catalogue[name];
    t.ok(version > 0 && severities.length > 0 && cause in causes && zh && en, name);
    t.ok(
      thresholds.every((it) => it in thresholdWords),
      name,
    );
  }
});

/** Two units with codes issued to A, one that nobody issued, and a lot that A makes by the piece. */
const identifiers = ['issued', 'issued', 'unissued', 'lot'] as const;
const drawnHop = fc.record({
  type: fc.constantFrom<HopType>('produce', 'adopt', 'ship', 'ship', 'receive', 'sell', 'return', 'cancel'),
  by: fc.constantFrom('A', 'B', 'C'),
  to: fc.constantFrom('A', 'B', 'C', null),
  of: fc.nat({ max: identifiers.length - 1 }),
});
type DrawnHop = typeof drawnHop extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function recorded({ type, by, to }: DrawnHop, seq: number): HopRecord {
  const other = to === null || to === by ? null : party(to);
  const gives = type === 'ship' || type === 'sell' || type === 'return';
  return hop(seq, type, by, {
    giver: gives ? party(by) : type === 'receive' ? other : null,
    taker: gives ? (other ?? (type === 'return' ? party('X') : null)) : type === 'receive' ? party(by) : null,
  });
}

/** What is told of one identifier by the rules that ask where things came from. */
function toldOf(kind: (typeof identifiers)[number], hops: readonly HopRecord[]) {
  const about = { ...context, issuer: kind === 'unissued' ? null : party('A'), issued: kind === 'issued' };
  if (kind === 'lot')
    return foldLot(
      hops.map((it) => stepOf(it, { position: 'quantity', amount: 1_000_000n })),
      { ...about, planned: null },
    ).contradictions;
  const { state, claims, contradictions } = fold(
    hops.map((it) => stepOf(it)),
    about,
  );
  const told = claims.flatMap((claim) =>
    hops.flatMap((it) => (it.seq === claim.seq ? { ...claim, hop: it, begins: false, hosts: false } : [])),
  );
  return [...contradictions, ...outOfNowhere({ ...about, unissued: null, isUnit: true, state, told })];
}

/** Pieces that a party passed on, and those that can have come to it by anybody's word; a unit is one however often. */
function piecesOf(by: string, kind: (typeof identifiers)[number], hops: readonly HopRecord[]) {
  const count = (is: (it: HopRecord) => boolean) => hops.filter(is).length;
  const gives = ({ hop: type }: HopRecord) => type === 'ship' || type === 'sell' || type === 'return';
  const own = (...types: HopType[]) => count((it) => it.recorder === by && types.includes(it.hop));
  const sent = count((it) => gives(it) && it.taker === by);
  const out = own('ship', 'sell', 'return');
  const came = own('produce', 'adopt', 'cancel') + Math.max(own('receive'), sent);
  if (kind === 'lot') return { out, came };
  // Old stock, whoever declares it, comes from nobody knows where.
  return { out: Math.min(1, out), came: Math.min(1, came + count((it) => it.hop === 'adopt')) };
}

t.test('who passes on more pieces of a product than came is told of by a unit or a lot of it', async (t) => {
  let exceeded = 0;
  fc.assert(
    fc.property(fc.array(drawnHop, { maxLength: 12 }), (drawn) => {
      const all = drawn.map((it, i) => ({ of: it.of, hop: recorded(it, i + 1) }));
      const each = identifiers.map((kind, of) => {
        const hops = all.flatMap((it) => (it.of === of ? [it.hop] : []));
        return { kind, hops, told: toldOf(kind, hops) };
      });
      for (const by of ['A', 'B', 'C']) {
        const sums = each.map(({ kind, hops }) => piecesOf(by, kind, hops));
        const [out, came] = [sums.reduce((n, it) => n + it.out, 0), sums.reduce((n, it) => n + it.came, 0)];
        if (out <= came) continue;
        exceeded++;
        const named = (seq: number) => all.some((it) => it.hop.seq === seq && it.hop.recorder === by);
        const told = each.some(
          (it, of) =>
            (sums[of]?.out ?? 0) > (sums[of]?.came ?? 0) &&
            it.told.some(({ rule, seqs }) => rule !== 'implied-receipt' && seqs.some(named)),
        );
        if (!told) return false;
      }
      return true;
    }),
    { numRuns: 2000 },
  );
  t.ok(exceeded > 200, `${exceeded} parties passed on too much`);
});

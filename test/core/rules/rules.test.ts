import t from 'tap';
import type { CaseSubject } from '../../../src/core/rules/case.ts';
import { caseId, subjectKey } from '../../../src/core/rules/case.ts';
import { catalogue, ruleNames } from '../../../src/core/rules/catalogue.ts';
import { causes } from '../../../src/core/rules/causes.ts';
import { isWatched, wilson } from '../../../src/core/rules/precision.ts';
import { defaultThresholds, thresholdsOf, thresholdWords } from '../../../src/core/rules/thresholds.ts';

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
  ];
  t.equal(new Set(ids).size, ids.length);
  t.equal(caseId({ ...subject }, 5), ids[0]);
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

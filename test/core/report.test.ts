import t from 'tap';
import {
  formatReceiptCode,
  nextReportStates,
  parseReceiptCode,
  reportStates,
} from '../../src/core/report.ts';
import { required } from '../../src/errors.ts';

t.test('a receipt code as it is shown and as people type it', async (t) => {
  const id = '7ZK3QW9D5TB1M0AB';
  t.equal(formatReceiptCode(id), '7ZK3-QW9D-5TB1-M0AB');
  for (const typed of [
    '7ZK3-QW9D-5TB1-M0AB',
    '7zk3qw9d5tb1m0ab',
    ' 7ZK3 QW9D 5TBl MoAB ',
    '7ZK3QW9D5TBIM0AB',
  ])
    t.equal(required(parseReceiptCode(typed)), id, typed);
  for (const wrong of ['', id.slice(1), `${id}0`, id.replace('Z', 'U'), 'x'.repeat(1000)])
    t.notOk(parseReceiptCode(wrong).ok, wrong);
});

t.test('every state can come, and the last one is the last', async (t) => {
  const reached = new Set(reportStates.flatMap((state) => nextReportStates[state]));
  t.strictSame(
    reportStates.filter((state) => !reached.has(state)),
    ['received'],
  );
  t.strictSame(
    reportStates.filter((state) => nextReportStates[state].length === 0),
    ['closed'],
  );
});

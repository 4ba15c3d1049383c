import t from 'tap';
import { foundInReports, type Reported, type ReportedRule } from '../../../src/core/rules/reported.ts';
import { day } from '../../support/hops.ts';

const report = (n: number, category: Reported['category'], sealed = false): Reported => ({
  ...{ at: 1000 * day + n, category, sealed },
  region: n % 2 === 0 ? '310105' : '310106',
});
const found = (reports: readonly Reported[], decided: Partial<Record<ReportedRule, number>> = {}) =>
  foundInReports(reports, (rule) => decided[rule] ?? null).map(
    ({ rule, count, regions, severity }) => `${severity} ${rule} ${count} ${regions.join()}`,
  );

t.test('the example of the file: each kind is found by a rule of its own', async (t) => {
  t.strictSame(found([report(0, 'defect'), report(1, 'defect'), report(2, 'counterfeit')]), [
    'claim reported-defect 2 310105,310106',
    'claim reported-counterfeit 1 310105',
  ]);
  t.strictSame(found([]), []);
});

t.test('what is sealed does not count by its category', async (t) => {
  t.strictSame(found([report(0, 'defect', true), report(1, 'defect')]), [
    'claim reported-under-seal 1 310105',
    'claim reported-defect 1 310106',
  ]);
});

t.test('what was decided is found again only by later reports', async (t) => {
  const reports = [report(0, 'harm'), report(1, 'harm'), report(2, 'harm')];
  t.strictSame(found(reports, { 'reported-harm': 1000 * day + 1 }), ['claim reported-harm 1 310105']);
  t.strictSame(found(reports, { 'reported-harm': 1000 * day + 2 }), []);
  t.strictSame(found(reports, { 'reported-defect': 1000 * day + 2 }).length, 1);
});

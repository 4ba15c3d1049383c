import t from 'tap';
import { torture } from '../scripts/torture/torture.ts';

t.test('services die under load, and nothing acknowledged is lost', { timeout: 235_000 }, async (t) => {
  const report = await torture({ kills: 4, processes: 2 });
  t.ok(report.kills >= 4);
  t.ok(report.acknowledged > 0);
  t.ok(Object.values(report.faults).filter((count) => count > 0).length >= 5, 'most faults came about');
  t.equal(report.lost, 0);
  t.strictSame(report.wrong, []);
});

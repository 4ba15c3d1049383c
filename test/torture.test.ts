import t from 'tap';
import { torture } from '../scripts/torture/torture.ts';

t.test(
  'services and PostgreSQL die under load, and nothing acknowledged is lost',
  { timeout: 200_000 },
  async (t) => {
    const report = await torture({ kills: 7, processes: 2 });
    t.ok(report.kills >= 7 && report.deaths.PostgreSQL === 1, 'PostgreSQL is among the dead');
    t.ok(report.acknowledged > 0);
    t.equal(report.lost, 0);
    t.strictSame(report.wrong, []);
  },
);

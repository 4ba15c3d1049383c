import { readFileSync } from 'node:fs';
import t from 'tap';
import { lockFaults, weaknesses } from '../scripts/audit-dependencies.ts';

t.test('what the lock file may not hold', async (t) => {
  const lock = JSON.parse(readFileSync(new URL(import.meta.resolve('#root/package-lock.json')), 'utf8'));
  t.strictSame(lockFaults(lock.packages), []);
  const integrity = `sha512-${'A'.repeat(86)}==`;
  t.strictSame(
    lockFaults({
      '': {},
      'node_modules/good': { integrity, resolved: 'https://registry.npmjs.org/good/-/good-1.0.0.tgz' },
      'node_modules/elsewhere': { integrity, resolved: 'https://registry.npmjs.org.example/x.tgz' },
      'node_modules/git': { resolved: 'git+ssh://git@example.com/x.git#1' },
      'node_modules/weak': { integrity: 'sha1-AAAA' },
      'node_modules/folder': { link: true, resolved: '../folder' },
    }),
    [
      'node_modules/elsewhere comes from https://registry.npmjs.org.example/x.tgz',
      'node_modules/git is not pinned by SHA-512',
      'node_modules/git comes from git+ssh://git@example.com/x.git#1',
      'node_modules/weak is not pinned by SHA-512',
      'node_modules/folder is a link to a folder',
    ],
  );
});

t.test('what the registry says of weaknesses', async (t) => {
  const report = (severity: string) =>
    JSON.stringify({
      auditReportVersion: 2,
      vulnerabilities: { left: { severity }, right: { severity: 'low' } },
    });
  t.strictSame(weaknesses(report('critical')), ['left has a weakness that is critical']);
  t.strictSame(weaknesses(report('high')), ['left has a weakness that is high']);
  t.strictSame(weaknesses(report('moderate')), []);
  for (const none of ['', 'not JSON', '{"message":"405 Method Not Allowed","error":{}}'])
    t.equal(weaknesses(none), null, none);
});

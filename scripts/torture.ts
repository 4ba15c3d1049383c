/**
 * `npm run torture [-- --kills N] [--processes N]`: kills and troubles services and PostgreSQL under load and checks that
 * nothing acknowledged is lost (torture/torture.ts). Ctrl-C ends the torment and checks what happened until then. Exits
 * with 0 only if nothing was lost and nothing else went wrong.
 */
import { parseArgs } from 'node:util';
import { bar } from './bench/harness.ts';
import { torture } from './torture/torture.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '500' }, processes: { type: 'string', default: '3' } },
});
const kills = Number(values.kills);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const progress = bar('torture', kills);
const started = performance.now();
const report = await torture({
  kills,
  processes: Number(values.processes),
  progress: progress.update,
  signal: stop.signal,
});
progress.stop();
const rows: [string, number][] = [
  ['kills', report.kills],
  ...Object.entries(report.deaths).map(([what, count]): [string, number] => [`  ${what}`, count]),
  ['other faults', Object.values(report.faults).reduce((sum, n) => sum + n, 0)],
  ...Object.entries(report.faults).map(([what, count]): [string, number] => [`  ${what}`, count]),
  ['events acknowledged', report.acknowledged],
  ['requests without an answer', report.unknown],
  ['  never answered, yet recorded', report.foundRecorded],
  ['checkpoints served', report.checkpoints],
  ['checks meanwhile', report.looks],
  ['events lost', report.lost],
  ['seconds', Math.round((performance.now() - started) / 1000)],
];
for (const [what, count] of rows) process.stdout.write(`${what.padEnd(32)} ${String(count).padStart(8)}\n`);
for (const sentence of report.wrong) process.stdout.write(`wrong: ${sentence}\n`);
if (report.lost > 0 || report.wrong.length > 0) process.exitCode = 1;

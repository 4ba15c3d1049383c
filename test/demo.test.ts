import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { Client } from '../scripts/api.ts';
import { play } from '../scripts/demo/play.ts';
import { report } from '../scripts/demo/report.ts';
import { verdicts } from '../src/core/codes/verdict.ts';
import { outputOf } from './support/output.ts';
import { testService } from './support/service.ts';
import { until } from './support/until.ts';

t.test('the demo, small: every verdict it promises, and a carton traced back to its maker', async (t) => {
  const service = await testService(t);
  const url = await service.listen();
  const steps: string[] = [];
  const played = await play(
    new Client(url, 'operator', service.deps.operatorSecret),
    { makers: 11, tiers: [2, 2, 3], users: 12, firms: 2, palletsAMaker: 1 },
    (step) => steps.push(step),
    () => {},
  );
  t.equal(steps.length, 10, 'the progress bar counts the steps there are');
  const text = await report(url, played);
  const shown = [...text.matchAll(/^ {2}(\w+) .+: verdict (\w+)$/gm)];
  t.strictSame(shown.map(([, title]) => title).sort(), [...verdicts].sort(), 'one of each');
  for (const [, title, verdict] of shown) t.equal(verdict, title);
  const [maker] = played.cast.makers;
  const { carton } = played;
  const hops = [...text.matchAll(/^ {2}#\d+ +(\S+) +(\w+) \S+ +(.+?) {2,}/gm)];
  t.strictSame(
    hops.map(([, , hop]) => hop),
    [
      ...['unpack', 'receive', 'ship', 'receive', 'ship', 'unpack', 'receive', 'ship', 'pack', 'pack'],
      'produce',
    ],
    'hop by hop, newest first',
  );
  t.equal(hops[0]?.[3], carton.dealer?.name, 'the trace begins at the dealer');
  t.equal(hops.at(-1)?.[3], maker?.name, 'and leads to the maker');
  const days = hops.map(([, day]) => day);
  t.strictSame(days, [...days].sort().reverse());

  const pages = [...text.matchAll(/^ {2}\S.* {2}(http:\S+)$/gm)].map(([, found = '']) => found);
  t.equal(pages.length, 6);
  const contents: Record<string, string> = {};
  for (const page of pages) {
    const opened = await fetch(page, { headers: { accept: 'text/html', 'accept-language': 'zh-CN' } });
    t.equal(opened.status, 200, page);
    contents[new URL(page).pathname] = await opened.text();
  }
  t.match(
    contents[new URL(played.carton.code).pathname],
    maker?.name,
    'the page of the carton names its maker',
  );
  t.match(contents['/samples'], /不合格[\s\S]*合格|合格[\s\S]*不合格/);
  t.match(contents['/recalls'], /停止销售/);

  const commands = text.split('\n').filter((line) => /^ {2}(?:[A-Z]+=|\w+\(\)|ask )/.test(line));
  t.equal(commands.length, 10);
  const folder = t.testdir();
  const { stdout, stderr } = await promisify(execFile)(
    'bash',
    ['--norc', '-euo', 'pipefail', '-c', commands.join('\n')],
    {
      cwd: folder,
    },
  );
  t.equal(stderr, '');
  t.match(stdout, /^2025-\d\d-\d\d {2}unpack {2}.+$/m);
  t.match(stdout, /^failed-sample {2}/m, 'cases');
  t.match(stdout, /^\d+ {2}failed-sample {2}/m, 'and where to look first');
  t.ok(stdout.split('\n').length < 60, 'what is printed fits on a screen');
  for (const file of ['trace.svg', 'flow.svg'])
    t.match(readFileSync(join(folder, file), 'utf8'), /<svg xmlns=/);
});

const demo = fileURLToPath(import.meta.resolve('../scripts/demo.js'));

/** `npm run demo` in that folder; a demo that is still up at the end of `t` is stopped. */
function runDemo(t: Test, cwd: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [demo], { cwd, env: { PATH: process.env.PATH, ...env } });
  const ended = once(child, 'close').then(([code]) => code);
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  });
  return { child, ended, ...outputOf(child) };
}

t.test('a demo that runs keeps its data, and takes its service along when it is stopped', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'suyuan-demo-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, 'data', 'demo');
  const lock = (): string | undefined =>
    existsSync(data) ? readdirSync(data).find((name) => /^suyuan\.lock\.[0-9a-f]+$/.test(name)) : undefined;

  const first = runDemo(t, folder, { PORT: '0' });
  // Before it says so the demo itself holds the folder, to empty it.
  await until(async () => first.stdout().includes('Starting the service') && lock() !== undefined);
  const held = lock();
  const second = runDemo(t, folder, { PORT: '0' });
  t.equal(await second.ended, 1);
  t.match(
    second.stderr(),
    /^演示已在运行：进程 \d+ 正在使用 data\/demo。.+\nA demo runs already: process \d+ uses data\/demo\. .+\n$/,
  );
  t.equal(lock(), held, 'nothing was taken from the first');
  first.child.kill('SIGINT');
  t.equal(await first.ended, 0);
  t.equal(first.stderr(), '');
  t.equal(lock(), undefined, 'the service that was still starting has ended in order');
  t.notOk(existsSync(join(data, 'postgres', 'postmaster.pid')), 'and so has its database');
});

t.test('what the service cannot start with is said once', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'suyuan-demo-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const refused = runDemo(t, folder, { PORT: 'abc' });
  t.equal(await refused.ended, 1);
  t.match(refused.stderr(), /^A setting does not fit\. PORT: .+\n$/);
});

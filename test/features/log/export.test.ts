/** `suyuan export-log` as a transcript, and every file it writes beside what the service answers. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import t from 'tap';
import { suyuan } from '../../support/commands.ts';
import { note } from '../../support/log.ts';
import { testMasterKey, testService } from '../../support/service.ts';

const service = await testService(t);
const { app, deps } = service;
const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-export-'));
t.teardown(() => rm(dataDir, { recursive: true, force: true }));
const folder = join(dataDir, 'public', 'log');
const command = (...more: string[]) =>
  suyuan(['export-log', folder, ...more], {
    DATABASE_URL: service.databaseUrl,
    MASTER_KEY: testMasterKey.toString('base64url'),
    DATA_DIR: dataDir,
  });

/** Records so many facts, and waits for the checkpoint over all there is. */
async function grow(count: number): Promise<number> {
  await deps.ledger.append(Array.from({ length: count }, (_, i) => note(deps.genesis.operator, `${i}`)));
  const size = await deps.ledger.size();
  t.ok(await deps.checkpoints.covering(size - 1, 10_000));
  return size;
}

const files = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((it) => it.isFile())
    .map((it) => relative(folder, join(it.parentPath, it.name)));

const told = (size: number, written: number, kept: number) => ({
  code: 0,
  stdout: `${size} entries of id.example.cn/log are in ${folder}: ${written} files written, ${kept} were there already.\n`,
  stderr: '',
});

t.test('every file has the bytes that the service answers', async (t) => {
  const first = await grow(600);
  const transcript = await command();
  const before = await files();
  t.strictSame(transcript, told(first, before.length, 0));

  const second = await grow(300);
  // As after a disk that lost something.
  await truncate(join(folder, 'tile/0/000'), 100);
  await rm(join(folder, 'tile/entries/001'));
  const again = await command();
  const after = await files();
  // Written: what is new, what was lost, the keys and the checkpoint. Of the full tiles, two were whole.
  t.strictSame(again, told(second, after.length - before.length + 4, 2));
  for (const file of after) {
    const answer = await app.inject(`/log/${file}`);
    t.equal(answer.statusCode, 200, file);
    t.ok(answer.rawPayload.equals(await readFile(join(folder, file))), file);
  }
  for (const file of ['checkpoint', 'key', 'payload/0', 'tile/0/000', 'tile/1/000.p/3', 'tile/entries/001'])
    t.ok(after.includes(file), file);
});

t.test('a folder that holds something else is left alone', async (t) => {
  const file = join(folder, 'checkpoint');
  const good = await readFile(file, 'utf8');
  const refused = async (text: string, sentence: RegExp) => {
    await writeFile(file, text);
    t.match(await command(), { code: 2, stdout: '', stderr: sentence });
    t.equal(await readFile(file, 'utf8'), text);
  };
  const [origin = '', size = '', root = ''] = good.split('\n');
  await refused('nothing\n', /is not a checkpoint; export into another folder\.\n$/);
  await refused(
    good.replace(origin, 'x.cn/log'),
    /holds the log x\.cn\/log; export into another folder\.\n$/,
  );
  await refused(good.replace(size, '99999'), /covers 99999 entries that this log does not begin with/);
  await refused(good.replace(root, Buffer.alloc(32).toString('base64')), /does not begin with/);
  await writeFile(file, good);
  t.match(await command('--lang', 'zh-CN'), {
    code: 0,
    stdout: `账本 id.example.cn/log 的 ${size} 条条目已在 ${folder}：新写 `,
  });
});

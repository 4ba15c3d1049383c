import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { makeDataFolder } from '../../src/database/data-folder.ts';
import { lockFolder } from '../../src/database/folder-lock.ts';
import { randomSecret, secretFile } from '../../src/secrets.ts';

t.test('the data folder is closed to other users', { skip: process.platform === 'win32' }, async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'suyuan-folder-'));
  t.teardown(() => rm(home, { recursive: true }));
  const modeOf = async (name: string) => (await stat(join(home, name))).mode & 0o777;
  const { getuid } = process;
  const as = async <T>(uid: number, work: () => Promise<T>): Promise<T> => {
    process.getuid = () => uid;
    try {
      return await work();
    } finally {
      if (getuid) process.getuid = getuid;
    }
  };
  const umask = process.umask(0o022);
  t.teardown(() => process.umask(umask));

  await as(1000, () => makeDataFolder(join(home, 'above', 'data')));
  t.strictSame([await modeOf('above/data'), await modeOf('above')], [0o700, 0o755], 'and nothing above it');
  await as(0, () => makeDataFolder(join(home, 'root')));
  t.equal(await modeOf('root'), 0o711, 'of root: PostgreSQL passes through as another user');
  await as(1000, () => secretFile(join(home, 'secrets', 'one'), randomSecret));
  t.equal(await modeOf('secrets'), 0o700, 'whoever makes it: a secret,');
  await (await as(1000, () => lockFolder(join(home, 'locked')))).release();
  t.equal(await modeOf('locked'), 0o700, 'or the lock');
  await chmod(join(home, 'root'), 0o750);
  await as(1000, () => makeDataFolder(join(home, 'root')));
  t.equal(await modeOf('root'), 0o750, 'one that is there keeps its mode');
});

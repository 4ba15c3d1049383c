import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readSynced, writeSynced } from '../../src/database/synced-file.ts';

t.test('what could not be written leaves nothing behind, least of all on a full disk', async (t) => {
  const folder = t.testdir({ kept: 'before' });
  await writeSynced(join(folder, 'kept'), 'after');
  t.equal(await readSynced(join(folder, 'kept')), 'after');
  // In the way of the last step, as a full disk is in that of the first.
  await mkdir(join(folder, 'taken', 'by'), { recursive: true });
  await t.rejects(writeSynced(join(folder, 'taken'), 'x', { fresh: join(folder, 'taken.1.new') }));
  t.strictSame((await readdir(folder)).sort(), ['kept', 'taken']);
});

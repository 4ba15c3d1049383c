/** A small disk of our own, where we may mount one (Linux, as root): it can be filled without filling the machine's. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Disk {
  readonly folder: string;
  /** Leaves no room for more than some pages; null where the disk is the machine's. */
  readonly fill: (() => Promise<void>) | null;
  empty(): Promise<void>;
  remove(): Promise<void>;
}

const bytesMax = 6 * 2 ** 30;
const roomLeft = 64 * 1024;

export async function makeDisk(): Promise<Disk> {
  const folder = await mkdtemp(join(tmpdir(), 'suyuan-torture-'));
  // PostgreSQL runs as another user than root, and must pass.
  const mount = (how: string): Promise<unknown> =>
    run('mount', ['-t', 'tmpfs', '-o', `${how},mode=0711`, 'suyuan-torture', folder]);
  const mounted = await mount(`size=${bytesMax}`).then(
    () => true,
    () => false,
  );
  return {
    folder,
    // A tmpfs is filled by making it smaller, which takes no memory.
    fill: mounted
      ? async () => {
          for (let tries = 1; ; tries++) {
            const { blocks, bfree, bsize } = await statfs(folder);
            try {
              return void (await mount(`remount,size=${(blocks - bfree) * bsize + roomLeft}`));
            } catch (error) {
              // Meanwhile more was written than there would be room for.
              if (tries === 10) throw error;
            }
          }
        }
      : null,
    async empty() {
      if (mounted) await mount(`remount,size=${bytesMax}`);
    },
    async remove() {
      if (mounted) await run('umount', ['--lazy', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

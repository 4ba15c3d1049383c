/** Files that are kept beside the database. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';

/**
 * Replaces the file, or makes it with its folder: it stands on disk whole or as it was before, whatever happens
 * meanwhile, and for good once this has returned. Until then it is written to `fresh`, which several at once must not
 * share.
 */
export async function writeSynced(
  file: string,
  content: string | Uint8Array,
  { fresh = `${file}.new`, mode = 0o666 }: { readonly fresh?: string; readonly mode?: number } = {},
): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  try {
    await writeWhole(fresh, content, mode);
    await rename(fresh, file);
  } catch (error) {
    // On a full disk what was written of it would take the room that is left.
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

async function writeWhole(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The text of such a file; null when there is none. */
export async function readSynced(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

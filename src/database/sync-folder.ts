import { open } from 'node:fs/promises';

/** Makes names that were made or changed in the folder survive a power cut; not possible on Windows. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

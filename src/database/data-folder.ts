import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the data folder unless it is there, closed to other users. As root it may be passed through but not listed:
 * PostgreSQL runs as another user and must reach its own folder inside. A folder that is there keeps its mode.
 */
export async function makeDataFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  try {
    await mkdir(folder, { mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

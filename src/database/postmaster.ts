/** Ending PostgreSQL: our own, and one that a killed process left behind. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, processIdentity } from './running-process.ts';

/** Ends a postmaster: fast shutdown, then an immediate one (recovers at the next start), then by force. */
export async function endPostmaster(
  signal: (name: NodeJS.Signals) => void,
  exited: Promise<void>,
): Promise<void> {
  const steps: [NodeJS.Signals, seconds: number][] = [
    ['SIGINT', 60],
    ['SIGQUIT', 10],
    ['SIGKILL', 10],
  ];
  for (const [name, seconds] of steps) {
    signal(name);
    const timer = new AbortController();
    const gone = await Promise.race([
      exited.then(() => true),
      delay(seconds * 1000, false, { signal: timer.signal }).catch(() => false),
    ]);
    timer.abort();
    if (gone) return;
  }
}

/** A PostgreSQL that outlived the process that started it. We hold the folder's lock, so nobody uses it. */
export async function stopOrphan(cluster: string): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  // Its first two lines are the pid and the folder as that postmaster was told on its command line.
  const [first = '', folder = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 0 || folder === '') return;
  const identity = await processIdentity(pid);
  if (identity !== null && (await commandLine(pid)).includes(folder)) {
    await endPostmaster((name) => kill(pid, name), untilGone(pid, identity));
    return;
  }
  // The pid now belongs to a stranger or nobody. PostgreSQL would take a stranger of the same user for a
  // running postmaster, as happens in containers where pids are few; its own check of shared memory, which
  // the file also names, is still made when the first line names no running process.
  if (identity !== null) await forgetPid(path);
}

async function untilGone(pid: number, identity: string): Promise<void> {
  while ((await processIdentity(pid)) === identity) await delay(20);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already, or not ours to end: then starting tells.
  }
}

/** Writes a pid that Linux and macOS never give (above PID_MAX_LIMIT, 2^22) over the first line. */
async function forgetPid(path: string): Promise<void> {
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, ['2147483646', ...rest].join('\n'));
}

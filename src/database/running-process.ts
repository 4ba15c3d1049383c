/**
 * Which process a pid names. A pid alone is reused, so a process is known by pid and start: on Linux the boot
 * and the start time in clock ticks since then (proc(5), `stat` field 22), elsewhere what ps(1) prints.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A text that no other process ever shares with this pid; null when no such process runs (a zombie does not). */
export async function processIdentity(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return linuxIdentity(pid);
  if (process.platform === 'win32') return signalled(pid) ? 'running' : null;
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { PATH: systemPath, LC_ALL: 'C' },
    });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

/** The command line of a running process, or '' when it cannot be read. */
export async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux')
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)], { env: { PATH: systemPath } });
    return stdout;
  } catch {
    return '';
  }
}

/** Where the programs of an ordinary system are; nothing of our own environment reaches the programs we start. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function linuxIdentity(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The command name stands in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = 'X'] = fields;
    return state === 'Z' || state === 'X' ? null : `${boot.trim()} ${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}

function signalled(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The command `suyuan` as a user runs it: arguments and environment in, output and exit code out. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Transcript {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const program = fileURLToPath(import.meta.resolve('#root/bin/suyuan.js'));

/** Runs it to its end, with no environment but what is given. */
export const suyuan = (args: readonly string[], env: Record<string, string> = {}): Promise<Transcript> =>
  new Promise((resolve) => {
    const given = { PATH: process.env.PATH ?? '', ...env };
    execFile(process.execPath, [program, ...args], { env: given }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });

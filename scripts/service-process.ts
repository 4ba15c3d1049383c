/** The service as a process of its own, for scripts: what `npm start` runs, with settings of theirs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when it listens; rejects when it ends before that. */
  readonly listening: Promise<void>;
  /** Resolves when the process has ended, with the signal that ended it, if one did. */
  readonly exited: Promise<NodeJS.Signals | null>;
  /** Asks it to drain and waits until it has. */
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  /** Modules that it loads before anything else. */
  readonly preload?: readonly string[];
  /** Hears what it says on standard error, which goes to our own otherwise. */
  readonly onError?: (text: string) => void;
}

/** Starts the service and waits until it listens. */
export async function startServiceProcess(settings: Record<string, string>): Promise<ServiceProcess> {
  const service = spawnService({ PORT: String(await freePort()), ...settings });
  await service.listening;
  return service;
}

/** Starts the service on the port that the settings name. */
export function spawnService(
  settings: Record<string, string>,
  { preload = [], onError }: ServiceProcessOptions = {},
): ServiceProcess {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      // As `npm start` does: room for what requests drop, and a full collection whenever the heap has doubled.
      '--max-semi-space-size=32',
      '--heap-growing-percent=100',
      ...preload.flatMap((module) => ['--import', module]),
      fileURLToPath(import.meta.resolve('../src/server.js')),
    ],
    {
      env: { ...process.env, ...settings },
      stdio: ['ignore', 'pipe', onError === undefined ? 'inherit' : 'pipe'],
      // Ctrl-C reaches the script alone, which then stops the service in order.
      detached: true,
    },
  );
  if (onError !== undefined) child.stderr?.on('data', (chunk) => onError(String(chunk)));
  const exited = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_code, signal) => resolve(signal)),
  );
  const listening = new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${settings.PORT}`,
    pid: child.pid ?? 0,
    listening,
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** The service as a process of its own, for scripts: what `npm start` runs, with settings of theirs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  /** Asks it to drain and waits until it has. */
  stop(): Promise<void>;
}

/** Starts the service and waits until it listens; `preload` are modules that it loads before anything else. */
export async function startServiceProcess(
  settings: Record<string, string>,
  preload: readonly string[] = [],
): Promise<ServiceProcess> {
  const port = Number(settings.PORT ?? (await freePort()));
  const child: ChildProcess = spawn(
    process.execPath,
    [
      '--max-semi-space-size=32',
      '--import',
      import.meta.resolve('tsx'),
      ...preload.flatMap((module) => ['--import', module]),
      fileURLToPath(new URL('../src/server.ts', import.meta.url)),
    ],
    {
      env: { ...process.env, ...settings, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
      // Ctrl-C reaches the script alone, which then stops the service in order.
      detached: true,
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
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

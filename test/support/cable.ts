/** A cable between the service and its database that a test can cut and mend. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Teardown } from './postgres.ts';

export interface Cable {
  /** The database's URL, through the cable. */
  readonly url: string;
  /** Breaks every connection; new ones are refused until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function layCable(t: Teardown, databaseUrl: string): Promise<Cable> {
  const far = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer((near) => {
        const remote = connect(Number(far.port || 5432), far.hostname);
        for (const [from, to] of [
          [near, remote],
          [remote, near],
        ] as const) {
          sockets.add(from);
          from.pipe(to);
          from.on('error', () => to.destroy());
          from.on('close', () => {
            sockets.delete(from);
            to.destroy();
          });
        }
      });
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server?.address();
        if (typeof address === 'object' && address !== null) port = address.port;
        resolve();
      });
    });
  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      const closing = server;
      server = null;
      if (closing === null) return resolve();
      closing.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await open();
  t.teardown(cut);
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return { url: url.href, cut, mend: open };
}

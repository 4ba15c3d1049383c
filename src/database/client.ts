/**
 * A client of postgres.js whose connections are never made anew: once one is lost or cannot be made, the whole
 * client is over, and says so.
 *
 * postgres.js 3.4 would connect again on the same slot. There, bytes that were still to be written are in the way
 * of the next connection, which then stands still; statements that waited run on it even when they belong to a
 * transaction that is gone; and some wait for ever. So we make its sockets, each client's only while it is whole.
 */
import { connect as connectSocket, type Socket } from 'node:net';
import postgres from 'postgres';
import { registerArrays } from './array-types.ts';
import type { Sql } from './sql.ts';

export interface ClientOptions {
  readonly applicationName: string;
  readonly connections: number;
  readonly role: string | undefined;
  /** Milliseconds. */
  readonly statementTimeout: number | undefined;
  readonly planOnce: boolean;
  /** Called once, when a connection is lost or cannot be made, or when the client is ended. */
  readonly onLoss: () => void;
}

const connectSeconds = 5;

export function openClient(url: string, options: ClientOptions): Sql {
  let lost = false;
  const lose = (): void => {
    if (lost) return;
    lost = true;
    // Not within a callback of the client: it must first reject what the loss has hit.
    queueMicrotask(() => {
      options.onLoss();
      void sql.end({ timeout: 0 });
    });
  };

  async function socket({ host, port, path }: Address): Promise<Socket> {
    if (lost)
      throw Object.assign(new Error('the connection to the database was lost'), {
        code: 'CONNECTION_CLOSED',
      });
    try {
      const made = await anyOf(host, port, path);
      made.once('close', lose);
      return made;
    } catch (error) {
      lose();
      throw error;
    }
  }

  const parameters = {
    max: options.connections,
    connect_timeout: connectSeconds,
    max_lifetime: null,
    backoff: () => 0,
    // registerArrays knows the types that the server would be asked for.
    fetch_types: false,
    onnotice: () => {},
    onclose: lose,
    socket,
    types: {
      bigint: {
        to: 20,
        from: [20],
        serialize: (n: number) => String(n),
        parse: (text: string) => Number(text),
      },
    },
    connection: {
      application_name: options.applicationName,
      TimeZone: 'UTC',
      // Else a schema of the role's own name would come first.
      search_path: 'public',
      synchronous_commit: 'on',
      idle_in_transaction_session_timeout: 10_000,
      ...(options.role === undefined ? {} : { role: options.role }),
      ...(options.statementTimeout === undefined ? {} : { statement_timeout: options.statementTimeout }),
      ...(options.planOnce ? { plan_cache_mode: 'force_generic_plan' } : {}),
    },
  };
  const sql: Sql = postgres(url, parameters);
  registerArrays(sql.options);
  return sql;
}

/** What postgres.js read from the URL: hosts with their ports, or the path of a Unix socket. */
interface Address {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false | undefined;
}

/** Connects to the first host that takes the connection. */
async function anyOf(
  hosts: readonly string[],
  ports: readonly number[],
  path: Address['path'],
): Promise<Socket> {
  if (path) return connected(connectSocket({ path }));
  let failure: unknown;
  for (const [i, host] of hosts.entries()) {
    try {
      // TLS is told the name to expect by the member `host`.
      return Object.assign(await connected(connectSocket({ host, port: ports[i] ?? 5432 })), { host });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function connected(socket: Socket): Promise<Socket> {
  // Statements are small and must not wait for one another's acknowledgement (Nagle).
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('the database did not answer'), { code: 'CONNECT_TIMEOUT' }));
    }, connectSeconds * 1000);
    socket.once('error', reject);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('close', () => clearTimeout(timer));
  });
}

/**
 * Who read whose data, when, and under which mandate: kept beside the log, so that a reader can be asked why. Notes gather and are written
 * together, off the request's path. If we crash, the last moment's notes are lost; while the database is away they
 * wait, and beyond a bound the oldest of them give way and are counted in a warning.
 */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Sql } from '../../database/connection.ts';
import { type Columns, insertRows, type Row } from '../../database/rows.ts';
import { type Caller, caller } from '../../http/authentication.ts';

const columns = {
  at: 'bigint',
  party: 'text',
  client: 'text',
  route: 'text',
  subject: 'text',
  mandate: 'text',
} as const satisfies Columns;

export interface ReadAuditOptions {
  readonly now: () => number;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  /** ms that notes gather. */
  readonly delay?: number;
  /** Notes that wait at most. */
  readonly limit?: number;
}

export interface ReadAudit {
  /** `route` is the pattern of the route, `subject` whose or what was read: a party id, an identifier. */
  note(caller: Caller, route: string, subject: string): void;
  /** Writes what has gathered. */
  flush(): Promise<void>;
  /** Writes what has gathered and stops the clock. */
  close(): Promise<void>;
}

export function createReadAudit(
  sql: Sql,
  { now, log, delay = 250, limit = 100_000 }: ReadAuditOptions,
): ReadAudit {
  let waiting: Row<typeof columns>[] = [];
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let writing: Promise<void> = Promise.resolve();

  const start = (): void => {
    if (timer !== null || closed) return;
    timer = setTimeout(() => void flush(), delay);
    timer.unref();
  };

  async function write(): Promise<void> {
    const rows = waiting;
    if (rows.length === 0) return;
    waiting = [];
    try {
      await insertRows(sql, 'read_audit', columns, rows);
    } catch (error) {
      waiting = [...rows, ...waiting];
      const lost = Math.max(0, waiting.length - limit);
      waiting = waiting.slice(lost);
      log.warn({ err: error, lost }, 'who read what could not be written yet');
      start();
    }
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(write);
    return writing;
  }

  return {
    note({ party, client, mandate }, route, subject) {
      waiting.push({ at: now(), party, client, route, subject, mandate: mandate?.id ?? null });
      if (waiting.length > limit) waiting.shift();
      start();
    },
    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}

/** Notes that the party of a request reads data of another's. */
export const auditRead = (audit: ReadAudit, request: FastifyRequest, subject: string): void =>
  audit.note(caller(request), `${request.method} ${request.routeOptions.url ?? request.url}`, subject);

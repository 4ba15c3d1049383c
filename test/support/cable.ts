/** A cable between the service and its database that can be cut and mended, and be slow. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Teardown } from './postgres.ts';

export interface Cable {
  /** The database's URL, through the cable. */
  readonly url: string;
  /** Breaks every connection; new ones are refused until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** From now on all that is sent, either way, takes so many ms; `Infinity`: it waits until the cable is faster. */
  slow(ms: number): void;
  /**
   * Waits for the next COMMIT that is sent right after a statement like `after`, and breaks the connection it is sent
   * on: with `commit` before the server sees it, with `answer` when the server has committed and says so.
   */
  lose(what: 'commit' | 'answer', after: RegExp): Promise<void>;
}

interface Trap {
  readonly what: 'commit' | 'answer';
  readonly after: RegExp;
  readonly sprung: () => void;
}

type Pass = (chunk: Buffer, done: (error: null, chunk: Buffer) => void) => void;

export async function layCable(t: Teardown, databaseUrl: string): Promise<Cable> {
  const far = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  let trap: Trap | null = null;
  let lag = 0;
  let held = Promise.resolve();
  let release = (): void => {};
  /** Lets a chunk pass, later where the cable is slow. */
  const pass: Pass = (chunk, done) => {
    if (lag === 0) return done(null, chunk);
    void (lag === Number.POSITIVE_INFINITY ? held : delay(lag)).then(() => done(null, chunk));
  };
  const slow = (ms: number): void => {
    lag = ms;
    release();
    if (ms !== Number.POSITIVE_INFINITY) return;
    held = new Promise((resolve) => {
      release = resolve;
    });
  };
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (server !== null) return resolve();
      server = createServer((near) => {
        const remote = connect(Number(far.port || 5432), far.hostname);
        const { asks, answers } = watched(
          () => trap,
          ({ sprung }) => {
            trap = null;
            near.destroy();
            remote.destroy();
            sprung();
          },
          pass,
        );
        for (const [from, watch, to] of [
          [near, asks, remote],
          [remote, answers, near],
        ] as const) {
          sockets.add(from);
          from.pipe(watch).pipe(to);
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
  const lose = (what: Trap['what'], after: RegExp): Promise<void> =>
    new Promise((resolve) => {
      trap = { what, after, sprung: resolve };
    });
  return { url: url.href, cut, mend: open, slow, lose };
}

/** The two directions of one connection; `spring` breaks it. */
function watched(armed: () => Trap | null, spring: (trap: Trap) => void, pass: Pass) {
  const statementOf = statements();
  let last = '';
  /** The answer to a COMMIT that went through is being waited for. */
  let awaited: Trap | null = null;
  const asks = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const statement of statementOf(chunk)) {
        const trap = armed();
        if (statement === 'COMMIT' && trap?.after.test(last)) {
          // Nothing of the chunk goes on, and so not the COMMIT either.
          if (trap.what === 'commit') return spring(trap);
          awaited = trap;
        }
        last = statement;
      }
      pass(chunk, done);
    },
  });
  let unread = '';
  const answers = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (awaited === null) return pass(chunk, done);
      // Held back from here on; CommandComplete (PostgreSQL 18 §54.7) carries the tag with a NUL.
      unread += chunk.toString('latin1');
      if (unread.includes('COMMIT\0')) spring(awaited);
      else done();
    },
  });
  return { asks, answers };
}

/**
 * The text of every statement in what a client sends, when it is bound to be executed. Parse gives a statement a name,
 * Bind executes it by that name, as often as it likes (PostgreSQL 18 §54.7).
 */
function statements(): (chunk: Buffer) => string[] {
  const texts = new Map<string, string>();
  let rest = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const bound: string[] = [];
    for (;;) {
      // Only the very first message has no type before its length.
      const typed = started ? 1 : 0;
      if (rest.length < typed + 4) return bound;
      const end = typed + rest.readUInt32BE(typed);
      if (rest.length < end) return bound;
      const type = started ? String.fromCharCode(rest[0] ?? 0) : '';
      const [first = '', second = ''] = rest.toString('latin1', typed + 4, end).split('\0', 2);
      if (type === 'P') texts.set(first, second.trim());
      if (type === 'B') bound.push(texts.get(second) ?? '');
      started = true;
      rest = rest.subarray(end);
    }
  };
}

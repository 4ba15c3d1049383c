/**
 * Connections that one piece of work has for itself, for transactions.
 *
 * Each is a client of postgres.js with a single connection, kept for the next work when it is given back whole.
 * (Reserving from a pool of postgres.js 3.4 loses the slot when the connection is new, and a statement on a
 * reserved connection that was lost throws where nobody can catch it.) A client that has lost its connection takes
 * no statement any more and is put away when it is given back.
 */
import type postgres from 'postgres';
import type { Sql } from './sql.ts';

export type Reserved = postgres.ReservedSql<{ bigint: number }>;

interface Client {
  readonly sql: Sql;
  lost: boolean;
}

export class Reservations {
  readonly #open: (onLoss: () => void) => Sql;
  readonly #max: number;
  readonly #idle: Client[] = [];
  readonly #waiting: ((client: Client) => void)[] = [];
  readonly #all = new Set<Client>();

  /** `open` makes a client with one connection, which tells when that is lost; at most `max` are open at once. */
  constructor(open: (onLoss: () => void) => Sql, max: number) {
    this.#open = open;
    this.#max = max;
  }

  /** Waits for a connection to be free; it must be released. */
  async reserve(): Promise<Reserved> {
    return this.#lend(await this.#take());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map(({ sql }) => sql.end({ timeout: 5 })));
  }

  async #take(): Promise<Client> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.size < this.#max) return this.#create();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #create(): Client {
    const client: Client = { sql: this.#open(() => this.#lose(client)), lost: false };
    this.#all.add(client);
    return client;
  }

  #lose(client: Client): void {
    if (client.lost) return;
    client.lost = true;
    const at = this.#idle.indexOf(client);
    if (at >= 0) {
      this.#idle.splice(at, 1);
      this.#all.delete(client);
    }
  }

  #giveBack(client: Client): void {
    const next = this.#waiting.shift();
    if (client.lost) {
      this.#all.delete(client);
      if (next !== undefined) next(this.#create());
    } else if (next !== undefined) next(client);
    else this.#idle.push(client);
  }

  #lend(client: Client): Reserved {
    let released = false;
    const check = (): void => {
      if (released) throw new Error('a statement on a connection that was given back');
    };
    const release = (): void => {
      if (released) return;
      released = true;
      this.#giveBack(client);
    };
    const guarded = new Proxy(client.sql, {
      apply: (target, _self, args) => {
        check();
        return Reflect.apply(target, undefined, args);
      },
      get: (target, name) => {
        if (name === 'release') return release;
        if (name === 'unsafe') check();
        return Reflect.get(target, name);
      },
    });
    return withRelease(guarded, release);
  }
}

/** The proxy answers `release` itself; this tells the type so. */
const withRelease = (sql: Sql, release: () => void): Reserved => Object.assign(sql, { release });

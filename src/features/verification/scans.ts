/**
 * Scans: who looked at which code, when. They help a buyer ("scanned 40 times since March") and later an investigator;
 * they are never part of the log and never flip a verdict.
 *
 * What is kept: thing, time, verdict, the coarse region if the person gave it, whether a program fetched it or a party
 * scanned with its token, and a hash of address and agent under a key that changes every day (UTC). One row a thing,
 * device and day. Whoever has our secret and a row could still try all addresses; without the secret a row says nothing,
 * and even with it nobody is followed from one day to the next without trying.
 *
 * Of a code that no entry names, or whose signature is not good, a row is kept for its product (`stray_scans`): once a
 * network and week, for products with an owner here, and at most `straysMax` a product and week, so that nobody fills the
 * store with numbers of its own, and whoever has a few addresses, or scans day after day, counts as one. The code itself is
 * not kept, but eight bytes of a keyed hash of it; of the network a keyed hash with product and week, by which nobody is
 * found again under another product or in another week.
 *
 * Writing is off the request path: rows gather and go out together once a second, or as soon as there are many. When the
 * database cannot keep up, what does not fit is dropped and counted in `suyuan_scans_dropped_total`: losing a scan is
 * better than keeping a buyer waiting. If we crash, at most what gathered since the last writing is lost.
 */
import { createHmac, hash } from 'node:crypto';
import type { Verdict } from '../../core/codes/verdict.ts';
import { arrayLiteral, type Cell } from '../../database/array-literal.ts';
import type { Database } from '../../database/connection.ts';
import { networkOf } from '../../http/addresses.ts';

export interface Scan {
  /** Internal number of what was looked at. */
  readonly unit: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly verdict: Verdict;
  /** GB/T 2260, province or prefecture. */
  readonly region: string | null;
  /** Of `deviceOf`. */
  readonly device: Buffer;
  readonly robot: boolean;
  readonly own: boolean;
}

/** A scan of a code that is not ours. */
export interface Stray {
  readonly gtin: string;
  readonly epc: string;
  /** Of whoever scanned it. */
  readonly address: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly region: string | null;
  readonly forged: boolean;
}

/** What a device is told by; the same one a day gives the same bytes. */
export interface Device {
  readonly address: string;
  readonly userAgent: string;
  readonly robot: boolean;
  readonly own: boolean;
}

export interface ScanOptions {
  readonly database: Database;
  /** 32 bytes; the daily keys derive from it. */
  readonly secret: Buffer;
  readonly retentionDays: number;
  readonly now: () => number;
  readonly onWritten: (rows: number) => void;
  readonly onDropped: (rows: number) => void;
  readonly onError: (error: unknown) => void;
  /** Rows that may wait; more are dropped. */
  readonly waitingMax?: number;
}

export interface Scans {
  /** The bytes a device goes by on the day of `at`. */
  deviceOf(device: Device, at: number): Buffer;
  /** Takes a scan to be written; never fails and never waits. */
  note(scan: Scan): void;
  /** The same for a code that is not ours. */
  noteStray(stray: Stray): void;
  /** Writes what waits. */
  flush(): Promise<void>;
  /** Deletes scans that are older than the retention. Returns how many rows went. */
  expire(): Promise<number>;
  /** Begins to delete what is too old: now, and every hour. */
  start(): void;
  /** Writes what waits and stops the clockwork, after the deletion under way. */
  close(): Promise<void>;
}

const dayMs = 86_400_000;
const weekDays = 7;
const weekMs = weekDays * dayMs;
const flushMs = 1000;
/** Rows that go out without waiting for the second to end. */
const flushRows = 1000;
const expireMs = 3_600_000;
/** Rows one deletion takes, so that none holds locks for long. */
const expireRows = 10_000;
/** Rows of codes that are not ours, a product and week. */
export const straysMax = 200;

export function createScans(options: ScanOptions): Scans {
  const { database, secret, retentionDays, now, waitingMax = 20_000 } = options;
  const { sql } = database;
  const keyOfDay = dailyKeys(secret);
  let waiting: Scan[] = [];
  let strays: Stray[] = [];
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closing = false;

  async function write(): Promise<void> {
    const rows = waiting;
    const others = strays;
    waiting = [];
    strays = [];
    try {
      if (others.length > 0) await writeStrays(others);
      // If we crash here the rows are lost; nothing else rests on them.
      const column = (cell: (scan: Scan) => Cell): string => arrayLiteral(rows.map(cell));
      const written = await sql`
        INSERT INTO scans (unit, device, at, verdict, region, robot, own)
        SELECT * FROM unnest(
          ${column(({ unit }) => unit)}::bigint[], ${column(({ device }) => device)}::bytea[],
          ${column(({ at }) => at)}::bigint[], ${column(({ verdict }) => verdict)}::text[],
          ${column(({ region }) => region)}::text[], ${column(({ robot }) => robot)}::boolean[],
          ${column(({ own }) => own)}::boolean[])
        ON CONFLICT DO NOTHING`;
      options.onWritten(written.count);
    } catch (error) {
      options.onDropped(rows.length + others.length);
      options.onError(error);
    }
  }

  async function writeStrays(rows: readonly Stray[]): Promise<void> {
    const column = (cell: (stray: Stray) => Cell): string => arrayLiteral(rows.map(cell));
    const inWeek =
      (ago: number) =>
      (stray: Stray): Buffer =>
        networkMark(secret, stray, ago);
    const written = await sql`
      WITH told AS (
        SELECT DISTINCT ON (gtin, device) *, substr(device, 1, 4) AS week FROM unnest(
          ${column(({ gtin }) => gtin)}::text[], ${column(inWeek(0))}::bytea[], ${column(inWeek(1))}::bytea[],
          ${column(({ at }) => at)}::bigint[],
          ${column(({ epc }) => markOf(secret, epc))}::bytea[], ${column(({ region }) => region)}::text[],
          ${column(({ forged }) => forged)}::boolean[]) AS t (gtin, device, before, at, code, region, forged)
        WHERE EXISTS (SELECT FROM owners WHERE identifier = 'gtin:' || gtin) AND NOT EXISTS (
          SELECT FROM stray_scans s WHERE s.gtin = t.gtin AND s.device = t.before AND s.at > t.at - ${weekMs})
        ORDER BY gtin, device, at),
      weeks AS (
        SELECT gtin, week, (SELECT count(*) FROM (
          SELECT FROM stray_scans s WHERE s.gtin = d.gtin AND s.device >= d.week
            AND s.device <= d.week || '\\xffffffffffffffffffffffff'::bytea LIMIT ${straysMax}) n) AS kept
        FROM (SELECT DISTINCT gtin, week FROM told) d)
      INSERT INTO stray_scans (gtin, device, at, code, region, forged)
      SELECT gtin, device, at, code, region, forged FROM (
        SELECT *, row_number() OVER (PARTITION BY gtin, week ORDER BY at) AS i FROM told) t JOIN weeks USING (gtin, week)
      WHERE kept + i <= ${straysMax}
      ON CONFLICT DO NOTHING`;
    options.onWritten(written.count);
  }

  const flush = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    await writing;
    if (waiting.length + strays.length === 0) return;
    writing ??= write().finally(() => {
      writing = null;
      if (waiting.length + strays.length > 0) arm();
    });
    await writing;
  };

  function arm(): void {
    if (waiting.length + strays.length >= flushRows && writing === null) void flush();
    else timer ??= setTimeout(() => void flush(), flushMs).unref();
  }

  async function expire(): Promise<number> {
    const before = now() - retentionDays * dayMs;
    let gone = 0;
    let deleted: number;
    do {
      const result = await sql`
        DELETE FROM scans WHERE ctid = ANY (ARRAY (SELECT ctid FROM scans WHERE at < ${before} LIMIT ${expireRows}))`;
      deleted = result.count;
      gone += deleted;
    } while (deleted === expireRows && !closing);
    await sql`DELETE FROM stray_scans WHERE at < ${before}`;
    return gone;
  }

  let expiry: NodeJS.Timeout | null = null;
  let expiring: Promise<unknown> = Promise.resolve();
  const expireNext = (): void => {
    expiring = expiring.then(expire).catch(options.onError);
  };

  function deviceOf({ address, userAgent, robot, own }: Device, at: number): Buffer {
    const day = Math.floor(at / dayMs);
    const device = Buffer.alloc(16);
    device.writeUInt32BE(day);
    // A key of fixed length before the text, and the hash cut short: that is a sound keyed hash, in one call.
    const text = `${keyOfDay(day)}${JSON.stringify([address, userAgent, robot, own])}`;
    hash('sha256', text, 'buffer').copy(device, 4, 0, 12);
    return device;
  }

  function keep<T>(list: T[], row: T): void {
    if (waiting.length + strays.length >= waitingMax) {
      options.onDropped(1);
      return;
    }
    list.push(row);
    arm();
  }

  return {
    deviceOf,
    note: (scan) => keep(waiting, scan),
    noteStray: (stray) => keep(strays, stray),
    flush,
    expire,
    start() {
      // Not only after an hour: a service that is restarted more often would never delete anything.
      expireNext();
      expiry ??= setInterval(expireNext, expireMs).unref();
    },
    async close() {
      closing = true;
      if (expiry !== null) clearInterval(expiry);
      await Promise.all([flush(), expiring]);
    },
  };
}

/** What is kept of a code that is not ours: eight bytes of a hash under the secret, for as long as there is that secret. */
export const markOf = (secret: Buffer, epc: string): Buffer =>
  createHmac('sha256', secret).update(`code ${epc}`).digest().subarray(0, 8);

/** What a network is told by in a week, or so many weeks before: the number of its first day, as in devices, and a keyed hash. */
function networkMark(secret: Buffer, { address, gtin, at }: Stray, weeksAgo: number): Buffer {
  const week = Math.floor(at / weekMs) - weeksAgo;
  const mark = Buffer.alloc(16);
  mark.writeUInt32BE(week * weekDays);
  createHmac('sha256', secret)
    .update(`week ${week} ${gtin} ${networkOf(address)}`)
    .digest()
    .copy(mark, 4, 0, 12);
  return mark;
}

/** The key of a day, in hex: HMAC-SHA-256 of its number under the secret. Only the last one is remembered. */
function dailyKeys(secret: Buffer): (day: number) => string {
  let last: { readonly day: number; readonly key: string } | null = null;
  return (day) => {
    if (last?.day !== day) {
      last = { day, key: createHmac('sha256', secret).update(`scans ${day}`).digest('hex') };
    }
    return last.key;
  };
}

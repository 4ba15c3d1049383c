/**
 * Watches clues: every minute what the public scanned and reported since is looked at by the rules about it, one process
 * at a time. What is found is filed in cases of its own tables, for clues are no facts: it does not follow from the log and
 * is not rebuilt from it.
 *
 * If we crash between two steps the next pass, of any process, does what was left over: looking twice changes nothing.
 */
import { type Database, onConnection, planIndexByIndex } from '../../database/connection.ts';
import { createRest } from '../../ledger/rest.ts';
import { createDocket } from './docket.ts';
import type { Turn } from './look.ts';
import { createReportLook } from './report-look.ts';
import { createScanLook } from './scan-look.ts';

export interface ClueWatchOptions {
  readonly database: Database;
  readonly now: () => number;
  /** What is kept of a scanned code that no entry names. */
  readonly markOf: (epc: string) => Buffer;
  readonly onError: (error: unknown) => void;
}

export interface ClueWatch {
  start(): void;
  /** Looks at what came since the last pass. */
  pass(): Promise<void>;
  /** Ends after the step under way. */
  stop(): Promise<void>;
}

const minuteMs = 60_000;

export function createClueWatch({ database, now, markOf, onError }: ClueWatchOptions): ClueWatch {
  const { sql } = database;
  const rest = createRest();
  const docket = createDocket(sql);
  const began = now();
  const looks = [createScanLook({ sql, docket, began }, markOf), createReportLook({ sql, docket, began })];
  let running: Promise<void> | null = null;

  const step: Turn['step'] = (work) =>
    onConnection(sql, async (connection) => {
      await connection`BEGIN`;
      await planIndexByIndex(connection);
      await connection`SELECT pg_advisory_xact_lock(hashtext('clue watch'))`;
      await work(connection);
      await connection`COMMIT`;
    });

  async function pass(): Promise<void> {
    const turn: Turn = { at: now(), stopped: () => rest.stopped, step };
    await docket.catchUp();
    for (const look of looks) await look(turn);
  }

  async function run(): Promise<void> {
    for (;;) {
      await rest.pause(minuteMs);
      if (rest.stopped) return;
      try {
        await pass();
      } catch (error) {
        onError(error);
      }
    }
  }

  return {
    pass,
    start() {
      running ??= run();
    },
    async stop() {
      rest.stop();
      await running;
    },
  };
}

/**
 * Drives real load over HTTP at several service processes on one database while they and PostgreSQL are killed, then
 * asks whether anything that was acknowledged is lost, and whether the log is whole.
 *
 *   killed         services with SIGKILL, at every named step of the write path and at any moment; PostgreSQL with
 *                  SIGKILL and by immediate shutdown
 *   then checked   every acknowledged request once in the log, with the receipt that was given; what was not
 *                  answered, once or not at all, and once after it is sent again; no gap; every checkpoint ever served
 *                  under the present log; `audit` clean
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseCheckpoint } from '../../src/core/checkpoint.ts';
import { isSignedBy, parseNote, parseNoteKey } from '../../src/core/note.ts';
import { connect } from '../../src/database/connection.ts';
import { startEmbedded } from '../../src/database/embedded.ts';
import { auditEverything } from '../../src/features/audit.ts';
import { createTree } from '../../src/ledger/tree.ts';
import { randomSecret } from '../../src/secrets.ts';
import { Client } from '../api.ts';
import { issueUnits, makeMaker, unitsOf } from '../bench/harness.ts';
import { type Load, startLoad } from './load.ts';
import { startProcesses } from './processes.ts';

export interface TortureOptions {
  /** Deaths of services and of PostgreSQL together. */
  readonly kills: number;
  readonly processes: number;
  readonly progress?: (kills: number) => void;
  /** Ends the torment early; what happened until then is checked. */
  readonly signal?: AbortSignal;
}

export interface TortureReport {
  /** Deaths by what died, and when. */
  readonly deaths: Readonly<Record<string, number>>;
  readonly kills: number;
  /** Events whose receipt was given before the end of the torment. */
  readonly acknowledged: number;
  /** Requests that were not answered at first. */
  readonly unknown: number;
  /** Of those, what turned out to have been recorded when they were sent again. */
  readonly foundRecorded: number;
  readonly checkpoints: number;
  /** Acknowledged events that are not in the log as the receipt says: must be 0. */
  readonly lost: number;
  /** Everything else that must not be; must be empty. */
  readonly wrong: readonly string[];
}

/** Between two deaths by us, ms at most. */
const pauseMaxMs = 2_500;
/** One death by us in so many is PostgreSQL's. */
const postgresEvery = 4;

export async function torture(options: TortureOptions): Promise<TortureReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-torture-postgres-'));
  const postgres = await startEmbedded({
    dataDir,
    password: randomSecret(),
    settings: { max_connections: '200' },
  });
  const operatorSecret = randomSecret();
  const processes = await startProcesses(options.processes, {
    DATABASE_URL: postgres.url,
    DATABASE_OWNER_URL: postgres.url,
    MASTER_KEY: randomBytes(32).toString('base64url'),
    OPERATOR_SECRET: operatorSecret,
    PUBLIC_URL: 'https://torture.example.org',
    LOG_LEVEL: 'silent',
    PUBLIC_RATE_LIMIT: '0',
  });
  const database = connect(postgres.url, { max: 4 });
  try {
    const [url = ''] = processes.urls;
    const operator = new Client(url, 'operator', operatorSecret);
    const maker = await makeMaker({ url, operator });
    await issueUnits(maker, 'TORTURE', 500);
    const epcs = await unitsOf(database);
    const [before] = await database.sql<{ size: number }[]>`SELECT size FROM head`;
    const token = await maker.client.token();
    const load = startLoad(
      () => processes.urls,
      epcs,
      async () => token,
    );

    processes.torment();
    let postgresKills = 0;
    const kills = () => postgresKills + [...processes.deaths.values()].reduce((sum, n) => sum + n, 0);
    for (let turn = 1; kills() < options.kills && options.signal?.aborted !== true; ) {
      await delay(Math.random() * pauseMaxMs);
      if (turn % postgresEvery === 0) {
        process.kill(postgres.pid(), turn % (2 * postgresEvery) === 0 ? 'SIGKILL' : 'SIGQUIT');
        postgresKills++;
        turn++;
      } else if (processes.kill(Math.random())) turn++;
      options.progress?.(Math.min(kills(), options.kills));
    }
    const died = kills();
    await load.stop();
    await processes.calm();

    const acknowledged = load.sent.filter(({ facts }) => facts !== null);
    const events = acknowledged.reduce((sum, { hops }) => sum + hops, 0);
    const wrong = [...load.wrong];
    const { lost, foundRecorded } = await settle(load, database.sql, wrong);
    const [now] = await database.sql<{ size: number; entries: number }[]>`
      SELECT size, (SELECT count(*) FROM entries) AS entries FROM head`;
    const expected = (before?.size ?? 0) + load.sent.reduce((sum, { hops }) => sum + hops, 0);
    if (now?.size !== now?.entries) wrong.push(`${now?.size} entries by the head, ${now?.entries} stored`);
    if (now?.size !== expected) wrong.push(`${expected} entries expected, there are ${now?.size}`);
    const key = await (await fetch(`${processes.urls[0]}/log/key`)).text();
    for (const note of load.notes) await checkNote(note, key, database.sql, wrong);
    for (const folder of processes.folders) {
      const { mismatch } = await auditEverything(database, {
        url: postgres.url,
        processes: availableParallelism(),
        dataDir: folder,
        logOnly: folder !== processes.folders[0],
      });
      if (mismatch !== null) wrong.push(`audit: ${mismatch.table}: ${mismatch.what}`);
    }
    return {
      deaths: { ...Object.fromEntries(processes.deaths), PostgreSQL: postgresKills },
      kills: died,
      acknowledged: events,
      unknown: load.unknown,
      foundRecorded,
      checkpoints: load.notes.size,
      lost,
      wrong,
    };
  } finally {
    await processes.stop();
    await database.close();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

type Sql = Parameters<typeof createTree>[0];

/** Holds every receipt against the log, and sends again what is not known. */
async function settle(
  load: Load,
  sql: Sql,
  wrong: string[],
): Promise<{ lost: number; foundRecorded: number }> {
  let lost = 0;
  let foundRecorded = 0;
  for (const sent of load.sent) {
    const [head] = await sql<{ size: number }[]>`SELECT size FROM head`;
    const facts = await load.again(sent);
    const told: { seq: number; leaf: string }[] = JSON.parse(facts);
    if (sent.facts === null) {
      if ((told[0]?.seq ?? 0) < (head?.size ?? 0)) foundRecorded++;
    } else if (sent.facts !== facts)
      wrong.push(`another receipt for ${sent.key}: ${sent.facts} then, ${facts} now`);
    const first = told[0]?.seq ?? -1;
    const stored = await sql<{ seq: number; leaf: string }[]>`
      SELECT seq, rtrim(translate(encode(leaf, 'base64'), '+/', '-_'), '=') AS leaf FROM entries
      WHERE seq >= ${first} AND seq < ${first + told.length} ORDER BY seq`;
    const promised: { seq: number; leaf: string }[] = JSON.parse(sent.facts ?? facts);
    lost += promised.filter((fact, i) => stored[i]?.leaf !== fact.leaf || stored[i]?.seq !== fact.seq).length;
  }
  return { lost, foundRecorded };
}

/** A checkpoint that was served must be signed by the log and be over its first entries. */
async function checkNote(text: string, keyLines: string, sql: Sql, wrong: string[]): Promise<void> {
  const note = parseNote(text);
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
  const keys = keyLines.split('\n').flatMap((line) => {
    const key = parseNoteKey(line);
    return key.ok ? [key.value] : [];
  });
  if (!note.ok || !checkpoint.ok || !keys.some((key) => isSignedBy(note.value, key))) {
    wrong.push(`a checkpoint that is none: ${text}`);
    return;
  }
  const { size, root } = checkpoint.value;
  const [present] = await createTree(sql).roots([{ from: 0, until: size }]);
  if (present === undefined || Buffer.compare(present, root) !== 0)
    wrong.push(`the checkpoint over ${size} entries is not of this log`);
}

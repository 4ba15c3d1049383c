/**
 * Has each checkpoint cosigned by the configured witnesses.
 *
 * In rounds: the last checkpoint is sent to every witness that is free and has not signed it; the round is over when
 * a quorum has, or everybody has answered. So witnesses of unequal speed still meet on one checkpoint, and one that
 * is slow or away holds up nobody. A witness that fails is left in peace for twice as long each time. Of several
 * processes the one that signed a checkpoint asks first; the others find the cosignatures there.
 *
 *   crash before a cosignature is stored   the witness gives another one for the same checkpoint
 */
import { consistencyStretches } from '../core/log/merkle-proof.ts';
import { formatSignature, noteKeyId, parseNote, signaturesBy } from '../core/log/note.ts';
import type { Witness } from '../core/log/tlog-witness.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import type { Sql } from '../database/connection.ts';
import type { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
import { createRest } from './rest.ts';
import type { Tree } from './tree.ts';
import { addCheckpoint, WitnessTrouble } from './witness-client.ts';

export interface WitnessingOptions {
  readonly sql: Sql;
  /** For what only reads. */
  readonly reads: Sql;
  readonly tree: Tree;
  readonly checkpoints: Pick<Checkpoints, 'latest' | 'onSigned'>;
  readonly witnesses: readonly Witness[];
  /** Cosignatures that a checkpoint should have. */
  readonly quorum: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A witness did not cosign; it will be asked again. Told once as long as it says the same. */
  onError(error: unknown, witness: string): void;
}

/** How far the cosignatures of a quorum reach. */
export interface QuorumState {
  readonly witnesses: number;
  readonly quorum: number;
  /** Entries under the last checkpoint that a quorum cosigned; null before the first. */
  readonly size: number | null;
  /** How long the oldest checkpoint after that one has waited for its quorum, ms; 0 when there is none. */
  readonly waitingMs: number;
  /** It has waited longer than it should. */
  readonly late: boolean;
  /** For each witness by name, how often in a row it failed. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface Witnessing {
  start(): void;
  /** Null when no witness is configured. */
  state(): Promise<QuorumState | null>;
  /** Ends after what is under way, which is cut short. */
  stop(): Promise<void>;
}

/** Between two looks for checkpoints of other processes and for witnesses whose rest is over, ms. */
const pollMs = 1_000;
/** Rest of a witness after its first failure and at most, ms. */
const restMs = 1_000;
const restMaxMs = 300_000;
/** A quorum is late when a checkpoint has waited so long, ms. */
const lateMs = 30_000;
/** How often a witness may contradict the size we think it has, in one exchange. */
const conflictsMax = 2;

interface Standing {
  readonly witness: Witness;
  readonly id: string;
  /** Entries it cosigned last, as far as we know; null before we have looked. */
  size: number | null;
  busy: Promise<boolean> | null;
  failures: number;
  /** By `performance.now()`. */
  notBefore: number;
  lastError: string;
}

export function createWitnessing(options: WitnessingOptions): Witnessing {
  const { sql, tree, checkpoints, witnesses, quorum } = options;
  const standings = witnesses.map(
    (witness): Standing => ({
      witness,
      id: noteKeyId(witness.key),
      size: null,
      busy: null,
      failures: 0,
      notBefore: 0,
      lastError: '',
    }),
  );
  const rest = createRest();
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  /** A quorum has cosigned so many entries, and never will fewer have been. */
  let agreed: number | null = null;

  async function round(): Promise<void> {
    const checkpoint = await checkpoints.latest();
    const note = checkpoint === null ? null : parseNote(checkpoint.note);
    if (checkpoint === null || !note?.ok) return;
    const missing = standings.filter(({ witness }) => signaturesBy(note.value, witness.key).length === 0);
    const asked = missing.filter(({ busy, notBefore }) => busy === null && notBefore <= performance.now());
    const answers = asked.map((standing) => {
      standing.busy = ask(standing, checkpoint);
      return standing.busy;
    });
    await enough(answers, quorum - (standings.length - missing.length));
  }

  /** Whether the witness cosigned. */
  async function ask(standing: Standing, checkpoint: SignedCheckpoint): Promise<boolean> {
    const { name } = standing.witness.key;
    try {
      await cosign(standing, checkpoint);
      standing.failures = 0;
      standing.lastError = '';
      return true;
    } catch (error) {
      const said = String(error);
      if (!rest.stopped && said !== standing.lastError) options.onError(error, name);
      standing.lastError = said;
      standing.notBefore = performance.now() + Math.min(restMaxMs, restMs * 2 ** standing.failures++);
      return false;
    } finally {
      standing.busy = null;
      // It may have been busy for more than one round.
      rest.news();
    }
  }

  async function cosign(standing: Standing, checkpoint: SignedCheckpoint, conflicts = 0): Promise<void> {
    const { witness, id } = standing;
    const old = standing.size ?? (await sizeOf(standing));
    if (old > checkpoint.size) {
      // Another process may have shown it a later checkpoint meanwhile.
      const latest = await checkpoints.latest();
      if (latest !== null && latest.size >= old) return cosign(standing, latest, conflicts);
      standing.size = null;
      throw new WitnessTrouble(
        `it has cosigned ${old} entries, and the last checkpoint covers ${checkpoint.size}: the log was set back, or somebody else signs with its key`,
      );
    }
    const { note } = checkpoint;
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
    const proof = await tree.roots(consistencyStretches(old, checkpoint.size));
    const answer = await addCheckpoint(witness, { old, proof, checkpoint: note }, text, stopping.signal);
    if (answer.kind === 'conflict') {
      standing.size = answer.size;
      if (conflicts < conflictsMax) return cosign(standing, checkpoint, conflicts + 1);
      throw new WitnessTrouble(
        `it says that it has cosigned ${answer.size} entries, and then that it has not`,
      );
    }
    await sql`
      INSERT INTO cosignatures (size, witness, key_id, at, line)
      VALUES (${checkpoint.size}, ${witness.key.name}, ${id}, ${options.now()}, ${formatSignature(answer.signature)})
      ON CONFLICT DO NOTHING`;
    standing.size = checkpoint.size;
  }

  /** What the witness cosigned last, by the cosignatures we hold. */
  async function sizeOf({ witness, id }: Standing): Promise<number> {
    const [row] = await sql<{ size: number }[]>`
      SELECT size FROM cosignatures WHERE witness = ${witness.key.name} AND key_id = ${id} ORDER BY size DESC LIMIT 1`;
    return row?.size ?? 0;
  }

  async function run(): Promise<void> {
    while (!rest.stopped) {
      rest.begin();
      await round().catch((error: unknown) => {
        if (!rest.stopped) options.onError(error, 'all');
      });
      await rest.untilNews(pollMs);
    }
  }

  return {
    start() {
      if (running !== null || standings.length === 0) return;
      checkpoints.onSigned(rest.news);
      running = run();
    },

    async state() {
      if (standings.length === 0) return null;
      const names = arrayLiteral(standings.map(({ witness }) => witness.key.name));
      const ids = arrayLiteral(standings.map(({ id }) => id));
      const [reached] = await options.reads<{ size: number }[]>`
        SELECT c.size FROM checkpoints c
        WHERE c.size > ${agreed ?? 0} AND ${quorum} <= (
          SELECT count(*) FROM cosignatures s
          WHERE s.size = c.size AND (s.witness, s.key_id) IN (SELECT * FROM unnest(${names}::text[], ${ids}::text[])))
        ORDER BY c.size DESC LIMIT 1`;
      agreed = reached?.size ?? agreed;
      const [waiting] = await options.reads<{ at: number }[]>`
        SELECT at FROM checkpoints WHERE size > ${agreed ?? 0} ORDER BY size LIMIT 1`;
      const waitingMs = waiting === undefined ? 0 : Math.max(0, options.now() - waiting.at);
      const failures = Object.fromEntries(standings.map((it) => [it.witness.key.name, it.failures]));
      return {
        witnesses: standings.length,
        quorum,
        size: agreed,
        waitingMs,
        late: waitingMs > lateMs,
        failures,
      };
    },

    async stop() {
      rest.stop();
      stopping.abort();
      await running;
      await Promise.all(standings.map(({ busy }) => busy));
    },
  };
}

/** Resolves when so many of the answers are yes, or all are there. */
function enough(answers: readonly Promise<boolean>[], wanted: number): Promise<void> {
  return new Promise((resolve) => {
    let [yes, open] = [0, answers.length];
    const settle = (answer: boolean): void => {
      if (answer) yes++;
      open--;
      if (yes >= wanted || open === 0) resolve();
    };
    if (wanted <= 0 || open === 0) resolve();
    for (const answer of answers) void answer.then(settle);
  });
}

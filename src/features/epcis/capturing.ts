/**
 * Works documents off. With `rollback` a document is one submission to the log, all of its events or none. With
 * `proceed` it is cut into parts of at most 500 events, each appended under an idempotency key made of job and part;
 * of a part what can be recorded is, and the rest is told. Master data of the header is recorded with the first part.
 *
 * If we crash before a part is recorded, nothing of it is: whoever takes the job up does it again. If we crash between
 * recording a part and noting so, its key tells that it is recorded and which of its events are in it; the others are
 * judged once more, for what to say of them. If two processes work on one job, the log takes each part once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ReadEvent } from '../../core/epcis/epcis-reading.ts';
import { isErrorDeclaration } from '../../core/events/event-record.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import { type Fault, fault, Refusal } from '../../errors.ts';
import { idempotencyOf } from '../../ledger/submission.ts';
import { createSlots } from '../codes/slots.ts';
import { eventBody, eventKey, keyCell } from '../events/event-fact.ts';
import { createJobRunner, type JobRunner, passes } from '../job-runner.ts';
import { type EpcisDocument, eventPointer } from './documents.ts';
import { type CapturingDeps, type DraftedEvent, draftEvents } from './drafts.ts';
import {
  type ClaimedCapture,
  claimCapture,
  type EventErrors,
  finishCapture,
  idleCaptures,
  noteProgress,
  ownerOf,
} from './jobs.ts';
import type { KeptDocument } from './reading.ts';
import { newClaims } from './vocabularies.ts';

/** Events recorded together with `proceed`. */
const partSize = 500;
/** Documents worked on at a time. */
const jobsAtOnce = 4;
const retryMs = 500;
/** How long a job is left alone after its process was last heard of. */
const leaseMs = 15_000;
/** How often to look for jobs that others left. */
const lookMs = 3_000;
/** What is wrong with more events than these is counted and not told. */
const erringMax = 1_000;

export function createCaptureRunner(
  deps: CapturingDeps,
  log: { error(details: object, message: string): void },
): JobRunner {
  const slots = createSlots(jobsAtOnce);

  async function work(id: string, stopping: AbortSignal): Promise<void> {
    const release = await slots.take(await ownerOf(deps.db, id));
    try {
      const job = stopping.aborted ? null : await claimCapture(deps.db, id, leaseMs);
      if (job === null) return;
      const document = await deps.reader.kept(job.document, deps.genesis.host, job.caller.party);
      await worked(job, document, stopping);
    } finally {
      release();
    }
  }

  async function worked(job: ClaimedCapture, document: KeptDocument, stopping: AbortSignal): Promise<void> {
    const size = job.behaviour === 'rollback' ? Math.max(1, job.total) : partSize;
    const errors = [...job.errors];
    let { done, erring } = job;
    // A document of master data alone is one part without events.
    let left = true;
    while (left && !stopping.aborted) {
      const found = await recordPart(job, document, done, size, stopping);
      // We were stopped, and what became of the part is not known yet.
      if (found === null) break;
      errors.push(...found.slice(0, Math.max(0, erringMax - errors.length)));
      erring += found.length;
      done = Math.min(job.total, done + size);
      left = done < job.total;
      if (left) await noteProgress(deps.db, job.id, { done, errors, erring }, leaseMs);
    }
    if (left) await noteProgress(deps.db, job.id, { done, errors, erring }, 0);
    else await finishCapture(deps.db, job.id, { done, errors, erring }, deps.now());
  }

  /** Records the events from `first` on, waiting for a database that is away. What is wrong; null when stopped. */
  async function recordPart(
    job: ClaimedCapture,
    document: KeptDocument,
    first: number,
    size: number,
    stopping: AbortSignal,
  ): Promise<EventErrors[] | null> {
    const part = { first, end: first + size };
    const of = { host: deps.genesis.host, party: job.caller.party };
    const once = idempotencyOf('capture', job.id, String(first), job.id);
    const whole = job.behaviour === 'rollback';
    while (!stopping.aborted) {
      try {
        const before = await deps.ledger.replay(once);
        const recorded = before === null ? null : await keysOf(before.facts);
        const read = await deps.reader.eventsOf(document, part, of);
        const judged = await judge(job, read, recorded);
        const errors = judged.flatMap(({ faults }, i): EventErrors[] =>
          faults.length === 0 ? [] : [told(document, first + i, faults)],
        );
        if (recorded !== null || (whole && errors.length > 0)) return errors;
        const sound = judged.filter(({ faults }) => faults.length === 0);
        const newcomers = new Set(sound.flatMap((it) => it.newcomers));
        const events = sound.flatMap(({ draft }) => draft ?? []);
        // Master data goes with the first part.
        const { caller, original } = job;
        const claims =
          first === 0 ? await newClaims(deps.db.sql, caller.party, document.claims, original) : [];
        if (claims.length + events.length > 0)
          await deps.ledger.append([...claims, ...newcomers, ...events], once);
        return errors;
      } catch (error) {
        // Somebody else recorded one of them, or named the same newcomer, meanwhile: next time it is found.
        const raced =
          error instanceof Refusal && (error.code === 'duplicate-event' || error.code === 'already-exists');
        if (!raced && !passes(error)) throw error;
        if (!raced) await delay(retryMs, null, { signal: stopping }).catch(() => {});
      }
    }
    return null;
  }

  /** The events of a part; of those recorded with it before, nothing more is to be said. */
  async function judge(
    job: ClaimedCapture,
    read: readonly ReadEvent[],
    recorded: ReadonlySet<string> | null,
  ): Promise<DraftedEvent[]> {
    const drafted = await draftEvents(deps, job, read);
    if (recorded !== null) return drafted.map((it) => (recorded.has(it.key) ? { ...it, faults: [] } : it));
    const taken = await takenKeys(deps, drafted);
    return drafted.map((it) => {
      const seq = taken.get(it.key);
      return seq === undefined ? it : { ...it, draft: null, faults: [...it.faults, recordedBefore(seq)] };
    });
  }

  async function keysOf(facts: readonly { readonly seq: number }[]): Promise<ReadonlySet<string>> {
    const first = facts[0]?.seq ?? 0;
    const stored = await deps.ledger.read(first, first + facts.length);
    return new Set(
      stored.flatMap(({ fact }) =>
        fact.kind === 'event' ? [eventKey(fact.by, fact.eventID, isErrorDeclaration(eventBody(fact)))] : [],
      ),
    );
  }

  const kind = { name: 'capture', idle: () => idleCaptures(deps.db, 100), work };
  return createJobRunner(kind, log, lookMs);
}

/** Which of these events are recorded already, and where. One statement. */
export async function takenKeys(
  { db }: Pick<CapturingDeps, 'db'>,
  drafted: readonly DraftedEvent[],
): Promise<ReadonlyMap<string, number>> {
  const keys = drafted.flatMap(({ key }) => (key === '' ? [] : [keyCell(key)]));
  if (keys.length === 0) return new Map();
  const rows = await db.sql<{ key: string; seq: number }[]>`
    SELECT encode(id, 'hex') AS key, seq FROM event_ids WHERE id = ANY (${arrayLiteral(keys)}::bytea[])`;
  return new Map(rows.map(({ key, seq }) => [key, seq]));
}

export const recordedBefore = (seq: number): Fault => ({
  code: 'duplicate-event',
  detail: `Entry ${seq} records this very event of yours; if it happened twice, give each an eventID of its own.`,
  pointer: '/eventID',
});

const told = (document: Pick<EpcisDocument, 'at'>, event: number, faults: readonly Fault[]): EventErrors => ({
  event,
  faults: faults.map(({ code, detail, pointer = '' }) =>
    fault(code, detail, eventPointer(document, event) + pointer),
  ),
});

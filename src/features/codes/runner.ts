/**
 * Works batches off: each part of at most 10,000 codes is one issue fact, appended under an idempotency key made of
 * batch and part.
 *
 * If we crash between two parts, the next runner finds the first by its key and begins with the second. If we crash
 * while a part is being recorded, its key tells whether it was; serials that were drawn for it and not recorded never
 * left this process, so others are drawn. If two processes run the same batch, the log takes each part once.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { formatUnit, parseGtin, parseLot, parseSerial, type Serial } from '../../core/gs1/identifiers.ts';
import { drawSerials } from '../../core/gs1/serial.ts';
import type { IssueFact } from '../../core/log/fact.ts';
import { Refusal, required } from '../../errors.ts';
import { idempotencyOf } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import { createJobRunner, type JobRunner, passes } from '../job-runner.ts';
import { keysByKid } from '../keys/queries.ts';
import { claimJob, extendLease, finishJob, idleJobs, type Job, ownSerials, partSize } from './jobs.ts';
import { requireIssuer } from './rights.ts';
import { createSlots } from './slots.ts';

export interface RunnerOptions {
  /** How long a batch is left alone after its process was last heard of. */
  readonly leaseMs?: number;
  /** How often to look for batches that others left. */
  readonly lookMs?: number;
}

/** Parts prepared or being recorded at a time, of all batches together: one is prepared while one is written. */
const partsAtOnce = 2;
const retryMs = 500;
/** Draws of a part before we give up: 60 random bits collide once in a lifetime. */
const drawsMax = 5;

type Deps = Pick<FeatureDeps, 'db' | 'ledger' | 'now'>;

export function createBatchRunner(
  deps: Deps,
  log: { error(details: object, message: string): void },
  { leaseMs = 15_000, lookMs = 3_000 }: RunnerOptions = {},
): JobRunner {
  const slots = createSlots(partsAtOnce);

  async function work(id: string, stopping: AbortSignal): Promise<void> {
    const job = await claimJob(deps.db, id, leaseMs);
    if (job === null) return;
    const parts = Math.ceil(job.total / partSize);
    const failures: unknown[] = [];
    let next = 0;
    let recorded = 0;
    const worker = async (): Promise<void> => {
      while (next < parts && failures.length === 0 && !stopping.aborted) {
        const part = next++;
        const release = await slots.take(job.party);
        try {
          if (await issuePart(job, part, stopping)) recorded++;
          await extendLease(deps.db, id, leaseMs);
        } catch (error) {
          failures.push(error);
        } finally {
          release();
        }
      }
    };
    await Promise.all(Array.from({ length: partsAtOnce }, worker));
    const [failure] = failures;
    if (failure instanceof Refusal && !passes(failure)) await finishJob(deps.db, id, failure.message);
    else if (failure !== undefined) throw failure;
    else if (recorded === parts) await finishJob(deps.db, id, null);
    else await extendLease(deps.db, id, 0);
  }

  /**
   * Records one part, waiting for a database that is away; false when we were stopped before it was recorded. Throws
   * a `Refusal` when the batch cannot go on.
   */
  async function issuePart(job: Job, part: number, stopping: AbortSignal): Promise<boolean> {
    const once = idempotencyOf('issue', job.id, String(part), job.id);
    for (let draws = 1; !stopping.aborted; ) {
      try {
        if ((await deps.ledger.replay(once)) !== null) return true;
        await requireKey(job.body.kid);
        // A delegation may have ended since the batch was ordered: what is not issued yet is issued no more.
        await requireIssuer(deps.db.sql, job.party, required(parseGtin(job.body.gtin)), deps.now());
        const fact = issueFact(job, await serialsOf(job, part));
        await deps.ledger.append([{ fact }], once);
        return true;
      } catch (error) {
        const drawAgain = job.body.serials === 'ours' && isIssued(error) && draws++ < drawsMax;
        if (!drawAgain && !passes(error)) throw error;
        if (!drawAgain) await delay(retryMs, null, { signal: stopping }).catch(() => {});
      }
    }
    return false;
  }

  /** A key that was retired or compromised meanwhile signs nothing more. */
  async function requireKey(kid: string): Promise<void> {
    const key = (await keysByKid(deps.db.sql, [kid])).get(kid);
    if (key?.status === 'active') return;
    throw new Refusal(
      'state-conflict',
      `Key ${kid} is no longer active; order what is missing under another key.`,
    );
  }

  async function serialsOf(job: Job, part: number): Promise<readonly Serial[]> {
    if (job.body.serials === 'ours') {
      return drawSerials(Math.min(partSize, job.total - part * partSize), randomBytes);
    }
    const own = await ownSerials(deps.db.sql, job.id, part);
    return own.map((serial) => required(parseSerial(serial)));
  }

  return createJobRunner({ name: 'batch', idle: () => idleJobs(deps.db, 100), work }, log, lookMs);
}

const isIssued = (error: unknown): boolean => error instanceof Refusal && error.code === 'already-issued';

function issueFact({ id, party, body }: Job, serials: readonly Serial[]): IssueFact {
  const gtin = required(parseGtin(body.gtin));
  return {
    kind: 'issue',
    by: party,
    batch: id,
    gtin,
    lot: required(parseLot(body.lot)),
    kid: body.kid,
    serials: body.serials,
    ...(body.productionDate === undefined ? {} : { productionDate: body.productionDate }),
    // Identifiers are ASCII, so the default order is that of code points.
    epcs: serials.map((serial) => formatUnit(gtin, serial)).sort(),
  };
}

/** Batches as the API shows them. */
import { base64url, formatAt } from '../../core/log/entry.ts';
import type { Recorded } from '../../core/log/receipt.ts';
import type { Sql } from '../../database/connection.ts';
import type { FeatureDeps } from '../feature.ts';
import { signReceipt } from '../keys/receipts.ts';
import type { JobProgress } from './jobs.ts';
import type { JobAnswer } from './schemas.ts';

export type AnswerDeps = Pick<FeatureDeps, 'db' | 'reads' | 'ledger' | 'keystore' | 'genesis'>;

/** A batch; once it is over, with the receipt for what was issued. */
export async function jobAnswer(deps: AnswerDeps, job: JobProgress): Promise<JobAnswer> {
  const { body } = job;
  const facts = job.state === 'running' ? [] : await issueEntries(deps.reads.sql, job.id);
  return {
    id: job.id,
    gtin: body.gtin,
    lot: body.lot,
    epc: job.lot,
    key: body.kid,
    serials: body.serials,
    ...(body.productionDate === undefined ? {} : { productionDate: body.productionDate }),
    state: job.state,
    total: job.total,
    done: job.done,
    createdAt: formatAt(job.createdAt),
    ...(job.error === null ? {} : { error: job.error }),
    ...(body.guessable === 0 ? {} : { warnings: [guessable(body.guessable, job.total)] }),
    ...(facts.length === 0
      ? {}
      : {
          receipt: await signReceipt(deps, facts),
          facts: facts.map(({ seq, salt }) => ({ seq, salt: base64url(salt) })),
        }),
  };
}

const guessable = (count: number, total: number): { code: string; detail: string } => ({
  code: 'guessable-serials',
  detail: `${count} of ${total} serials are short or look like a counter: who has seen one can guess others and ask about them.`,
});

/** Where the issues of a batch stand in the log, in order. */
async function issueEntries(sql: Sql, batch: string): Promise<Recorded[]> {
  return sql<Recorded[]>`
    SELECT e.seq, e.at, e.digest, e.leaf, f.salt
    FROM (SELECT DISTINCT seq FROM issues WHERE batch = ${batch}) i
    JOIN entries e USING (seq) JOIN facts f USING (seq) ORDER BY seq`;
}

/** Newest batches shown of a lot. */
export const batchesShown = 100;

export const lotPath = (gtin: string, lot: string): string =>
  `/v1/batches/${gtin}/${encodeURIComponent(lot)}`;

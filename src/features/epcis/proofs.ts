/**
 * Proof with the answer: what shows that the events of an answer stand in the log as they are told, by public formats
 * alone. The entries are those of a file of evidence (core/evidence/evidence.ts), all under one checkpoint; whoever is answered
 * may read these events whole, so that all of them is disclosed but personal data.
 */
import { setImmediate } from 'node:timers/promises';
import type { EventsProof, Pending } from '../../core/epcis/epcis-writing.ts';
import { type Choice, hideFact } from '../../core/evidence/evidence-hide.ts';
import { base64url } from '../../core/log/entry.ts';
import { Refusal } from '../../errors.ts';
import { storedFacts } from '../evidence/queries.ts';
import { rememberedList } from '../evidence/salted-lists.ts';
import { provenEntry } from '../evidence/showing.ts';
import type { FeatureDeps } from '../feature.ts';
import { checkpointOver, coveringMs, inclusions } from '../log/public-log.ts';

export type ProofDeps = Pick<FeatureDeps, 'lookups' | 'tree' | 'checkpoints' | 'genesis'>;

/** Facts opened in one go before others get their turn. */
const factsAtOnce = 200;

const all: Choice = { member: () => true, epcs: null };

/** Whether the header Suyuan-Proof asks for proofs. Refusal: `not-acceptable`. */
export function asksProof(header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  if (header === 'include') return true;
  throw new Refusal('not-acceptable', 'Suyuan-Proof is `include`; leave it out for events without proofs.');
}

/**
 * Proves events by their entries. Statements: one for the facts, one for the hashes of the tree, however many events.
 * When a checkpoint over the newest takes longer than a few seconds, those are left out that the last does not cover;
 * refuses `not-published` where there is none at all.
 */
export async function proveEvents(deps: ProofDeps, seqs: readonly number[]): Promise<EventsProof> {
  const newest = Math.max(...seqs);
  const covering = await deps.checkpoints.covering(newest, coveringMs);
  const { note, size } = covering ?? (await checkpointOver(deps, 1));
  const rows = await storedFacts(
    deps.lookups.sql,
    seqs.filter((seq) => seq < size),
  );
  const pending = seqs.filter((seq) => seq >= size).sort((a, b) => a - b);
  const proofs = await inclusions(
    deps,
    rows.map(({ seq }) => seq),
    size,
  );
  const entries: EventsProof['entries'][number][] = [];
  for (const [i, row] of rows.entries()) {
    // Each takes some 50 µs of hashing.
    if (i % factsAtOnce === factsAtOnce - 1) await setImmediate();
    const fact = hideFact(row.payload, row.salt, row.personal, all, rememberedList);
    const entry = provenEntry({ row, fact }, deps.genesis.origin);
    entries.push({ ...entry, path: (proofs[i]?.hashes ?? []).map(base64url) });
  }
  const left = pending.map((seq): Pending => ({ seq, reason: 'not-published' }));
  return { checkpoint: note, entries, ...(left.length === 0 ? {} : { pending: left }) };
}

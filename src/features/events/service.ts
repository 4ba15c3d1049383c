/**
 * Recording hops: a request becomes facts, all or none.
 *
 *   names → looked up (memory, else a statement a kind) → hops read → permission → events → log → receipt
 *
 * The number of statements is the same for one hop and for ten thousand. Everything that is wrong is found before
 * anything is recorded, and answered at once. A request that was recorded before is answered from the log, whatever
 * has changed since.
 */
import type { Recorded } from '../../core/log/receipt.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Idempotency, idempotencyOf } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import { signReceipt } from '../keys/receipts.ts';
import { answerOf, hopsOfEvents, type Labelled, labelOf } from './answer.ts';
import { type Drafted, type DraftingDeps, draftsOf, type NamedEvent } from './drafts.ts';
import { eventKey, keyCell } from './event-fact.ts';
import { createFaults, pointerOf } from './faults.ts';
import type { Hop } from './schemas.ts';

export type EventsDeps = DraftingDeps & Pick<FeatureDeps, 'ledger' | 'keystore'>;

export interface RecordedHops {
  /** JSON of the answer but its last brace. */
  readonly answer: string;
  /** First and last entry of the request. */
  readonly first: number;
  readonly last: number;
  readonly replayed: boolean;
}

/** Records the hops of a request under its key; `request` is the canonical text of its body. */
export async function recordHops(
  deps: EventsDeps,
  caller: Caller,
  hops: readonly Hop[],
  key: string,
  request: string,
): Promise<RecordedHops> {
  const idempotency = idempotencyOf('events', caller.party, key, request);
  const { facts, replayed, labels } = await append(deps, caller, hops, idempotency);
  const receipt = await signReceipt(deps, facts);
  const first = facts[0]?.seq;
  if (first === undefined) throw new Error('a request was recorded without facts');
  return {
    answer: answerOf(receipt, hopsOfEvents(hops), facts, labels),
    first,
    last: first + facts.length - 1,
    replayed,
  };
}

interface Appended {
  readonly facts: readonly Recorded[];
  readonly labels: readonly Labelled[];
  readonly replayed: boolean;
}

async function append(
  deps: EventsDeps,
  caller: Caller,
  hops: readonly Hop[],
  idempotency: Idempotency,
  again = true,
): Promise<Appended> {
  const { ledger } = deps;
  let drafts: Drafted;
  try {
    drafts = await draftsOf(deps, caller, hops);
  } catch (error) {
    // What was right when it was first sent need not be right any more.
    const before = await ledger.replay(idempotency);
    if (before === null) throw error;
    return replay(ledger, before.facts);
  }
  try {
    const { facts, replayed } = await ledger.append(drafts.drafts, idempotency);
    if (replayed) return replay(ledger, facts);
    return { facts, replayed, labels: drafts.drafts.map(({ fact }) => labelOf(fact)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Somebody else brought the same newcomer into being meanwhile: next time it is found.
    if (error.code === 'already-exists' && again) return append(deps, caller, hops, idempotency, false);
    if (error.code === 'duplicate-event') await refuseDuplicates(deps.db.sql, caller, drafts.events);
    throw error;
  }
}

async function replay(ledger: Ledger, facts: readonly Recorded[]): Promise<Appended> {
  const first = facts[0]?.seq ?? 0;
  const stored = await ledger.read(first, first + facts.length);
  return { facts, replayed: true, labels: stored.map(({ fact }) => labelOf(fact)) };
}

/** Says which hops of a request are recorded already, and where. */
async function refuseDuplicates(sql: Sql, { party }: Caller, events: readonly NamedEvent[]): Promise<void> {
  const keys = events.map(({ eventID, declaration }) => eventKey(party, eventID, declaration));
  const rows = await sql<{ key: string; seq: number }[]>`
    SELECT encode(id, 'hex') AS key, seq FROM event_ids WHERE id = ANY (${arrayLiteral(keys.map(keyCell))}::bytea[])`;
  const seqs = new Map(rows.map(({ key, seq }) => [key, seq]));
  const faults = createFaults();
  for (const [i, { hop }] of events.entries()) {
    const seq = seqs.get(keys[i] ?? '');
    if (seq === undefined) continue;
    faults.add(pointerOf(hop), {
      code: 'duplicate-event',
      detail: `Entry ${seq} records this very event; if it happened twice, tell the two apart by \`ref\`.`,
    });
  }
  faults.refuse();
}

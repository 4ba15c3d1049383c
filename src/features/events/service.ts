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
import type { Sql } from '../../database/connection.ts';
import { type Fault, Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Idempotency, idempotencyOf } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import { signReceipt } from '../keys/receipts.ts';
import { answerOf, hopsOfEvents, type Labelled, labelOf } from './answer.ts';
import { type Drafted, type DraftingDeps, draftsOf, type NamedEvent, noteDuplicates } from './drafts.ts';
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

/** Records the hops of a request under its key; `request` is the JSON of its body. */
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

/**
 * Of a request with hops whose form is wrong, refuses with what is wrong with the others beside it; returns when they are
 * right, or what is wrong is nothing of single hops. `form` tells all that is wrong with the form.
 */
export async function refuseBesideForm(
  deps: EventsDeps,
  caller: Caller,
  body: { readonly hops: readonly Hop[] },
  form: Refusal,
): Promise<void> {
  const ill = new Set(form.faults.map(({ pointer }) => indexIn(pointer)));
  if (ill.has(null)) return;
  const { hops } = body;
  const sound = [...hops.keys()].filter((i) => !ill.has(i));
  const found = await faultsOf(
    deps,
    caller,
    sound.flatMap((i) => hops[i] ?? []),
  );
  if (found.length === 0) return;
  const own = found.map(({ pointer = '', ...fault }) => {
    const n = indexIn(pointer);
    const at = n === null ? undefined : sound[n];
    return { ...fault, pointer: at === undefined ? pointer : pointer.replace(/^\/hops\/\d+/, pointerOf(at)) };
  });
  const faults = createFaults();
  const all = [...form.faults, ...own].sort((a, b) => (indexIn(a.pointer) ?? 0) - (indexIn(b.pointer) ?? 0));
  for (const fault of all) faults.add(fault.pointer ?? '', fault);
  faults.refuse();
}

/** The hop that a fault is about. */
function indexIn(pointer = ''): number | null {
  const index = /^\/hops\/(\d+)(?:\/|$)/.exec(pointer)?.[1];
  return index === undefined ? null : Number(index);
}

/** What is wrong with hops of the right form. */
async function faultsOf(deps: EventsDeps, caller: Caller, hops: readonly Hop[]): Promise<readonly Fault[]> {
  if (hops.length === 0) return [];
  try {
    const { events } = await draftsOf(deps, caller, hops);
    await refuseDuplicates(deps.db.sql, caller, events);
    return [];
  } catch (error) {
    if (error instanceof Refusal) return error.faults;
    throw error;
  }
}

/** Says which hops of a request are recorded already, and where. */
async function refuseDuplicates(sql: Sql, caller: Caller, events: readonly NamedEvent[]): Promise<void> {
  const faults = createFaults();
  await noteDuplicates(sql, caller, events, faults);
  faults.refuse();
}

/** How one fact of master data is recorded: once for an `Idempotency-Key`, and answered with what stands in the log. */
import type { FastifyRequest } from 'fastify';
import type { FactKind, FactOf } from '../core/log/fact.ts';
import { canonical, type Json } from '../core/text/canonical.ts';
import { type Caller, caller } from '../http/authentication.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Projected } from '../ledger/projection.ts';
import { type Draft, idempotencyOf } from '../ledger/submission.ts';

export interface MasterRequest {
  readonly caller: Caller;
  /** Name of the route, with the ids in its address: keys are the client's own within it. */
  readonly scope: string;
  readonly key: string | undefined;
  /** As sent. */
  readonly body: Json;
}

/** What a request asks under the name of its route. */
export const askedUnder = (
  scope: string,
  request: Pick<FastifyRequest, 'party'> & {
    readonly headers: { readonly 'idempotency-key'?: string };
    readonly body: Json;
  },
): MasterRequest => ({
  caller: caller(request),
  scope,
  key: request.headers['idempotency-key'],
  body: request.body,
});

/**
 * Records the facts that `make` drafts, or finds what the key was answered with before anything is checked again.
 * All of them are of one kind.
 */
export async function recordFacts<K extends FactKind>(
  ledger: Ledger,
  kind: K,
  { caller, scope, key, body }: MasterRequest,
  make: () => Promise<readonly (Draft & { readonly fact: FactOf<K> })[]>,
): Promise<Projected<FactOf<K>>[]> {
  const idempotency =
    key === undefined ? undefined : idempotencyOf(scope, caller.party, key, canonical(body));
  const appended =
    (idempotency && (await ledger.replay(idempotency))) ?? (await ledger.append(await make(), idempotency));
  const [first] = appended.facts;
  if (first === undefined) return [];
  const stored = await ledger.read(first.seq, first.seq + appended.facts.length);
  return stored.filter((item): item is Projected<FactOf<K>> => item.fact.kind === kind);
}

/** `recordFacts` for a single one. */
export async function recordFact<K extends FactKind>(
  ledger: Ledger,
  kind: K,
  request: MasterRequest,
  make: () => Promise<Draft & { readonly fact: FactOf<K> }>,
): Promise<Projected<FactOf<K>>> {
  const [recorded] = await recordFacts(ledger, kind, request, async () => [await make()]);
  if (recorded === undefined) throw new Error(`no ${kind} was recorded`);
  return recorded;
}

/** Records a single fact without a key and returns its entry. */
export async function appendOne(ledger: Ledger, draft: Draft): Promise<number> {
  const { facts } = await ledger.append([draft]);
  const [recorded] = facts;
  if (recorded === undefined) throw new Error('nothing was recorded');
  return recorded.seq;
}

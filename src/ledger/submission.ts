/** What is handed to the sequencer: facts made ready, to be recorded together or not at all. */
import { hash } from 'node:crypto';
import type { Prepared } from '../core/log/digest.ts';
import type { Fact, Named } from '../core/log/fact.ts';
import type { JsonObject } from '../core/text/canonical.ts';

export interface PreparedFact {
  readonly fact: Fact;
  readonly prepared: Prepared;
  readonly named: readonly Named[];
}

/** Makes a request count once: the same key with the same bytes is the same request. */
export interface Idempotency {
  /** SHA-256 over who asks and the key they chose. */
  readonly key: Buffer;
  /**
   * SHA-256 over that and the request as it was sent. What the client chose, and nobody keeps, is in it: else whoever reads
   * the table could guess personal data that was erased, for the rest of the request stands in the log.
   */
  readonly request: Buffer;
  /** SHA-256 over the request alone, as rows of earlier versions have it. */
  readonly earlier: Buffer;
}

/** Whether what was recorded under the same key was the same request. */
export const isSameRequest = ({ request, earlier }: Idempotency, recorded: Buffer): boolean =>
  recorded.equals(request) || recorded.equals(earlier);

export interface Submission {
  readonly facts: readonly PreparedFact[];
  readonly idempotency: Idempotency | null;
}

/** A fact to record, with the personal data that belongs to it. */
export interface Draft {
  readonly fact: Fact;
  readonly private?: JsonObject;
  /** It says very much, however few things it names. */
  readonly large?: boolean;
}

/** Binds an idempotency key to the party that chose it. `scope` keeps kinds of requests apart. */
export function idempotencyOf(scope: string, party: string, key: string, request: string): Idempotency {
  const chosen = JSON.stringify([scope, party, key]);
  const earlier = hash('sha256', request, 'buffer');
  return {
    key: hash('sha256', chosen, 'buffer'),
    request: hash('sha256', `${chosen} ${earlier.toString('base64url')}`, 'buffer'),
    earlier,
  };
}

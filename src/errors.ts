/**
 * Every error a user can cause, as a closed union of stable codes.
 *
 * A code is a promise to callers: it never changes its meaning. What HTTP says of it stands in
 * `http/problems.ts`; this file knows nothing of transports. Code that meets hostile input *returns*
 * a `Result`; an edge that cannot go on *throws* a `Refusal`. Anything else thrown is our bug.
 */

export const errorCodes = [
  // the request itself
  'malformed-json',
  'malformed-xml',
  'duplicate-name',
  'too-deep',
  'unsafe-number',
  'invalid-string',
  'invalid-request',
  'unknown-member',
  'body-too-large',
  'headers-too-large',
  'unsupported-media-type',
  'not-acceptable',
  'not-found',
  'method-not-allowed',
  // who asks
  'unauthenticated',
  'token-expired',
  'token-invalid',
  'client-invalid',
  'forbidden',
  'rate-limited',
  // identifiers and values
  'invalid-identifier',
  'invalid-check-digit',
  'invalid-serial',
  'invalid-credit-code',
  'invalid-region',
  'invalid-time',
  'future-time',
  'invalid-quantity',
  'invalid-code',
  'invalid-key',
  'invalid-signature',
  'invalid-note',
  'invalid-proof',
  'address-not-allowed',
  'duplicate-epc',
  'too-many-hops',
  'too-many-epcs',
  'too-many-events',
  'invalid-query',
  'query-too-large',
  'query-too-complex',
  'invalid-subscription',
  'uri-too-long',
  'code-too-long',
  // what is known
  'unknown-party',
  'unknown-place',
  'unknown-product',
  'unknown-delegation',
  'unknown-key',
  'unknown-batch',
  'unknown-unit',
  'unknown-event',
  'unknown-capture',
  'unknown-query',
  'unknown-subscription',
  'not-published',
  // what the party may do
  'gtin-not-owned',
  'hop-not-allowed',
  'not-your-event',
  'second-officer-required',
  'mandate-not-in-force',
  // conflicts
  'already-exists',
  'already-issued',
  'duplicate-event',
  'idempotency-key-required',
  'idempotency-conflict',
  'state-conflict',
  // the service
  'overloaded',
  'unavailable',
  'storage-full',
  'outcome-unknown',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One thing wrong with an input; `pointer` is a JSON Pointer (RFC 6901) into the request body. */
export interface Fault {
  readonly code: ErrorCode;
  /** An English sentence that says what to do. */
  readonly detail: string;
  readonly pointer?: string;
}

/** What a parser of hostile input returns: the value, or the fault. */
export type Result<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Fault);

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const fault = (code: ErrorCode, detail: string, pointer?: string): { readonly ok: false } & Fault =>
  pointer === undefined ? { ok: false, code, detail } : { ok: false, code, detail, pointer };

/** Thrown at an edge to refuse a request; carries every fault found. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  /** Seconds after which the same request may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { faults?: readonly Fault[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfter = options.retryAfter;
  }
}

/**
 * Thrown while the service starts: the configuration, the data folder or the database must be mended first.
 * The message says what to do, in English; it is printed without a stack, in the language of whoever starts it.
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  readonly words: { readonly zh: string; readonly en: string };
  constructor(words: StartupError['words']) {
    super(words.en);
    this.words = words;
  }
}

/** The value of a result, or a `Refusal` thrown; `pointer` says where in the body it stood. */
export function required<T>(result: Result<T>, pointer?: string): T {
  if (result.ok) return result.value;
  const { code, detail } = result;
  const at = pointer ?? result.pointer;
  throw new Refusal(code, detail, { faults: at === undefined ? [] : [{ code, detail, pointer: at }] });
}

/** A `Refusal` of one member of the body. */
export const refusalAt = (pointer: string, code: ErrorCode, detail: string): Refusal =>
  new Refusal(code, detail, { faults: [{ code, detail, pointer }] });

/**
 * Whether the signature of a code is good, by the keys that the ledger knows (Ed25519, RFC 8032 §5.1.7). Never on the
 * loop that answers requests. Many codes of one request go to the pool of threads, each on its own; the single ones of
 * many phones go together to one thread, which leaves the loop the other processors.
 */
import { verify } from 'node:crypto';
import { type CodeSignature, type ParsedCode, signingText } from '../../core/codes/code.ts';
import { standingOfKey, type TrustedKey } from '../../core/codes/trust-list.ts';
import type { Epc } from '../../core/events/hop.ts';
import { createThread } from '../../ledger/thread.ts';
import { coalescing } from './coalescing.ts';
import type { KnownKey, PublicData } from './public-data.ts';

/** null when there is none to check, or no key to check it with. */
export type CheckSignature = (epc: Epc, signed: CodeSignature | null) => Promise<boolean | null>;

/** Whether a key made this signature of this text. */
export type VerifySignature = (
  key: Pick<KnownKey, 'publicKey'> & { readonly trusted: Pick<TrustedKey, 'x'> },
  text: string,
  signature: Uint8Array,
) => Promise<boolean>;

export const signatureCheck =
  (dataOfNow: () => Promise<PublicData>, verifySignature: VerifySignature): CheckSignature =>
  async (epc, signed) => {
    if (signed === null) return null;
    const key = (await dataOfNow()).key(signed.kid);
    return key === undefined ? null : verifySignature(key, signingText(signed.kid, epc), signed.signature);
  };

/**
 * Whether a code bears a signature that does not make it the code of what it names: a wrong one, one by a key that nobody
 * knows, or by a key that never signed for its GTIN. A number that was typed bears none and is not forged.
 */
export function forgeryCheck(dataOfNow: () => Promise<PublicData>): (code: ParsedCode) => Promise<boolean> {
  const check = signatureCheck(dataOfNow, verifyInPool);
  return async ({ epc, identifier, signed }) => {
    if (signed === null) return false;
    if ((await check(epc, signed)) !== true) return true;
    const gtin = 'gtin' in identifier ? identifier.gtin : null;
    // As of entry 0, so that a key that once signed for the GTIN is not a stranger's.
    return standingOfKey((await dataOfNow()).key(signed.kid)?.trusted, gtin, 0, 0) === 'foreign';
  };
}

export const verifyInPool: VerifySignature = ({ publicKey }, text, signature) =>
  new Promise((resolve, reject) =>
    verify(null, Buffer.from(text), publicKey, signature, (error, good) =>
      error ? reject(error) : resolve(good),
    ),
  );

/** What the thread is asked about each signature, as text, which crosses faster than arrays of bytes. */
export interface ToVerify {
  /** Of the key, as in its JWK. */
  readonly x: string;
  readonly text: string;
  /** A byte a character. */
  readonly signature: string;
}

export interface VerifyingThread {
  /** Refusal: `unavailable`. */
  readonly verify: VerifySignature;
  close(): Promise<void>;
}

export function createVerifyingThread(): VerifyingThread {
  const thread = createThread<readonly ToVerify[], readonly boolean[]>(
    new URL('./verifying-thread.js', import.meta.url),
  );
  // Everybody's together: these are nobody's in particular.
  const verifyTogether = coalescing(
    (asked: readonly ToVerify[]) => thread.ask(asked, { owner: '', weight: asked.length }),
    {
      // The next group is there when one is done.
      loadsMax: 2,
      patienceMs: 0,
      itemsMax: 64,
    },
  );
  return {
    async verify({ trusted: { x } }, text, signature) {
      const [good] = await verifyTogether([{ x, text, signature: characters(signature) }]);
      return good === true;
    },
    close: () => thread.close(),
  };
}

const characters = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

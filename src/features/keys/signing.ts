/**
 * Signatures by the thousand, in threads that all keystores of the process share. Node's pool takes each signature by
 * itself, which keeps the loop busy for a fifth of the time that signing takes.
 */
import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createThread, type Thread } from '../../ledger/thread.ts';

/** What a thread is told: the UTF-8 of each text is to be signed. */
export interface ToSign {
  readonly key: KeyObject;
  readonly texts: readonly string[];
}

const signatureBytes = 64;

/** Each answers with signatures one after the other. */
let threads: readonly Thread<ToSign, Uint8Array>[] = [];

/**
 * Ed25519 signatures in the order of the texts, by several keys in turn: whoever has a million codes signed keeps no other
 * maker waiting. Refusal: `unavailable`.
 */
export async function signInThreads(
  kid: string,
  key: KeyObject,
  texts: readonly string[],
): Promise<Buffer[]> {
  if (threads.length === 0)
    threads = Array.from({ length: availableParallelism() }, () =>
      createThread(new URL('./signing-thread.js', import.meta.url)),
    );
  const share = Math.ceil(texts.length / threads.length);
  const made = await Promise.all(
    threads.map((thread, i) => {
      const own = texts.slice(i * share, (i + 1) * share);
      return thread.ask({ key, texts: own }, { owner: kid, weight: own.length });
    }),
  );
  return made.flatMap(cut);
}

function cut({ buffer, byteOffset, byteLength }: Uint8Array): Buffer[] {
  return Array.from({ length: byteLength / signatureBytes }, (_, i) =>
    Buffer.from(buffer, byteOffset + i * signatureBytes, signatureBytes),
  );
}

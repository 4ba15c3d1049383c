/** A thread that signs; `signInThreads` starts it. */
import { sign } from 'node:crypto';
import { answering } from '../../ledger/thread.ts';
import type { ToSign } from './signing.ts';

answering(
  ({ key, texts }: ToSign): Uint8Array =>
    new Uint8Array(Buffer.concat(texts.map((text) => sign(null, Buffer.from(text), key)))),
);

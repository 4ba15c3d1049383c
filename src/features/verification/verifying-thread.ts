/** The thread that checks the signatures of codes; `createVerifyingThread` starts it. */
import { type KeyObject, verify } from 'node:crypto';
import { publicKeyOf } from '../../core/log/note.ts';
import { answering } from '../../ledger/thread.ts';
import type { ToVerify } from './signatures.ts';

const keys = new Map<string, KeyObject>();

/** Makers' keys are few; whoever has more makes them anew now and then. */
const keysMax = 10_000;

function keyOf(x: string): KeyObject {
  const known = keys.get(x);
  if (known !== undefined) return known;
  const key = publicKeyOf({ publicKey: Buffer.from(x, 'base64url') });
  if (keys.size >= keysMax) keys.clear();
  keys.set(x, key);
  return key;
}

answering((asked: readonly ToVerify[]): readonly boolean[] =>
  asked.map(({ x, text, signature }) =>
    verify(null, Buffer.from(text), keyOf(x), Buffer.from(signature, 'latin1')),
  ),
);

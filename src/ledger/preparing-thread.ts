/** The thread that makes facts ready; `createPreparing` starts it. */
import { commitTo } from '../core/log/digest.ts';
import { factJson, parseFacts } from '../core/log/fact.ts';
import { digestBytes, type MadeReady, saltBytes, type ToMakeReady } from './preparing.ts';
import { answering } from './thread.ts';

answering(({ facts, salts, hidden }: ToMakeReady): MadeReady => {
  const list = facts.flatMap(parseFacts);
  const digests = new Uint8Array(list.length * digestBytes);
  const payloads = list.map((fact, i) => {
    const salt = salts.subarray(i * saltBytes, (i + 1) * saltBytes);
    const { payload, digest } = commitTo(factJson(fact), salt, hidden[i] ?? null);
    digests.set(digest, i * digestBytes);
    return payload;
  });
  return { payloads, digests };
});

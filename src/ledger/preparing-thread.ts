/** The thread that makes facts ready; `createPreparing` starts it. */
import { prepareFact } from '../core/log/digest.ts';
import { factJson, parseFacts } from '../core/log/fact.ts';
import { digestBytes, type MadeReady, saltBytes, type ToMakeReady } from './preparing.ts';
import { answering } from './thread.ts';

answering(({ facts, salts }: ToMakeReady): MadeReady => {
  const list = parseFacts(facts);
  const digests = new Uint8Array(list.length * digestBytes);
  const payloads = list.map((fact, i) => {
    const salt = salts.subarray(i * saltBytes, (i + 1) * saltBytes);
    const { payload, digest } = prepareFact(factJson(fact), salt);
    digests.set(digest, i * digestBytes);
    return payload;
  });
  return { payloads, digests };
});

/** The thread that makes facts ready; `createPreparing` starts it. */
import { parentPort } from 'node:worker_threads';
import { prepareFact } from '../core/log/digest.ts';
import { factJson, parseFacts } from '../core/log/fact.ts';
import { digestBytes, type MadeReady, saltBytes, type ToMakeReady } from './preparing.ts';

parentPort?.on('message', ({ id, facts, salts }: ToMakeReady) => {
  const list = parseFacts(facts);
  const digests = new Uint8Array(list.length * digestBytes);
  const payloads = list.map((fact, i) => {
    const salt = salts.subarray(i * saltBytes, (i + 1) * saltBytes);
    const { payload, digest } = prepareFact(factJson(fact), salt);
    digests.set(digest, i * digestBytes);
    return payload;
  });
  const answer: MadeReady = { id, payloads, digests };
  parentPort?.postMessage(answer, [digests.buffer]);
});

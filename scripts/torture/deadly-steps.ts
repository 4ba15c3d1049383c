/** What a service that is to die loads in place of the steps of its write path: the n-th of a name (`DIE_AT`, `DIE_AFTER`) kills it. */
import type { WriteStep } from '../../src/ledger/write-steps.ts';

let left = Number(process.env.DIE_AFTER ?? 1);

export function reached(step: WriteStep): void {
  if (step === process.env.DIE_AT && --left <= 0) process.kill(process.pid, 'SIGKILL');
}

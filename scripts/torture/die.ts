/** Loaded before a service that is to die: kills the process at its n-th step of a name (`DIE_AT`, `DIE_AFTER`). */
import { subscribe } from 'node:diagnostics_channel';
import { writeChannel } from '../../src/ledger/write-steps.ts';

let left = Number(process.env.DIE_AFTER ?? 1);
subscribe(writeChannel.name, (step) => {
  if (step === process.env.DIE_AT && --left <= 0) process.kill(process.pid, 'SIGKILL');
});

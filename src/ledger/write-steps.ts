/**
 * The named steps of writing a group, told on the diagnostics channel `suyuan:write`. Nobody listens in production,
 * and then it costs nothing; `npm run torture` kills the process at each of them.
 */
import { channel } from 'node:diagnostics_channel';

/** In order: the head is locked; all statements with the commit are on their way; it is done; all are being told. */
export const writeSteps = ['locked', 'sent', 'committed', 'answering'] as const;
export type WriteStep = (typeof writeSteps)[number];

export const writeChannel = channel('suyuan:write');

export function reached(step: WriteStep): void {
  if (writeChannel.hasSubscribers) writeChannel.publish(step);
}

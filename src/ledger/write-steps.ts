/**
 * The named steps of writing a group, and nothing done at them: the call is to an empty function. `npm run torture` loads
 * its services with another in its place, which kills the process at a step (scripts/torture/deadly-steps.ts).
 */

/** In order: the head is locked; all statements with the commit are on their way; it is done; all are being told. */
export const writeSteps = ['locked', 'sent', 'committed', 'answering'] as const;
export type WriteStep = (typeof writeSteps)[number];

export function reached(_step: WriteStep): void {}

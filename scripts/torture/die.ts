/**
 * Loaded before a service that is to die: has it load `deadly-steps.ts` in place of the empty steps of its write path. Once
 * more loaded in the thread that resolves names, as the hook that does so.
 */
import { type ResolveHook, register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const steps = new URL('../../src/ledger/write-steps.js', import.meta.url).href;
const deadly = new URL('./deadly-steps.js', import.meta.url).href;

export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  return found.url === steps ? { ...found, url: deadly } : found;
};

if (isMainThread) register(import.meta.url);

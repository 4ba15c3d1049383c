/**
 * Makes facts ready for the log: canonical text, digest and identifiers, all that can be had before the log is
 * locked. It is most of what a fact costs, so large requests are made ready in a thread of their own; small ones,
 * and while that thread has enough to do all but the largest, where they arrive.
 */
import { setImmediate } from 'node:timers/promises';
import { disclosePrivate, prepareFact } from '../core/log/digest.ts';
import { factJson, namedIdentifiers } from '../core/log/fact.ts';
import type { Draft, PreparedFact } from './submission.ts';
import { createThread } from './thread.ts';

export const saltBytes = 16;
export const digestBytes = 32;

export interface Preparing {
  prepare(drafts: readonly Draft[]): Promise<readonly PreparedFact[]>;
  /** Ends the thread. What it has not answered is never recorded. */
  close(): Promise<void>;
}

/** What the thread is told. */
export interface ToMakeReady {
  /** JSON of lists of facts: text crosses faster than objects. */
  readonly facts: readonly string[];
  /** Of each fact 16 bytes. */
  readonly salts: Uint8Array;
  /** Of each fact the hash of its personal data. */
  readonly hidden: readonly (Uint8Array | null)[];
}
/** What it answers. */
export interface MadeReady {
  readonly payloads: readonly string[];
  /** Of each fact 32 bytes. */
  readonly digests: Uint8Array;
}

/** Facts and identifiers from which crossing to the thread is worth its while, and what it may have before it. */
const weightMin = 100;
const backlogMax = 20_000;
/** From so many on others would wait too long: these go to the thread in any case. */
const heavyMin = 5_000;

/** Facts written as JSON in one go. */
const writtenAtOnce = 1_000;

/** Salts asked for at once, for asking takes longer than making them. */
const saltsAtOnce = 256;

export function createPreparing(random: (bytes: number) => Buffer): Preparing {
  let unused: Buffer = Buffer.alloc(0);

  /** Random bytes for so many facts, never given twice. */
  function saltsOf(facts: number): Buffer {
    const bytes = facts * saltBytes;
    if (facts >= saltsAtOnce) return random(bytes);
    if (unused.length < bytes) unused = random(saltsAtOnce * saltBytes);
    const given = unused.subarray(0, bytes);
    unused = unused.subarray(bytes);
    return given;
  }

  const thread = createThread<ToMakeReady, MadeReady>(new URL('./preparing-thread.js', import.meta.url));
  return {
    async prepare(drafts) {
      const salts = saltsOf(drafts.length);
      const saltOf = (i: number): Buffer => salts.subarray(i * saltBytes, (i + 1) * saltBytes);
      const named = drafts.map(({ fact }) => namedIdentifiers(fact));
      const weight = named.reduce((sum, list) => sum + 1 + list.length, 0);
      const light = weight < weightMin && !drafts.some(({ large }) => large === true);
      const isBusy = thread.backlog() >= backlogMax && weight < heavyMin;
      const personal = drafts.map(({ private: value }) => (value ? { value, salt: random(18) } : null));
      if (light || isBusy)
        return drafts.map(({ fact }, i) => {
          const prepared = prepareFact(factJson(fact), saltOf(i), personal[i]);
          return { fact, prepared, named: named[i] ?? [] };
        });
      const facts: string[] = [];
      for (let i = 0; i < drafts.length; i += writtenAtOnce) {
        // Others get their turn.
        if (i > 0) await setImmediate();
        facts.push(JSON.stringify(drafts.slice(i, i + writtenAtOnce).map(({ fact }) => fact)));
      }
      const hidden = personal.map((it) => it && disclosePrivate(it));
      const owner = drafts[0]?.fact.by ?? '';
      const asked = { facts, salts, hidden: hidden.map((it) => it?.hash ?? null) };
      const { payloads, digests } = await thread.ask(asked, { owner, weight });
      const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
      return drafts.map(({ fact }, i) => {
        const digest = bytes.subarray(i * digestBytes, (i + 1) * digestBytes);
        const payload = payloads[i];
        if (payload === undefined) throw new Error(`fact ${i} was not made ready`);
        const prepared = { payload, digest, salt: saltOf(i), private: hidden[i] ?? null };
        return { fact, prepared, named: named[i] ?? [] };
      });
    },
    close: () => thread.close(),
  };
}

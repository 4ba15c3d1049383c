/**
 * Feeds a parser hostile inputs and says what is wrong with how it takes one: it throws, answers something else than it
 * says, or takes too long.
 */
import fc from 'fast-check';
import { hostile } from './edits.ts';
import { type Parser, parsers } from './parsers.ts';

/** No input may keep a parser busy for longer. */
export const msMax = 50;
/** A slow answer counts when it is slow each time, by the processor's own count as well: machines are noisy. */
const tries = 6;
const batch = 250;

export interface Found {
  readonly parser: string;
  readonly what: string;
  /** The smallest input found that shows it. */
  readonly input: string;
}

export interface FuzzOptions {
  readonly inputs: number;
  /** The same inputs for the same seed. */
  readonly seed: number;
  progress?(inputs: number): void;
}

/** What the parser does wrong, or null. */
export async function fuzz(parser: Parser, { inputs, seed, progress }: FuzzOptions): Promise<Found | null> {
  const others = parsers.flatMap(({ valid }) => valid.filter((text) => text.length < 1000));
  const property = fc.asyncProperty(hostile(parser.valid, others), (input) => judge(parser, input));
  for (let done = 0; done < inputs; done += batch) {
    const numRuns = Math.min(batch, inputs - done);
    const { counterexample, errorInstance } = await fc.check(property, { numRuns, seed: seed + done });
    if (counterexample !== null) {
      const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
      return { parser: parser.name, what, input: counterexample[0] };
    }
    progress?.(numRuns);
  }
  return null;
}

/** Rejects with what the parser does wrong with this input. */
export async function judge(parser: Parser, input: string): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries && best > msMax; i++) {
    const [started, worked] = [performance.now(), process.cpuUsage()];
    const answer = await answerOf(parser, input);
    const { user, system } = process.cpuUsage(worked);
    best = Math.min(best, performance.now() - started, (user + system) / 1000);
    if (!parser.isTyped(answer)) throw new Error(`it answers ${typeof answer}, which it does not say`);
  }
  if (best > msMax) throw new Error(`it takes ${Math.round(best)} ms`);
}

async function answerOf({ read }: Parser, input: string): Promise<unknown> {
  try {
    return await read(input);
  } catch (error) {
    throw new Error(`it throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

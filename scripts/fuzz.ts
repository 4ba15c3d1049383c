/**
 * `npm run fuzz [-- --inputs N] [--seed N] [--only NAME]`: N hostile inputs for every parser of the core
 * (test/fuzz/parsers.ts). Exits with 0 only if none throws, answers what it does not say, or takes over 50 ms.
 */
import { parseArgs } from 'node:util';
import { type Found, fuzz } from '../test/fuzz/fuzz.ts';
import { parsers } from '../test/fuzz/parsers.ts';
import { bar } from './bench/harness.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    only: { type: 'string' },
  },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);
const chosen = parsers.filter(({ name }) => values.only === undefined || name === values.only);
const progress = bar('fuzz', inputs * chosen.length);
const found: Found[] = [];
let done = 0;
for (const parser of chosen) {
  const advance = (count: number): void => {
    done += count;
    progress.update(done);
  };
  const wrong = await fuzz(parser, { inputs, seed, progress: advance });
  if (wrong !== null) found.push(wrong);
  process.stdout.write(`${wrong === null ? 'good' : 'WRONG'}  ${parser.name}\n`);
}
progress.stop();
process.stdout.write(
  `${done} inputs for ${chosen.length} parsers, seed ${seed}; ${found.length} of them fail\n`,
);
for (const { parser, what, input } of found)
  process.stdout.write(`\n${parser}: ${what}\n  ${JSON.stringify(input)}\n`);
if (found.length > 0 || chosen.length === 0) process.exitCode = 1;

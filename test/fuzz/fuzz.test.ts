/** The short form of `npm run fuzz`. */
import { readdirSync } from 'node:fs';
import t from 'tap';
import { fuzz, judge, msMax } from './fuzz.ts';
import { ownReaders, type Parser, parsers } from './parsers.ts';

const core = new URL('../../src/core/', import.meta.url);
const options = { inputs: 300, seed: 20260101 };

for (const parser of parsers)
  t.test(parser.name, async (t) => {
    const refused = [];
    for (const input of parser.valid) if (!parser.isTaken(await parser.read(input))) refused.push(input);
    t.strictSame(refused, [], 'takes what is valid');
    t.equal(await fuzz(parser, options), null);
  });

t.test('no parser of the core is missing', async (t) => {
  const named = new Set([...parsers.map(({ name }) => name.split(' ')[0]), ...Object.keys(ownReaders)]);
  const missing: string[] = [];
  for (const file of readdirSync(core).filter((name) => name.endsWith('.js'))) {
    const exported: object = await import(new URL(file, core).href);
    for (const [name, value] of Object.entries(exported))
      if (
        typeof value === 'function' &&
        /^(parse|read|decode|open|check)(?![a-z])/.test(name) &&
        !named.has(name)
      )
        missing.push(`${file}: ${name}`);
  }
  t.strictSame(missing, []);
});

t.test('what a parser must not do is found', async (t) => {
  const wrong = (name: string, read: Parser['read']): Parser => ({
    ...{ name, read, valid: ['a/b', 'a'] },
    isTyped: (answer) => typeof answer === 'boolean',
    isTaken: (answer) => answer === true,
  });
  const busy = (input: string): boolean => {
    const started = process.cpuUsage();
    while (input.includes('//') && process.cpuUsage(started).user < msMax * 1200);
    return true;
  };
  t.match(
    [
      await fuzz(
        wrong('throws', (input) => new URL(input).host === ''),
        options,
      ),
      await fuzz(
        wrong('untyped', (input) => (input.includes('%') ? undefined : true)),
        options,
      ),
    ],
    [
      { parser: 'throws', what: /^it throws TypeError/ },
      { parser: 'untyped', what: 'it answers undefined, which it does not say', input: /%/ },
    ],
  );
  await t.rejects(judge(wrong('slow', busy), '//'), { message: /^it takes \d+ ms$/ });
  await t.resolves(judge(wrong('slow', busy), '/'));
});

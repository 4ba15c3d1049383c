/**
 * What the documents say is what the code says: their tables are made from it, between `<!-- table: name -->` and
 * `<!-- end -->`. `UPDATE_GOLDEN=1 npm test -- build/test/docs.test.js` writes them anew; the diff is for the reviewer.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import t from 'tap';
import { parse } from 'yaml';
import { programIn } from '../src/cli/program.ts';
import { settings } from '../src/config.ts';
import {
  historyStates,
  hosts,
  keyStates,
  reasonWords,
  signatures,
  verdicts,
  verdictTable,
  verdictWords,
} from '../src/core/codes/verdict.ts';
import { hopTypes } from '../src/core/events/hop.ts';
import { recorders } from '../src/core/events/hop-rules.ts';
import { flawWords } from '../src/core/evidence/evidence-flaws.ts';
import { rules } from '../src/core/life/contradictions.ts';
import { catalogue, ruleNames } from '../src/core/rules/catalogue.ts';
import { causes } from '../src/core/rules/causes.ts';
import { thresholdNames, thresholdWords } from '../src/core/rules/thresholds.ts';
import { erasedColumns, operationalTables, projectionTables, truthTables } from '../src/database/tables.ts';
import { errorCodes } from '../src/errors.ts';
import { access } from '../src/http/access.ts';
import { problems } from '../src/http/problems.ts';

const root = new URL('.', import.meta.resolve('#root/package.json'));
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |\n`).join('');

/** `any` for all words of a list. */
const among = (words: readonly string[], all: readonly string[]): string =>
  words.length === all.length ? 'any' : words.join(', ');

const grants = (list: readonly string[]): string => list.join(', ');

/** Every command and its options, as the program itself says in both languages. */
function commands(): string[][] {
  const chinese = commandsOf(programIn('zh-CN'), '');
  return commandsOf(programIn('en'), '').map(([name, en], i) => [code(name), en, chinese[i]?.[1] ?? '']);
}

const commandsOf = (program: Command, path: string): [string, string][] =>
  program.commands.flatMap((command): [string, string][] => {
    const name = `${path}${command.name()}`;
    if (command.commands.length > 0) return commandsOf(command, `${name} `);
    return [
      [name, command.description()],
      ...command.options.map(({ flags, description }): [string, string] => [`${name} ${flags}`, description]),
    ];
  });

const hopNames: Readonly<Record<string, string>> = Object.fromEntries(
  [...read('src/core/events/hop.ts').matchAll(/^ {2}'(\w+)', \/\/ (.+)$/gm)].map(([, hop, zh]) => [hop, zh]),
);

const tables: Readonly<Record<string, { readonly file: string; make(): string | Promise<string> }>> = {
  settings: {
    file: 'README.md',
    make: () =>
      table(
        ['variable 变量', 'default 默认', 'meaning', '含义'],
        settings.map((it) => [code(it.name), it.default, it.en, it.zh]),
      ),
  },
  hops: {
    file: 'docs/hops.md',
    make: () =>
      table(
        ['hop', '环节', 'roles that may record it'],
        hopTypes.map((hop) => [code(hop), hopNames[hop] ?? '', recorders[hop].join(', ')]),
      ),
  },
  commands: { file: 'docs/commands.md', make: () => table(['command', 'what it does', '作用'], commands()) },
  verdicts: {
    file: 'docs/verdicts.md',
    make: () =>
      table(
        ['verdict', 'what it says', '说明'],
        verdicts.map((it) => [code(it), verdictWords[it].en, verdictWords[it].zh]),
      ),
  },
  decisions: {
    file: 'docs/verdicts.md',
    make: () =>
      table(
        ['signature', 'key', 'host', 'issued', 'history', 'verdict', 'reasons'],
        verdictTable.map((row) => [
          among(row.signature, signatures),
          among(row.key, keyStates),
          among(row.host, hosts),
          row.issued.length === 2 ? 'any' : row.issued[0] ? 'yes' : 'no',
          among(row.history, historyStates),
          code(row.verdict),
          row.reasons.map(code).join(', '),
        ]),
      ),
  },
  reasons: {
    file: 'docs/verdicts.md',
    make: () =>
      table(
        ['reason', 'what it says', '说明'],
        Object.entries({ ...reasonWords, ...rules }).map(([name, { en, zh }]) => [code(name), en, zh]),
      ),
  },
  rules: {
    file: 'docs/findings.md',
    make: () =>
      table(
        ['rule', 'version', 'rests on', 'severities', 'likely cause', 'thresholds', 'what it says', '说明'],
        ruleNames.map((name) => {
          const { version, basis, severities, cause, thresholds, en, zh } = catalogue[name];
          const lists = [severities.join(', '), cause, thresholds.map(code).join(', ')];
          return [code(name), String(version), basis, ...lists, en, zh];
        }),
      ),
  },
  thresholds: {
    file: 'docs/findings.md',
    make: () =>
      table(
        ['threshold 阈值', 'default 默认', 'unit', 'meaning', '含义'],
        thresholdNames.map((name) => {
          const { default: usual, unit, en, zh } = thresholdWords[name];
          return [code(name), String(usual), unit, en, zh];
        }),
      ),
  },
  causes: {
    file: 'docs/findings.md',
    make: () =>
      table(
        ['cause', 'what it says', '说明'],
        Object.entries(causes).map(([name, { en, zh }]) => [code(name), en, zh]),
      ),
  },
  flaws: {
    file: 'docs/evidence.md',
    make: () =>
      table(
        ['code', 'what it says', '说明'],
        Object.entries(flawWords).map(([name, { en, zh }]) => [code(name), en, zh]),
      ),
  },
  errors: {
    file: 'docs/errors.md',
    make: () =>
      table(
        ['code', 'status', 'meaning', '含义'],
        errorCodes.map((it) => {
          const { status, title } = problems[it];
          return [code(it), String(status), title.en, title.zh];
        }),
      ),
  },
  stores: {
    file: 'src/README.md',
    make: () =>
      table(
        ['table', 'class', 'the service may'],
        [
          ...truthTables.map((name) => [
            code(name),
            'truth',
            name === 'privates'
              ? `INSERT, SELECT, UPDATE of ${erasedColumns.privates.map(code).join(' and ')} by an erasure`
              : 'INSERT, SELECT',
          ]),
          ...projectionTables.map((name) => [code(name), 'projection', 'INSERT, SELECT']),
          ...Object.entries(operationalTables).map(([name, list]) => [
            code(name),
            'operational',
            name === 'reports'
              ? `INSERT, SELECT, UPDATE of ${erasedColumns.reports.map(code).join(', ')} by an erasure`
              : grants([...list].sort()),
          ]),
        ],
      ),
  },
};

const slot = (name: string): RegExp => new RegExp(`(<!-- table: ${name} -->\n)([^]*?)(<!-- end -->)`);

for (const [name, { file, make }] of Object.entries(tables))
  t.test(`the table of ${name} in ${file}`, async (t) => {
    const made = `\n${await make()}\n`;
    if (process.env.UPDATE_GOLDEN)
      writeFileSync(
        new URL(file, root),
        read(file).replace(slot(name), (_all, before, _old, after) => before + made + after),
      );
    t.equal(slot(name).exec(read(file))?.[2], made);
  });

/** Further reading. */
const pages = readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`);

t.test('no table of the documents is without a maker', async (t) => {
  const found = [...pages, 'README.md', 'src/README.md', 'SECURITY.md'].flatMap((file) =>
    [...read(file).matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name),
  );
  t.strictSame(found.sort(), Object.keys(tables).sort());
});

t.test('the map names every room and what rooms are in it, and none that is not there', async (t) => {
  const entries = (folder: string) =>
    readdirSync(fileURLToPath(new URL(folder, root)), { withFileTypes: true }).flatMap((it) =>
      it.isDirectory() ? [`${it.name}/`] : it.name.endsWith('.ts') ? [it.name] : [],
    );
  const rooms = entries('src/');
  const inside = ['core/', 'features/'].flatMap((room) =>
    entries(`src/${room}`).flatMap((it) => (it.endsWith('/') ? [`${room}${it}`] : [])),
  );
  const named = [...read('src/README.md').matchAll(/^\| `([\w./]+(?:\/|\.ts))` \|/gm)].map(
    ([, name]) => name,
  );
  t.strictSame(named.sort(), [...rooms, ...inside].sort());
});

/** The documents, each by its path from the root. */
const documents = ['README.md', 'README.zh-CN.md', 'SECURITY.md', 'ASVS.md', 'src/README.md', ...pages];

/** A document without its pieces of code, in which `#` begins a comment and brackets are an index. */
const prose = (file: string): string => read(file).replaceAll(/^```.*?^```$/gms, '');

/** Headings of a document as links name them. */
const anchors = (file: string): string[] =>
  [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

t.test('every link of the documents leads to a file, and to a heading in it', async (t) => {
  const broken = documents.flatMap((file) =>
    [...prose(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].filter(([, path = '', anchor]) => {
      const target = path === '' ? file : new URL(path, `file:///${file}`).pathname.slice(1);
      try {
        return anchor !== undefined ? !anchors(target).includes(anchor) : read(target) === '';
      } catch {
        return true;
      }
    }),
  );
  t.strictSame(
    broken.map(([link]) => link),
    [],
  );
});

t.test('the contents of README.md name its chapters, and its further reading every page', async (t) => {
  const { 0: contents = '' } = /^## Contents\n[\s\S]*?(?=^## )/m.exec(read('README.md')) ?? [];
  const [, ...chapters] = [...read('README.md').matchAll(/^## (.+)$/gm)].map(([, name]) => name);
  t.strictSame(
    [...contents.matchAll(/^- \[(.+?)\]/gm)].map(([, name]) => name),
    chapters,
  );
  for (const file of ['README.md', 'README.zh-CN.md'])
    t.strictSame(
      pages.filter((page) => !new RegExp(`^\\| \\[.+\\]\\(${page}\\)`, 'm').test(read(file))),
      [],
      file,
    );
});

t.test('the Chinese introduction has the commands of README.md', async (t) => {
  const commandsIn = (file: string): string[] =>
    [...read(file).matchAll(/^```sh\n(npm [\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  t.strictSame(commandsIn('README.zh-CN.md'), commandsIn('README.md'));
  t.equal(commandsIn('README.md').length, 2);
});

t.test('the documents name no route that is not there', async (t) => {
  const patterns = Object.keys(access).map((row) => row.replace(/^\w+ /, '').replaceAll(/:\w+/g, '{}'));
  const known = new Set(patterns);
  const named = [...pages, 'README.md', 'SECURITY.md'].flatMap((file) =>
    [...read(file).matchAll(/(?<=[\s"'`(]|\$URL)\/(?:v1|oauth|problems|\.well-known)\/[^\s"'`)?]*/g)].map(
      ([path]) => path.replaceAll(/\$\{[^}]+\}|\$\w+|\{\w+\}/g, '{}').replace(/[.,;:]$/, ''),
    ),
  );
  t.strictSame(
    [...new Set(named)].filter((path) => !known.has(path)),
    [],
  );
});

t.test(
  'every operation of the contract has a summary in both languages, a tag that is told of, and says whether it wants a token',
  async (t) => {
    const contract: Contract = parse(read('openapi.yaml'));
    const { paths } = contract;
    const told = contract.tags.filter(({ description }) => bilingual(description)).map(({ name }) => name);
    const wrong = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { summary = '', tags = [], security }]) => {
        const rule =
          access[`${method.toUpperCase()} ${path.replace('{path}', '*').replaceAll(/\{(\w+)\}/g, ':$1')}`] ??
          'no row';
        const wanted =
          rule === 'public' ? undefined : rule === 'optional' ? [{ client: [] }, {}] : [{ client: [] }];
        const fits =
          bilingual(summary) &&
          tags.length === 1 &&
          tags.every((tag) => told.includes(tag)) &&
          JSON.stringify(security) === JSON.stringify(wanted);
        return fits ? [] : [{ path, method, rule, summary, tags, security }];
      }),
    );
    t.strictSame(wrong, []);
  },
);

/** English first, then Chinese. */
const bilingual = (text: string): boolean => /^[A-Z].*[a-z].* .*\p{Script=Han}/u.test(text);

interface Contract {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
}

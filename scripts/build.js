/**
 * Writes the TypeScript of the repository as JavaScript into `build/`, file by file in the same folders, for node to run
 * as it stands. `node scripts/build.js`
 *
 * Types are not looked at (`npm run types` does that), and only what has changed is written: a moment's work, done before
 * whatever runs. Files of other kinds stay where they are; code names them `#root/…` (`imports` in package.json), which is
 * the same file wherever the code runs. Beside them stands a file for each folder of tests, which runs all of them.
 */
import './node-version.js';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

mkdirSync('build', { recursive: true });
const sources = ['src', 'scripts', 'test', 'examples'].flatMap((folder) => filesIn(folder, /(?<!\.d)\.ts$/));
const written = (source) => join('build', source.replace(/\.ts$/, '.js'));
const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const folders = testsByFolder();
const wanted = new Set([...sources.map(written), ...folders.keys()]);
for (const file of filesIn('build', /\.js$/)) if (!wanted.has(file)) rmSync(file);

const builder = changedAt(fileURLToPath(import.meta.url));
const changed = sources.filter(
  (source) => changedAt(written(source)) <= Math.max(changedAt(source), builder),
);
const { outputFiles } = await build({
  entryPoints: changed,
  outdir: 'build',
  outbase: '.',
  write: false,
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  sourcesContent: false,
  bundle: true,
  plugins: [
    { name: 'file by file', setup: ({ onResolve }) => void onResolve({ filter: /.*/ }, leaveImport) },
  ],
});
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeWhole(path, contents);
}

for (const [file, tests] of folders) {
  const imports = tests.map((test) => `  await import('./${basename(written(test))}');\n`).join('');
  writeWhole(file, `import t from 'tap';\nt.test('loads', async () => {\n${imports}});\n`);
}

/** Whole or not at all: somebody else may be starting from here. */
function writeWhole(file, contents) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, file);
}

/**
 * The tests of a folder run in one process, one file after the other: to load the service takes longer than most tests do.
 * Those at the top start processes of their own, and stay apart.
 */
function testsByFolder() {
  const folders = new Map();
  for (const source of sources.filter((it) => it.endsWith('.test.ts')).sort()) {
    const folder = dirname(source);
    if (folder === 'test') continue;
    const file = join('build', folder, 'tests.js');
    folders.set(file, [...(folders.get(file) ?? []), source]);
  }
  return folders;
}

/** Imports stand as they are, but for the name of what TypeScript has become. */
function leaveImport({ kind, path }) {
  return kind === 'entry-point' ? null : { path: path.replace(/^(\..*)\.ts$/, '$1.js'), external: true };
}

function filesIn(folder, pattern) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

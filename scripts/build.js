/**
 * Writes the TypeScript of the repository as JavaScript into `build/`, file by file in the same folders, for node to run
 * as it stands. `node scripts/build.js`
 *
 * Types are not looked at (`npm run types` does that), and only what has changed is written: a moment's work, done before
 * whatever runs. Files of other kinds stay where they are; code names them `#root/…` (`imports` in package.json), which is
 * the same file wherever the code runs.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

mkdirSync('build', { recursive: true });
const sources = ['src', 'scripts', 'test', 'examples'].flatMap((folder) => filesIn(folder, /(?<!\.d)\.ts$/));
const written = (source) => join('build', source.replace(/\.ts$/, '.js'));
const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const wanted = new Set(sources.map(written));
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
  // Whole or not at all: somebody else may be starting from here.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
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

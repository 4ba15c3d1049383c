/** The script of the page /verify-evidence: the core as it is, bundled for browsers when it is first asked for. */
import { fileURLToPath } from 'node:url';

const at = (file: string): string => fileURLToPath(import.meta.resolve(`#root/src/web/browser/${file}`));

let made: Promise<string> | null = null;

/** The script; bundled once for all who ask. */
export function pageScript(): Promise<string> {
  made ??= bundle().catch((error: unknown) => {
    // The next to ask tries again.
    made = null;
    throw error;
  });
  return made;
}

async function bundle(): Promise<string> {
  // A tenth of a second to load, and nobody may ever ask.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [at('verify-evidence.js')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    alias: { 'node:crypto': at('node-crypto.js') },
    inject: [at('buffer.js')],
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error('the bundler made nothing');
  return script.text;
}

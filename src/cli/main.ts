/**
 * `suyuan <command>`: one file a command. Exit codes:
 *
 *     0   what was asked was done, and holds
 *     1   it was looked at and does not hold: evidence, audit, rebuild
 *     2   that could not be found out: the command, a file, the settings or the machine must be mended first
 */
import { inspect } from 'node:util';
import { languageOf } from '../config.ts';
import { isUnavailable, refusalIn } from '../database/connection.ts';
import { StartupError } from '../errors.ts';
import type { Bilingual } from '../web/words.ts';
import { askedLanguage, programIn } from './program.ts';
import { type Sentences, sayIn } from './words.ts';

const words = {
  away: (message: string) => ({
    zh: `无法连接数据库（${message}）。请检查设置，并启动数据库。`,
    en: `The database cannot be reached (${message}). Check the settings and start it.`,
  }),
  refused: (message: string) => ({
    zh: `数据库拒绝使用（${message}）。请检查 DATABASE_URL 与 DATABASE_OWNER_URL 中的用户、口令、数据库及其权限。`,
    en: `The database refuses (${message}). Check user, password, database and rights of DATABASE_URL and DATABASE_OWNER_URL.`,
  }),
  file: (path: string, code: string) => ({
    zh: `无法读写 ${path}（${code}）。`,
    en: `${path} cannot be read or written (${code}).`,
  }),
} satisfies Sentences;

const lang = askedLanguage(process.argv.slice(2)) ?? languageOf(process.env);
try {
  await programIn(lang).parseAsync();
} catch (error) {
  const told = sentenceOf(error);
  process.stderr.write(`${told === null ? inspect(error) : sayIn(lang)(told)}\n`);
  process.exitCode = 2;
}

/** What somebody at the terminal can mend; null for what is our own mistake. */
function sentenceOf(error: unknown): Bilingual | null {
  if (error instanceof StartupError) return error.words;
  if (!(error instanceof Error)) return null;
  if (isUnavailable(error)) return words.away(error.message);
  const refused = refusalIn(error);
  if (refused !== null) return words.refused(refused);
  const { code, path }: NodeJS.ErrnoException = error;
  return code !== undefined && path !== undefined ? words.file(path, code) : null;
}

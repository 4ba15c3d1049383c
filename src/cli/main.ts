/** `suyuan <command>`: one file a command. Exit code 0 only when what was asked holds. */
import { languageOf } from '../config.ts';
import { isUnavailable } from '../database/connection.ts';
import { StartupError } from '../errors.ts';
import { askedLanguage, programIn } from './program.ts';
import { type Sentences, sayIn } from './words.ts';

const words = {
  away: (message: string) => ({
    zh: `无法连接数据库（${message}）。请检查设置，并启动数据库。`,
    en: `The database cannot be reached (${message}). Check the settings and start it.`,
  }),
} satisfies Sentences;

const lang = askedLanguage(process.argv.slice(2)) ?? languageOf(process.env);
try {
  await programIn(lang).parseAsync();
} catch (error) {
  const told =
    error instanceof StartupError ? error.words : isUnavailable(error) ? words.away(messageOf(error)) : null;
  if (told === null) throw error;
  process.stderr.write(`${sayIn(lang)(told)}\n`);
  process.exitCode = 2;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The two languages of the command line. Each command keeps its sentences in a table beside it; what the parser of
 * arguments says by itself stands here.
 */
import type { Command } from 'commander';
import { type Bilingual, inLanguage, type Lang } from '../web/words.ts';

/** A table of sentences: fixed ones, and those that tell of something. */
export type Sentences = Readonly<Record<string, Bilingual | ((...about: never[]) => Bilingual)>>;

/** Says a sentence in the language of the person at the terminal. */
export type Say = (words: Bilingual) => string;

export const sayIn =
  (lang: Lang): Say =>
  (words) =>
    inLanguage(words, lang);

const help: Bilingual = { zh: '显示帮助', en: 'display help' };
const helpOf: Bilingual = { zh: 'help [命令]', en: 'help [command]' };

/** Commander's own words in Chinese: those of its help, exactly, and those of its refusals, by pattern. */
const chineseTitles: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Global Options:': '通用选项：',
  'Commands:': '命令：',
  '[options]': '[选项]',
  '[command]': '[命令]',
};
const chineseRefusals: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown command '(.*)'$/m, '没有命令 $1。'],
  [/^error: unknown option '(.*)'$/m, '没有选项 $1。'],
  [/^error: missing required argument '(.*)'$/m, '缺少参数 $1。'],
  [/^error: option '(.*)' argument missing$/m, '选项 $1 后缺少值。'],
  [
    /^error: option '(.*)' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/m,
    '选项 $1 的值不能是 $2，可选：$3。',
  ],
  [
    /^error: too many arguments(?: for '.*')?\. Expected (\d+) .*but got (\d+)\.$/m,
    '参数应为 $1 个，现有 $2 个。',
  ],
  [/^\(Did you mean (?:one of )?(.*)\?\)$/m, '是否想用 $1？'],
];

/** Columns of a terminal that a text takes: Chinese characters and their punctuation are two wide. */
const columns = (text: string): number =>
  text.length + (text.match(/[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/gu)?.length ?? 0);

/** Has a program, and the commands made of it from here on, speak `lang`. */
export function speak(program: Command, lang: Lang): void {
  const say = sayIn(lang);
  program.helpOption('-h, --help', say(help)).helpCommand(say(helpOf), say(help));
  const titled = (text: string): string => (lang === 'en' ? text : (chineseTitles[text] ?? text));
  program.configureHelp({
    showGlobalOptions: true,
    // Without the choices, which the sentence itself tells in either language.
    optionDescription: ({ description }) => description,
    styleTitle: titled,
    styleOptionText: titled,
    styleSubcommandText: titled,
    displayWidth: columns,
  });
  if (lang === 'en') return;
  program.configureOutput({
    outputError: (text, write) =>
      write(chineseRefusals.reduce((told, [pattern, chinese]) => told.replace(pattern, chinese), text)),
  });
}

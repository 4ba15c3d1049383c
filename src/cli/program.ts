/** The program `suyuan` with all its commands, in one of the two languages. */
import { Command, Option } from 'commander';
import { type Lang, languages } from '../web/words.ts';
import { addAudit } from './audit.ts';
import { addExportLog } from './export-log.ts';
import { addKeys } from './keys.ts';
import { addRebuild } from './rebuild.ts';
import { addVerifyEvidence } from './verify-evidence.ts';
import { type Sentences, sayIn, speak } from './words.ts';

const words = {
  does: {
    zh: '产品溯源账本与赋码核验。',
    en: 'Product traceability ledger with code verification.',
  },
  lang: {
    zh: '帮助与提示的语言：zh-CN 或 en；不填则按 LC_ALL、LC_MESSAGES、LANG',
    en: 'language of help and messages: zh-CN or en; that of LC_ALL, LC_MESSAGES or LANG unless said',
  },
} satisfies Sentences;

export function programIn(lang: Lang): Command {
  const say = sayIn(lang);
  const program = new Command('suyuan').description(say(words.does));
  speak(program, lang);
  // Commander would say 1, which here means that something was looked at and does not hold.
  program.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  program.addOption(new Option('--lang <lang>', say(words.lang)).choices(languages));
  for (const add of [addAudit, addRebuild, addExportLog, addKeys, addVerifyEvidence]) add(program, say);
  return program;
}

/** The language asked for by `--lang` among `args`; null when it is not there or is no language of ours. */
export function askedLanguage(args: readonly string[]): Lang | null {
  const asked = new Command().option('--lang [lang]').allowUnknownOption();
  asked.parseOptions([...args]);
  return languages.find((lang) => lang === asked.getOptionValue('lang')) ?? null;
}

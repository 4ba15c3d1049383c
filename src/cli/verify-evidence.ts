/** `suyuan verify-evidence`: checks a file of evidence with nothing but the file, and says in words what it proves. */
import { verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { checkEvidence } from '../core/evidence/evidence-check.ts';
import { type Flaw, flawWords } from '../core/evidence/evidence-flaws.ts';
import { type Report, reportOf, type Said } from '../core/evidence/evidence-report.ts';
import { type NoteKey, parseNoteKey, publicKeyOf } from '../core/log/note.ts';
import type { Say, Sentences } from './words.ts';

const words = {
  does: {
    zh: '不依赖服务，核验证据文件；全部成立时退出码才是 0',
    en: 'check a file of evidence without the service; exit code 0 only if all of it holds',
  },
  file: { zh: '服务出具的证据文件', en: 'the file, as the service gave it out' },
  key: {
    zh: '您从别处取得的账本或见证方公钥；给出的每一个都须签过名',
    en: 'key of the log or of a witness, from elsewhere: each must have signed',
  },
  badKey: (detail: string) => ({ zh: '公钥应为“名称+编号+base64”，须与公布的一字不差。', en: detail }),
  unreadable: (file: string) => ({ zh: `${file} 无法读取。`, en: `${file} cannot be read.` }),
  fails: { zh: '证据不成立。', en: 'The evidence does not hold.' },
  holds: { zh: '证据成立：', en: 'The evidence holds: ' },
  proven: { zh: '已证实', en: 'Proven' },
  findings: { zh: '疑点', en: 'Findings' },
  unproven: { zh: '未证实', en: 'Not proven' },
} satisfies Sentences;

export function addVerifyEvidence(program: Command, say: Say): void {
  program
    .command('verify-evidence')
    .description(say(words.does))
    .argument('<file>', say(words.file))
    .option('--key <vkey...>', say(words.key))
    .action(async (file: string, { key = [] }: { key?: string[] }) => {
      const keys: NoteKey[] = [];
      for (const text of key) {
        const read = parseNoteKey(text);
        if (!read.ok) return refuse(`invalid-key  ${say(words.badKey(read.detail))}`, 2);
        keys.push(read.value);
      }
      const source = await readFile(file, 'utf8').catch(() => null);
      if (source === null) return refuse(`unreadable  ${say(words.unreadable(file))}`, 2);
      const checked = await checkEvidence(source, {
        keys,
        verify: (publicKey, message, signature) =>
          verify(null, Buffer.from(message), publicKeyOf({ publicKey }), signature),
      });
      if (!checked.ok)
        return refuse([say(words.fails), ...checked.flaws.map((flaw) => tellFlaw(flaw, say))].join('\n'), 1);
      process.stdout.write(plain(describe(reportOf(checked.value), say)));
    });
}

function refuse(text: string, exitCode: 1 | 2): void {
  process.stderr.write(plain(`${text}\n`));
  process.exitCode = exitCode;
}

const tellFlaw = ({ flaw, seq, at }: Flaw, say: Say): string => {
  const where = [seq === undefined ? '' : `#${seq}`, at ?? ''].filter(Boolean).join(' ');
  return `  ${flaw}${where && ` (${where})`}\n    ${say(flawWords[flaw])}`;
};

const describe = ({ about, product, proven, findings, unproven }: Report, say: Say): string =>
  [
    `${say(words.holds)}${about.join(', ')}${product === null ? '' : ` · ${say(product)}`}`,
    ...section(say(words.proven), proven, say),
    ...section(say(words.findings), findings, say),
    ...section(say(words.unproven), unproven, say),
    '',
  ].join('\n');

const section = (title: string, items: readonly Said[], say: Say): string[] =>
  items.length === 0 ? [] : ['', title, ...items.map((said) => `  ${numbers(said.seqs)}${say(said)}`)];

const numbers = (seqs: readonly number[]): string => (seqs.length === 0 ? '' : `[#${seqs.join(' #')}] `);

/** Names come from parties: without control characters and marks that turn the direction of writing. */
const plain = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu, '');

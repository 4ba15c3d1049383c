/** `suyuan verify-evidence`: checks a file of evidence with nothing but the file, and says in words what it proves. */
import { verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { checkEvidence } from '../core/evidence/evidence-check.ts';
import { type Flaw, flawWords } from '../core/evidence/evidence-flaws.ts';
import { type Report, reportOf, type Said } from '../core/evidence/evidence-report.ts';
import { type NoteKey, parseNoteKey, publicKeyOf } from '../core/log/note.ts';

export const verifyEvidenceCommand = new Command('verify-evidence')
  .description('check a file of evidence without the service; exit code 0 only if all of it holds')
  .argument('<file>', 'the file, as the service gave it out')
  .option('--key <vkey...>', 'key of the log or of a witness, from elsewhere: each must have signed')
  .action(async (file: string, { key = [] }: { key?: string[] }) => {
    const keys: NoteKey[] = [];
    for (const text of key) {
      const read = parseNoteKey(text);
      if (!read.ok) return refuse(`invalid-key  ${read.detail}`);
      keys.push(read.value);
    }
    const source = await readFile(file, 'utf8').catch(() => null);
    if (source === null) return refuse(`unreadable  ${file} 无法读取。 ${file} cannot be read.`);
    const checked = await checkEvidence(source, {
      keys,
      verify: (publicKey, message, signature) =>
        verify(null, Buffer.from(message), publicKeyOf({ publicKey }), signature),
    });
    if (!checked.ok)
      return refuse(['证据不成立。 The evidence does not hold.', ...checked.flaws.map(tellFlaw)].join('\n'));
    process.stdout.write(plain(describe(reportOf(checked.value))));
  });

function refuse(text: string): void {
  process.stderr.write(plain(`${text}\n`));
  process.exitCode = 1;
}

const tellFlaw = ({ flaw, seq, at }: Flaw): string => {
  const where = [seq === undefined ? '' : `#${seq}`, at ?? ''].filter(Boolean).join(' ');
  return `  ${flaw}${where && ` (${where})`}\n    ${flawWords[flaw].zh}\n    ${flawWords[flaw].en}`;
};

const describe = ({ about, product, proven, findings, unproven }: Report): string =>
  [
    `证据成立。 The evidence holds: ${about.join(', ')}${product === null ? '' : ` · ${product.zh} · ${product.en}`}`,
    ...section('已证实 Proven', proven),
    ...section('疑点 Findings', findings),
    ...section('未证实 Not proven', unproven),
    '',
  ].join('\n');

const section = (title: string, items: readonly Said[]): string[] =>
  items.length === 0
    ? []
    : ['', title, ...items.map(({ seqs, zh, en }) => `  ${numbers(seqs)}${zh}\n    ${en}`)];

const numbers = (seqs: readonly number[]): string => (seqs.length === 0 ? '' : `[#${seqs.join(' #')}] `);

/** Names come from parties: without control characters and marks that turn the direction of writing. */
const plain = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu, '');

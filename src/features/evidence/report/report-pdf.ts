/**
 * The report that goes with a file of evidence, for people: what it proves and what not, with the flow drawn, as PDF.
 * The file is attached to it, since what counts is the file: the report says what checking it says, and whoever doubts
 * the report checks the file.
 */
import { hash, verify } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Words } from '../../../core/codes/verdict-words.ts';
import { checkEvidence } from '../../../core/evidence/evidence-check.ts';
import { type Report, reportOf, type Said } from '../../../core/evidence/evidence-report.ts';
import { namesOf } from '../../../core/evidence/evidence-said.ts';
import { publicKeyOf } from '../../../core/log/note.ts';
import { inLanguage, type Lang } from '../../../web/words.ts';
import { printable } from '../../fonts.ts';
import { drawFlow, drawnMax } from './flow.ts';
import { colours, openSheet, page, type Sheet, width } from './sheet.ts';

export interface ReportRequest {
  /** The file of evidence, as its text, and the name to attach it by. */
  readonly file: string;
  readonly name: string;
  readonly lang: Lang;
  /** Where the page that checks evidence is. */
  readonly publicUrl: string;
}

type Say = (words: Words) => string;

/** Sentences written in one go before others get their turn: each takes some ms. */
const sentencesAtOnce = 8;

export async function reportPdf({ file, name, lang, publicUrl }: ReportRequest): Promise<Buffer> {
  const checked = await checkEvidence(file, {
    verify: (publicKey, message, signature) =>
      verify(null, Buffer.from(message), publicKeyOf({ publicKey }), signature),
  });
  if (!checked.ok) throw new Error(`evidence that does not hold: ${JSON.stringify(checked.flaws)}`);
  const { value } = checked;
  const report = reportOf(value);
  const say: Say = (words) => printable(inLanguage(words, lang));
  const givenOut = new Date(value.statement.iat * 1000);
  const { sheet, end } = await openSheet({ title: say(title), lang, date: givenOut });
  const digest = hash('sha256', file, 'hex');
  sheet.document.file(Buffer.from(file), {
    name,
    type: 'application/json',
    creationDate: givenOut,
    modifiedDate: givenOut,
  });
  writeHead(sheet, report, say, [
    [{ zh: '账本', en: 'Log' }, value.checkpoint.origin],
    [
      { zh: '检查点', en: 'Checkpoint' },
      say({ zh: `前 ${value.checkpoint.size} 条账目`, en: `the first ${value.checkpoint.size} entries` }),
    ],
    [{ zh: '出具时间', en: 'Given out' }, givenOut.toISOString()],
    [{ zh: '证据文件', en: 'Evidence file' }, name],
    [{ zh: 'SHA-256', en: 'SHA-256' }, digest],
  ]);
  if (report.claims.length > 0) {
    sheet.heading(say({ zh: '流向', en: 'Flow' }));
    drawFlow(sheet, report.claims, new Set(value.claims.keys()), say);
    if (report.claims.length > drawnMax)
      sheet.paragraph(
        say({
          zh: `图中为前 ${drawnMax} 条，共 ${report.claims.length} 条；全部见下文。`,
          en: `The first ${drawnMax} of ${report.claims.length} are drawn; all are told below.`,
        }),
        { size: 8.5, colour: 'soft' },
      );
  }
  await writeSaid(sheet, say({ zh: '已证实', en: 'Proven' }), report.proven, say);
  await writeSaid(sheet, say({ zh: '疑点', en: 'Findings' }), report.findings, say);
  await writeSaid(sheet, say({ zh: '未证实', en: 'Not proven' }), report.unproven, say);
  writeSteps(
    sheet,
    say({ zh: '如何核验', en: 'How to check it' }),
    stepsOf(name, digest, publicUrl).map(say),
  );
  sheet.number(`${say(title)} · SHA-256 ${digest.slice(0, 16)}…`);
  return end();
}

const title: Words = { zh: '溯源证据报告', en: 'Traceability evidence report' };

function writeHead(
  sheet: Sheet,
  { about, product }: Report,
  say: Say,
  rows: readonly (readonly [Words, string])[],
): void {
  sheet.document.rect(0, 0, page.width, 8).fill(colours.accent);
  sheet.paragraph(say(title), { size: 20, bold: true });
  sheet.y += 4;
  if (product !== null) sheet.paragraph(say(product), { size: 12 });
  sheet.paragraph(say(namesOf(about)), { size: 10.5, colour: 'accent' });
  sheet.y += 10;
  for (const [label, value] of rows) {
    sheet.line(say(label), { size: 9, colour: 'soft' }, page.left, sheet.y, 84);
    sheet.paragraph(printable(value), { size: 9 }, 90);
    sheet.y += 3;
  }
  sheet.y += 7;
  const words = say({
    zh: '本报告用文字转述所附证据文件的核验结果。以文件为准：任何人都可离线核验，无需信任出具方。',
    en: 'This report tells in words what checking the attached file shows. The file is what counts: anybody can check it offline, without trusting whoever gave it out.',
  });
  const style = { size: 9.5, bold: true } as const;
  const height = sheet.heightOf(words, style, width - 24) + 14;
  sheet.document.rect(page.left, sheet.y, width, height).fill(colours.ground);
  sheet.document.rect(page.left, sheet.y, 3, height).fill(colours.accent);
  sheet.y += 7;
  sheet.paragraph(words, style, 14, width - 24);
  sheet.y += 7;
}

/** Sentences with the numbers of the entries that they rest on before them. */
async function writeSaid(sheet: Sheet, heading: string, items: readonly Said[], say: Say): Promise<void> {
  if (items.length === 0) return;
  sheet.heading(heading);
  for (const [i, item] of items.entries()) {
    if (i % sentencesAtOnce === sentencesAtOnce - 1) await setImmediate();
    const left = 96;
    const text = { size: 9.5 } as const;
    const number = { size: 8.5, colour: 'accent' } as const;
    const numbers = numbersOf(item.seqs);
    const words = say(item);
    const height = Math.max(
      sheet.heightOf(words, text, width - left),
      numbers === '' ? 0 : sheet.heightOf(numbers, number, left - 12),
    );
    sheet.room(height);
    const top = sheet.y;
    if (numbers !== '') sheet.paragraph(numbers, number, 0, left - 12);
    sheet.y = top;
    sheet.paragraph(words, text, left);
    sheet.y = top + height + 6;
  }
}

/** Numbers shown beside a sentence; the sentence itself says how many there are. */
const numbersMax = 18;

const numbersOf = (seqs: readonly number[]): string =>
  seqs.length > numbersMax
    ? `${seqs
        .slice(0, numbersMax - 1)
        .map((seq) => `#${seq}`)
        .join(' ')} … #${seqs.at(-1)}`
    : seqs.map((seq) => `#${seq}`).join(' ');

const stepsOf = (name: string, digest: string, publicUrl: string): Words[] => [
  {
    zh: `在 PDF 阅读器的“附件”中取出 ${name}，原样保存。`,
    en: `Take ${name} out of the attachments of this PDF, and keep it as it is.`,
  },
  {
    zh: `确认它的 SHA-256（如 sha256sum ${name}）是 ${digest}。`,
    en: `Make sure that its SHA-256 (sha256sum ${name}) is ${digest}.`,
  },
  {
    zh: `打开 ${publicUrl}/verify-evidence 选取该文件：核验在本机进行，文件不上传；或运行 suyuan verify-evidence ${name}。`,
    en: `Open ${publicUrl}/verify-evidence and choose the file: it is checked on your machine and not uploaded. Or run suyuan verify-evidence ${name}.`,
  },
  {
    zh: '从您信任的渠道取得账本公钥或见证方公钥，一并填入（命令行为 --key）。没有它，文件只证明与它自己所说的账本相符。',
    en: 'Give the key of the log, or of a witness, that you have from where you trust it (--key of the command). Without one the file only proves that it is true to the log that it names.',
  },
  {
    zh: '编号 #n 是账本的条目号：在账本的公开部分可查到同一条目。',
    en: 'A number #n is that of an entry of the log: the public log has the same entry.',
  },
];

function writeSteps(sheet: Sheet, heading: string, steps: readonly string[]): void {
  sheet.heading(heading);
  for (const [i, step] of steps.entries()) {
    const height = sheet.heightOf(step, { size: 9.5 }, width - 20);
    sheet.room(height);
    sheet.line(`${i + 1}.`, { size: 9.5, bold: true, colour: 'accent' }, page.left, sheet.y, 20);
    sheet.paragraph(step, { size: 9.5 }, 20);
    sheet.y += 4;
  }
}

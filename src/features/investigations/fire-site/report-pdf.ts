/**
 * The dossier on a fire site as a report for people. Every claim bears the number that the JSON gives it, and the entries
 * of the log that it rests on.
 */
import { setImmediate } from 'node:timers/promises';
import { type Bilingual, formatTime, inLanguage, type Lang } from '../../../web/words.ts';
import { colours, openSheet, page, type Sheet, width } from '../../evidence/report/sheet.ts';
import { printable } from '../../fonts.ts';
import type { Claim, FireSiteAnswer, Item } from './schemas.ts';
import { flagWords } from './words.ts';

/** Things of one history that the report tells; the JSON tells all. */
const itemsMax = 150;
/** Identifiers that an item names. */
const epcsTold = 12;
/** Claims of each kind that an item tells, lest whoever records much about a thing bury what others say of it. */
const claimsOfKindMax = 20;
/** Claims written in one go before others get their turn: each takes some ms. */
const claimsAtOnce = 8;

type Say = (words: Bilingual) => string;

const title: Bilingual = {
  zh: '火灾延伸调查：产品溯源报告',
  en: 'Fire site: goods and their origin',
};

export async function fireSitePdf(answer: FireSiteAnswer, lang: Lang): Promise<Buffer> {
  const say: Say = (words) => printable(inLanguage(words, lang));
  const { sheet, end } = await openSheet({ title: say(title), lang, date: new Date(answer.at) });
  writeHead(sheet, answer, lang, say);
  writeSummary(sheet, answer, say);
  for (const item of answer.items.slice(0, itemsMax)) await writeItem(sheet, item, say);
  const more = answer.items.length - itemsMax;
  if (more > 0)
    sheet.paragraph(
      say({ zh: `另有 ${more} 组产品，见 JSON。`, en: `${more} more groups of things: the JSON has all.` }),
      { size: 9.5, colour: 'soft' },
    );
  sheet.number(
    `${say(title)} · ${say({ zh: `账本前 ${answer.known} 条`, en: `first ${answer.known} entries` })}`,
  );
  return end();
}

function writeHead(
  sheet: Sheet,
  { place, places, at, known, things }: FireSiteAnswer,
  lang: Lang,
  say: Say,
): void {
  sheet.document.rect(0, 0, page.width, 8).fill(colours.accent);
  sheet.paragraph(say(title), { size: 20, bold: true });
  sheet.y += 6;
  const rows: [Bilingual, string][] = [
    ...(place === null
      ? []
      : ([
          [{ zh: '场所', en: 'Place' }, place.name ?? place.id],
          [{ zh: '场所编号', en: 'Its id' }, place.id],
          [{ zh: '含内部场所', en: 'Places in it' }, String(places - 1)],
        ] satisfies [Bilingual, string][])),
    [{ zh: '时间', en: 'At' }, formatTime(Date.parse(at), lang)],
    [
      { zh: '依据', en: 'Rests on' },
      say({ zh: `账本前 ${known} 条账目`, en: `the first ${known} entries of the log` }),
    ],
    [{ zh: '产品数', en: 'Things' }, String(things)],
  ];
  for (const [label, value] of rows) {
    sheet.line(say(label), { size: 9, colour: 'soft' }, page.left, sheet.y, 84);
    sheet.paragraph(printable(value), { size: 9 }, 90);
    sheet.y += 3;
  }
  sheet.y += 6;
  sheet.paragraph(
    say({
      zh: '每条陈述左侧为其在本报告中的编号与所依据的账本条目号（#n）。陈述是各方的记录，不等于事实；相互矛盾之处列为疑点。没有条目号的陈述指账本中没有相应记录。',
      en: 'Beside every claim stand its number in this report and the entries of the log (#n) that it rests on. Claims are what parties recorded, not what is so; where they contradict each other there is a finding. A claim without entries says that the log has none.',
    }),
    { size: 9, colour: 'soft' },
  );
}

function writeSummary(sheet: Sheet, { summary }: FireSiteAnswer, say: Say): void {
  sheet.heading(say({ zh: '需要注意', en: 'What to look at' }));
  if (summary.length === 0) sheet.paragraph(say({ zh: '无。', en: 'Nothing.' }), { size: 9.5 });
  for (const { words, things } of summary) {
    sheet.room(16);
    sheet.line(String(things), { size: 11, bold: true, colour: 'warning' }, page.left, sheet.y - 1, 40);
    sheet.paragraph(say(words), { size: 9.5 }, 48);
    sheet.y += 4;
  }
}

async function writeItem(sheet: Sheet, item: Item, say: Say): Promise<void> {
  const { epcs, product, quantity, places, flags, claims, claimsInAll, history } = item;
  const name =
    product === null
      ? null
      : say({ zh: product.name ?? product.gtin, en: product.nameEn ?? product.name ?? product.gtin });
  const count = quantity === null ? `× ${epcs.length}` : `${quantity.quantity} ${quantity.uom}`;
  sheet.heading(
    [name ?? say({ zh: '产品', en: 'Product' }), product?.model, count].filter(Boolean).join(' '),
  );
  const more = epcs.length - epcsTold;
  const named = epcs.slice(0, epcsTold).join('  ');
  sheet.paragraph(
    more > 0 ? `${named}  ${say({ zh: `等，另 ${more} 件`, en: `and ${more} more` })}` : named,
    { size: 8, colour: 'soft' },
  );
  if (places.length > 0)
    sheet.paragraph(
      `${say({ zh: '位置', en: 'Where' })} ${printable(places.map(({ id, name }) => name ?? id).join(', '))}`,
      { size: 9 },
    );
  if (flags.length > 0) {
    const words = flags.map((flag) => say(flagWords[flag])).join(' · ');
    sheet.paragraph(words, { size: 9.5, bold: true, colour: 'warning' });
  }
  sheet.y += 5;
  const told = firstOfEachKind(claims);
  for (const [i, claim] of told.entries()) {
    if (i % claimsAtOnce === claimsAtOnce - 1) await setImmediate();
    writeClaim(sheet, claim, say);
  }
  const untold = claimsInAll - told.length;
  if (untold > 0)
    sheet.paragraph(
      say({
        zh: `另有 ${untold} 条陈述，见 JSON；完整流转记录见 ${history}。`,
        en: `${untold} more claims: see the JSON, and the whole history at ${history}.`,
      }),
      { size: 9, colour: 'soft' },
    );
}

function firstOfEachKind(claims: readonly Claim[]): Claim[] {
  const counts = new Map<Claim['kind'], number>();
  return claims.filter(({ kind }) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= claimsOfKindMax;
  });
}

const numberWidth = 34;
const seqsWidth = 78;
/** Entries that stand beside a claim. */
const seqsTold = 4;

function writeClaim(sheet: Sheet, claim: Claim, say: Say): void {
  const left = numberWidth + seqsWidth + 10;
  const text = { size: 9.5 } as const;
  const words = say(claim);
  const height = sheet.heightOf(words, text, width - left);
  sheet.room(height);
  const top = sheet.y;
  const numbers = claim.seqs.slice(0, seqsTold).map((seq) => `#${seq}`);
  if (claim.seqs.length > seqsTold) numbers.push('…');
  sheet.line(`${claim.n}.`, { size: 8.5, bold: true }, page.left, top + 1, numberWidth);
  sheet.line(numbers.join(' '), { size: 8.5, colour: 'accent' }, page.left + numberWidth, top + 1, seqsWidth);
  sheet.paragraph(words, text, left);
  sheet.y = top + height + 4;
}

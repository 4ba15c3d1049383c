/**
 * The flow of goods drawn from what parties claim: one claim under the other, in the order of the log, with who gave
 * and who took as boxes and an arrow between them.
 */

import type { Words } from '../../../core/codes/verdict-words.ts';
import { hopWords } from '../../../core/events/hop-words.ts';
import type { ToldClaim } from '../../../core/evidence/evidence-claims.ts';
import { printable } from '../../fonts.ts';
import { colours, page, type Sheet, width } from './sheet.ts';

/** Claims that are drawn; all of them are told in words. */
export const drawnMax = 60;

const dateWidth = 92;
const railAt = dateWidth + 10;
const contentAt = railAt + 16;
const boxHeight = 19;
const arrowWidth = 46;
const boxWidth = (width - contentAt - arrowWidth) / 2;

type Say = (words: Words) => string;

/** Draws the first of the claims. `signed` are the entries whose recorder signed its claim itself. */
export function drawFlow(
  sheet: Sheet,
  claims: readonly ToldClaim[],
  signed: ReadonlySet<number>,
  say: Say,
): void {
  const drawn = claims.slice(0, drawnMax);
  for (const [i, claim] of drawn.entries()) {
    const places = placesOf(claim, say);
    const height = 17 + boxHeight + (places.some((it) => it !== '') ? 12 : 0) + 13;
    sheet.room(height);
    drawRail(sheet, height, i === drawn.length - 1);
    drawWhen(sheet, claim, say);
    drawHead(sheet, claim, signed.has(claim.seq), say);
    drawParties(sheet, claim, places, say);
    sheet.y += height;
  }
}

function drawRail({ document, y }: Sheet, height: number, isLast: boolean): void {
  const x = page.left + railAt;
  if (!isLast)
    document
      .moveTo(x, y + 7)
      .lineTo(x, y + height + 7)
      .lineWidth(1.5)
      .strokeColor(colours.line)
      .stroke();
  document.circle(x, y + 7, 4).fill(colours.accent);
}

function drawWhen(sheet: Sheet, { time, recordedAt }: ToldClaim, say: Say): void {
  const [day = '', clock = ''] = printable(time ?? recordedAt).split('T');
  sheet.line(day, { size: 9.5, bold: true }, page.left, sheet.y, dateWidth);
  const told = clock.replace(/:\d\d(?:\.\d+)?(?=[+-]|Z|$)/, ' ').replace('Z', 'UTC');
  const below = time === null ? say({ zh: '入账时间', en: 'entered in the log' }) : told;
  sheet.line(below, { size: 8, colour: 'soft' }, page.left, sheet.y + 13, dateWidth);
}

function drawHead(sheet: Sheet, { hop, seq, answers }: ToldClaim, isSigned: boolean, say: Say): void {
  const x = page.left + contentAt;
  const what = hop === null ? { zh: '环节未出示', en: 'What was done is withheld' } : hopWords[hop];
  const of = answers === null ? '' : ` #${answers}`;
  const used = sheet.line(`${say(what)}${of}`, { size: 10.5, bold: true }, x, sheet.y - 1, 220);
  const number = `#${seq}`;
  sheet.line(number, { size: 8.5, colour: 'accent' }, x + used + 8, sheet.y + 1, 80);
  if (!isSigned) return;
  const words = say({ zh: '登记方自签', en: 'signed by the recorder itself' });
  const wide = sheet.use({ size: 8 }).widthOfString(words);
  sheet.line(words, { size: 8, colour: 'soft' }, page.width - page.right - wide, sheet.y + 1, wide + 1);
}

function drawParties(sheet: Sheet, claim: ToldClaim, places: readonly [string, string], say: Say): void {
  const x = page.left + contentAt;
  const y = sheet.y + 17;
  const { recorder } = claim;
  const hidden = say({ zh: '未出示', en: 'not shown' });
  const sides = sidesOf(claim);
  if (sides === null) drawBox(sheet, recorder ?? hidden, x, y, recorder === null);
  else {
    const [from, to] = sides;
    drawBox(sheet, from ?? hidden, x, y, from === null);
    drawArrow(sheet, x + boxWidth + 5, y + boxHeight / 2, arrowWidth - 10);
    drawBox(sheet, to ?? hidden, x + boxWidth + arrowWidth, y, to === null);
  }
  drawPlaces(sheet, places, y);
}

/** Who gave and who took; null where the thing passes to nobody. What is withheld may be either. */
function sidesOf({
  hop,
  giver,
  taker,
  recorder,
  withheld,
}: ToldClaim): readonly [string | null, string | null] | null {
  if (hop === 'void' || hop === 'correct' || (giver === null && taker === null)) return null;
  const from = giver ?? (recorder === taker ? null : recorder);
  const to = taker ?? (recorder === giver ? null : recorder);
  return (from === null || to === null) && withheld === 0 ? null : [from, to];
}

function drawBox(sheet: Sheet, name: string, x: number, y: number, isHidden: boolean): void {
  const { document } = sheet;
  document.roundedRect(x, y, boxWidth, boxHeight, 3).lineWidth(0.75);
  if (isHidden) document.dash(2, { space: 2 }).strokeColor(colours.soft).stroke().undash();
  else document.fillAndStroke(colours.ground, colours.line);
  sheet.line(printable(name), { size: 9, colour: isHidden ? 'soft' : 'text' }, x + 7, y + 4.2, boxWidth - 14);
}

function drawArrow({ document }: Sheet, x: number, y: number, wide: number): void {
  document
    .moveTo(x, y)
    .lineTo(x + wide - 6, y)
    .lineWidth(1.25)
    .strokeColor(colours.accent)
    .stroke();
  document.polygon([x + wide - 7, y - 3.5], [x + wide, y], [x + wide - 7, y + 3.5]).fill(colours.accent);
}

/** What stands under the two boxes: where it was done, below who did it, and where it was bound for. */
function placesOf(claim: ToldClaim, say: Say): readonly [string, string] {
  const { place, toPlace, recorder, giver, taker } = claim;
  const at = place === null ? '' : say({ zh: `地点 ${place}`, en: `at ${place}` });
  const bound = toPlace === null ? '' : say({ zh: `运往 ${toPlace}`, en: `bound for ${toPlace}` });
  const takerDidIt = recorder !== null && recorder === taker && recorder !== giver && sidesOf(claim) !== null;
  return takerDidIt && bound === '' ? ['', at] : [at, bound];
}

function drawPlaces(sheet: Sheet, [at, bound]: readonly [string, string], y: number): void {
  const left = page.left + contentAt;
  const style = { size: 8, colour: 'soft' } as const;
  sheet.line(printable(at), style, left + 1, y + boxHeight + 2, boxWidth);
  sheet.line(printable(bound), style, left + boxWidth + arrowWidth + 1, y + boxHeight + 2, boxWidth);
}

/**
 * A trace as a picture (SVG 1.1): the things above, the parties below, both from left to right in layers, then in words
 * what is missing and whose it was to record. Numbers after # are entries of the log. A whole line is told, a dashed one
 * is missing a record. Nothing in it is loaded or run, so it can be kept and printed.
 */
import { hash } from 'node:crypto';
import { html, type Markup } from '../../../web/html.ts';
import { type Bilingual, inLanguage, type Lang } from '../../../web/words.ts';
import type { TraceAnswer } from '../schemas.ts';
import { layout, type Measures } from './layers.ts';
import { type Panel, partiesOf, type SketchBox, type SketchLine, thingsOf, type Words } from './sketch.ts';
import { cut, widthOf, wrapped } from './text-width.ts';

const measures: Measures = { boxWidth: 236, labelWidth: 184, gap: 16, margin: 28 };
const edge = 32;
const row = 17;
/** How much wider bold letters are. */
const bolder = 1.09;
const padding = 10;
/** Gaps told in words at most; the JSON has all. */
const gapsMax = 1_000;
const widthMin = 760;

type Say = (words: Bilingual) => string;

export function traceSvg(answer: TraceAnswer, lang: Lang): string {
  const say: Say = (words) => inLanguage(words, lang);
  const panels = [
    {
      title: { zh: '物：从何而来，装于何处', en: 'Things: what they came of and what holds them' },
      panel: thingsOf(answer),
    },
    { title: { zh: '主体：谁交给谁', en: 'Parties: what passed between whom' }, panel: partiesOf(answer) },
  ].map(({ title, panel }) => ({ title, panel, drawn: drawPanel(panel, say) }));
  const width = Math.max(widthMin, ...panels.map(({ drawn }) => drawn.width + 2 * edge));
  const parts: Markup[] = [];
  let y = edge;
  const write = (text: string, style: string, height: number) => {
    for (const line of wrapped(text, width - 2 * edge, sizeOf(style))) {
      y += height;
      parts.push(html`<text x="${edge}" y="${y}" class="${style}">${line}</text>`);
    }
  };
  write(say({ zh: '溯源图', en: 'Trace' }), 'title', 22);
  y += 4;
  write(answer.epc, 'id', 20);
  write(boundsOf(answer, say), 'soft', 20);
  for (const { title, panel, drawn } of panels) {
    y += 22;
    write(say(title), 'heading', 20);
    y += 14;
    parts.push(html`<g transform="translate(${edge} ${y})">${drawn.markup}</g>`);
    y += drawn.height;
    if (panel.more > 0)
      write(
        say({
          zh: `另有 ${panel.more} 项未画出；JSON、CSV 和 GraphML 中齐全。`,
          en: `${panel.more} more are not drawn; JSON, CSV and GraphML have all.`,
        }),
        'soft',
        20,
      );
  }
  y += 22;
  write(say({ zh: '缺失的记录', en: 'Records that are missing' }), 'heading', 20);
  y += 4;
  for (const words of gapWords(answer, say)) {
    y += 4;
    write(words, 'text', 20);
  }
  y += 16;
  parts.push(legend(edge, y, say));
  y += 24 + edge;
  const label = `${say({ zh: '溯源图', en: 'Trace' })} ${answer.epc}`;
  return html`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img" xml:lang="${lang}"><title>${label}</title>${style}<rect width="100%" height="100%" fill="#fff"/>${parts}</svg>
`.text;
}

const sizes: Readonly<Record<string, number>> = {
  title: 22,
  heading: 15,
  id: 14,
  soft: 12.5,
  text: 13,
  box: 13.5,
};
const sizeOf = (style: string): number => sizes[style] ?? 13;

const style = html`<style>
text{font-family:"Noto Sans SC","Noto Sans Hans","PingFang SC","Microsoft YaHei",system-ui,sans-serif;fill:#1b2127;font-size:13px}
.title{font-size:22px;font-weight:700}.heading{font-size:15px;font-weight:700;fill:#0b5f70}.id{font-size:14px;font-weight:700}
.soft{font-size:12.5px;fill:#4d5965}.text{font-size:13px}.box{font-size:13.5px;font-weight:700}.small{font-size:12px}.seq{font-size:11.5px;fill:#0b5f70}
.missing{fill:#a01522;font-size:12px;font-weight:700}
rect.box{fill:#f3f5f7;stroke:#9aa6b1}rect.hidden{fill:#fff;stroke:#9aa6b1;stroke-dasharray:4 3}rect.label{fill:#fff;stroke:#d5dbe1}rect.gap{fill:#fff;stroke:#a01522;stroke-dasharray:5 3}
path{fill:none;stroke:#0b5f70;stroke-width:1.75}path.gap{stroke:#a01522;stroke-dasharray:6 4}path.head{fill:#0b5f70;stroke:none}path.head.gap{fill:#a01522}
</style>`;

/** The policy to send it with: nothing is loaded or run, and of styles only its own counts (CSP level 3 §2.3.1). */
export const traceSvgPolicy = `default-src 'none'; style-src 'sha256-${hash('sha256', style.text.slice('<style>'.length, -'</style>'.length), 'base64')}'`;

function boundsOf({ direction, at, known, complete }: TraceAnswer, say: Say): string {
  const directions = {
    up: { zh: '上溯', en: 'Upstream' },
    down: { zh: '下查', en: 'Downstream' },
    both: { zh: '上溯与下查', en: 'Upstream and downstream' },
  };
  return [
    say(directions[direction]),
    ...(at === null ? [] : [say({ zh: `以事件时间 ${at} 为界`, en: `bounded by the event time ${at}` })]),
    say({ zh: `依据账本前 ${known} 条账目`, en: `by the first ${known} entries of the log` }),
    ...(complete ? [] : [say({ zh: '仅含您可见的部分', en: 'only what you may see' })]),
  ].join(' · ');
}

function gapWords({ gaps }: TraceAnswer, say: Say): string[] {
  if (gaps.length === 0) return [say({ zh: '无。', en: 'None.' })];
  const told = gaps.slice(0, gapsMax).map(({ seq, things, sentence, expected }) => {
    const count = things > 1 ? say({ zh: `（涉及 ${things} 件）`, en: ` (${things} things)` }) : '';
    const wanted = expected.map((it) => say(it.sentence)).join(say({ zh: '', en: ' ' }));
    return `${seq === null ? '' : `#${seq} `}${say(sentence)}${count} ${wanted}`;
  });
  const more = gaps.length - told.length;
  return more === 0
    ? told
    : [...told, say({ zh: `另有 ${more} 处，见 JSON。`, en: `${more} more; the JSON has all.` })];
}

function legend(x: number, y: number, say: Say): Markup {
  const known = say({ zh: '有记录', en: 'recorded' });
  return html`<g transform="translate(${x} ${y})"><path d="M0 8h34"/><text x="42" y="12" class="soft">${known}</text><path class="gap" d="M${60 + widthOf(known, 12.5)} 8h34"/><text x="${102 + widthOf(known, 12.5)}" y="12" class="soft">${say({ zh: '缺少记录 · #n 为账本条目号', en: 'a record is missing · #n is an entry of the log' })}</text></g>`;
}

const seqsOf = ({ seqs }: Words): string =>
  seqs.length > 3 ? `#${seqs[0]} … #${seqs.at(-1)}` : seqs.map((seq) => `#${seq}`).join(' ');

const boxHeight = ({ words }: SketchBox): number => 2 * padding + row * (1 + words.length) - 2;
const labelHeight = ({ words }: SketchLine): number => 12 + 15.5 * words.length;

function drawPanel({ boxes, lines }: Panel, say: Say): { width: number; height: number; markup: Markup } {
  const placed = layout(
    boxes.map((box) => ({ id: box.id, height: boxHeight(box) })),
    lines.map((line) => ({ from: line.from, to: line.to, height: labelHeight(line) })),
    measures,
  );
  const heights = new Map(boxes.map((box) => [box.id, boxHeight(box)]));
  const middle = (id: string) => (placed.boxes.get(id)?.y ?? 0) + (heights.get(id) ?? 0) / 2;
  const left = (id: string) => placed.boxes.get(id)?.x ?? 0;
  const paths = lines.map((line, i) => {
    const label = placed.labels[i] ?? { x: 0, y: 0 };
    const isBack = placed.returns[i] === true;
    const at = label.y + labelHeight(line) / 2;
    const [near, far] = isBack
      ? [label.x + measures.labelWidth, label.x]
      : [label.x, label.x + measures.labelWidth];
    const start = { x: left(line.from) + (isBack ? 0 : measures.boxWidth), y: middle(line.from) };
    // A line between boxes of one layer comes back to the side it left.
    const isBeside = left(line.to) === left(line.from);
    const end = { x: left(line.to) + (isBack || isBeside ? measures.boxWidth : 0), y: middle(line.to) };
    const kind = line.isMissing ? 'gap' : '';
    const turn = isBack || isBeside ? 1 : -1;
    return html`<path class="${kind}" d="${curve(start, { x: near, y: at })} ${curve({ x: isBeside ? near : far, y: at }, { x: end.x + turn * 7, y: end.y })}"/><path class="head ${kind}" d="M${end.x} ${end.y}l${turn * 9} -4.5v9z"/>`;
  });
  const labels = lines.map((line, i) => drawLabel(line, placed.labels[i] ?? { x: 0, y: 0 }, say));
  const shown = boxes.map((box) => drawBox(box, placed.boxes.get(box.id) ?? { x: 0, y: 0 }, say));
  return { width: placed.width, height: placed.height, markup: html`${paths}${shown}${labels}` };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function curve(from: Point, to: Point): string {
  const bend = (to.x - from.x) / 2;
  return `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}

function drawBox(box: SketchBox, { x, y }: Point, say: Say): Markup {
  const within = measures.boxWidth - 2 * padding;
  const rows = box.words.map((words, i) => {
    const seqs = seqsOf(words);
    const room = within - (seqs === '' ? 0 : widthOf(seqs, 11.5) + 8);
    return html`<text x="${padding}" y="${padding + row * (i + 1) + 12}" class="small">${cut(say(words), room, 12)}</text><text x="${measures.boxWidth - padding}" y="${padding + row * (i + 1) + 12}" text-anchor="end" class="seq">${seqs}</text>`;
  });
  return html`<g transform="translate(${x} ${y})"><title>${say(box.title)}</title><rect class="${box.isHidden ? 'hidden' : 'box'}" width="${measures.boxWidth}" height="${boxHeight(box)}" rx="6"/><text x="${padding}" y="${padding + 12}" class="box">${cut(say(box.title), within, 13.5 * bolder)}</text>${rows}</g>`;
}

function drawLabel(line: SketchLine, { x, y }: Point, say: Say): Markup {
  const within = measures.labelWidth - 16;
  const rows = line.words.map((words, i) => {
    const seqs = seqsOf(words);
    const isGap = line.isMissing && words.seqs.length === 0;
    const room = within - (seqs === '' ? 0 : widthOf(seqs, 11.5) + 6);
    return html`<text x="8" y="${18 + 15.5 * i}" class="${isGap ? 'missing' : 'small'}">${cut(say(words), room, 12)}</text><text x="${measures.labelWidth - 8}" y="${18 + 15.5 * i}" text-anchor="end" class="seq">${seqs}</text>`;
  });
  return html`<g transform="translate(${x} ${y})"><rect class="${line.isMissing ? 'gap' : 'label'}" width="${measures.labelWidth}" height="${labelHeight(line)}" rx="4"/>${rows}</g>`;
}

/**
 * A picture (SVG 1.1) of panels of boxes and lines, each from left to right in layers, then of sentences. Numbers after #
 * are entries of the log. A whole line is told, one of dashes and dots tells that a thing took another's place and nothing
 * more, a red dashed one is missing a record, a grey dotted one was taken back.
 * Nothing in it is loaded or run, so it can be kept and printed.
 */
import { hash } from 'node:crypto';
import { html, type Markup } from '../../../web/html.ts';
import { type Bilingual, inLanguage, type Lang } from '../../../web/words.ts';
import { layout, type Measures } from './layers.ts';
import type { Panel, SketchBox, SketchLine, Telling, Words } from './panel.ts';
import { cut, widthOf, wrapped } from './text-width.ts';

export interface Picture {
  readonly title: Bilingual;
  /** What it is of. */
  readonly epc: string;
  /** What bounds it, told in one line. */
  readonly bounds: readonly Bilingual[];
  readonly panels: readonly { readonly title: Bilingual; readonly panel: Panel }[];
  /** Sentences below the panels, under a title of their own. */
  readonly sections: readonly { readonly title: Bilingual; readonly sentences: readonly Bilingual[] }[];
}

const measures: Measures = { boxWidth: 236, labelWidth: 184, gap: 16, margin: 28 };
const edge = 32;
const row = 17;
/** How much wider bold letters are. */
const bolder = 1.09;
const padding = 10;
const widthMin = 760;

type Say = (words: Bilingual) => string;

export function svgOf({ title, epc, bounds, panels, sections }: Picture, lang: Lang): string {
  const say: Say = (words) => inLanguage(words, lang);
  const drawn = panels.map(({ title, panel }) => ({ title, panel, drawn: drawPanel(panel, say) }));
  const width = Math.max(widthMin, ...drawn.map(({ drawn }) => drawn.width + 2 * edge));
  const parts: Markup[] = [];
  let y = edge;
  const write = (text: string, style: string, height: number) => {
    for (const line of wrapped(text, width - 2 * edge, sizeOf(style))) {
      y += height;
      parts.push(html`<text x="${edge}" y="${y}" class="${style}">${line}</text>`);
    }
  };
  write(say(title), 'title', 22);
  y += 4;
  write(epc, 'id', 20);
  write(bounds.map(say).join(' · '), 'soft', 20);
  for (const { title, panel, drawn: it } of drawn) {
    y += 22;
    write(say(title), 'heading', 20);
    y += 14;
    parts.push(html`<g transform="translate(${edge} ${y})">${it.markup}</g>`);
    y += it.height;
    if (panel.together > 0)
      write(
        say({
          zh: `为便于阅读，${panel.together} 项按层级合并画出，无一遗漏；JSON、CSV 和 GraphML 逐项列出。`,
          en: `So that it can be read, ${panel.together} are drawn together by level, and none is left out; JSON, CSV and GraphML tell each.`,
        }),
        'soft',
        20,
      );
  }
  for (const { title, sentences } of sections) {
    y += 22;
    write(say(title), 'heading', 20);
    y += 4;
    for (const sentence of sentences) {
      y += 4;
      write(say(sentence), 'text', 20);
    }
  }
  y += 16;
  parts.push(legend(tellingsIn(panels.map(({ panel }) => panel)), edge, y, say));
  y += 24 + edge;
  const label = `${say(title)} ${epc}`;
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
text.missing{fill:#a01522;font-size:12px;font-weight:700}text.withdrawn{fill:#6b7681;font-size:12px;text-decoration:line-through}
rect.box{fill:#f3f5f7;stroke:#9aa6b1}rect.hidden{fill:#fff;stroke:#9aa6b1;stroke-dasharray:4 3}rect.label{fill:#fff;stroke:#d5dbe1}rect.replaced{fill:#fff;stroke:#d5dbe1;stroke-dasharray:8 3 2 3}rect.missing{fill:#fff;stroke:#a01522;stroke-dasharray:5 3}rect.withdrawn{fill:#fff;stroke:#9aa6b1;stroke-dasharray:2 3}
path{fill:none;stroke:#0b5f70;stroke-width:1.75}path.replaced{stroke-dasharray:9 4 2 4}path.missing{stroke:#a01522;stroke-dasharray:6 4}path.withdrawn{stroke:#9aa6b1;stroke-dasharray:2 4}path.head{fill:#0b5f70;stroke:none}path.head.missing{fill:#a01522}path.head.withdrawn{fill:#9aa6b1}
</style>`;

/** The policy to send it with: nothing is loaded or run, and of styles only its own counts (CSP level 3 §2.3.1). */
export const picturePolicy = `default-src 'none'; style-src 'sha256-${hash('sha256', style.text.slice('<style>'.length, -'</style>'.length), 'base64')}'`;

const legends: Readonly<Record<Telling, Bilingual>> = {
  told: { zh: '有记录', en: 'recorded' },
  replaced: { zh: '更换：仅占其位，并非由其制成', en: 'took its place, and was not made of it' },
  missing: { zh: '缺少记录', en: 'a record is missing' },
  withdrawn: { zh: '记录已撤销或更正', en: 'taken back or corrected' },
};

/** How things in the panels are told; that they are is always among it. */
function tellingsIn(panels: readonly Panel[]): Telling[] {
  const found = new Set<Telling>(
    panels.flatMap(({ boxes, lines }) => [
      ...lines.map(({ telling }) => telling),
      ...boxes.flatMap(({ words }) => words.map(({ telling }) => telling)),
    ]),
  );
  return (['told', 'replaced', 'missing', 'withdrawn'] as const).filter(
    (it) => it === 'told' || found.has(it),
  );
}

function legend(tellings: readonly Telling[], x: number, y: number, say: Say): Markup {
  let at = 0;
  const samples = tellings.map((telling) => {
    const words = say(legends[telling]);
    const sample = html`<path class="${telling}" d="M${at} 8h34"/><text x="${at + 42}" y="12" class="soft">${words}</text>`;
    at += 62 + widthOf(words, 12.5);
    return sample;
  });
  return html`<g transform="translate(${x} ${y})">${samples}<text x="${at}" y="12" class="soft">${say({ zh: '#n 为账本条目号', en: '#n is an entry of the log' })}</text></g>`;
}

/** How far behind a box that stands for many the next ones show. */
const behind = [6, 3] as const;

const boxHeight = ({ words }: SketchBox): number => 2 * padding + row * (1 + words.length) - 2;
const labelHeight = ({ words }: SketchLine): number => 12 + 15.5 * words.length;

function drawPanel({ boxes, lines }: Panel, say: Say): { width: number; height: number; markup: Markup } {
  const placed = layout(
    boxes.map((box) => ({ id: box.id, height: boxHeight(box), isLast: box.isMany })),
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
    const turn = isBack || isBeside ? 1 : -1;
    const passes = (placed.passes[i] ?? []).flatMap(({ x, y, width }): Point[] => {
      const [enters, leaves] = isBack ? [x + width, x] : [x, x + width];
      return [
        { x: enters, y },
        { x: leaves, y },
      ];
    });
    const onward = along([{ x: isBeside ? near : far, y: at }, ...passes, { x: end.x + turn * 7, y: end.y }]);
    return html`<path class="${line.telling}" d="${curve(start, { x: near, y: at })} ${onward}"/><path class="head ${line.telling}" d="M${end.x} ${end.y}l${turn * 9} -4.5v9z"/>`;
  });
  const isUnder = (_: Markup, i: number) => lines[i]?.telling === 'withdrawn';
  const [under, over] = [paths.filter(isUnder), paths.filter((path, i) => !isUnder(path, i))];
  const labels = lines.map((line, i) => drawLabel(line, placed.labels[i] ?? { x: 0, y: 0 }, say));
  const shown = boxes.map((box) => drawBox(box, placed.boxes.get(box.id) ?? { x: 0, y: 0 }, say));
  return { width: placed.width, height: placed.height, markup: html`${under}${over}${shown}${labels}` };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function curve(from: Point, to: Point): string {
  const bend = (to.x - from.x) / 2;
  return `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}

/** A line that bends from the first point to the second, runs straight to the third, bends to the fourth, and so on. */
const along = (points: readonly Point[]): string =>
  points
    .slice(1)
    .map((to, i) => (i % 2 === 0 ? curve(points[i] ?? to, to) : `L${to.x} ${to.y}`))
    .join('');

function drawBox(box: SketchBox, { x, y }: Point, say: Say): Markup {
  const within = measures.boxWidth - 2 * padding;
  const rows = box.words.map((words, i) =>
    drawRow(words, { x: padding, y: padding + row * (i + 1) + 12 }, within, say),
  );
  const style = box.isHidden ? 'hidden' : 'box';
  const sheet = (at: number) =>
    html`<rect class="${style}" x="${at}" y="${at}" width="${measures.boxWidth}" height="${boxHeight(box)}" rx="6"/>`;
  return html`<g transform="translate(${x} ${y})"><title>${say(box.title)}</title>${box.isMany ? behind.map(sheet) : null}${sheet(0)}<text x="${padding}" y="${padding + 12}" class="box">${cut(say(box.title), within, 13.5 * bolder)}</text>${rows}</g>`;
}

function drawLabel(line: SketchLine, { x, y }: Point, say: Say): Markup {
  const within = measures.labelWidth - 16;
  const rows = line.words.map((words, i) => drawRow(words, { x: 8, y: 18 + 15.5 * i }, within, say));
  return html`<g transform="translate(${x} ${y})"><rect class="${line.telling === 'told' ? 'label' : line.telling}" width="${measures.labelWidth}" height="${labelHeight(line)}" rx="4"/>${rows}</g>`;
}

const rowStyles: Readonly<Record<Telling, string>> = {
  told: 'small',
  replaced: 'small',
  missing: 'missing',
  withdrawn: 'withdrawn',
};

/** Words on the left, cut to the room that their entries on the right leave. */
function drawRow(words: Words, { x, y }: Point, within: number, say: Say): Markup {
  const { entries, telling } = words;
  const text = cut(say(words), within - (entries === '' ? 0 : widthOf(entries, 11.5) + 7), 12);
  return html`<text x="${x}" y="${y}" class="${rowStyles[telling]}">${text}</text>${entries === '' ? null : html`<text x="${x + within}" y="${y}" text-anchor="end" class="seq">${entries}</text>`}`;
}

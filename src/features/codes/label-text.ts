/**
 * Fits the words of a label into its box. What names the thing (host, identity) is always whole: it shrinks, then
 * wraps. What describes it (product, model, maker) shrinks, wraps and at last ends in an ellipsis or is left out.
 */

/** One line or paragraph of a label, most important first in the eye, in the order of drawing. */
export interface Words {
  readonly text: string;
  readonly bold: boolean;
  /** Wished size in points. */
  readonly size: number;
  readonly lines: number;
  /** Whether it may end in an ellipsis when `lines` do not hold it. */
  readonly clip: boolean;
  /** Whether it may be left out when the box is full. */
  readonly optional: boolean;
}

export interface Line {
  readonly text: string;
  readonly bold: boolean;
  readonly size: number;
}

/** Width of a text in units of its size. */
export type Measure = (text: string, bold: boolean) => number;

/** Height of a line in units of its size. */
export const leading = 1.22;
/** Text below 3.6 points (1.27 mm) is not printed as long as it can wrap instead. */
const pointsMin = 3.6;

/** Lines that fit `width` × `height` points, top to bottom. */
export function fitWords(words: readonly Words[], width: number, height: number, measure: Measure): Line[] {
  const needed = words.filter(({ optional }) => !optional);
  const attempts: (readonly Words[])[] = [
    words,
    needed,
    needed.map((each) => (each.clip ? { ...each, lines: 1 } : each)),
  ];
  for (const attempt of attempts) {
    const lines = attempt.flatMap((each) => fit(each, width, measure));
    if (heightOf(lines) <= height) return lines;
  }
  const lines = needed.flatMap((each) => fit({ ...each, lines: each.clip ? 1 : each.lines }, width, measure));
  const scale = height / heightOf(lines);
  return lines.map((line) => ({ ...line, size: line.size * scale }));
}

export const heightOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, { size }) => sum + size * leading, 0);

function fit(words: Words, width: number, measure: Measure): Line[] {
  const { text, bold, size } = words;
  const natural = measure(text, bold);
  if (natural === 0) return [];
  // A description rather wraps than shrinks by much; an identity is better read on one line.
  const least = words.clip ? size * (words.lines > 1 ? 0.85 : 0.75) : Math.min(size, pointsMin);
  if (width / natural >= least) return [{ text, bold, size: Math.min(size, width / natural) }];
  return words.clip ? clipped(words, least, width, measure) : evenly(words, natural, width, measure);
}

/** The first `lines` lines at one size, the last of them with an ellipsis if there is more. */
function clipped({ text, bold, lines }: Words, size: number, width: number, measure: Measure): Line[] {
  const parts = wrap(text, bold, width / size, measure);
  if (parts.length > lines) {
    const last = [...(parts[lines - 1] ?? '')];
    while (last.length > 0 && measure(`${last.join('')}…`, bold) * size > width) last.pop();
    parts.splice(lines - 1, Infinity, `${last.join('')}…`);
  }
  return parts.map((part) => ({ text: part, bold, size }));
}

/** All of the text on as few lines as can be read, about equally long. */
function evenly({ text, bold, size }: Words, natural: number, width: number, measure: Measure): Line[] {
  for (let lines = 2; ; lines++) {
    const parts = wrap(text, bold, (natural / lines) * 1.25, measure);
    const fitting = Math.min(size, width / Math.max(...parts.map((part) => measure(part, bold))));
    if (fitting >= Math.min(size, pointsMin) || lines === text.length)
      return parts.map((part) => ({ text: part, bold, size: fitting }));
  }
}

/** What does not end, and what does not begin, a line of Chinese (GB/T 15834). */
const opening = /[（《“‘([]/;
const closing = /[）》”’、，。；：！？)\]]/;

/** Cuts a text into pieces no wider than `room`, after a space or hyphen where the piece has one past its middle. */
function wrap(text: string, bold: boolean, room: number, measure: Measure): string[] {
  const parts: string[] = [];
  let rest = [...text];
  while (rest.length > 0) {
    let end = rest.length;
    let used = 0;
    for (const [i, character] of rest.entries()) {
      used += measure(character, bold);
      if (used <= room || i === 0) continue;
      end = i;
      break;
    }
    if (end < rest.length) {
      const breakAt = Math.max(...[' ', '-', '.', '/'].map((mark) => rest.lastIndexOf(mark, end - 1)));
      if (breakAt + 1 > end / 2) end = breakAt + 1;
      else if (end > 1 && (opening.test(rest[end - 1] ?? '') || closing.test(rest[end] ?? ''))) end--;
    }
    parts.push(rest.slice(0, end).join('').trim());
    rest = rest.slice(end);
  }
  return parts;
}

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

function fit({ text, bold, size, lines, clip }: Words, width: number, measure: Measure): Line[] {
  const natural = measure(text, bold);
  if (natural === 0) return [];
  const least = Math.min(size, pointsMin);
  const oneLine = width / natural;
  // A description rather wraps at a readable size than shrinks by much; an identity is better on one line.
  const shrunk = lines > 1 && clip ? size * 0.85 : least;
  if (oneLine >= shrunk) return [{ text, bold, size: Math.min(size, oneLine) }];
  const smaller = lines > 1 && clip ? shrunk : least;
  const parts = wrap(text, bold, width / smaller, measure);
  if (!clip || parts.length <= lines) return parts.map((part) => ({ text: part, bold, size: smaller }));
  const kept = parts.slice(0, lines);
  const last = [...(kept.pop() ?? '')];
  while (last.length > 0 && measure(`${last.join('')}…`, bold) * smaller > width) last.pop();
  return [...kept, `${last.join('')}…`].map((part) => ({ text: part, bold, size: smaller }));
}

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
    }
    parts.push(rest.slice(0, end).join('').trim());
    rest = rest.slice(end);
  }
  return parts;
}

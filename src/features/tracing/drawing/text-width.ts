/**
 * How wide text is about, without its font: an ideograph is as wide as high, a Latin letter a little over half of that.
 *
 *   widthOf('某主体 A', 10)   3 × 10 + 0.3 × 10 + 0.68 × 10 = 39.8
 */

/** East Asian wide characters (Unicode UAX #11, by and large). */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

export function widthOf(text: string, size: number): number {
  let ems = 0;
  for (const character of text)
    ems += wide.test(character)
      ? 1
      : /[A-Z@%MW]/.test(character)
        ? 0.68
        : /[ .,:;'|il]/.test(character)
          ? 0.3
          : 0.57;
  return ems * size;
}

/** Text in one line of a width, with an ellipsis where it is longer. */
export function cut(text: string, within: number, size: number): string {
  if (widthOf(text, size) <= within) return text;
  const characters = [...text];
  while (characters.length > 0 && widthOf(`${characters.join('')}…`, size) > within) characters.pop();
  return `${characters.join('')}…`;
}

/** Text in lines of a width: broken at spaces and between ideographs. */
export function wrapped(text: string, within: number, size: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(/[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]|\s+/gu) ?? []) {
    if (line !== '' && widthOf((line + piece).trimEnd(), size) > within) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}

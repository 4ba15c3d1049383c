/**
 * HTML as a tagged template: what is interpolated is text and is encoded, unless it came from this very tag.
 *
 *   html`<p title="${name}">${name}</p>`   name = `<b>"A&B"</b>`
 *   → <p title="&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;">&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;</p>
 *
 * Names come from parties we do not control. Encoding the five characters is enough in element content and in
 * quoted attributes, the only two places where our templates interpolate. What would change how the text around it is
 * shown is dropped as well (core/text/shown.ts).
 */
import { shown } from '../core/text/shown.ts';

/** Markup made by `html`; nothing else is trusted. */
export class Markup {
  readonly text: string;
  private constructor(text: string) {
    this.text = text;
  }
  /** @internal Only the tag below and constants written in this folder may call it. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }
}

type Piece = Markup | string | number | null | readonly Piece[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content or a quoted attribute. */
export function encode(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** The text as it is shown, on one line: line ends become spaces. */
export const visible = (text: string): string => shown(text.replace(/[\t\n\r\u2028\u2029]+/g, ' '));

/** The text, cut to at most `limit` characters (code points) with an ellipsis. */
export function clip(text: string, limit: number): string {
  const characters = [...visible(text)];
  return characters.length <= limit ? characters.join('') : `${characters.slice(0, limit - 1).join('')}…`;
}

function write(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'number') return String(piece);
  if (typeof piece === 'string') return encode(piece);
  return piece.map(write).join('');
}

export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let out = strings[0] ?? '';
  pieces.forEach((piece, i) => {
    out += write(piece) + (strings[i + 1] ?? '');
  });
  return Markup.trusted(out);
}

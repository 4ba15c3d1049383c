/** The fonts of what is drawn here: Noto Sans Hans (SIL Open Font License), of which a PDF embeds what it uses. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '../fonts');

export const fontFile = (bold: boolean): string =>
  join(folder, bold ? 'NotoSansHans-Bold.otf' : 'NotoSansHans-Regular.otf');

/** Names come from parties: one line, without control characters and marks that turn the direction of writing. */
export const printable = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();

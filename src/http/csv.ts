/**
 * Comma-separated values (RFC 4180), in UTF-8. A field that a spreadsheet would take for a formula (one that begins
 * with `=`, `+`, `-`, `@`, one of these in full width, as Chinese keyboards write them, a tab or the end of a line) gets
 * an apostrophe before it. Fields are written as they are shown to people (core/text/shown.ts), lest a name stand in
 * another order in the table than it has, or hide the beginning of a formula.
 */
import { shown } from '../core/text/shown.ts';

/** One record with its line end. */
export const csvLine = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

function csvField(field: string): string {
  const text = shown(field);
  const harmless = /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

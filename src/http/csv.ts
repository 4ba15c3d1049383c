/**
 * Comma-separated values (RFC 4180), in UTF-8. A field that a spreadsheet would take for a formula (one that begins
 * with `=`, `+`, `-`, `@`, one of these in full width, as Chinese keyboards write them, a tab or the end of a line) gets
 * an apostrophe before it.
 */

/** One record with its line end. */
export const csvLine = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

function csvField(text: string): string {
  const harmless = /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/**
 * Text as it is shown to people.
 *
 * Names come from parties that nobody controls. Some characters show nothing themselves and change how what stands around
 * them is shown: those that give the direction of writing (Unicode UAX #9, §2) make a name read backwards or swallow the
 * words after it (Unicode TR36, §3.5 "bidirectional text spoofing"), others steer terminals. The record keeps them, since
 * proofs are of what was said; what people look at goes without.
 *
 *   shown('甲厂\u202Egnp.exe')   →  甲厂gnp.exe
 */
const unseen = /(?![\t\n\r])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/** The text without marks of direction, control characters other than tabs and line ends, and lone surrogates. */
export const shown = (text: string): string => text.replace(unseen, '');

/**
 * QR symbols of identity codes (ISO/IEC 18004), error correction level M.
 *
 * A code is cut into segments by hand, each in the densest mode it allows, so that every code of one length gets the
 * same version and a batch can be checked by its longest one. `?` and `=` are not in the alphanumeric set, hence
 * a byte segment of three; the GTIN is worth a numeric segment of its own (61 bits for 77, less a header of 13).
 *
 * Capacity: version 7-M holds 196 codewords less 72 of correction, 124 × 8 = 992 bits. A segment header is 4 bits of
 * mode and, in versions 1 to 9, a count of 10 (numeric), 9 (alphanumeric) or 8 (byte) bits. With h characters of host
 * and s of serial:
 *   `HTTPS://{HOST}/01/`  alphanumeric  13 + 5.5·(12 + h), rounded up
 *   `{GTIN}`              numeric       14 + 47
 *   `/21/{SERIAL}`        alphanumeric  13 + 5.5·(4 + s), rounded up
 *   `?S=`                 byte          12 + 24
 *   `{KID7}{SIG155}`      numeric       14 + 540
 * For h + s = 41 that is 991 bits, for 42 at least 996: host and serial together have at most 41 characters in
 * version 7, which is 45 modules, 53 with the quiet zone: 17.5 mm at 0.33 mm a module, for the 18 mm label.
 */
import QRCode, { type QRCodeSegment } from 'qrcode';
import { fault, ok, type Result } from '../../errors.ts';

/** The largest version that fits the 18 mm label at 0.33 mm a module. */
const labelVersionMax = 7;
/** Characters of host and serial together that fit `labelVersionMax` when all are alphanumeric. */
export const labelCharactersMax = 41;
/** Quiet zone in modules that ISO/IEC 18004 asks for on each side. */
const quietModules = 4;

/** Whether versions above 7 are accepted. */
export interface SizeRule {
  readonly allowLarger?: boolean;
}
export interface SvgOptions extends SizeRule {
  /** Side of a module in mm, 0.33 unless told otherwise. */
  readonly moduleMm?: number;
  /** Quiet zone in modules on each side, 4 unless told otherwise. */
  readonly quiet?: number;
}
export interface PngOptions extends SizeRule {
  /** Pixels a module, 8 unless told otherwise. */
  readonly scale?: number;
}

const alphanumeric = /^[0-9A-Z $%*+\-./:]*$/;

/**
 * The segments of a code or of any other link; joined they are the text again. What has lower-case letters falls
 * back to bytes, segment by segment.
 */
export function qrSegments(code: string): QRCodeSegment[] {
  const key = /^([^?]*\/0[01]\/)([0-9]{14,18})([^?]*)/.exec(code);
  const [, before = '', digits = '', after = ''] = key ?? [];
  const rest = code.slice(before.length + digits.length + after.length);
  const signed = /^(\?S=)([0-9]+)$/.exec(rest);
  const pieces = [before, digits, after, ...(signed === null ? [rest] : signed.slice(1))];
  const segments: QRCodeSegment[] = [];
  let bytes = '';
  const flush = () => {
    if (bytes !== '') segments.push({ mode: 'byte', data: Buffer.from(bytes, 'utf8') });
    bytes = '';
  };
  for (const piece of pieces) {
    if (!alphanumeric.test(piece)) {
      bytes += piece;
      continue;
    }
    if (piece === '') continue;
    flush();
    segments.push(
      /^[0-9]+$/.test(piece) ? { mode: 'numeric', data: piece } : { mode: 'alphanumeric', data: piece },
    );
  }
  flush();
  return segments;
}

/**
 * The QR of a code as a square of modules, `dark[row * size + column]` being 1 where ink goes. For those who draw it
 * themselves, such as label sheets. Fault: `code-too-long` above version 7 unless `allowLarger`.
 */
export function qrModules(
  code: string,
  rule: SizeRule = {},
): Result<{ readonly size: number; readonly version: number; readonly dark: Uint8Array }> {
  const qr = QRCode.create(qrSegments(code), { errorCorrectionLevel: 'M' });
  if (qr.version > labelVersionMax && rule.allowLarger !== true)
    return fault('code-too-long', tooLong(code, qr.version));
  return ok({ size: qr.modules.size, version: qr.version, dark: Uint8Array.from(qr.modules.data) });
}

/** The smallest version (1 to 40) that holds a code at level M. Version 7 and below fit the 18 mm label. */
export function qrVersion(code: string): number {
  return QRCode.create(qrSegments(code), { errorCorrectionLevel: 'M' }).version;
}

function tooLong(code: string, version: number): string {
  const [, host = '', value = ''] =
    /^https:\/\/([^/]*)\/(?:00\/[0-9]*|01\/[0-9]*\/[12][01]\/([^?]*))/i.exec(code) ?? [];
  const bytes = alphanumeric.test(host + value)
    ? ''
    : ' Lower-case letters and _ ~ take more room than capitals and digits.';
  return (
    `The code needs a QR of version ${version}, above ${labelVersionMax}, too large for the 18 mm label: host and ` +
    `serial or lot have ${host.length + value.length} characters, shorten them to ${labelCharactersMax} together, or ` +
    `allow larger codes.${bytes}`
  );
}

/**
 * The QR of a code as an SVG document in millimetres, black on white.
 * Fault: `code-too-long` above version 7 unless `allowLarger`.
 */
export function qrSvg(code: string, options: SvgOptions = {}): Result<string> {
  const modules = qrModules(code, options);
  if (!modules.ok) return modules;
  const { size, dark } = modules.value;
  const quiet = options.quiet ?? quietModules;
  const side = size + 2 * quiet;
  const mm = Number((side * (options.moduleMm ?? 0.33)).toFixed(3));
  return ok(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${mm}mm" height="${mm}mm" viewBox="0 0 ${side} ${side}" ` +
      `shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/>` +
      `<path d="${runs(dark, size, quiet)}"/></svg>`,
  );
}

/** Path data with one rectangle for each horizontal run of dark modules. */
function runs(dark: Uint8Array, size: number, quiet: number): string {
  let path = '';
  for (let row = 0; row < size; row++) {
    for (let start = 0; start < size; start++) {
      if (dark[row * size + start] !== 1) continue;
      let end = start;
      while (end < size && dark[row * size + end] === 1) end++;
      path += `M${start + quiet} ${row + quiet}h${end - start}v1h${start - end}z`;
      start = end;
    }
  }
  return path;
}

/** The QR of a code as a PNG. Fault: `code-too-long` above version 7 unless `allowLarger`. */
export async function qrPng(code: string, options: PngOptions = {}): Promise<Result<Buffer>> {
  const modules = qrModules(code, options);
  if (!modules.ok) return modules;
  return ok(
    await QRCode.toBuffer(qrSegments(code), {
      type: 'png',
      errorCorrectionLevel: 'M',
      margin: quietModules,
      scale: options.scale ?? 8,
    }),
  );
}

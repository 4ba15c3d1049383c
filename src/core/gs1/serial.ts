/**
 * Serials we draw, and serials manufacturers bring.
 *
 * Format of ours, 13 symbols: 12 random symbols of Crockford base32 (0–9, A–Z without I, L, O, U; 60 bits), then one
 * check character of ISO/IEC 7064 MOD 37-2. That system counts over 0–9A–Z with values 0 to 35 and `*` as 36: from
 * p = 0, each symbol of value a makes p = (p + a)·2 mod 37, and the check character has the value (1 − p) mod 37. As
 * it may come out as I, L, O, U or `*`, such a draw is thrown away whole and made again (5 in 37), so the twelve
 * stay uniform among those that are printed.
 *
 * Example, by hand: 7ZK3QW9D5TB1 has values 7 35 20 3 26 32 9 13 5 29 11 1; p runs 14 24 14 34 9 8 34 20 13 10 5 12;
 * (1 − 12) mod 37 = 26 = Q, so the serial is 7ZK3QW9D5TB1Q.
 */
import { fault, ok, type Result } from '../../errors.ts';
import type { Serial } from './gs1-text.ts';

/** A source of `n` uniform random bytes from a cryptographic generator. */
export type RandomBytes = (n: number) => Uint8Array;

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const mod37 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const randomSymbols = 12;
const bytesPerAsk = 1 << 16;
const ownShape = /^[0-9A-HJKMNP-TV-Z]{13}$/;

/** Value in MOD 37-2 of each of the 32 symbols, and the symbol of each check value (empty: draw again). */
const values = Uint8Array.from(crockford, (symbol) => mod37.indexOf(symbol));
const checkSymbols = Array.from({ length: 37 }, (_, value) => {
  const symbol = mod37.charAt(value);
  return crockford.includes(symbol) ? symbol : '';
});

/** One serial of ours. `randomBytes` is asked for 12 bytes, again while the check character cannot be printed. */
export function drawSerial(randomBytes: RandomBytes): Serial {
  for (;;) {
    const serial = serialFrom(randomBytes(randomSymbols), 0);
    if (serial !== null) return serial;
  }
}

/**
 * `count` distinct serials of ours, in the order drawn. Asks `randomBytes` for at most 64 KiB at a time. Serials
 * of earlier calls are unknown here; whoever issues them keeps them unique within their GTIN.
 */
export function drawSerials(count: number, randomBytes: RandomBytes): Serial[] {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new RangeError('count is a whole number, not negative');
  const drawn = new Set<Serial>();
  while (drawn.size < count) {
    const wanted = Math.ceil((count - drawn.size) * 1.2) * randomSymbols;
    const size = Math.min(wanted, bytesPerAsk - (bytesPerAsk % randomSymbols));
    const bytes = randomBytes(size);
    for (let at = 0; at < size && drawn.size < count; at += randomSymbols) {
      const serial = serialFrom(bytes, at);
      if (serial !== null) drawn.add(serial);
    }
  }
  return [...drawn];
}

/** The serial of twelve random bytes, five bits of each; null when its check character cannot be printed. */
function serialFrom(bytes: Uint8Array, at: number): Serial | null {
  let text = '';
  let p = 0;
  for (let i = at; i < at + randomSymbols; i++) {
    const byte = bytes[i];
    if (byte === undefined) throw new RangeError('randomBytes gave fewer bytes than asked for');
    const symbol = byte & 31;
    text += crockford.charAt(symbol);
    p = ((p + (values[symbol] ?? 0)) * 2) % 37;
  }
  const check = checkSymbols[(38 - p) % 37];
  return check ? ((text + check) as Serial) : null;
}

/**
 * Whether a serial has the shape of ours and its check character fits. Ask only of lots that were issued with our
 * serials; manufacturers' own serials carry no check character.
 */
export function hasValidCheck(serial: string): boolean {
  if (!ownShape.test(serial)) return false;
  let p = 0;
  for (const symbol of serial.slice(0, randomSymbols)) p = ((p + mod37.indexOf(symbol)) * 2) % 37;
  return mod37.indexOf(serial.charAt(randomSymbols)) === (38 - p) % 37;
}

/** A manufacturer's own serial. */
export interface OwnSerial {
  readonly serial: Serial;
  /**
   * Whether who has seen one serial can likely name another: it has fewer than ten letters and digits (hyphens
   * aside), or ends in four digits or more, which is how counters look. A warning, no refusal.
   */
  readonly guessable: boolean;
}

/** A serial a manufacturer brings: 1 to 20 of `0-9A-Z-`, so that the QR stays small. Fault: `invalid-serial`. */
export function parseOwnSerial(text: string): Result<OwnSerial> {
  if (!/^[0-9A-Z-]{1,20}$/.test(text)) {
    return fault(
      'invalid-serial',
      'A serial of your own has 1 to 20 characters of 0-9, A-Z and hyphen; use capitals.',
    );
  }
  const symbols = text.replaceAll('-', '');
  const guessable = symbols.length < 10 || /[0-9]{4}$/.test(symbols);
  return ok({ serial: text as Serial, guessable });
}

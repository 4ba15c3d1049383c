/**
 * Ids of ours: 16 symbols of Crockford base32 (0–9, A–Z without I, L, O, U), 80 random bits. They say nothing of
 * what they name, so a fact that is shown with a party's id alone does not show the party.
 *
 * Format: ten bytes as one big-endian number, five bits a symbol, most significant first
 * (Crockford, "Base 32 Encoding"). Example: 00 44 32 14 C7 42 54 B6 35 CF → 01234567 89ABCDEF.
 */
import { fault, ok, type Result } from '../errors.ts';
import type { PartyId, PlaceId } from './events/hop.ts';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** JSON Schema pattern of an id. */
export const opaqueIdPattern = '^[0-9A-HJKMNP-TV-Z]{16}$';
const shape = new RegExp(opaqueIdPattern);
/** Whether a text has the form of an id. */
export const isOpaqueId = (text: string): boolean => shape.test(text);
export const opaqueIdBytes = 10;

/** The id of ten bytes, which a cryptographic generator has drawn. */
export function opaqueId(bytes: Uint8Array): string {
  if (bytes.length !== opaqueIdBytes) throw new RangeError(`an id is made of ${opaqueIdBytes} bytes`);
  let id = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      id += crockford.charAt((bits >> held) & 31);
    }
    bits &= (1 << held) - 1;
  }
  return id;
}

/** A party id as people copy it, in either case. Fault: `invalid-identifier`. */
export function parsePartyId(text: string): Result<PartyId> {
  const id = text.trim().toUpperCase();
  return isOpaqueId(id)
    ? ok(id as PartyId)
    : fault(
        'invalid-identifier',
        'The id of a party has 16 letters and digits without I, L, O, U; copy it whole.',
      );
}

/** The canonical form of a place that has no GLN. Throws when `id` is no id. */
export function ownPlace(id: string): PlaceId {
  if (!isOpaqueId(id)) throw new TypeError('not an id');
  return `place/${id}` as PlaceId;
}

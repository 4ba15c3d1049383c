/**
 * The hash chain of one identifier (unit, lot, container, place) through the entries that name it.
 *
 *   link₀ = SHA-256(0x07 ‖ canonical identifier)
 *   linkₙ = SHA-256(0x02 ‖ linkₙ₋₁ ‖ leaf hash of the n-th entry that names it)
 *
 * An entry names the distinct union of the identifiers in its EPC lists, `parentID` and quantity lists, and
 * adds one link for each.
 *
 * Worked example, `00/106141412345678908` (21 ASCII characters) named by the entry of the example of entry.ts:
 *   link₀ = H7SkfkeCHkI2fZ1IPs5-dCAMDGsEPgmg4Qb1Dj9LVV0
 *   link₁ = no7t0JEyHE4vp6IwWx9X5WF4ArWl4zGeZbRsP6MUDqA
 */
import { sha256 } from './merkle.ts';

/** link₀ of an identifier, before any entry names it. */
export const firstLink = (epc: string): Buffer => sha256(`\x07${epc}`);

const input = Buffer.alloc(65);
input[0] = 0x02;

/** The link that an entry adds. */
export function nextLink(previous: Uint8Array, leaf: Uint8Array): Buffer {
  input.set(previous, 1);
  input.set(leaf, 33);
  return sha256(input);
}

/**
 * What an identifier names, and its one canonical spelling: the path of a GS1 Digital Link URI without host.
 *
 * Format: GS1 Digital Link Standard: URI Syntax, §4 (primary keys 00, 01, 414, 417 and their qualifiers 10, 21,
 * 254), values percent-encoded as `gs1-text.ts` says. A place without GLN is `place/{id}`, a path of ours.
 *
 * | type      | canonical path                    |
 * |-----------|-----------------------------------|
 * | unit      | `01/06901234567892/21/7ZK3QW9D5TB1` |
 * | lot       | `01/06901234567892/10/L2025-07`     |
 * | product   | `01/06901234567892`                 |
 * | container | `00/069012345678900019`             |
 * | place     | `414/6901234567892/254/W2`, `place/7ZK3QW9D5TB1M0AB` |
 * | party     | `417/6901234567892`                 |
 */
import { fault, ok, type Result } from '../../errors.ts';
import type { Epc, PlaceId } from '../events/hop.ts';
import { isOpaqueId, ownPlace } from '../opaque-id.ts';
import type { Gln, Gtin, Sscc } from './gs1-keys.ts';
import { type Extension, encodeComponent, type Lot, type Serial } from './gs1-text.ts';

export interface UnitIdentifier {
  readonly type: 'unit';
  readonly gtin: Gtin;
  readonly serial: Serial;
  readonly epc: Epc;
}
export interface LotIdentifier {
  readonly type: 'lot';
  readonly gtin: Gtin;
  readonly lot: Lot;
  readonly epc: Epc;
}
export interface ProductIdentifier {
  readonly type: 'product';
  readonly gtin: Gtin;
  readonly epc: Epc;
}
export interface ContainerIdentifier {
  readonly type: 'container';
  readonly sscc: Sscc;
  readonly epc: Epc;
}
export interface PlaceIdentifier {
  readonly type: 'place';
  readonly epc: PlaceId;
  readonly gln?: Gln;
  readonly extension?: Extension;
}
export interface PartyIdentifier {
  readonly type: 'party';
  readonly gln: Gln;
  readonly epc: Epc;
}
export type Identifier =
  | UnitIdentifier
  | LotIdentifier
  | ProductIdentifier
  | ContainerIdentifier
  | PlaceIdentifier
  | PartyIdentifier;

/** Canonical path of a unit: `01/{GTIN}/21/{serial}`. */
export const formatUnit = (gtin: Gtin, serial: Serial): Epc =>
  `01/${gtin}/21/${encodeComponent(serial)}` as Epc;
/** Canonical path of a lot: `01/{GTIN}/10/{lot}`. */
export const formatLot = (gtin: Gtin, lot: Lot): Epc => `01/${gtin}/10/${encodeComponent(lot)}` as Epc;
/** Canonical path of a product: `01/{GTIN}`. */
export const formatProduct = (gtin: Gtin): Epc => `01/${gtin}` as Epc;
/** Canonical path of a container: `00/{SSCC}`. */
export const formatContainer = (sscc: Sscc): Epc => `00/${sscc}` as Epc;
/** Canonical path of a place with a GLN: `414/{GLN}` or `414/{GLN}/254/{extension}`. */
export const formatPlace = (gln: Gln, extension?: Extension): PlaceId =>
  (extension === undefined ? `414/${gln}` : `414/${gln}/254/${encodeComponent(extension)}`) as PlaceId;

/** GTIN of a unit, lot or product in canonical form; empty for what has none. */
export const gtinIn = (epc: string): string =>
  epc.startsWith('01/') ? epc.slice('01/'.length, '01/'.length + 14) : '';

/** What kind of thing a canonical path names; null for what is not a thing. */
export function thingIn(epc: string): 'unit' | 'lot' | 'container' | null {
  if (epc.startsWith('00/')) return 'container';
  const qualifier = epc.startsWith('01/') ? epc.slice('01/'.length + 14, '01/'.length + 18) : '';
  return qualifier === '/21/' ? 'unit' : qualifier === '/10/' ? 'lot' : null;
}

export const unit = (gtin: Gtin, serial: Serial): UnitIdentifier => ({
  type: 'unit',
  gtin,
  serial,
  epc: formatUnit(gtin, serial),
});
export const lot = (gtin: Gtin, lot: Lot): LotIdentifier => ({
  type: 'lot',
  gtin,
  lot,
  epc: formatLot(gtin, lot),
});
export const product = (gtin: Gtin): ProductIdentifier => ({
  type: 'product',
  gtin,
  epc: formatProduct(gtin),
});
export const container = (sscc: Sscc): ContainerIdentifier => ({
  type: 'container',
  sscc,
  epc: formatContainer(sscc),
});
export const place = (gln: Gln, extension?: Extension): PlaceIdentifier =>
  extension === undefined
    ? { type: 'place', gln, epc: formatPlace(gln) }
    : { type: 'place', gln, extension, epc: formatPlace(gln, extension) };
export const party = (gln: Gln): PartyIdentifier => ({ type: 'party', gln, epc: `417/${gln}` as Epc });

/** A place named by our own id, which people may type in lower case: `place/{id}`. Fault: `invalid-identifier`. */
export function parseOwnPlace(id: string): Result<PlaceIdentifier> {
  const symbols = id.toUpperCase();
  if (!isOpaqueId(symbols)) {
    return fault(
      'invalid-identifier',
      'The id of a place has 16 letters and digits without I, L, O, U; copy it whole.',
    );
  }
  return ok({ type: 'place', epc: ownPlace(symbols) });
}

/** Things in hops of the API, read into canonical form; what cannot be read is noted and left out. */

import type { Epc } from '../../core/events/hop.ts';
import type { DifferenceFound, Goods, LotQuantity } from '../../core/events/resolved-hop.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import { isUom, parseAmount, parseQuantity, pieces } from '../../core/quantity.ts';
import { fault, ok, type Result } from '../../errors.ts';
import type { Faults } from './faults.ts';

interface LotInput {
  readonly lot: string;
  readonly quantity?: string;
  readonly uom?: string;
}
export interface GoodsInput {
  readonly epcs?: readonly string[];
  readonly lots?: readonly LotInput[];
}
type DifferenceInput =
  | { readonly type: 'instance'; readonly epc: string; readonly found: boolean }
  | {
      readonly type: 'quantity';
      readonly lot: string;
      readonly uom: string;
      readonly expected: string;
      readonly found: string;
    };

/** A unit, container or lot in any spelling. */
function parseThing(text: string): Result<Epc> {
  const identifier = parseIdentifier(text);
  if (!identifier.ok) return identifier;
  switch (identifier.value.type) {
    case 'unit':
    case 'container':
    case 'lot':
      return ok(identifier.value.epc);
    case 'product':
      return fault('invalid-identifier', 'This names a product, not one piece of it; add serial or lot.');
    case 'place':
    case 'party':
      return fault('invalid-identifier', 'This names a place or party; name a unit, container or lot here.');
  }
}

export const readThing = (text: string, pointer: string, faults: Faults): Epc | null =>
  faults.take(pointer, parseThing(text));

export function readGoods({ epcs = [], lots = [] }: GoodsInput, pointer: string, faults: Faults): Goods {
  const read: Epc[] = [];
  for (let i = 0; i < epcs.length; i++) {
    const result = parseThing(epcs[i] ?? '');
    if (result.ok) read.push(result.value);
    else faults.add(`${pointer}/epcs/${i}`, result);
  }
  return {
    epcs: read,
    lots: lots.flatMap((lot, i) => readLot(lot, `${pointer}/lots/${i}`, faults) ?? []),
  };
}

/** So much of a lot; without a quantity, the lot as a whole. */
export function readLot(
  { lot, quantity, uom }: LotInput,
  pointer: string,
  faults: Faults,
): LotQuantity | null {
  const epc = readThing(lot, `${pointer}/lot`, faults);
  if (quantity === undefined) return epc === null ? null : { lot: epc, amount: null, uom: pieces };
  const amount = readAmount(quantity, uom ?? pieces, `${pointer}/quantity`, faults);
  return epc === null || amount === null ? null : { lot: epc, ...amount };
}

function readAmount(
  quantity: string,
  uom: string,
  pointer: string,
  faults: Faults,
  parse: typeof parseQuantity = parseQuantity,
) {
  const amount = faults.take(pointer, parse(quantity, uom));
  return amount === null || !isUom(uom) ? null : { amount, uom };
}

export function readDifference(it: DifferenceInput, pointer: string, faults: Faults): DifferenceFound | null {
  switch (it.type) {
    case 'instance': {
      const epc = readThing(it.epc, `${pointer}/epc`, faults);
      return epc && { type: 'instance', epc, found: it.found };
    }
    case 'quantity': {
      const lot = readThing(it.lot, `${pointer}/lot`, faults);
      // None may have come, or none may have been expected.
      const expected = readAmount(it.expected, it.uom, `${pointer}/expected`, faults, parseAmount);
      const found = readAmount(it.found, it.uom, `${pointer}/found`, faults, parseAmount);
      if (lot === null || expected === null || found === null) return null;
      return { type: 'quantity', lot, expected: expected.amount, found: found.amount, uom: found.uom };
    }
  }
}

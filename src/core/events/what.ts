/**
 * The what-dimension of events: goods as EPCIS lists. Lists are distinct (`hop-check.ts`) and sorted by code
 * points; lots stand as EPC classes with a decimal quantity (EPCIS 2.0 §7.3.3).
 *
 *   asObjects({ epcs: [], lots: [{ lot: '01/…/10/L1', amount: 12_500_000n, uom: 'MTR' }] })
 *     →  { quantityList: [{ epcClass: '01/…/10/L1', quantity: '12.5', uom: 'MTR' }] }
 */

import { formatQuantity, pieces } from '../quantity.ts';
import { compareCodePoints } from '../text/canonical.ts';
import type { EpcisEvent, QuantityElement, Writable } from './epcis.ts';
import type { Goods, LotQuantity } from './resolved-hop.ts';

export function asObjects({ epcs, lots }: Goods): Pick<EpcisEvent, 'epcList' | 'quantityList'> {
  const what: Writable<Pick<EpcisEvent, 'epcList' | 'quantityList'>> = {};
  if (epcs.length > 0) what.epcList = sorted(epcs);
  if (lots.length > 0) what.quantityList = quantities(lots);
  return what;
}

export function asChildren({ epcs, lots }: Goods): Pick<EpcisEvent, 'childEPCs' | 'childQuantityList'> {
  const what: Writable<Pick<EpcisEvent, 'childEPCs' | 'childQuantityList'>> = {};
  if (epcs.length > 0) what.childEPCs = sorted(epcs);
  if (lots.length > 0) what.childQuantityList = quantities(lots);
  return what;
}

export function asInput({ epcs, lots }: Goods): Pick<EpcisEvent, 'inputEPCList' | 'inputQuantityList'> {
  const what: Writable<Pick<EpcisEvent, 'inputEPCList' | 'inputQuantityList'>> = {};
  if (epcs.length > 0) what.inputEPCList = sorted(epcs);
  if (lots.length > 0) what.inputQuantityList = quantities(lots);
  return what;
}

export function asOutput({ epcs, lots }: Goods): Pick<EpcisEvent, 'outputEPCList' | 'outputQuantityList'> {
  const what: Writable<Pick<EpcisEvent, 'outputEPCList' | 'outputQuantityList'>> = {};
  if (epcs.length > 0) what.outputEPCList = sorted(epcs);
  if (lots.length > 0) what.outputQuantityList = quantities(lots);
  return what;
}

const sorted = (epcs: readonly string[]): string[] =>
  epcs.length > 1 ? [...epcs].sort(compareCodePoints) : [...epcs];

const quantities = (lots: readonly LotQuantity[]): QuantityElement[] =>
  [...lots].sort((a, b) => compareCodePoints(a.lot, b.lot)).map(quantity);

function quantity({ lot, amount, uom }: LotQuantity): QuantityElement {
  if (amount === null) return { epcClass: lot };
  const element = { epcClass: lot, quantity: formatQuantity(amount) };
  return uom === pieces ? element : { ...element, uom };
}

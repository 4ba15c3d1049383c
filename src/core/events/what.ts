/**
 * The what-dimension of events: goods as EPCIS lists. Lists are distinct (`hop-check.ts`) and sorted by code
 * points; lots stand as EPC classes with a decimal quantity (EPCIS 2.0 §7.3.3).
 *
 *   asObjects({ epcs: [], lots: [{ lot: '01/…/10/L1', amount: 12_500_000n, uom: 'MTR' }] })
 *     →  { quantityList: [{ epcClass: '01/…/10/L1', quantity: '12.5', uom: 'MTR' }] }
 */

import { formatQuantity, pieces } from '../quantity.ts';
import { compareCodePoints } from '../text/canonical.ts';
import type { EpcisEvent, QuantityElement } from './epcis.ts';
import type { Goods, LotQuantity } from './resolved-hop.ts';

export const asObjects = (goods: Goods): Pick<EpcisEvent, 'epcList' | 'quantityList'> => ({
  ...(goods.epcs.length > 0 ? { epcList: sorted(goods.epcs) } : {}),
  ...(goods.lots.length > 0 ? { quantityList: quantities(goods.lots) } : {}),
});

export const asChildren = (goods: Goods): Pick<EpcisEvent, 'childEPCs' | 'childQuantityList'> => ({
  ...(goods.epcs.length > 0 ? { childEPCs: sorted(goods.epcs) } : {}),
  ...(goods.lots.length > 0 ? { childQuantityList: quantities(goods.lots) } : {}),
});

export const asInput = (goods: Goods): Pick<EpcisEvent, 'inputEPCList' | 'inputQuantityList'> => ({
  ...(goods.epcs.length > 0 ? { inputEPCList: sorted(goods.epcs) } : {}),
  ...(goods.lots.length > 0 ? { inputQuantityList: quantities(goods.lots) } : {}),
});

export const asOutput = (goods: Goods): Pick<EpcisEvent, 'outputEPCList' | 'outputQuantityList'> => ({
  ...(goods.epcs.length > 0 ? { outputEPCList: sorted(goods.epcs) } : {}),
  ...(goods.lots.length > 0 ? { outputQuantityList: quantities(goods.lots) } : {}),
});

const sorted = (epcs: readonly string[]): string[] => [...epcs].sort(compareCodePoints);

const quantities = (lots: readonly LotQuantity[]): QuantityElement[] =>
  [...lots].sort((a, b) => compareCodePoints(a.lot, b.lot)).map(quantity);

function quantity({ lot, amount, uom }: LotQuantity): QuantityElement {
  if (amount === null) return { epcClass: lot };
  const element = { epcClass: lot, quantity: formatQuantity(amount) };
  return uom === pieces ? element : { ...element, uom };
}

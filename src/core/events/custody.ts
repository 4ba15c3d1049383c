/**
 * Who gives and who takes in a hop, and what EPCIS says of it: `possessing_party` for custody, `owning_party`
 * where title passes too, `location` for where from and where to (EPCIS 2.0 §7.3.5.4, CBV 2.0 §7.4).
 *
 *   ship as a sale from M at W1 to D  →  sources location W1, owning_party M, possessing_party M;
 *                                        destinations owning_party D, possessing_party D
 *
 * A document bears the name of the party that numbered it, so that both halves of a movement cite one document.
 */
import { compareCodePoints } from '../text/canonical.ts';
import {
  type BizTransaction,
  type Destination,
  type DocumentType,
  documentPath,
  type EpcisEvent,
  partyPath,
  type Source,
} from './epcis.ts';
import type { PartyId, PlaceId } from './hop.ts';
import type { PlainHop } from './resolved-hop.ts';

export interface Custody {
  readonly giver: PartyId | null;
  readonly taker: PartyId | null;
  readonly fromPlace: PlaceId | null;
  readonly toPlace: PlaceId | null;
  /** Title passes with custody. */
  readonly title: boolean;
}

/** Nobody gives and nobody takes. */
export const stays: Custody = { giver: null, taker: null, fromPlace: null, toPlace: null, title: false };

export function custodyOf(hop: PlainHop): Custody {
  switch (hop.hop) {
    case 'ship':
      return given(hop.recorder, hop.to, hop.place, hop.toPlace, hop.transfer === 'sale');
    case 'receive':
      return given(hop.from, hop.recorder, hop.fromPlace, null, false);
    case 'return':
      return hop.direction === 'out'
        ? given(hop.recorder, hop.party, hop.place, hop.partyPlace, hop.transfer === 'sale')
        : given(hop.party, hop.recorder, hop.partyPlace, null, hop.transfer === 'sale');
    case 'sell':
      return given(hop.recorder, hop.to, null, null, true);
    case 'inspect':
      return hop.sampling === 'sample' ? given(hop.from, hop.recorder, null, null, false) : stays;
    case 'seize':
      return given(hop.from, hop.recorder, null, null, false);
    case 'lift':
      return hop.to === null ? stays : given(hop.recorder, hop.to, null, null, false);
    case 'produce':
    case 'release':
    case 'pack':
    case 'unpack':
    case 'cancel':
    case 'install':
    case 'remove':
    case 'replace':
    case 'maintain':
    case 'refill':
    case 'transform':
    case 'split':
    case 'hold':
    case 'scrap':
    case 'destroy':
    case 'adopt':
    case 'relabel':
      return stays;
  }
}

const given = (
  giver: PartyId | null,
  taker: PartyId | null,
  fromPlace: PlaceId | null,
  toPlace: PlaceId | null,
  title: boolean,
): Custody => ({ giver, taker, fromPlace, toPlace, title });

export function sources({ giver, fromPlace, title }: Custody): Pick<EpcisEvent, 'sourceList'> {
  const sourceList: Source[] = [];
  if (fromPlace !== null) sourceList.push({ type: 'location', source: fromPlace });
  if (giver !== null && title) sourceList.push({ type: 'owning_party', source: partyPath(giver) });
  if (giver !== null) sourceList.push({ type: 'possessing_party', source: partyPath(giver) });
  return sourceList.length === 0 ? {} : { sourceList };
}

export function destinations({ taker, toPlace, title }: Custody): Pick<EpcisEvent, 'destinationList'> {
  const destinationList: Destination[] = [];
  if (toPlace !== null) destinationList.push({ type: 'location', destination: toPlace });
  if (taker !== null && title) destinationList.push({ type: 'owning_party', destination: partyPath(taker) });
  if (taker !== null) destinationList.push({ type: 'possessing_party', destination: partyPath(taker) });
  return destinationList.length === 0 ? {} : { destinationList };
}

export function documents(hop: PlainHop, custody: Custody): Pick<EpcisEvent, 'bizTransactionList'> {
  const paths = new Map<string, BizTransaction>();
  for (const { type, number } of hop.documents) {
    const bizTransaction = documentPath(issuerOf(type, custody) ?? hop.recorder, type, number);
    paths.set(bizTransaction, { type, bizTransaction });
  }
  const bizTransactionList = [...paths.values()].sort((a, b) =>
    compareCodePoints(a.bizTransaction, b.bizTransaction),
  );
  return bizTransactionList.length === 0 ? {} : { bizTransactionList };
}

/** Whose number a document bears; null for the recorder's own. */
function issuerOf(type: DocumentType, { giver, taker }: Custody): PartyId | null {
  switch (type) {
    case 'bol':
    case 'desadv':
    case 'inv':
    case 'poc':
      return giver;
    case 'po':
    case 'recadv':
    case 'rma':
      return taker;
    case 'cert':
    case 'pedigree':
    case 'prodorder':
    case 'testprd':
    case 'testres':
    case 'upevt':
      return null;
  }
}

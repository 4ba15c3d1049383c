/**
 * The words of CBV 2.0 (§7.1 business steps, §7.2 dispositions, §7.3 transactions, §7.4 sources and destinations, §7.5
 * error reasons), and the spellings they come in. In a fact a word of the standard is bare; whose word is another's
 * stays a URI.
 *
 *   bareWord('step', 'https://ref.gs1.org/cbv/BizStep-shipping')  →  shipping
 *   bareWord('step', 'urn:epcglobal:cbv:bizstep:shipping')        →  shipping   (CBV 1.x)
 *   bareWord('step', 'https://acme.example/voc/polishing')        →  as it is
 *   bareWord('step', 'polishing')                                 →  null: no such word
 */
import { documentTypes } from './epcis.ts';

const listed = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const cbvWords = {
  step: listed(`
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping`),
  disposition: listed(`
    active available completeness_inferred completeness_verified conformant container_closed container_open damaged
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
    recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown`),
  transaction: new Set<string>(documentTypes),
  party: listed('location owning_party possessing_party'),
  reason: listed('did_not_occur incorrect_data'),
} as const satisfies Record<string, ReadonlySet<string>>;

export type CbvKind = keyof typeof cbvWords;

/** How the web vocabulary and the URNs of CBV 1.x call a kind. */
const homes: Readonly<Record<CbvKind, readonly [web: string, urn: string]>> = {
  step: ['BizStep', 'bizstep'],
  disposition: ['Disp', 'disp'],
  transaction: ['BTT', 'btt'],
  party: ['SDT', 'sdt'],
  reason: ['ER', 'er'],
};

/** Before a word of the standard, where it is written as a URI. */
export const webHome = (kind: CbvKind): string => `https://ref.gs1.org/cbv/${homes[kind][0]}-`;
export const urnHome = (kind: CbvKind): string => `urn:epcglobal:cbv:${homes[kind][1]}:`;

/** A word as it stands in a fact; null when it is neither of the standard nor a URI. */
export function bareWord(kind: CbvKind, text: string): string | null {
  const starts = [webHome(kind), urnHome(kind), `cbv:${homes[kind][0]}-`];
  const start = starts.find((it) => text.startsWith(it));
  const word = start === undefined ? text : text.slice(start.length);
  if (cbvWords[kind].has(word)) return word;
  return start === undefined && text.includes(':') ? text : null;
}

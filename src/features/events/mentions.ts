/** What hops in API form name: parties, places and other events, each with where it stands; and how many things. */
import type { PartyReference } from '../parties/references.ts';
import type { Hop } from './schemas.ts';

export interface Mention<T> {
  /** JSON Pointer into the request. */
  readonly pointer: string;
  readonly value: T;
}

export interface Mentions {
  readonly parties: readonly Mention<PartyReference>[];
  readonly places: readonly Mention<string>[];
  /** eventIDs. */
  readonly events: readonly Mention<string>[];
  /** Lots of which a making is recorded. */
  readonly lots: readonly Mention<string>[];
}

export function mentionsOf(hops: readonly Hop[]): Mentions {
  const found: Found = { parties: [], places: [], events: [], lots: [] };
  for (let i = 0; i < hops.length; i++) {
    const hop = hops[i];
    if (hop !== undefined) look(hop, `/hops/${i}`, found);
  }
  return found;
}

type Found = { readonly [name in keyof Mentions]: Mentions[name][number][] };

function look(hop: Hop, at: string, found: Found): void {
  const { parties, places } = found;
  if ('to' in hop) note(parties, at, 'to', hop.to);
  if ('from' in hop) note(parties, at, 'from', hop.from);
  if ('party' in hop) note(parties, at, 'party', hop.party);
  if ('place' in hop) note(places, at, 'place', hop.place);
  if ('toPlace' in hop) note(places, at, 'toPlace', hop.toPlace);
  if ('fromPlace' in hop) note(places, at, 'fromPlace', hop.fromPlace);
  if ('partyPlace' in hop) note(places, at, 'partyPlace', hop.partyPlace);
  if ('factory' in hop) note(places, at, 'factory', hop.factory);
  if ('event' in hop) note(found.events, at, 'event', hop.event);
  if (hop.hop === 'produce')
    for (const [i, { lot }] of (hop.lots ?? []).entries()) note(found.lots, at, `lots/${i}/lot`, lot);
  if (hop.hop === 'correct' && hop.replacement) look(hop.replacement, `${at}/replacement`, found);
}

function note<T>(list: Mention<T>[], at: string, name: string, value: T | undefined): void {
  if (value !== undefined) list.push({ pointer: `${at}/${name}`, value });
}

interface GoodsInput {
  readonly epcs?: readonly string[];
  readonly lots?: readonly unknown[];
}
const sizeOf = ({ epcs, lots }: GoodsInput): number => (epcs?.length ?? 0) + (lots?.length ?? 0);

/** How many identifiers of things a hop names. */
export function countThings(hop: Hop): number {
  switch (hop.hop) {
    case 'void':
      return 0;
    case 'correct':
      return hop.replacement === undefined ? 0 : countThings(hop.replacement);
    case 'pack':
    case 'unpack':
      return 1 + sizeOf(hop);
    case 'replace':
      return sizeOf(hop.removed) + sizeOf(hop.installed);
    case 'transform':
      return sizeOf(hop.inputs) + sizeOf(hop.outputs);
    case 'split':
      return 1 + sizeOf(hop.cuts);
    case 'relabel':
      return 2 * hop.pairs.length;
    case 'maintain':
    case 'refill':
      return sizeOf(hop) + sizeOf(hop.parts ?? {});
    case 'produce':
    case 'release':
    case 'ship':
    case 'cancel':
    case 'receive':
    case 'sell':
    case 'install':
    case 'remove':
    case 'inspect':
    case 'hold':
    case 'seize':
    case 'lift':
    case 'return':
    case 'scrap':
    case 'destroy':
    case 'adopt':
      return sizeOf(hop);
  }
}

/** How many events a hop becomes; it follows from what was sent alone. */
export function countEvents(hop: Hop): number {
  switch (hop.hop) {
    case 'replace':
      return 2;
    case 'relabel':
      return 2 * hop.pairs.length;
    case 'maintain':
    case 'refill':
      return sizeOf(hop.parts ?? {}) > 0 ? 2 : 1;
    case 'correct':
      return 1 + (hop.replacement === undefined ? 0 : countEvents(hop.replacement));
    default:
      return 1;
  }
}

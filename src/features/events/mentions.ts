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

const partyMembers = ['to', 'from', 'party'] as const;
const placeMembers = ['place', 'toPlace', 'fromPlace', 'partyPlace', 'factory'] as const;

export function mentionsOf(hops: readonly Hop[]): Mentions {
  const parties: Mention<PartyReference>[] = [];
  const places: Mention<string>[] = [];
  const events: Mention<string>[] = [];
  const lots: Mention<string>[] = [];
  const look = (hop: Hop, at: string): void => {
    const members = new Map<string, unknown>(Object.entries(hop));
    for (const name of partyMembers) {
      const value = partyIn(hop, name);
      if (value !== undefined) parties.push({ pointer: `${at}/${name}`, value });
    }
    for (const name of placeMembers) {
      const value = members.get(name);
      if (typeof value === 'string') places.push({ pointer: `${at}/${name}`, value });
    }
    if ('event' in hop && hop.event !== undefined) events.push({ pointer: `${at}/event`, value: hop.event });
    if (hop.hop === 'produce')
      for (const [i, { lot }] of (hop.lots ?? []).entries())
        lots.push({ pointer: `${at}/lots/${i}/lot`, value: lot });
    if (hop.hop === 'correct' && hop.replacement) look(hop.replacement, `${at}/replacement`);
  };
  for (const [i, hop] of hops.entries()) look(hop, `/hops/${i}`);
  return { parties, places, events, lots };
}

function partyIn(hop: Hop, name: (typeof partyMembers)[number]): PartyReference | undefined {
  switch (name) {
    case 'to':
      return 'to' in hop ? hop.to : undefined;
    case 'from':
      return 'from' in hop ? hop.from : undefined;
    case 'party':
      return 'party' in hop ? hop.party : undefined;
  }
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

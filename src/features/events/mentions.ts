/** What hops in API form name: parties, places, other events and lots; and how many things. */
import type { PartyReference } from '../parties/references.ts';
import type { Hop } from './schemas.ts';

/** As they were sent, one as often as it is named. */
interface Mentions {
  readonly parties: PartyReference[];
  readonly places: string[];
  /** eventIDs. */
  readonly events: string[];
  /** Lots of which a making is recorded. */
  readonly lots: string[];
}

export function mentionsOf(hops: readonly Hop[]): Mentions {
  const found: Mentions = { parties: [], places: [], events: [], lots: [] };
  for (const hop of hops) look(hop, found);
  return found;
}

function look(hop: Hop, found: Mentions): void {
  const { parties, places, events, lots } = found;
  if ('to' in hop) note(parties, hop.to);
  if ('from' in hop) note(parties, hop.from);
  if ('party' in hop) note(parties, hop.party);
  if ('place' in hop) note(places, hop.place);
  if ('toPlace' in hop) note(places, hop.toPlace);
  if ('fromPlace' in hop) note(places, hop.fromPlace);
  if ('partyPlace' in hop) note(places, hop.partyPlace);
  if ('factory' in hop) note(places, hop.factory);
  if ('event' in hop) note(events, hop.event);
  if (hop.hop === 'produce') for (const { lot } of hop.lots ?? []) lots.push(lot);
  if (hop.hop === 'correct' && hop.replacement) look(hop.replacement, found);
}

function note<T>(list: T[], value: T | undefined): void {
  if (value !== undefined) list.push(value);
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

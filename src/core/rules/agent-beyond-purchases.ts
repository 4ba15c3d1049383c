/**
 * Agent beyond purchases: a firm put more of an extinguishing agent into what it refilled and maintained than it ever got.
 * Agent is any product by mass or volume that is put into things as a part. `lot-quantity-exceeded` says it lot by lot;
 * this is about the product, whatever lots the firm wrote down, and leaves room for what scales differ.
 *
 *     found when used > had · (1 + agent-excess-percent / 100), at each use beyond it
 *
 *   used   put into things by the firm, by the entries up to that use
 *   had    what the firm made of it, and got: of each lot what it recorded as received or what others recorded as shipped
 *          or sold to it, whichever is more; that had happened by the time of the use, however late it was recorded; less
 *          what the firm passed on, made into something else or did away with by the entries up to that use
 *
 * What was taken back counts for nothing. A firm of which no purchase is recorded at all is not found: it is not known to
 * have bought too little, its purchases are not known. Amounts are grains (measures.ts). Agent in drums that
 * are units counts once it is split out of them.
 *
 * Example: F receives 20 kg of powder (1) and refills three things with 8 kg each (2, 3, 4). After the second it used 16 kg,
 * after the third 24 kg, more than 22: found [1, 4]; the case is F's.
 */
import { fitsIn, type HopRecord, type PartyId, type Position, reportsGiving } from '../events/hop.ts';
import { leading } from '../halving.ts';
import { half } from '../life/history.ts';
import type { FoundBy } from './rule.ts';
import type { AgentSum, Goods } from './thing.ts';

export const agentRules = {
  'agent-beyond-purchases': {
    version: 1,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'data-error',
    thresholds: ['agent-excess-percent'],
    zh: '维修机构充装所用灭火剂多于其购入。',
    en: 'The firm used more agent for refills than it bought.',
  },
} as const;

type Found = FoundBy<'agent-beyond-purchases'>;

/** What a movement is to a party: put in, recorded as received, recorded by others as sent to it, made, or gone. */
type Way = 'used' | 'received' | 'sent' | 'made' | 'gone';

/** What a hop does to the agent of a party; taken back where `back`. */
export interface AgentMove {
  readonly party: PartyId;
  readonly way: Way;
  readonly back: boolean;
}

/** What a hop does with agent in a position; of a cancellation `cancelled` is who was to take the shipment. */
export function agentMovesIn(hop: HopRecord, position: Position, cancelled: PartyId | null): AgentMove[] {
  const { recorder, taker, note } = hop;
  const own = (way: Way, back = false): AgentMove => ({ party: recorder, way, back });
  const sent = (to: PartyId | null, back = false): AgentMove[] =>
    to === null ? [] : [{ party: to, way: 'sent', back }];
  if (reportsGiving(hop)) return [];
  switch (hop.hop) {
    case 'produce':
    case 'adopt':
      return [own('made')];
    case 'transform':
    case 'split':
      return [own(position === 'output' ? 'made' : 'gone')];
    case 'relabel':
      return [own(note === 'new' ? 'made' : 'gone')];
    case 'ship':
    case 'sell':
      return [own('gone'), ...sent(taker)];
    case 'cancel':
      return [own('gone', true), ...sent(cancelled, true)];
    case 'receive':
      return [own('received')];
    case 'return':
      return half(hop) === 'taking' ? [own('received')] : [own('gone'), ...sent(taker)];
    case 'refill':
    case 'maintain':
    case 'replace':
      return fitsIn(hop) ? [own('used')] : [];
    case 'inspect':
      return note === null ? [] : [own('gone')];
    case 'install':
    case 'scrap':
    case 'destroy':
      return [own('gone')];
    case 'release':
    case 'pack':
    case 'unpack':
    case 'remove':
    case 'hold':
    case 'seize':
    case 'lift':
    case 'correct':
    case 'void':
      return [];
  }
}

/** A movement of one agent of one party. */
export interface AgentEntry {
  readonly seq: number;
  /** When it happened at the earliest, ms since the epoch. */
  readonly from: number;
  readonly lot: number;
  readonly way: Way;
  /** Below zero where it was cancelled. */
  readonly amount: bigint;
}

interface Came {
  readonly from: number;
  readonly seq: number;
  readonly sum: bigint;
}
interface Went {
  readonly seq: number;
  readonly used: bigint;
  readonly gone: bigint;
}

/** The book of one agent of one party. */
export interface AgentBook {
  /** Enters a movement; they come in order of seq. */
  enter(entry: AgentEntry): void;
  /** What it had and used at a use; null for other hops, and where it got nothing. */
  at(use: Pick<HopRecord, 'seq' | 'until'>): AgentSum | null;
}

/** A book with these entries. What came in is put in order again only when more has come. */
export function agentBook(entries: Iterable<AgentEntry>): AgentBook {
  const incoming: AgentEntry[] = [];
  const went: Went[] = [];
  const uses = new Set<number>();
  let came: readonly Came[] | null = null;

  function enter(entry: AgentEntry): void {
    const { seq, way, amount } = entry;
    if (way !== 'used' && way !== 'gone') {
      incoming.push(entry);
      came = null;
      return;
    }
    const { used, gone } = went.at(-1) ?? { used: 0n, gone: 0n };
    if (way === 'used') uses.add(seq);
    went.push(way === 'used' ? { seq, used: used + amount, gone } : { seq, used, gone: gone + amount });
  }

  for (const entry of entries) enter(entry);
  return {
    enter,
    at({ seq, until }) {
      if (!uses.has(seq)) return null;
      came ??= cameIn(incoming);
      const got = came[leading(came, (it) => it.from <= until) - 1];
      const out = went[leading(went, (it) => it.seq <= seq) - 1];
      return got === undefined || out === undefined
        ? null
        : { used: out.used, had: got.sum - out.gone, purchase: got.seq };
    },
  };
}

/** What came in by then, a line an entry, in the order in which it happened. */
function cameIn(entries: readonly AgentEntry[]): Came[] {
  const lots = new Map<number, { received: bigint; sent: bigint }>();
  let made = 0n;
  let bought = 0n;
  return [...entries]
    .sort((a, b) => a.from - b.from || a.seq - b.seq)
    .map(({ seq, from, lot, way, amount }): Came => {
      if (way === 'made') made += amount;
      else {
        const of = lots.get(lot) ?? { received: 0n, sent: 0n };
        const before = greater(of.received, of.sent);
        if (way === 'received') of.received += amount;
        else of.sent += amount;
        lots.set(lot, of);
        bought += greater(of.received, of.sent) - before;
      }
      return { from, seq, sum: made + bought };
    });
}

/** Math.max knows no bigint. */
function greater(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export const agentBeyondPurchases = ({ told, agentsAt, thresholds }: Goods): readonly Found[] =>
  told.flatMap(({ hop }) =>
    agentsAt(hop).flatMap(({ used, had, purchase }): Found[] =>
      used * 100n > had * BigInt(100 + thresholds['agent-excess-percent'])
        ? [{ rule: 'agent-beyond-purchases', seqs: [purchase, hop.seq], severity: 'risk' }]
        : [],
    ),
  );

/**
 * The flow of goods by measure over many lots of one product: what each party made, got, gave and used of all of them,
 * and what went which way. Lots have balances of their own (lot.ts); here these are added up, and a level is the fewest
 * transfers from whoever had goods of any lot first.
 *
 * Example: of lot L1 A made 100 m and shipped 60 m to B; of lot L2 A made 50 m and shipped 20 m to B. Together A made
 * 150 m and has 70 m, B has 80 m, and 80 m went from A to B.
 */

import type { PartyId } from '../events/hop.ts';
import type { Balance, LotLife, MeasuredEdge } from '../life/lot.ts';
import { levelsOf } from './flow.ts';

export interface MeasuredFlow extends Pick<LotLife, 'made' | 'edges'> {
  readonly balances: readonly Balance[];
}

const parts = ['made', 'received', 'gave', 'used', 'has'] as const;

/** All of one kind, mass or length. */
export function lotsTogether(lots: readonly MeasuredFlow[]): MeasuredFlow {
  const balances = new Map<PartyId, Record<(typeof parts)[number], bigint>>();
  const edges = new Map<string, Omit<MeasuredEdge, 'level' | 'seqs'> & { readonly seqs: Set<number> }>();
  const roots = new Set<PartyId>();
  for (const lot of lots) {
    for (const balance of lot.balances) {
      if (balance.level === 0) roots.add(balance.party);
      const sum = balances.get(balance.party) ?? { made: 0n, received: 0n, gave: 0n, used: 0n, has: 0n };
      for (const part of parts) sum[part] += balance[part];
      balances.set(balance.party, sum);
    }
    for (const { level: _, seqs, ...edge } of lot.edges) {
      const known = edges.get(edge.key);
      edges.set(edge.key, {
        ...edge,
        amount: edge.amount + (known?.amount ?? 0n),
        underWay: edge.underWay + (known?.underWay ?? 0n),
        seqs: new Set([...(known?.seqs ?? []), ...seqs]),
      });
    }
  }
  const levels = levelsOf(roots, edges.values());
  const levelOf = (party: PartyId | null): number | null =>
    party === null ? null : (levels.get(party) ?? null);
  const rank = (level: number | null): number => level ?? Number.POSITIVE_INFINITY;
  return {
    made: lots.reduce((sum, { made }) => sum + made, 0n),
    balances: [...balances]
      .map(([party, sum]): Balance => ({ party, level: levelOf(party), ...sum }))
      .sort((a, b) => compare(rank(a.level), rank(b.level)) || (a.party < b.party ? -1 : 1)),
    edges: [...edges.values()]
      .map(
        ({ seqs, ...edge }): MeasuredEdge => ({
          ...edge,
          level: levelOf(edge.from.party),
          seqs: [...seqs].sort((a, b) => a - b),
        }),
      )
      .sort((a, b) => compare(rank(a.level), rank(b.level)) || (a.key < b.key ? -1 : 1)),
  };
}

/** Of numbers that may both be infinite. */
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

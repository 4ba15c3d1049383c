/**
 * Who belongs together in a network, and who stands between.
 *
 *   communities  by the method of Louvain (Blondel, Guillaume, Lambiotte and Lefebvre 2008): every node joins the
 *                neighbours with whom it raises modularity most, until none gains; then communities are nodes of a smaller
 *                network, and again. Nodes are taken in order and a tie leaves things as they are, so that the same
 *                network always falls apart the same way.
 *   brokerage    betweenness (Freeman 1977, by the algorithm of Brandes 2001): the share of all shortest ways between two
 *                others that lead through a node, 0 to 1.
 *
 * Example: 0-1-2 and 3-4-5 are triangles, and 2-3 joins them. Communities 0, 0, 0, 1, 1, 1; brokerage of 2 and of 3 is
 * 6 of 10 pairs, 0.6, and 0 of the others.
 */

import { append } from '../grouping.ts';
import type { Steps } from '../steps.ts';

/** An edge between nodes 0 ≤ a, b < size, in no direction. Edges between the same nodes add up; weights are above 0. */
export interface NetworkEdge {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
}

/** Sweeps over all nodes at most: a bound that no network reaches in practice. */
const sweepsMax = 100;
/** A smaller gain is noise of rounding. */
const gainMin = 1e-9;

interface Level {
  /** Weights by neighbour, without loops. */
  readonly near: readonly ReadonlyMap<number, number>[];
  /** Weight of everything at a node, loops twice. */
  readonly degrees: readonly number[];
}

/** The community of every node: numbered from 0 in the order of their first nodes. */
export function communitiesOf(size: number, edges: readonly NetworkEdge[]): number[] {
  let of = Array.from({ length: size }, (_, i) => i);
  let level = levelOf(size, edges);
  for (;;) {
    const joined = numbered(gather(level));
    const count = new Set(joined).size;
    of = of.map((node) => joined[node] ?? node);
    if (count === level.near.length) return numbered(of);
    level = folded(level, joined, count);
  }
}

function levelOf(size: number, edges: readonly NetworkEdge[]): Level {
  const near = Array.from({ length: size }, () => new Map<number, number>());
  const degrees = Array.from({ length: size }, () => 0);
  for (const { a, b, weight } of edges) {
    if (a !== b) {
      near[a]?.set(b, (near[a]?.get(b) ?? 0) + weight);
      near[b]?.set(a, (near[b]?.get(a) ?? 0) + weight);
    }
    degrees[a] = (degrees[a] ?? 0) + weight;
    degrees[b] = (degrees[b] ?? 0) + weight;
  }
  return { near, degrees };
}

/** One level: the community of every node, when no node gains by moving alone. */
function gather({ near, degrees }: Level): number[] {
  const of = degrees.map((_, i) => i);
  const totals = [...degrees];
  const all = degrees.reduce((sum, degree) => sum + degree, 0);
  let moved = all > 0;
  for (let sweep = 0; moved && sweep < sweepsMax; sweep++) {
    moved = false;
    for (const [node, neighbours] of near.entries()) {
      const own = of[node] ?? node;
      const degree = degrees[node] ?? 0;
      totals[own] = (totals[own] ?? 0) - degree;
      const ties = new Map([[own, 0]]);
      for (const [other, weight] of neighbours) {
        const community = of[other] ?? other;
        ties.set(community, (ties.get(community) ?? 0) + weight);
      }
      const gain = (community: number): number =>
        (ties.get(community) ?? 0) - ((totals[community] ?? 0) * degree) / all;
      let best = own;
      for (const community of ties.keys()) if (gain(community) > gain(best) + gainMin) best = community;
      totals[best] = (totals[best] ?? 0) + degree;
      of[node] = best;
      moved ||= best !== own;
    }
  }
  return of;
}

/** The network whose nodes are communities. */
function folded({ near, degrees }: Level, of: readonly number[], count: number): Level {
  const between = Array.from({ length: count }, () => new Map<number, number>());
  const sums = Array.from({ length: count }, () => 0);
  for (const [node, neighbours] of near.entries()) {
    const own = of[node] ?? 0;
    sums[own] = (sums[own] ?? 0) + (degrees[node] ?? 0);
    for (const [other, weight] of neighbours) {
      const community = of[other] ?? 0;
      if (community !== own) between[own]?.set(community, (between[own]?.get(community) ?? 0) + weight);
    }
  }
  return { near: between, degrees: sums };
}

function numbered(of: readonly number[]): number[] {
  const numbers = new Map<number, number>();
  return of.map((community) => {
    const number = numbers.get(community) ?? numbers.size;
    numbers.set(community, number);
    return number;
  });
}

/** How much each node stands between others. Yields after every node, so that the caller can let others have a turn. */
export function* brokerage(size: number, edges: readonly NetworkEdge[]): Steps<number[]> {
  const { near } = levelOf(size, edges);
  const between = Array.from({ length: size }, () => 0);
  for (let source = 0; source < size; source++) {
    walkFrom(source, near, between);
    yield;
  }
  // Every pair was walked from both ends.
  const pairs = (size - 1) * (size - 2);
  return between.map((sum) => (pairs > 0 ? sum / pairs : 0));
}

/** Adds what each node carries of the shortest ways from a source: breadth first, then back. */
function walkFrom(source: number, near: readonly ReadonlyMap<number, number>[], between: number[]): void {
  const distance = new Map([[source, 0]]);
  const ways = new Map([[source, 1]]);
  const before = new Map<number, number[]>();
  const order: number[] = [source];
  for (const node of order) {
    const next = (distance.get(node) ?? 0) + 1;
    for (const other of near[node]?.keys() ?? []) {
      if (!distance.has(other)) {
        distance.set(other, next);
        order.push(other);
      }
      if (distance.get(other) !== next) continue;
      ways.set(other, (ways.get(other) ?? 0) + (ways.get(node) ?? 0));
      append(before, other, node);
    }
  }
  const carried = new Map<number, number>();
  for (const node of order.reverse()) {
    const load = 1 + (carried.get(node) ?? 0);
    for (const earlier of before.get(node) ?? [])
      carried.set(
        earlier,
        (carried.get(earlier) ?? 0) + ((ways.get(earlier) ?? 0) / (ways.get(node) ?? 1)) * load,
      );
    if (node !== source) between[node] = (between[node] ?? 0) + (carried.get(node) ?? 0);
  }
}

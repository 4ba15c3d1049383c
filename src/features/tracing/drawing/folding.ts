/**
 * What of a large graph is drawn alone, and what together, so that it can be read and nothing is left out: of each level
 * the weightiest boxes stand alone, as many on every level, and the others of that level are one box. Of a graph deeper
 * than `levelsMax` the levels in the middle are one. Lines between what is drawn together are drawn together too, by
 * whoever asks.
 *
 * Example: a maker, 500 dealers, 900 shops. Drawn are the maker, 12 dealers and a box of the other 488, 12 shops and a box
 * of the other 888.
 */
import { append } from '../../../core/grouping.ts';
import { layersOf } from './layers.ts';

/** Boxes that a panel draws at most, each alone if there are no more. */
export const boxesMax = 60;
/** Of more than that, those of a level that stand alone at most: about what a screen shows. */
const aloneMax = 12;
/** Levels that it draws at most. */
const levelsMax = 14;

export interface Node {
  readonly id: string;
  /** What weighs more is sooner drawn alone. */
  readonly weight: number;
}

export interface Folding {
  /** Id of the box that stands for a node: its own, or that of its level. */
  boxOf(id: string): string;
  /** Ids of the nodes of each box, in the order of levels. */
  readonly boxes: ReadonlyMap<string, readonly string[]>;
}

export function folding(
  nodes: readonly Node[],
  lines: readonly { readonly from: string; readonly to: string }[],
): Folding {
  const ids = nodes.map(({ id }) => id);
  if (ids.length <= boxesMax) return { boxOf: (id) => id, boxes: new Map(ids.map((id) => [id, [id]])) };
  const levels = levelled(nodes, layersOf(ids, lines));
  const alone = new Set(
    levels.flatMap(({ isDeep, nodes }) => (isDeep ? [] : weightiest(nodes, quotaOf(levels)))),
  );
  const levelOf = new Map(levels.flatMap(({ nodes }, level) => nodes.map(({ id }) => [id, level])));
  const boxOf = (id: string): string => (alone.has(id) ? id : `level/${levelOf.get(id)}`);
  const boxes = new Map<string, string[]>();
  for (const { nodes } of levels) for (const { id } of nodes) append(boxes, boxOf(id), id);
  return { boxOf, boxes };
}

interface Level {
  /** One of those in the middle that are drawn as one. */
  readonly isDeep: boolean;
  readonly nodes: readonly Node[];
}

function levelled(nodes: readonly Node[], layers: ReadonlyMap<string, number>): Level[] {
  const found: Node[][] = [];
  for (const node of nodes) {
    const layer = layers.get(node.id) ?? 0;
    const level = found[layer] ?? [];
    found[layer] = level;
    level.push(node);
  }
  const levels = Array.from(found, (nodes = []): Level => ({ isDeep: false, nodes }));
  if (levels.length <= levelsMax) return levels;
  const ends = Math.floor((levelsMax - 1) / 2);
  const middle = levels.slice(ends, -ends).flatMap(({ nodes }) => nodes);
  return [...levels.slice(0, ends), { isDeep: true, nodes: middle }, ...levels.slice(-ends)];
}

/** How many of each level can stand alone. */
function quotaOf(levels: readonly Level[]): number {
  const drawn = (quota: number): number =>
    levels.reduce((sum, { isDeep, nodes }) => sum + (isDeep ? 1 : Math.min(nodes.length, quota + 1)), 0);
  let quota = 1;
  while (quota < aloneMax && drawn(quota + 1) <= boxesMax) quota++;
  return quota;
}

/** As many as the quota; one more where that is all. */
function weightiest(nodes: readonly Node[], quota: number): string[] {
  const all = nodes.map(({ id }) => id);
  if (nodes.length <= quota + 1) return all;
  const byWeight = nodes.map((node, i) => ({ ...node, i })).sort((a, b) => b.weight - a.weight || a.i - b.i);
  return byWeight.slice(0, quota).map(({ id }) => id);
}

/**
 * A layered drawing of a directed graph (after Sugiyama, Tagawa and Toda 1981), left to right: a layer for each box is one
 * more than that of what leads to it, and what nothing leads to stands right before what it leads to; where the graph goes
 * in circles (goods come back), what is named first goes first. What no line touches stands in the last layer.
 * Within a layer boxes stand by the middle of what leads to them, so that few lines cross. Between two layers every edge
 * has a slot of its own for its label, so that no two labels meet.
 *
 * Example: A → B, A → C, C → B, D → B. Layers A | C, D | B; the edge A → B runs behind C, with its label between A and C.
 */
import { append } from '../../../core/grouping.ts';

export interface Box {
  readonly id: string;
  readonly height: number;
}

export interface Line {
  readonly from: string;
  readonly to: string;
  /** Of its label. */
  readonly height: number;
}

export interface Placed {
  readonly x: number;
  readonly y: number;
}

/** Boxes and labels by their top left corners, lines in the order in which they were given. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Placed>;
  readonly labels: readonly Placed[];
  /** Whether a line runs from right to left. */
  readonly returns: readonly boolean[];
}

export interface Measures {
  readonly boxWidth: number;
  readonly labelWidth: number;
  /** Between boxes of a layer, and between labels of a slot. */
  readonly gap: number;
  /** Between a box and the labels beside it. */
  readonly margin: number;
}

/** Layers of boxes by id; the order of `ids` breaks circles. */
export function layersOf(
  ids: readonly string[],
  lines: readonly Pick<Line, 'from' | 'to'>[],
): Map<string, number> {
  const layers = new Map<string, number>();
  const left = new Set(ids);
  const waiting = new Map(ids.map((id) => [id, new Set<string>()]));
  const onward = new Map<string, string[]>();
  for (const { from, to } of lines) {
    if (from === to || !left.has(from)) continue;
    waiting.get(to)?.add(from);
    append(onward, from, to);
  }
  const least = new Map<string, number>();
  while (left.size > 0) {
    const ready = ids.filter((id) => left.has(id) && waiting.get(id)?.size === 0);
    const first = ids.find((id) => left.has(id));
    for (const id of ready.length > 0 ? ready : first === undefined ? [] : [first]) {
      const layer = least.get(id) ?? 0;
      layers.set(id, layer);
      left.delete(id);
      for (const next of onward.get(id) ?? []) {
        if (!left.has(next)) continue;
        waiting.get(next)?.delete(id);
        least.set(next, Math.max(least.get(next) ?? 0, layer + 1));
      }
    }
  }
  const led = new Set(lines.map(({ to }) => to));
  const last = Math.max(0, ...layers.values());
  for (const id of ids) {
    if (led.has(id)) continue;
    const next = (onward.get(id) ?? []).map((it) => layers.get(it) ?? 0).filter((layer) => layer > 0);
    layers.set(id, next.length === 0 ? last : Math.min(...next) - 1);
  }
  return layers;
}

/** Places every box and every label. Ids of lines are among those of boxes. */
export function layout(boxes: readonly Box[], lines: readonly Line[], measures: Measures): Layout {
  const { boxWidth, labelWidth, gap, margin } = measures;
  const layers = layersOf(
    boxes.map(({ id }) => id),
    lines,
  );
  const layerOf = (id: string): number => layers.get(id) ?? 0;
  const columns = Array.from({ length: 1 + Math.max(-1, ...layers.values()) }, (_, layer) =>
    boxes.filter(({ id }) => layerOf(id) === layer),
  );
  const middles = new Map<string, number>();
  const placed = new Map<string, Placed>();
  const pitch = boxWidth + 2 * margin + labelWidth;
  let height = 0;
  for (const [layer, column] of columns.entries()) {
    const ordered = column
      .map((box, i) => ({ box, i, wish: wishOf(box.id, lines, middles) }))
      .sort((a, b) => a.wish - b.wish || a.i - b.i);
    let y = 0;
    for (const { box } of ordered) {
      placed.set(box.id, { x: layer * pitch, y });
      middles.set(box.id, y + box.height / 2);
      y += box.height + gap;
    }
    height = Math.max(height, y - gap);
  }
  const slots = slotsOf(lines, layerOf, middles);
  const labels = lines.map((): Placed => ({ x: 0, y: 0 }));
  for (const [slot, inSlot] of slots) {
    const tall = inSlot.reduce((sum, i) => sum + (lines[i]?.height ?? 0) + gap, -gap);
    const wish = inSlot.reduce((sum, i) => sum + middleOf(lines[i], middles), 0) / inSlot.length;
    let y = Math.max(0, wish - tall / 2);
    for (const i of inSlot) {
      labels[i] = { x: slot * pitch + boxWidth + margin, y };
      y += (lines[i]?.height ?? 0) + gap;
    }
    height = Math.max(height, y - gap);
  }
  const right = Math.max(0, ...[...placed.values()].map(({ x }) => x + boxWidth));
  const last = Math.max(0, ...labels.map(({ x }) => x + labelWidth));
  return {
    width: Math.max(right, last),
    height,
    boxes: placed,
    labels,
    returns: lines.map(({ from, to }) => layerOf(to) < layerOf(from)),
  };
}

/** Lines by the slot that their label stands in: after their giver, or before it when they go back. */
function slotsOf(
  lines: readonly Line[],
  layerOf: (id: string) => number,
  middles: ReadonlyMap<string, number>,
): Map<number, number[]> {
  const slots = new Map<number, number[]>();
  for (const [i, { from, to }] of lines.entries()) {
    const slot = layerOf(to) < layerOf(from) ? layerOf(from) - 1 : layerOf(from);
    append(slots, slot, i);
  }
  for (const inSlot of slots.values())
    inSlot.sort((a, b) => middleOf(lines[a], middles) - middleOf(lines[b], middles) || a - b);
  return slots;
}

const middleOf = (line: Line | undefined, middles: ReadonlyMap<string, number>): number =>
  line === undefined ? 0 : ((middles.get(line.from) ?? 0) + (middles.get(line.to) ?? 0)) / 2;

/** Where a box would stand by what leads to it; after all others when nothing does. */
function wishOf(id: string, lines: readonly Line[], middles: ReadonlyMap<string, number>): number {
  const above = lines.flatMap(({ from, to }) => (to === id ? (middles.get(from) ?? []) : []));
  return above.length === 0
    ? Number.MAX_SAFE_INTEGER
    : above.reduce((sum, middle) => sum + middle, 0) / above.length;
}

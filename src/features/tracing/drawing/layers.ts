/**
 * A layered drawing of a directed graph (after Sugiyama, Tagawa and Toda 1981), left to right: a layer for each box is one
 * more than that of what leads to it, and what nothing leads to stands right before what it leads to; where the graph goes
 * in circles (goods come back), what is named first goes first. What no line touches stands in the last layer.
 * Within a layer boxes stand by the middle of what leads to them, so that few lines cross, and one that stands for many last; a line that passes a layer has
 * a place of its own among its boxes, so that it runs behind none. Between two layers every edge has a place of its own for
 * its label, or to pass the labels of others, so that none meet.
 *
 * Example: A → B, A → C, C → B, D → B. Layers A | C, D | B; the edge A → B passes beside C and D, with its label before them.
 */
import { append } from '../../../core/grouping.ts';

export interface Box {
  readonly id: string;
  readonly height: number;
  /** It stands below the others of its layer. */
  readonly isLast?: boolean;
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
  /** Where each line runs straight past boxes and labels, one after the other, by their left ends. */
  readonly passes: readonly (readonly (Placed & { readonly width: number })[])[];
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
  const ready = ids.filter((id) => waiting.get(id)?.size === 0);
  // Where all that is left waits for others it goes in circles.
  for (let first = 0; left.size > 0; ) {
    const id = ready.pop() ?? ids[first++];
    if (id === undefined || !left.delete(id)) continue;
    const layer = least.get(id) ?? 0;
    layers.set(id, layer);
    for (const next of onward.get(id) ?? []) {
      if (!left.has(next)) continue;
      const others = waiting.get(next);
      others?.delete(id);
      least.set(next, Math.max(least.get(next) ?? 0, layer + 1));
      if (others?.size === 0) ready.push(next);
    }
  }
  const led = new Set(lines.map(({ to }) => to));
  let last = 0;
  for (const layer of layers.values()) last = Math.max(last, layer);
  for (const id of ids) {
    if (led.has(id)) continue;
    const next = (onward.get(id) ?? []).map((it) => layers.get(it) ?? 0).filter((layer) => layer > 0);
    layers.set(id, next.length === 0 ? last : next.reduce((least, layer) => Math.min(least, layer)) - 1);
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
  const ways = lines.map(({ from, to }, i) =>
    wayOf(i, { id: from, layer: layerOf(from) }, { id: to, layer: layerOf(to) }),
  );
  const columns = Array.from({ length: 1 + Math.max(-1, ...layers.values()) }, (_, layer): Box[] =>
    boxes.filter(({ id }) => layerOf(id) === layer),
  );
  for (const { id, layer } of ways.flatMap((way) => way.slice(1, -1)))
    columns[layer]?.push({ id, height: 0 });
  const led = leadingTo(ways);
  const middles = new Map<string, number>();
  const placed = new Map<string, Placed>();
  const pitch = boxWidth + 2 * margin + labelWidth;
  let height = 0;
  for (const [layer, column] of columns.entries()) {
    const ordered = column
      .map((box, i) => ({
        ...{ box, i },
        wish: box.isLast === true ? Number.POSITIVE_INFINITY : wishOf(led.get(box.id) ?? [], middles),
      }))
      .sort((a, b) => (a.wish === b.wish ? a.i - b.i : a.wish - b.wish));
    let y = 0;
    for (const { box } of ordered) {
      placed.set(box.id, { x: layer * pitch, y });
      middles.set(box.id, y + box.height / 2);
      y += box.height + gap;
    }
    height = Math.max(height, y - gap);
  }
  const seats = ways.map((): Placed[] => []);
  for (const [slot, legs] of legsBySlot(lines, ways, middles)) {
    const tall = legs.reduce((sum, leg) => sum + leg.height + gap, -gap);
    const wish = legs.reduce((sum, leg) => sum + leg.wish, 0) / legs.length;
    let y = Math.max(0, wish - tall / 2);
    for (const { line, leg, height } of legs) {
      const seat = seats[line];
      if (seat !== undefined) seat[leg] = { x: slot * pitch + boxWidth + margin, y };
      y += height + gap;
    }
    height = Math.max(height, y - gap);
  }
  const at = (id: string): Placed => placed.get(id) ?? { x: 0, y: 0 };
  const labels = seats.map(([label]) => label ?? { x: 0, y: 0 });
  const right = Math.max(0, ...[...placed.values()].map(({ x }) => x + boxWidth));
  const last = Math.max(0, ...labels.map(({ x }) => x + labelWidth));
  return {
    width: Math.max(right, last),
    height,
    boxes: new Map(boxes.map(({ id }) => [id, at(id)])),
    labels,
    returns: lines.map(({ from, to }) => layerOf(to) < layerOf(from)),
    passes: ways.map((way, i) =>
      way.slice(1, -1).flatMap(({ id }, leg) => [
        { ...at(id), width: boxWidth },
        { ...(seats[i]?.[leg + 1] ?? at(id)), width: labelWidth },
      ]),
    ),
  };
}

/** A box, or where a line passes a layer. */
interface Stop {
  readonly id: string;
  readonly layer: number;
}

/** The way of a line: its giver, a stop in each layer that it passes, its taker. */
function wayOf(line: number, from: Stop, to: Stop): Stop[] {
  const step = Math.sign(to.layer - from.layer);
  const passed = Array.from({ length: Math.max(0, Math.abs(to.layer - from.layer) - 1) }, (_, i): Stop => {
    const layer = from.layer + (i + 1) * step;
    return { id: `pass/${line}/${layer}`, layer };
  });
  return [from, ...passed, to];
}

/** By stop, what leads to it from the layer on its left. */
function leadingTo(ways: readonly (readonly Stop[])[]): Map<string, string[]> {
  const led = new Map<string, string[]>();
  for (const way of ways)
    for (const [i, next] of way.slice(1).entries()) {
      const stop = way[i] ?? next;
      const [left, right] = stop.layer < next.layer ? [stop, next] : [next, stop];
      if (left.layer < right.layer) append(led, right.id, left.id);
    }
  return led;
}

/** What a line is between two layers: on its first leg it has its label. */
interface Leg {
  readonly line: number;
  readonly leg: number;
  readonly height: number;
  /** Where its middle would be. */
  readonly wish: number;
}

/** Legs by the slot that they cross, that after a layer, from top to bottom. */
function legsBySlot(
  lines: readonly Line[],
  ways: readonly (readonly Stop[])[],
  middles: ReadonlyMap<string, number>,
): Map<number, Leg[]> {
  const slots = new Map<number, Leg[]>();
  for (const [line, way] of ways.entries())
    for (const [leg, next] of way.slice(1).entries()) {
      const stop = way[leg] ?? next;
      const wish = ((middles.get(stop.id) ?? 0) + (middles.get(next.id) ?? 0)) / 2;
      const height = leg === 0 ? (lines[line]?.height ?? 0) : 0;
      append(slots, Math.min(stop.layer, next.layer), { line, leg, height, wish });
    }
  for (const legs of slots.values()) legs.sort((a, b) => a.wish - b.wish || a.line - b.line);
  return slots;
}

/** Where a box would stand by what leads to it; after all others when nothing does. */
function wishOf(led: readonly string[], middles: ReadonlyMap<string, number>): number {
  const above = led.flatMap((id) => middles.get(id) ?? []);
  return above.length === 0
    ? Number.MAX_SAFE_INTEGER
    : above.reduce((sum, middle) => sum + middle, 0) / above.length;
}

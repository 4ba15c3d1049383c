/**
 * What a dossier tells of a thing of which very much was said: the weightiest, and among equals of each teller its newest
 * first, in turn. So whoever says very much fills what room is left, and buries nothing of what others say.
 *
 * Example: of A1 A2 A3 B1 A4, all of one weight, three are to be told: A4 and B1, the newest of each, and A3.
 */
export interface Choice<T> {
  /** The less, the weightier. */
  readonly weight: (item: T) => number;
  readonly teller: (item: T) => string;
}

/** At most so many of the items, which come oldest first, in their order. */
export function chosen<T>(items: readonly T[], most: number, { weight, teller }: Choice<T>): readonly T[] {
  if (items.length <= most) return items;
  const counts = new Map<string, number>();
  const ranked = items
    .map((item, index) => ({ item, index, weight: weight(item), turn: 0 }))
    .reverse()
    .map((it) => {
      const key = `${it.weight}/${teller(it.item)}`;
      const turn = (counts.get(key) ?? 0) + 1;
      counts.set(key, turn);
      return { ...it, turn };
    })
    .sort((a, b) => a.weight - b.weight || a.turn - b.turn || b.index - a.index);
  return ranked
    .slice(0, most)
    .sort((a, b) => a.index - b.index)
    .map(({ item }) => item);
}

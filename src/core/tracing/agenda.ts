/**
 * What is still to be done, the most urgent first; of equals the one that was added last. A binary heap: adding and taking
 * take as many steps as the number of entries has binary digits.
 *
 *     const agenda = new Agenda<number>((a, b) => b - a); agenda.add(2); agenda.add(5); agenda.take()  →  5
 */
export class Agenda<T> {
  readonly #entries: Entry<T>[] = [];
  /** Negative when the first comes before the second. */
  readonly #compare: (a: T, b: T) => number;
  #added = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  add(item: T): void {
    const entry = { item, added: this.#added++ };
    let at = this.#entries.length;
    this.#entries.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#entries[above];
      if (parent === undefined || !this.#isBefore(entry, parent)) break;
      this.#entries[at] = parent;
      at = above;
    }
    this.#entries[at] = entry;
  }

  /** Takes the most urgent one; undefined when nothing is left. */
  take(): T | undefined {
    const [first] = this.#entries;
    const entry = this.#entries.pop();
    if (first === undefined || entry === undefined || first === entry) return first?.item;
    let at = 0;
    for (;;) {
      const below = this.#earlierBelow(at);
      const child = this.#entries[below];
      if (child === undefined || !this.#isBefore(child, entry)) break;
      this.#entries[at] = child;
      at = below;
    }
    this.#entries[at] = entry;
    return first.item;
  }

  /** Of the two below a place the earlier one's place. */
  #earlierBelow(at: number): number {
    const [left, right] = [this.#entries[2 * at + 1], this.#entries[2 * at + 2]];
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }

  #isBefore(one: Entry<T>, other: Entry<T>): boolean {
    const order = this.#compare(one.item, other.item);
    return order < 0 || (order === 0 && one.added > other.added);
  }
}

interface Entry<T> {
  readonly item: T;
  readonly added: number;
}

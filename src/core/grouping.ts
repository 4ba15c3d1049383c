/**
 * Adds to the list kept under a key; copying lists as they grow would take the square of their length.
 *
 *     append(new Map([['a', [1]]]), 'a', 2)  →  a: 1, 2
 */
export function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

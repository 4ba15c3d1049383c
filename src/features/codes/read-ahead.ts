/**
 * Passes a stream on while its next item is already being made: so reading from the database, signing and sending
 * go on side by side, and never more than one item waits between two of them.
 */
export async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const items = source[Symbol.asyncIterator]();
  let next = items.next();
  try {
    for (;;) {
      const item = await next;
      if (item.done === true) return;
      next = items.next();
      // Whoever takes the item learns of the failure of the next one only when it asks for that.
      next.catch(() => {});
      yield item.value;
    }
  } finally {
    await items.return?.();
  }
}

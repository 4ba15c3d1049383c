/**
 * Pages of what a reader may see among rows that it may not: filled from what comes next, so that neither an empty place
 * nor where a page ends tells that something is there.
 *
 * Example: of rows 1 to 9 a reader sees 2 and 8. Its page of one is row 2 and ends there; the next is row 8, the last.
 */

/** Rows read in one go after the first, and looked at for one page: beyond them it ends early. */
const chunk = 1_000;
const scanMax = 10_000;

export interface Scanned<Row, Key> {
  /** The next rows after a key, at most `limit`. */
  read(after: Key | null, limit: number): Promise<readonly Row[]>;
  /** Those of them that are seen, in order. */
  seen(rows: readonly Row[]): Promise<readonly Row[]>;
  keyOf(row: Row): Key;
}

export interface SeenPage<Row, Key> {
  readonly rows: readonly Row[];
  /** After which the next page begins; null when there is none. */
  readonly last: Key | null;
}

/** A page after a key. Reads twice for a reader who sees all that it is offered at most, else `scanMax / chunk` times. */
export async function seenPage<Row, Key>(
  { read, seen, keyOf }: Scanned<Row, Key>,
  start: Key | null,
  limit: number,
): Promise<SeenPage<Row, Key>> {
  const found: Row[] = [];
  let after = start;
  for (let scanned = 0, size = limit + 1; ; size = chunk) {
    const rows = await read(after, size);
    found.push(...(await seen(rows)));
    const end = found[limit - 1];
    if (found.length > limit && end !== undefined) return { rows: found.slice(0, limit), last: keyOf(end) };
    const last = rows.at(-1);
    if (last === undefined || rows.length < size) return { rows: found, last: null };
    after = keyOf(last);
    scanned += rows.length;
    if (scanned >= scanMax) return { rows: found, last: after };
  }
}

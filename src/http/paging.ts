/**
 * Paging by key: a page ends at the key of its last row and the next one starts after it, so that a list of any
 * length costs the same a page and rows that arrive meanwhile are neither lost nor doubled.
 *
 * A cursor is base64url of the JSON array [name of the list, …key]: opaque to callers, checked when it returns.
 */
import { type Static, Type } from '@sinclair/typebox';
import { fault, ok, type Result } from '../errors.ts';

export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Items a page.' }),
  cursor: Type.Optional(
    Type.String({ maxLength: 1024, description: '`next` of the page before; absent for the first.' }),
  ),
};

export type Key = readonly (string | number)[];
/** The types of a key's parts. */
export type KeyShape = readonly ('string' | 'number')[];

export interface Page<T> {
  readonly items: readonly T[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
}

export type PageQuery = Static<ReturnType<typeof Type.Object<typeof pageQuery>>>;

export const encodeCursor = (list: string, key: Key): string =>
  Buffer.from(JSON.stringify([list, ...key])).toString('base64url');

/** The key to start after; null without a cursor. */
export function decodeCursor(list: string, cursor: string | undefined, shape: KeyShape): Result<Key | null> {
  if (cursor === undefined) return ok(null);
  const wrong = fault(
    'invalid-request',
    'The cursor is not one of this list; take `next` of the page before as it is.',
  );
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return wrong;
  }
  if (!Array.isArray(parts) || parts.length !== shape.length + 1 || parts[0] !== list) return wrong;
  const key: (string | number)[] = [];
  for (const [i, type] of shape.entries()) {
    const part: unknown = parts[i + 1];
    if (typeof part !== type || (typeof part !== 'string' && typeof part !== 'number')) return wrong;
    if (typeof part === 'number' && !Number.isSafeInteger(part)) return wrong;
    if (typeof part === 'string' && (part.includes('\0') || !part.isWellFormed())) return wrong;
    key.push(part);
  }
  return ok(key);
}

/** Cuts a page from `limit` + 1 rows; `keyOf` gives the key that the query orders by. */
export function page<Row>(
  list: string,
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => Key,
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(list, keyOf(last)) : null };
}

/** PostgreSQL array literals (PostgreSQL documentation §8.15.2), the one form in which lists enter statements. */

/** A value in a column. */
export type Cell = number | bigint | string | boolean | Uint8Array | null;

/** A PostgreSQL array literal; strings are quoted, bytes are hex, so no cell can break out of its place. */
export function arrayLiteral(cells: readonly Cell[]): string {
  let literal = '{';
  for (let i = 0; i < cells.length; i++) {
    if (i > 0) literal += ',';
    literal += cellLiteral(cells[i] ?? null);
  }
  return `${literal}}`;
}

function cellLiteral(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'string') return `"${escaping.test(cell) ? cell.replace(/["\\]/g, '\\$&') : cell}"`;
  if (cell instanceof Uint8Array) return `"\\\\x${hexOf(cell)}"`;
  return String(cell);
}

const escaping = /["\\]/;
const hexOf = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString(
    'hex',
  );

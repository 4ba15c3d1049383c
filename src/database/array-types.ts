/**
 * PostgreSQL arrays of one dimension as JavaScript arrays, both ways, for the element types our tables use.
 *
 * postgres.js would ask every new connection for the array types of the server. When the connection is lost just
 * then, the question fails where nobody can catch it, so we tell it the types, whose numbers never change
 * (PostgreSQL, src/include/catalog/pg_type.dat).
 *
 * Text form (PostgreSQL documentation §8.15.2): `{1,NULL,"a \"quoted\" one"}`.
 */
import { arrayLiteral, type Cell } from './array-literal.ts';

type Element = (text: string) => unknown;

const asIs: Element = (text) => text;
const bytes: Element = (text) => Buffer.from(text.slice(2), 'hex');

/** Number of the array type → how an element is read. */
const elements: ReadonlyMap<number, Element> = new Map([
  [1000, (text) => text === 't'], // bool[]
  [1001, bytes], // bytea[], as hex
  [1005, Number], // smallint[]
  [1007, Number], // int[]
  [1016, Number], // bigint[]: ours stay below 2^53
  [1009, asIs], // text[]
  [1015, asIs], // varchar[]
  [1231, asIs], // numeric[]
  [3807, (text) => JSON.parse(text)], // jsonb[]
]);

interface Codecs {
  readonly parsers: Record<number, (text: string) => unknown>;
  readonly serializers: Record<number, (value: unknown) => unknown>;
}

export function registerArrays({ parsers, serializers }: Codecs): void {
  for (const [type, element] of elements) {
    parsers[type] = (text) => parseArray(text).map((cell) => (cell === null ? null : element(cell)));
    // A text is taken for an array literal.
    serializers[type] = (value) => (Array.isArray(value) ? arrayLiteral(value.map(cellOf)) : value);
  }
}

function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    case 'object':
      return value === null || value instanceof Uint8Array ? value : JSON.stringify(value);
    default:
      return null;
  }
}

/** The elements of an array literal as text. */
function parseArray(literal: string): (string | null)[] {
  const cells: (string | null)[] = [];
  const end = literal.length - 1;
  let at = 1;
  while (at < end) {
    if (literal[at] === '"') {
      let cell = '';
      for (at++; literal[at] !== '"'; at++) {
        if (literal[at] === '\\') at++;
        cell += literal[at] ?? '';
        if (at > end) throw new Error('an array literal that does not end');
      }
      cells.push(cell);
      at += 2;
      continue;
    }
    if (literal[at] === '{') throw new Error('an array of several dimensions');
    const comma = literal.indexOf(',', at);
    const next = comma < 0 ? end : comma;
    const cell = literal.slice(at, next);
    cells.push(cell === 'NULL' ? null : cell);
    at = next + 1;
  }
  return cells;
}

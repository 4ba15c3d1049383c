/**
 * The outline of the dark modules of a QR as closed loops of corners, to be filled as one path. Drawn as one rectangle
 * a module, a symbol gets hairlines between neighbours when it is rasterised; an outline has none and is shorter.
 *
 *   1 1 .
 *   . 1 .   →  one loop  (0,0) (2,0) (2,2) (1,2) (1,1) (0,1)
 *
 * Every boundary edge is walked with the ink on its right, so outer loops and holes turn opposite ways and both the
 * even-odd and the nonzero rule fill the same modules.
 */

export type Corner = readonly [x: number, y: number];

/** What leaves a corner: one bit for each way the boundary may go. */
const right = 1;
const down = 2;
const left = 4;
const up = 8;

/** `dark[row * size + column]` is 1 where ink goes. */
export function outline(size: number, dark: Uint8Array): Corner[][] {
  // Corner (x, y) is number y·width + x. Two edges leave a corner where modules touch only there.
  const width = size + 1;
  const edges = new Uint8Array(width * width);
  const mark = (corner: number, way: number) => {
    edges[corner] = (edges[corner] ?? 0) | way;
  };
  const ink = (row: number, column: number) => dark[row * size + column] === 1;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!ink(row, column)) continue;
      const corner = row * width + column;
      if (row === 0 || !ink(row - 1, column)) mark(corner, right);
      if (column === size - 1 || !ink(row, column + 1)) mark(corner + 1, down);
      if (row === size - 1 || !ink(row + 1, column)) mark(corner + width + 1, left);
      if (column === 0 || !ink(row, column - 1)) mark(corner + width, up);
    }
  }
  const loops: Corner[][] = [];
  // Row by row, the first edge met of a loop is the top edge of its top left corner, which is where it turns.
  for (let start = 0; start < edges.length; start++) {
    while (edges[start]) loops.push(walk(edges, width, start));
  }
  return loops;
}

/** The corners at which the loop from `start` turns; its edges are taken away. */
function walk(edges: Uint8Array, width: number, start: number): Corner[] {
  const loop: Corner[] = [];
  let heading = 0;
  let corner = start;
  do {
    const ways = edges[corner] ?? 0;
    const way = ways & -ways;
    edges[corner] = ways ^ way;
    if (way !== heading) loop.push([corner % width, Math.floor(corner / width)]);
    heading = way;
    if (way === right) corner += 1;
    else if (way === down) corner += width;
    else if (way === left) corner -= 1;
    else if (way === up) corner -= width;
    else throw new Error('an outline is not closed');
  } while (corner !== start);
  return loop;
}

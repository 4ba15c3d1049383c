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

export function outline(size: number, dark: Uint8Array): Corner[][] {
  const ink = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < size && column < size && dark[row * size + column] === 1;
  // A corner (x, y) is the number y·(size+1)+x. Two edges start from a corner where modules touch only there.
  const width = size + 1;
  const edges = new Map<number, number[]>();
  const edge = (from: number, to: number) => {
    const starts = edges.get(from);
    if (starts) starts.push(to);
    else edges.set(from, [to]);
  };
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!ink(row, column)) continue;
      const corner = row * width + column;
      if (!ink(row - 1, column)) edge(corner, corner + 1);
      if (!ink(row, column + 1)) edge(corner + 1, corner + 1 + width);
      if (!ink(row + 1, column)) edge(corner + 1 + width, corner + width);
      if (!ink(row, column - 1)) edge(corner + width, corner);
    }
  }
  const loops: Corner[][] = [];
  for (const start of edges.keys()) {
    for (let next = edges.get(start)?.pop(); next !== undefined; next = edges.get(start)?.pop()) {
      const walked = [start];
      while (next !== undefined && next !== start) {
        walked.push(next);
        next = edges.get(next)?.pop();
      }
      loops.push(turns(walked, width));
    }
  }
  return loops;
}

/** The corners of a closed walk at which it turns. */
function turns(walked: readonly number[], width: number): Corner[] {
  return walked.flatMap((corner, i): Corner[] => {
    const before = walked.at(i - 1) ?? corner;
    const after = walked[(i + 1) % walked.length] ?? corner;
    return corner - before === after - corner ? [] : [[corner % width, Math.floor(corner / width)]];
  });
}

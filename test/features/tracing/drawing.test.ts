/** The drawing of a trace: where boxes and labels go, and how wide words are. */
import fc from 'fast-check';
import t from 'tap';
import { graphml } from '../../../src/features/graphml.ts';
import { layersOf, layout } from '../../../src/features/tracing/drawing/layers.ts';
import { cut, widthOf, wrapped } from '../../../src/features/tracing/drawing/text-width.ts';

const line = (from: string, to: string, height = 20) => ({ from, to, height });

t.test('the example at the head of the file', async (t) => {
  const layers = layersOf(
    ['A', 'B', 'C', 'D', 'E'],
    [line('A', 'B'), line('A', 'C'), line('C', 'B'), line('D', 'B')],
  );
  t.strictSame(Object.fromEntries(layers), { A: 0, B: 2, C: 1, D: 1, E: 2 });
});

t.test(
  'boxes and labels never meet, no line runs behind a box, and every graph ends, circles too',
  async (t) => {
    const name = fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F');
    const drawn = fc.array(fc.record({ from: name, to: name, height: fc.integer({ min: 10, max: 60 }) }), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(
        drawn,
        fc.array(fc.integer({ min: 20, max: 90 }), { minLength: 6, maxLength: 6 }),
        (lines, heights) => {
          const boxes = ['A', 'B', 'C', 'D', 'E', 'F'].map((id, i) => ({ id, height: heights[i] ?? 20 }));
          const placed = layout(boxes, lines, { boxWidth: 100, labelWidth: 80, gap: 10, margin: 20 });
          const rectangles = [
            ...boxes.map(({ id, height }) => ({
              ...(placed.boxes.get(id) ?? { x: -1, y: -1 }),
              width: 100,
              height,
            })),
            ...lines.map(({ height }, i) => ({
              ...(placed.labels[i] ?? { x: -1, y: -1 }),
              width: 80,
              height,
            })),
          ];
          for (const [i, { from, to }] of lines.entries()) {
            const [left, right] = [placed.boxes.get(from)?.x ?? 0, placed.boxes.get(to)?.x ?? 0].sort(
              (a, b) => a - b,
            );
            const columns = new Set([...placed.boxes.values()].map(({ x }) => x));
            const passed = [...columns].filter((x) => x > (left ?? 0) && x < (right ?? 0));
            const passes = placed.passes[i] ?? [];
            if (passes.length !== 2 * passed.length)
              throw new Error(`${i} does not pass what stands between its ends`);
            for (const { x, y } of passes)
              for (const it of rectangles)
                if (it.x === x && y > it.y - 5 && y < it.y + it.height + 5)
                  throw new Error(`${i} runs behind a box or a label`);
          }
          rectangles.forEach((one, i) => {
            if (
              one.x < 0 ||
              one.y < 0 ||
              one.x + one.width > placed.width ||
              one.y + one.height > placed.height + 1e-9
            )
              throw new Error(`${i} lies outside`);
            for (const other of rectangles.slice(i + 1))
              if (
                one.x < other.x + other.width &&
                other.x < one.x + one.width &&
                one.y < other.y + other.height - 1e-9 &&
                other.y < one.y + one.height - 1e-9
              )
                throw new Error('two meet');
          });
        },
      ),
      { numRuns: 300 },
    );
    t.pass();
  },
);

t.test('words fit where they are written', async (t) => {
  t.equal(widthOf('某主体 A', 10), 39.8);
  t.equal(cut('浙江安盾消防设备', 55, 10), '浙江安盾…');
  t.strictSame(wrapped('Held by A, then B', 60, 10), ['Held by A,', 'then B']);
  t.strictSame(wrapped('没有发货记录', 40, 10), ['没有发货', '记录']);
});

t.test('GraphML encodes names and leaves out what is null', async (t) => {
  const text = graphml({
    nodes: [{ id: 'a', name: '<b>"A&B"\u202e', size: 2 }],
    edges: [{ from: 'a', to: 'a', gap: null }],
  });
  t.match(text, '<key id="n-size" for="node" attr.name="size" attr.type="double"/>');
  t.match(
    text,
    '<node id="a"><data key="n-name">&lt;b&gt;&quot;A&amp;B&quot;</data><data key="n-size">2</data></node>',
  );
  t.match(text, '<edge id="e0" source="a" target="a"></edge>');
});

/** The drawing of a trace: where boxes and labels go, and how wide words are. */
import fc from 'fast-check';
import t from 'tap';
import { graphml } from '../../../src/features/graphml.ts';
import { boxesMax, folding } from '../../../src/features/tracing/drawing/folding.ts';
import { layersOf, layout } from '../../../src/features/tracing/drawing/layers.ts';
import { cut, widthOf, wrapped } from '../../../src/features/tracing/drawing/text-width.ts';
import { partiesOf } from '../../../src/features/tracing/drawing/trace-sketch.ts';
import { traceSvg } from '../../../src/features/tracing/drawing/trace-svg.ts';
import type { TraceAnswer } from '../../../src/features/tracing/schemas.ts';

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

t.test('of a large graph every node is in one box, the weightiest of each level alone', async (t) => {
  const size = fc.oneof(fc.nat(boxesMax), fc.integer({ min: boxesMax + 1, max: 400 }));
  const drawn = size.chain((count) =>
    fc.record({
      weights: fc.array(fc.nat(9), { minLength: count, maxLength: count }),
      lines: fc.array(fc.tuple(fc.nat(count), fc.nat(count)), { maxLength: 2 * count }),
      // Of a deep one each leads to the next.
      isDeep: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(drawn, ({ weights, lines, isDeep }) => {
      const nodes = weights.map((weight, i) => ({ id: `n${i}`, weight }));
      const ends = [...lines, ...(isDeep ? nodes.map((_, i) => [i, i + 1] as const) : [])];
      const known = ends
        .filter(([from, to]) => from < nodes.length && to < nodes.length)
        .map(([from, to]) => ({ from: `n${from}`, to: `n${to}` }));
      const { boxOf, boxes } = folding(nodes, known);
      if (boxes.size > boxesMax) throw new Error(`${boxes.size} boxes`);
      const all = [...boxes].flatMap(([box, ids]) => ids.map((id) => [id, box] as const));
      if (all.length !== nodes.length || new Set(all.map(([id]) => id)).size !== nodes.length)
        throw new Error('a node is missing, or is in two boxes');
      if (all.some(([id, box]) => boxOf(id) !== box)) throw new Error('a box is not where its lines end');
      if (nodes.length <= boxesMax && all.some(([id, box]) => id !== box))
        throw new Error('needlessly together');
      const layers = layersOf(
        nodes.map(({ id }) => id),
        known,
      );
      const weightOf = (id: string) => nodes.find((it) => it.id === id)?.weight ?? 0;
      for (const [box, ids] of boxes) {
        const within = new Set(ids.map((id) => layers.get(id)));
        if (within.size > 1 || ids.length === 1) continue;
        const heaviest = Math.max(...ids.map(weightOf));
        const alone = all.filter(([id, it]) => id === it && within.has(layers.get(id)) && it !== box);
        if (alone.length === 0 || alone.some(([id]) => weightOf(id) < heaviest))
          throw new Error('a lighter one stands alone');
      }
    }),
    { numRuns: 200 },
  );
  t.pass();
});

t.test(
  'a trace of very many parties is drawn by level, with how much each box and line stands for',
  async (t) => {
    const party = (id: string) => ({ id, name: `${id} 公司`, nameEn: null, region: null });
    const dealers = Array.from({ length: 500 }, (_, i) => party(`D${i}`));
    const maker = party('M');
    const answer: TraceAnswer = {
      ...{
        epc: '01/06901234567892/10/L',
        kind: 'lot',
        direction: 'down',
        at: null,
        known: 9,
        complete: true,
      },
      nodes: [maker, ...dealers].map((it) => ({ kind: 'party', ...it, alike: 1 })),
      ...{ hops: [], withdrawn: [], links: [], gaps: [] },
      handOvers: dealers.map((to, i) => ({
        ...{ from: maker, to, seqs: [i + 1], gap: i % 2 === 0 ? null : ('shipped-not-received' as const) },
        ...{ thing: 'x', things: i + 1 },
      })),
    };
    const { boxes, lines, together } = partiesOf(answer);
    t.equal(boxes.length, 1 + 12 + 1);
    t.equal(together, 488);
    const many = boxes.find(({ isMany }) => isMany);
    t.match(many, {
      title: { zh: '另有 488 个主体', en: '488 further parties' },
      words: [{ en: `received ${(488 * 489) / 2} · passed on 0` }],
    });
    t.strictSame(
      lines.filter(({ to }) => to === many?.id).map(({ telling }) => telling),
      ['told', 'missing'],
      'what is missing is still seen',
    );
    t.match(traceSvg(answer, 'en'), /488 are drawn together by level, and none is left out/);
  },
);

t.test('circles of very many are laid out at once', async (t) => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
  const circles = ids.flatMap((id, i) => [line(id, ids[i ^ 1] ?? id)]);
  t.equal(layersOf(ids, circles).size, ids.length);
});

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

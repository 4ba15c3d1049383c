/**
 * What of a trace is drawn: the things and how they came of each other, and the parties and what passed between them.
 * Things that have the same part in all are one box, and what passed often between two parties is one line; so the
 * drawing stays readable, and the entries of every line are named. What does not fit is counted.
 */
import type { HopType } from '../../../core/events/hop.ts';
import { hopWords } from '../../../core/events/hop-words.ts';
import { append } from '../../../core/grouping.ts';
import type { Bilingual } from '../../../web/words.ts';
import { passingOf } from '../passing.ts';
import type { TraceAnswer, TraceHopView } from '../schemas.ts';
import {
  bounded,
  entriesOf,
  firstOf,
  type Panel,
  plain,
  type SketchBox,
  type SketchLine,
  same,
  type Words,
} from './panel.ts';

/** Acts that a box tells at most. */
const actsMax = 6;

const kinds: Readonly<Record<string, Bilingual>> = {
  unit: { zh: '单品', en: 'Unit' },
  lot: { zh: '批次', en: 'Lot' },
  container: { zh: '箱/托盘', en: 'Container' },
  place: { zh: '场所', en: 'Place' },
};

/** An identifier without what the drawing says beside it. */
const short = (epc: string): string => epc.replace(/^(?:00|01\/\d+\/(?:21|10))\//, '');

/** The things, by how they came of each other; what has the same part in all is one box. */
export function thingsOf({ nodes, links, hops }: TraceAnswer): Panel {
  const hopOf = new Map(hops.map(({ seq, hop }) => [seq, hop]));
  const things = nodes.filter(({ kind }) => kind === 'unit' || kind === 'lot' || kind === 'container');
  const around = new Map<string, string[]>();
  for (const { kind, from, to, seq } of links) {
    append(around, to, `<${kind}/${from}/${seq}`);
    append(around, from, `>${kind}/${to}/${seq}`);
  }
  const groups = new Map<string, typeof things>();
  for (const thing of things) {
    const key = `${thing.kind}/${thing.name}/${(around.get(thing.id) ?? []).sort().join()}`;
    append(groups, key, thing);
  }
  const boxOf = new Map<string, string>();
  const boxes = [...groups.values()].flatMap((group): SketchBox[] => {
    const [first] = group;
    if (first === undefined) return [];
    for (const { id } of group) boxOf.set(id, first.id);
    const count = group.reduce((sum, { alike }) => sum + alike, 0);
    const kind = kinds[first.kind] ?? same(first.kind);
    const times = count > 1 ? ` × ${count}` : '';
    return [
      {
        id: first.id,
        title: { zh: `${kind.zh}${times}`, en: `${kind.en}${times}` },
        words: [
          plain(
            count > 1
              ? { zh: `${short(first.id)} 等`, en: `${short(first.id)} and others` }
              : same(short(first.id)),
          ),
          ...(first.name === null ? [] : [plain({ zh: first.name, en: first.nameEn ?? first.name })]),
        ],
        isHidden: false,
      },
    ];
  });
  const found = new Map<
    string,
    Pick<SketchLine, 'from' | 'to' | 'telling'> & { words: Bilingual; seqs: Set<number> }
  >();
  for (const { kind, from: one, to: other, seq } of links) {
    const [from, to] = [boxOf.get(one), boxOf.get(other)];
    if (from === undefined || to === undefined) continue;
    const words = linkWords(kind, hopOf.get(seq));
    const telling = kind === 'replaced' ? 'replaced' : 'told';
    const key = `${words.en}/${from}/${to}`;
    const line = found.get(key) ?? { from, to, words, telling, seqs: new Set() };
    line.seqs.add(seq);
    found.set(key, line);
  }
  const lines = [...found.values()].map(
    ({ words, seqs, ...line }): SketchLine => ({
      ...line,
      words: [{ ...plain(words), entries: entriesOf([...seqs]) }],
    }),
  );
  return bounded(boxes, lines);
}

function linkWords(kind: TraceAnswer['links'][number]['kind'], hop: HopType | undefined): Bilingual {
  switch (kind) {
    case 'contained':
      return { zh: '装有', en: 'holds' };
    case 'made-into':
      return becomingWords(hop);
    case 'replaced':
      return { zh: '被更换为', en: 'replaced by' };
  }
}

/** How one thing became part of another, or another itself. */
function becomingWords(hop: HopType | undefined): Bilingual {
  switch (hop) {
    case 'refill':
      return { zh: '充入', en: 'filled into' };
    case 'maintain':
      return { zh: '维修装入', en: 'fitted into' };
    case 'relabel':
      return { zh: '换标为', en: 'relabelled as' };
    case 'split':
      return { zh: '分切为', en: 'cut into' };
    default:
      return { zh: '制成', en: 'made into' };
  }
}

/** The parties, what they did, and what passed between them; also what was told of either and taken back. */
export function partiesOf(answer: TraceAnswer): Panel {
  const { nodes, hops, withdrawn, handOvers } = answer;
  const passed = new Set(
    handOvers.flatMap(({ seqs, gap }) => (gap === 'holder-changed-silently' ? [] : seqs)),
  );
  const order = new Map<string, number>();
  for (const { from, to } of handOvers)
    for (const party of [from, to])
      if (party !== null && !order.has(party.id)) order.set(party.id, order.size);
  const boxes = [
    ...nodes
      .filter(({ kind }) => kind === 'party')
      .sort((a, b) => (order.get(a.id) ?? order.size) - (order.get(b.id) ?? order.size))
      .map((party) => ({ ...party, isHidden: false })),
    ...onlyTakenBack(answer).map((party) => ({ ...party, isHidden: true })),
  ].map(
    ({ id, name, nameEn, region, isHidden }): SketchBox => ({
      id,
      title: { zh: name ?? id, en: nameEn ?? name ?? id },
      words: [
        ...(region === null ? [] : [plain(region)]),
        ...actsOf(hops.filter(({ seq, recorder }) => recorder?.id === id && !passed.has(seq))),
        ...withdrawnActs(withdrawn.filter((it) => it.recorder?.id === id && passingOf(it) === null)),
      ],
      isHidden,
    }),
  );
  const hidden = new Map<string, SketchBox>();
  const somebody = (party: { id: string } | null, beside: string, side: 'from' | 'to'): string => {
    if (party !== null) return party.id;
    const id = `${side}:${beside}`;
    const title =
      side === 'to'
        ? { zh: '未登记或不可见的买受方', en: 'Taker not named or shown' }
        : { zh: '未登记或不可见的交付方', en: 'Giver not named or shown' };
    hidden.set(id, { id, title, words: [], isHidden: true });
    return id;
  };
  const timeOf = new Map(hops.map((hop) => [hop.seq, hop]));
  const groups = new Map<string, { from: string; to: string; told: TraceAnswer['handOvers'] }>();
  for (const handOver of handOvers) {
    const from = somebody(handOver.from, handOver.to?.id ?? '', 'from');
    const to = somebody(handOver.to, handOver.from?.id ?? '', 'to');
    const key = `${from}/${to}/${handOver.gap}`;
    const group = groups.get(key) ?? { from, to, told: [] };
    group.told.push(handOver);
    groups.set(key, group);
  }
  const lines = [...groups.values()].map(({ from, to, told }): SketchLine => {
    const gap = told[0]?.gap ?? null;
    const halves = told.flatMap(({ seqs }) => seqs.flatMap((seq) => timeOf.get(seq) ?? []));
    return {
      from,
      to,
      words: [
        ...actsOf(halves),
        ...(gap === null ? [] : [{ ...plain(missingWords[gap]), telling: 'missing' as const }]),
      ],
      telling: gap === null ? 'told' : 'missing',
    };
  });
  const takenBack = new Map<string, { from: string; to: string; told: WithdrawnHop[] }>();
  for (const it of withdrawn) {
    const passing = passingOf(it);
    if (passing === null) continue;
    const from = somebody(passing.from, passing.to?.id ?? '', 'from');
    const to = somebody(passing.to, passing.from?.id ?? '', 'to');
    const line = takenBack.get(`${from}/${to}`) ?? { from, to, told: [] };
    line.told.push(it);
    takenBack.set(`${from}/${to}`, line);
  }
  lines.push(
    ...[...takenBack.values()].map(
      ({ from, to, told }): SketchLine => ({ from, to, words: withdrawnActs(told), telling: 'withdrawn' }),
    ),
  );
  return bounded([...boxes, ...hidden.values()], lines);
}

type WithdrawnHop = TraceAnswer['withdrawn'][number];
type Party = NonNullable<TraceHopView['giver']>;

/** Parties of which nothing stands but what was taken back. */
function onlyTakenBack({ nodes, withdrawn }: TraceAnswer): Party[] {
  const found = new Map<string, Party>();
  for (const { recorder, giver, taker } of withdrawn)
    for (const party of [recorder, giver, taker]) if (party !== null) found.set(party.id, party);
  for (const { id } of nodes) found.delete(id);
  return [...found.values()];
}

/** Acts that were taken back, struck out, and by which entries. */
function withdrawnActs(hops: readonly WithdrawnHop[]): Words[] {
  if (hops.length === 0) return [];
  const by = entriesOf([...new Set(hops.map(({ withdrawnBy }) => withdrawnBy))].sort((a, b) => a - b));
  return [
    ...actsOf(hops).map((words) => ({ ...words, telling: 'withdrawn' as const })),
    plain({ zh: `已由 ${by} 撤销或更正`, en: `taken back by ${by}` }),
  ];
}

const missingWords: Readonly<Record<NonNullable<TraceAnswer['handOvers'][number]['gap']>, Bilingual>> = {
  'received-not-shipped': { zh: '缺发货记录', en: 'no shipment recorded' },
  'shipped-not-received': { zh: '缺收货记录', en: 'no receipt recorded' },
  'holder-changed-silently': { zh: '缺发货与收货记录', en: 'neither half recorded' },
  'no-production': { zh: '缺生产记录', en: 'no production recorded' },
};

/**
 * Acts of one kind are one line: what, when first and last, by which entries. What was put in by a service, or in place of
 * another thing, is an entry of its own and no act of its own.
 */
function actsOf(hops: readonly TraceHopView[]): Words[] {
  const byKind = new Map<HopType, TraceHopView[]>();
  for (const hop of hops) append(byKind, hop.hop, hop);
  const acts = [...byKind].map(([kind, told]): Words => {
    const days = told.map(({ time }) => time.slice(0, 10)).sort();
    const [first = '', last = ''] = [days[0], days.at(-1)];
    const when =
      first === last ? first : `${first} – ${first.slice(0, 5) === last.slice(0, 5) ? last.slice(5) : last}`;
    const words = hopWords[kind];
    const count = told.filter(({ note }) => note !== 'parts' && note !== 'new').length;
    const times = count > 1 ? ` × ${count}` : '';
    return {
      ...plain({ zh: `${words.zh}${times} ${when}`, en: `${words.en}${times} ${when}` }),
      entries: entriesOf([...new Set(told.map(({ seq }) => seq))]),
    };
  });
  return firstOf(acts, actsMax, (more) => ({ zh: `另有 ${more} 类环节`, en: `${more} other kinds of acts` }));
}

/**
 * What of a trace is drawn: the things and how they came of each other, and the parties and what passed between them.
 * Things that have the same part in all are one box, and what passed often between two parties is one line; of very many
 * those through which least came are one box a level (folding.ts). So the drawing stays readable and leaves nothing out, and
 * the entries of every line are named.
 */
import type { HopType } from '../../../core/events/hop.ts';
import { hopWords } from '../../../core/events/hop-words.ts';
import { append } from '../../../core/grouping.ts';
import type { Bilingual } from '../../../web/words.ts';
import { passingOf } from '../passing.ts';
import type { TraceAnswer, TraceHopView } from '../schemas.ts';
import { type Folding, folding, type Node } from './folding.ts';
import {
  entriesOf,
  firstOf,
  type Panel,
  plain,
  type SketchBox,
  type SketchLine,
  same,
  sharing,
  type Telling,
  type Words,
} from './panel.ts';

/** Acts that a box tells at most. */
const actsMax = 6;
/** Products that the box of a level names at most. */
const namesMax = 3;

const kinds: Readonly<Record<string, Bilingual>> = {
  unit: { zh: '单品', en: 'Unit' },
  lot: { zh: '批次', en: 'Lot' },
  container: { zh: '箱/托盘', en: 'Container' },
  place: { zh: '场所', en: 'Place' },
};

/** An identifier without what the drawing says beside it. */
const short = (epc: string): string => epc.replace(/^(?:00|01\/\d+\/(?:21|10))\//, '');

type Thing = TraceAnswer['nodes'][number];

/** The things, by how they came of each other; what has the same part in all is one box. */
export function thingsOf({ epc, nodes, links, hops }: TraceAnswer): Panel {
  const hopOf = new Map(hops.map(({ seq, hop }) => [seq, hop]));
  const things = nodes.filter(({ kind }) => kind === 'unit' || kind === 'lot' || kind === 'container');
  const around = new Map<string, string[]>();
  for (const { kind, from, to, seq } of links) {
    append(around, to, `<${kind}/${from}/${seq}`);
    append(around, from, `>${kind}/${to}/${seq}`);
  }
  const alike = new Map<string, Thing[]>();
  for (const thing of things) {
    const key = `${thing.kind}/${thing.name}/${(around.get(thing.id) ?? []).sort().join()}`;
    append(alike, key, thing);
  }
  const groups = new Map(
    [...alike.values()].flatMap((group) => group.slice(0, 1).map(({ id }) => [id, group])),
  );
  const groupOf = new Map([...groups].flatMap(([id, group]) => group.map((thing) => [thing.id, id])));
  const ways = links.flatMap(({ kind, from: one, to: other, seq }) => {
    const [from, to] = [groupOf.get(one), groupOf.get(other)];
    return from === undefined || to === undefined ? [] : [{ kind, from, to, seq }];
  });
  const folded = folding(
    [...groups].map(([id, group]) => {
      const isAsked = group.some((thing) => thing.id === epc);
      return { id, weight: isAsked ? Number.POSITIVE_INFINITY : countOf(group) };
    }),
    ways,
  );
  const lines = new Map<
    string,
    Pick<SketchLine, 'from' | 'to' | 'telling'> & { words: Bilingual; seqs: Set<number> }
  >();
  for (const { kind, seq, ...way } of ways) {
    const [from, to] = [folded.boxOf(way.from), folded.boxOf(way.to)];
    const words = linkWords(kind, hopOf.get(seq));
    const telling = kind === 'replaced' ? 'replaced' : 'told';
    const key = `${words.en}/${from}/${to}`;
    const line = lines.get(key) ?? { from, to, words, telling, seqs: new Set() };
    line.seqs.add(seq);
    lines.set(key, line);
  }
  return {
    boxes: [...folded.boxes].flatMap(([id, ids]): SketchBox[] => {
      const all = ids.map((it) => groups.get(it) ?? []);
      const [first = [], ...others] = all;
      return others.length === 0 ? boxOfAlike(id, first) : [boxOfLevel(id, all)];
    }),
    lines: [...lines.values()].map(
      ({ words, seqs, ...line }): SketchLine => ({
        ...line,
        words: [{ ...plain(words), entries: entriesOf([...seqs]) }],
      }),
    ),
    together: sharing(folded),
  };
}

const countOf = (things: readonly Thing[]): number => things.reduce((sum, { alike }) => sum + alike, 0);

/** Things that have the same part in all. */
function boxOfAlike(id: string, group: readonly Thing[]): SketchBox[] {
  const [first] = group;
  if (first === undefined) return [];
  const count = countOf(group);
  const kind = kinds[first.kind] ?? same(first.kind);
  const times = count > 1 ? ` × ${count}` : '';
  return [
    {
      id,
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
      isMany: false,
    },
  ];
}

/** Things of one level that have not. */
function boxOfLevel(id: string, groups: readonly (readonly Thing[])[]): SketchBox {
  const things = groups.flat();
  const byKind = new Map<string, Thing[]>();
  for (const thing of things) append(byKind, thing.kind, thing);
  const names = new Map(
    things.flatMap(({ name, nameEn }) => (name === null ? [] : [[name, nameEn ?? name]])),
  );
  return {
    id,
    title: {
      zh: `另有 ${groups.length} 组，共 ${countOf(things)} 件`,
      en: `${groups.length} further, ${countOf(things)} things`,
    },
    words: [
      ...[...byKind].map(([kind, all]) => {
        const words = kinds[kind] ?? same(kind);
        return plain({ zh: `${words.zh} × ${countOf(all)}`, en: `${words.en} × ${countOf(all)}` });
      }),
      ...firstOf(
        [...names].map(([zh, en]) => plain({ zh, en })),
        namesMax,
        (more) => ({ zh: `另有 ${more} 种产品`, en: `${more} more products` }),
      ),
    ],
    isHidden: false,
    isMany: true,
  };
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
  const order = new Map<string, number>();
  for (const { from, to } of handOvers)
    for (const party of [from, to])
      if (party !== null && !order.has(party.id)) order.set(party.id, order.size);
  const parties = new Map<string, PartyBox>();
  const add = ({ id, name, nameEn, region }: Party | Thing, isHidden: boolean) =>
    parties.set(id, { id, title: { zh: name ?? id, en: nameEn ?? name ?? id }, region, isHidden });
  for (const party of nodes
    .filter(({ kind }) => kind === 'party')
    .sort((a, b) => (order.get(a.id) ?? order.size) - (order.get(b.id) ?? order.size)))
    add(party, false);
  for (const party of onlyTakenBack(answer)) add(party, true);
  const somebody = (party: { id: string } | null, beside: string, side: 'from' | 'to'): string => {
    if (party !== null) return party.id;
    const id = `${side}:${beside}`;
    const title =
      side === 'to'
        ? { zh: '未登记或不可见的买受方', en: 'Taker not named or shown' }
        : { zh: '未登记或不可见的交付方', en: 'Giver not named or shown' };
    parties.set(id, { id, title, region: null, isHidden: true });
    return id;
  };
  const between = ({
    from,
    to,
  }: {
    readonly from: { id: string } | null;
    readonly to: { id: string } | null;
  }) => ({
    from: somebody(from, to?.id ?? '', 'from'),
    to: somebody(to, from?.id ?? '', 'to'),
  });
  const passed: Passed[] = handOvers.map((it) => ({ ...between(it), handOver: it }));
  const takenBack: TakenBack[] = withdrawn.flatMap((hop) => {
    const passing = passingOf(hop);
    return passing === null ? [] : [{ ...between(passing), hop }];
  });
  const folded = folding(weighed(parties, passed), [...passed, ...takenBack]);
  const told = tellingActs(answer);
  return {
    boxes: [...folded.boxes].map(([id, ids]): SketchBox => {
      const all = ids.flatMap((it) => parties.get(it) ?? []);
      const [first, ...others] = all;
      const isAlone = first !== undefined && others.length === 0;
      return {
        id,
        title: isAlone
          ? first.title
          : { zh: `另有 ${all.length} 个主体`, en: `${all.length} further parties` },
        words: [
          ...(isAlone ? (first.region === null ? [] : [plain(first.region)]) : aboutMany(all, passed)),
          ...told(new Set(ids)),
        ],
        isHidden: all.every(({ isHidden }) => isHidden),
        isMany: !isAlone,
      };
    }),
    lines: [...passedLines(passed, folded, hops), ...takenBackLines(takenBack, folded)],
    together: sharing(folded),
  };
}

interface PartyBox {
  readonly id: string;
  readonly title: Bilingual;
  readonly region: Thing['region'];
  readonly isHidden: boolean;
}

interface Ends {
  readonly from: string;
  readonly to: string;
}
type Passed = Ends & { readonly handOver: TraceAnswer['handOvers'][number] };
type TakenBack = Ends & { readonly hop: WithdrawnHop };

/** Parties by how much passed through their hands. */
function weighed(parties: ReadonlyMap<string, PartyBox>, passed: readonly Passed[]): Node[] {
  const weights = new Map<string, number>();
  for (const { from, to, handOver } of passed)
    for (const id of [from, to]) weights.set(id, (weights.get(id) ?? 0) + handOver.things);
  return [...parties.keys()].map((id) => ({ id, weight: weights.get(id) ?? 0 }));
}

/** How many things passed through the hands of parties of one level, and where these are. */
function aboutMany(parties: readonly PartyBox[], passed: readonly Passed[]): Words[] {
  const ids = new Set(parties.map(({ id }) => id));
  const things = (end: 'from' | 'to') =>
    passed.reduce((sum, it) => (ids.has(it[end]) ? sum + it.handOver.things : sum), 0);
  const [received, gave] = [things('to'), things('from')];
  const regions = new Set(parties.flatMap(({ region }) => region?.code ?? []));
  const hidden = parties.filter(({ isHidden }) => isHidden).length;
  return [
    plain({ zh: `收 ${received} 件次 · 发 ${gave} 件次`, en: `received ${received} · passed on ${gave}` }),
    ...(regions.size === 0
      ? []
      : [
          plain({
            zh: `在 ${regions.size} 个地区`,
            en: `in ${regions.size} region${regions.size === 1 ? '' : 's'}`,
          }),
        ]),
    ...(hidden === 0
      ? []
      : [
          plain({
            zh: `其中 ${hidden} 个未具名或仅见于已撤销的记录`,
            en: `${hidden} of them not named or taken back`,
          }),
        ]),
  ];
}

/** What some parties did beside passing things on, and what of that was taken back. */
function tellingActs({ hops, withdrawn, handOvers }: TraceAnswer): (parties: ReadonlySet<string>) => Words[] {
  const passed = new Set(
    handOvers.flatMap(({ seqs, gap }) => (gap === 'holder-changed-silently' ? [] : seqs)),
  );
  const byParty = new Map<string, TraceHopView[]>();
  for (const hop of hops)
    if (hop.recorder !== null && !passed.has(hop.seq)) append(byParty, hop.recorder.id, hop);
  const takenBack = new Map<string, WithdrawnHop[]>();
  for (const hop of withdrawn)
    if (hop.recorder !== null && passingOf(hop) === null) append(takenBack, hop.recorder.id, hop);
  return (parties) => [
    ...actsOf([...parties].flatMap((id) => byParty.get(id) ?? [])),
    ...withdrawnActs([...parties].flatMap((id) => takenBack.get(id) ?? [])),
  ];
}

function passedLines(passed: readonly Passed[], { boxOf }: Folding, hops: TraceAnswer['hops']): SketchLine[] {
  const hopOf = new Map(hops.map((hop) => [hop.seq, hop]));
  const groups = new Map<string, Passed[]>();
  for (const it of passed) append(groups, `${boxOf(it.from)}/${boxOf(it.to)}/${it.handOver.gap}`, it);
  return [...groups.values()].flatMap((all): SketchLine[] => {
    const [first] = all;
    if (first === undefined) return [];
    const { gap } = first.handOver;
    const telling: Telling = gap === null ? 'told' : 'missing';
    const seqs = new Set(all.flatMap(({ handOver }) => handOver.seqs));
    const missing = gap === null ? [] : [{ ...plain(missingWords[gap]), telling }];
    return [
      {
        from: boxOf(first.from),
        to: boxOf(first.to),
        words: [...actsOf([...seqs].flatMap((seq) => hopOf.get(seq) ?? [])), ...missing],
        telling,
      },
    ];
  });
}

function takenBackLines(takenBack: readonly TakenBack[], { boxOf }: Folding): SketchLine[] {
  const groups = new Map<string, TakenBack[]>();
  for (const it of takenBack) append(groups, `${boxOf(it.from)}/${boxOf(it.to)}`, it);
  return [...groups.values()].flatMap((all): SketchLine[] => {
    const [first] = all;
    if (first === undefined) return [];
    const words = withdrawnActs(all.map(({ hop }) => hop));
    return [{ from: boxOf(first.from), to: boxOf(first.to), words, telling: 'withdrawn' }];
  });
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
  const acts = [...byKind].map(([kind, told]): Words[] => {
    const days = told.map(({ time }) => time.slice(0, 10)).sort();
    const [first = '', last = ''] = [days[0], days.at(-1)];
    const until = first.slice(0, 5) === last.slice(0, 5) ? last.slice(5) : last;
    const words = hopWords[kind];
    const count = told.filter(({ note }) => note !== 'parts' && note !== 'new').length;
    const times = count > 1 ? ` × ${count}` : '';
    const entries = entriesOf([...new Set(told.map(({ seq }) => seq))].sort((a, b) => a - b));
    // Beside the entries of many there is no room for two days.
    return first === last
      ? [{ ...plain({ zh: `${words.zh}${times} ${first}`, en: `${words.en}${times} ${first}` }), entries }]
      : [
          { ...plain({ zh: `${words.zh}${times}`, en: `${words.en}${times}` }), entries },
          plain(same(`${first} – ${until}`)),
        ];
  });
  const more = acts.length - actsMax;
  return [
    ...acts.slice(0, actsMax).flat(),
    ...(more > 0 ? [plain({ zh: `另有 ${more} 类环节`, en: `${more} other kinds of acts` })] : []),
  ];
}

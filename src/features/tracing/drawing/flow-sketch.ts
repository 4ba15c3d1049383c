/**
 * What of a flow is drawn: parties with what they have now, and how much went from one to another. Numbers between the same
 * two parties are one line, whatever places they went between; of very many parties those through whose hands least went
 * are one box a level (folding.ts).
 */
import { append } from '../../../core/grouping.ts';
import { stageWords } from '../../../core/life/stage-words.ts';
import { formatDecimal } from '../../../core/quantity.ts';
import { type FlowParty, flowParties, partyId } from '../flow-parties.ts';
import type { FlowAnswer } from '../schemas.ts';
import { type Folding, folding } from './folding.ts';
import {
  firstOf,
  type Panel,
  plain,
  type SketchBox,
  type SketchLine,
  same,
  sharing,
  type Words,
} from './panel.ts';

/** Heaps that a box tells at most. */
const heapsMax = 6;

/** How units of measure of UN/ECE Recommendation 20 are written; the code of others. */
const uomWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  KGM: { zh: '千克', en: 'kg' },
  GRM: { zh: '克', en: 'g' },
  TNE: { zh: '吨', en: 't' },
  MTR: { zh: '米', en: 'm' },
  KMT: { zh: '千米', en: 'km' },
  MTK: { zh: '平方米', en: 'm²' },
  MTQ: { zh: '立方米', en: 'm³' },
  LTR: { zh: '升', en: 'L' },
};

export function flowPanel(answer: FlowAnswer): Panel {
  const { now, measured } = answer;
  const parties = flowParties(answer);
  const passed = passedIn(answer);
  const weights = new Map<string, number>();
  for (const { from, to, units, quantities } of passed)
    for (const id of [from, to])
      weights.set(
        id,
        quantities.reduce((sum, it) => sum + Number(it), (weights.get(id) ?? 0) + units),
      );
  const folded = folding(
    [...parties.keys()].map((id) => ({ id, weight: weights.get(id) ?? 0 })),
    passed,
  );
  const heaps = new Map<string, Heap[]>();
  for (const heap of now) append(heaps, partyId({ party: heap.holder, region: heap.region }), heap);
  const balances = new Map<string, Balance[]>();
  for (const balance of measured?.balances ?? []) append(balances, partyId(balance), balance);
  const uom = measured?.uom ?? '';
  return {
    boxes: [...folded.boxes].map(([id, ids]) => {
      const all = ids.flatMap((it) => parties.get(it) ?? []);
      const held = ids.flatMap((it) => balances.get(it) ?? []);
      const words = {
        heaps: ids.flatMap((it) => heaps.get(it) ?? []),
        balances: held.length === 0 ? [] : [balanceWords(held, uom)],
      };
      const [first, ...others] = all;
      return first !== undefined && others.length === 0 ? boxOf(first, words) : boxOfMany(id, all, words);
    }),
    lines: linesOf(passed, folded, uom),
    together: sharing(folded),
  };
}

type Heap = FlowAnswer['now'][number];
type Balance = NonNullable<FlowAnswer['measured']>['balances'][number];

/** What stands in a box beside who it is. */
interface Contents {
  readonly heaps: readonly Heap[];
  readonly balances: readonly Words[];
}

const boxOf = (party: FlowParty, { heaps, balances }: Contents): SketchBox => ({
  id: party.id,
  title: party.name,
  words: [
    ...(party.region === null || !party.isNamed ? [] : [plain(party.region)]),
    ...passingWords([party]),
    ...firstOf(alike(heaps), heapsMax, (more) => ({ zh: `另有 ${more} 处`, en: `${more} more` })),
    ...balances,
  ],
  isHidden: !party.isNamed,
  isMany: false,
});

/** Parties of one level; where what they have is, their own boxes would tell. */
function boxOfMany(id: string, parties: readonly FlowParty[], { heaps, balances }: Contents): SketchBox {
  const regions = new Set(parties.flatMap(({ region }) => region?.code ?? []));
  const somewhere = heaps.map((heap) => ({ ...heap, place: null, taker: null }));
  return {
    id,
    title: { zh: `另有 ${parties.length} 个主体`, en: `${parties.length} further parties` },
    words: [
      ...(regions.size === 0
        ? []
        : [
            plain({
              zh: `在 ${regions.size} 个地区`,
              en: `in ${regions.size} region${regions.size === 1 ? '' : 's'}`,
            }),
          ]),
      ...passingWords(parties),
      ...alike(somewhere),
      ...balances,
    ],
    isHidden: parties.every(({ isNamed }) => !isNamed),
    isMany: true,
  };
}

function passingWords(parties: readonly FlowParty[]): Words[] {
  const received = parties.reduce((sum, party) => sum + party.received, 0);
  const gave = parties.reduce((sum, party) => sum + party.gave, 0);
  const passed = joined([
    ...(received === 0 ? [] : [{ zh: `收 ${received} 件`, en: `received ${received}` }]),
    ...(gave === 0 ? [] : [{ zh: `发 ${gave} 件`, en: `passed on ${gave}` }]),
  ]);
  return passed === null ? [] : [plain(passed)];
}

/** Heaps that would be told in the same words are one. */
function alike(heaps: readonly Heap[]): Words[] {
  const found = new Map<string, Heap>();
  for (const heap of heaps) {
    const key = JSON.stringify([heap.stage, heap.place?.name, heap.taker?.name, heap.blocked]);
    found.set(key, { ...heap, units: heap.units + (found.get(key)?.units ?? 0) });
  }
  return [...found.values()].map(heapWords);
}

const joined = (words: readonly { zh: string; en: string }[]) =>
  words.length === 0
    ? null
    : { zh: words.map((it) => it.zh).join(' · '), en: words.map((it) => it.en).join(' · ') };

function heapWords({ stage, place, taker, blocked, units }: Heap): Words {
  const words = stageWords[stage];
  const where =
    taker === null
      ? same(place?.name ?? '')
      : { zh: `→ ${taker.name}`, en: `→ ${taker.nameEn ?? taker.name}` };
  const [zh, en] = blocked ? ['（封存或扣押）', ', on hold'] : ['', ''];
  const at = (name: string) => (name === '' ? '' : ` · ${name}`);
  return plain({
    zh: `${words.zh} ${units} 件${zh}${at(where.zh)}`,
    en: `${units} ${words.en}${en}${at(where.en)}`,
  });
}

function balanceWords(balances: readonly Balance[], uom: string): Words {
  const unit = uomWords[uom] ?? same(uom);
  const has = sumOf(balances.map((it) => it.has));
  const used = sumOf(balances.map((it) => it.used));
  const [zh, en] = used === '0' ? ['', ''] : [` · 用去 ${used}`, ` · used ${used}`];
  return plain({ zh: `结存 ${has} ${unit.zh}${zh}`, en: `has ${has} ${unit.en}${en}` });
}

/** Decimals that a sum keeps: more than any amount has. */
const decimals = 24;

/** The sum of decimals, as the shortest decimal. */
function sumOf(amounts: readonly string[]): string {
  const sum = amounts.reduce((sum, amount) => {
    const [whole = '', fraction = ''] = amount.split('.');
    return sum + BigInt(whole + fraction.padEnd(decimals, '0'));
  }, 0n);
  return formatDecimal(sum, decimals);
}

/** What went from one party to another. */
interface Passed {
  readonly from: string;
  readonly to: string;
  readonly units: number;
  readonly shipped: number;
  readonly quantities: readonly string[];
  readonly underWay: readonly string[];
  /** Of the entries that it rests on; null where it rests on none. */
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
}

const nothing = { units: 0, shipped: 0, quantities: [], underWay: [], firstSeq: null, lastSeq: null };

const passedIn = ({ edges, now, measured }: FlowAnswer): Passed[] => [
  ...edges.map(({ from, to, units, firstSeq, lastSeq }) => ({
    ...{ ...nothing, from: partyId(from), to: partyId(to), units, firstSeq, lastSeq },
  })),
  ...now.flatMap(({ holder, region, taker, units }) =>
    taker === null
      ? []
      : [{ ...nothing, from: partyId({ party: holder, region }), to: taker.id, shipped: units }],
  ),
  ...(measured?.edges ?? []).map(({ from, to, quantity, underWay, firstSeq, lastSeq }) => ({
    ...{ ...nothing, from: partyId(from), to: partyId(to) },
    ...{ quantities: [quantity], underWay: [underWay], firstSeq, lastSeq },
  })),
];

function linesOf(passed: readonly Passed[], folded: Folding, uom: string): SketchLine[] {
  const found = new Map<string, Passed[]>();
  for (const it of passed) append(found, `${folded.boxOf(it.from)}/${folded.boxOf(it.to)}`, it);
  return [...found.values()].flatMap((all): SketchLine[] => {
    const [first] = all;
    if (first === undefined) return [];
    const [from, to] = [folded.boxOf(first.from), folded.boxOf(first.to)];
    return [{ from, to, words: lineWords(all, uom), telling: 'told' }];
  });
}

function lineWords(all: readonly Passed[], uom: string): Words[] {
  const unit = uomWords[uom] ?? same(uom);
  const [counts, measures] = [
    between(all.filter(({ quantities, units }) => quantities.length === 0 && units > 0)),
    between(all.filter(({ quantities }) => quantities.length > 0)),
  ];
  const units = all.reduce((sum, it) => sum + it.units, 0);
  const shipped = all.reduce((sum, it) => sum + it.shipped, 0);
  const quantity = sumOf(all.flatMap(({ quantities }) => quantities));
  const underWay = sumOf(all.flatMap((it) => it.underWay));
  return [
    ...(units === 0 ? [] : [{ ...plain({ zh: `${units} 件`, en: counted(units) }), entries: counts }]),
    ...(shipped === 0 ? [] : [plain({ zh: `在途 ${shipped} 件`, en: `${shipped} under way` })]),
    ...(quantity === '0'
      ? []
      : [{ ...plain({ zh: `${quantity} ${unit.zh}`, en: `${quantity} ${unit.en}` }), entries: measures }]),
    ...(underWay === '0'
      ? []
      : [
          {
            ...plain({ zh: `在途 ${underWay} ${unit.zh}`, en: `${underWay} ${unit.en} under way` }),
            entries: measures,
          },
        ]),
  ];
}

const counted = (units: number): string => (units === 1 ? '1 unit' : `${units} units`);

/** The entries that numbers rest on, as they are shown. */
function between(all: readonly Passed[]): string {
  const seqs = all.flatMap(({ firstSeq, lastSeq }) => [firstSeq, lastSeq].filter((it) => it !== null));
  const [first, last] = seqs.reduce(
    ([low, high], seq) => [Math.min(low, seq), Math.max(high, seq)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return seqs.length === 0 ? '' : first === last ? `#${first}` : `#${first} … #${last}`;
}

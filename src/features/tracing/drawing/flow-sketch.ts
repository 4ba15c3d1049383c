/**
 * What of a flow is drawn: parties with what they have now, and how much went from one to another. Numbers between the same
 * two parties are one line, whatever places they went between.
 */
import { append } from '../../../core/grouping.ts';
import { stageWords } from '../../../core/life/stage-words.ts';
import { type FlowParty, flowParties, partyId } from '../flow-parties.ts';
import type { FlowAnswer } from '../schemas.ts';
import {
  bounded,
  firstOf,
  type Panel,
  plain,
  type SketchBox,
  type SketchLine,
  same,
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
  const heaps = new Map<string, Heap[]>();
  for (const heap of now) append(heaps, partyId({ party: heap.holder, region: heap.region }), heap);
  const balances = new Map<string, Balance[]>();
  for (const balance of measured?.balances ?? []) append(balances, partyId(balance), balance);
  const boxes = [...flowParties(answer).values()].map((party) =>
    boxOf(
      party,
      heaps.get(party.id) ?? [],
      (balances.get(party.id) ?? []).map((it) => balanceWords(it, measured?.uom ?? '')),
    ),
  );
  return bounded(boxes, linesOf(answer));
}

type Heap = FlowAnswer['now'][number];
type Balance = NonNullable<FlowAnswer['measured']>['balances'][number];

function boxOf(
  { id, name, region, isNamed, received, gave }: FlowParty,
  heaps: readonly Heap[],
  balances: readonly Words[],
): SketchBox {
  const passed = joined([
    ...(received === 0 ? [] : [{ zh: `收 ${received} 件`, en: `received ${received}` }]),
    ...(gave === 0 ? [] : [{ zh: `发 ${gave} 件`, en: `passed on ${gave}` }]),
  ]);
  return {
    id,
    title: name,
    words: [
      ...(region === null || !isNamed ? [] : [plain(region)]),
      ...(passed === null ? [] : [plain(passed)]),
      ...firstOf(alike(heaps), heapsMax, (more) => ({ zh: `另有 ${more} 处`, en: `${more} more` })),
      ...balances,
    ],
    isHidden: !isNamed,
  };
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

function balanceWords({ has, used }: Balance, uom: string): Words {
  const unit = uomWords[uom] ?? same(uom);
  const [zh, en] = used === '0' ? ['', ''] : [` · 用去 ${used}`, ` · used ${used}`];
  return plain({ zh: `结存 ${has} ${unit.zh}${zh}`, en: `has ${has} ${unit.en}${en}` });
}

interface Passed {
  readonly from: string;
  readonly to: string;
  units: number;
  shipped: number;
  firstSeq: number;
  lastSeq: number;
  readonly measured: Words[];
}

function linesOf({ edges, now, measured }: FlowAnswer): SketchLine[] {
  const found = new Map<string, Passed>();
  const passing = (from: string, to: string): Passed => {
    const key = `${from}/${to}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const fresh = { from, to, units: 0, shipped: 0, firstSeq: Infinity, lastSeq: -Infinity, measured: [] };
    found.set(key, fresh);
    return fresh;
  };
  for (const { from, to, units, firstSeq, lastSeq } of edges) {
    const line = passing(partyId(from), partyId(to));
    line.units += units;
    line.firstSeq = Math.min(line.firstSeq, firstSeq);
    line.lastSeq = Math.max(line.lastSeq, lastSeq);
  }
  for (const { holder, region, taker, units } of now)
    if (taker !== null) passing(partyId({ party: holder, region }), taker.id).shipped += units;
  for (const edge of measured?.edges ?? [])
    passing(partyId(edge.from), partyId(edge.to)).measured.push(...measuredWords(edge, measured?.uom ?? ''));
  return [...found.values()].map(({ from, to, units, shipped, measured, ...seqs }) => ({
    from,
    to,
    words: [
      ...(units === 0
        ? []
        : [{ ...plain({ zh: `${units} 件`, en: counted(units) }), entries: between(seqs) }]),
      ...(shipped === 0 ? [] : [plain({ zh: `在途 ${shipped} 件`, en: `${shipped} under way` })]),
      ...measured,
    ],
    telling: 'told',
  }));
}

const counted = (units: number): string => (units === 1 ? '1 unit' : `${units} units`);

/** The entries that a number rests on, as they are shown. */
const between = ({ firstSeq, lastSeq }: Pick<Passed, 'firstSeq' | 'lastSeq'>): string =>
  firstSeq === lastSeq ? `#${firstSeq}` : `#${firstSeq} … #${lastSeq}`;

function measuredWords(
  { quantity, underWay, ...seqs }: NonNullable<FlowAnswer['measured']>['edges'][number],
  uom: string,
): Words[] {
  const unit = uomWords[uom] ?? same(uom);
  const entries = between(seqs);
  return [
    ...(quantity === '0'
      ? []
      : [{ ...plain({ zh: `${quantity} ${unit.zh}`, en: `${quantity} ${unit.en}` }), entries }]),
    ...(underWay === '0'
      ? []
      : [
          {
            ...plain({ zh: `在途 ${underWay} ${unit.zh}`, en: `${underWay} ${unit.en} under way` }),
            entries,
          },
        ]),
  ];
}

/**
 * What is told of each rank of a common source: who or what it is by name, how many of the bad and of the good units came
 * through it, what speaks for it over the next, and the ways of the bad units through it, with their entries.
 */
import { dateOf } from '../../core/china-dates.ts';
import type { Epc, HopRecord, PartyId, PlaceId } from '../../core/events/hop.ts';
import type { CommonSource } from '../../core/tracing/common-source.ts';
import type { Candidate, CandidateKind } from '../../core/tracing/exposure.ts';
import type { Sql } from '../../database/connection.ts';
import { epcTexts, loadHops } from '../events/chains.ts';
import type { Names } from '../tracing/names.ts';
import type { Cases, SuspectCase } from './cases.ts';
import type { CandidateView, CommonSourceAnswer, Question } from './schemas.ts';

/** Bad units of each rank whose ways are told. */
const waysTold = 50;
/** Candidates of one rank that its sentence names. */
const namedMax = 3;

interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** Cases that were ranked. */
type Ranked = Pick<Cases, 'cases' | 'candidates' | 'names'>;

interface Totals {
  readonly bad: number;
  readonly good: number;
}

type Rank = CommonSourceAnswer['sources'][number];

/** The first ranks, as many as are asked for. Two statements. */
export async function tellRanks(
  sql: Sql,
  ranked: Ranked,
  sources: readonly CommonSource[],
  {
    question,
    totals,
    limit,
  }: { readonly question: Question; readonly totals: Totals; readonly limit: number },
): Promise<Rank[]> {
  const ranks = sources
    .slice(0, limit)
    .map((source) => ({ source, ways: waysThrough(source, ranked.cases) }));
  const told = sources.slice(0, limit + 1).map((source) => candidatesOf(source, ranked));
  const ids = (...kinds: readonly CandidateKind[]): number[] =>
    told.flat().flatMap(({ kind, id }) => (kinds.includes(kind) ? [Number(id)] : []));
  const [texts, hops] = await Promise.all([
    epcTexts(sql, [
      ...ranks.flatMap(({ ways }) => ways.flatMap(({ numbers }) => numbers)),
      ...ids('container', 'input'),
    ]),
    loadHops(sql, ids('shipment')),
  ]);
  const naming = { names: ranked.names, texts, hops };
  const labels = told.map((candidates) => candidates.map((it) => labelOf(it, naming)));
  return ranks.map(({ source, ways }, i) => {
    const next = sources[i + 1];
    const against = next === undefined ? null : { source: next, labels: labels[i + 1] ?? [] };
    return {
      rank: i + 1,
      ...source,
      candidates: (told[i] ?? []).map((it) => describe(it, naming)),
      sentence: sentenceOf({ source, labels: labels[i] ?? [] }, against, totals, question),
      paths: ways.flatMap((way) => pathsOf(way, told[i] ?? [], naming)),
    };
  });
}

const candidatesOf = ({ candidates }: CommonSource, ranked: Ranked): Candidate[] =>
  candidates.flatMap((number) => ranked.candidates[number] ?? []);

/** The first bad cases downstream, no more of their units than are told. All of a rank have the same downstream. */
function waysThrough({ candidates: [first] }: CommonSource, cases: readonly SuspectCase[]): SuspectCase[] {
  const found: SuspectCase[] = [];
  let left = waysTold;
  for (const it of cases) {
    if (left === 0) break;
    if (!it.bad || first === undefined || !it.candidates.includes(first)) continue;
    const numbers = it.numbers.slice(0, left);
    left -= numbers.length;
    found.push({ ...it, numbers });
  }
  return found;
}

interface Naming {
  readonly names: Names;
  readonly texts: ReadonlyMap<number, Epc>;
  readonly hops: ReadonlyMap<number, HopRecord>;
}

/** Who had the units of a case, in order, and the entries that lead from them to some candidates. */
function pathsOf(
  { numbers, explain }: SuspectCase,
  candidates: readonly Candidate[],
  { names, texts }: Naming,
): Rank['paths'] {
  const told = new Set(candidates);
  const { exposures, path } = explain();
  const seqs = exposures().flatMap((it) => (told.has(it.candidate) ? it.seqs : []));
  const entries = [...new Set(seqs)].sort((a, b) => a - b);
  const stations = path().map(({ party, seqs }) => ({
    party,
    name: names.party(party).name,
    entries: [...seqs],
  }));
  return numbers.map((number) => ({ epc: texts.get(number) ?? '', entries, stations }));
}

function describe({ kind, id }: Candidate, { names, texts, hops }: Naming): CandidateView {
  const plain = { kind, id, name: null, region: null, shipment: null };
  switch (kind) {
    case 'claimed-maker':
    case 'traced-source':
    case 'party':
    case 'laboratory':
    case 'maintenance-firm': {
      const { name, region } = names.party(id as PartyId);
      return { ...plain, name, region };
    }
    case 'place': {
      const { name, region } = names.place(id as PlaceId);
      return { ...plain, name, region };
    }
    case 'product':
      return { ...plain, name: names.product(id).name };
    case 'container':
    case 'input':
      return { ...plain, id: texts.get(Number(id)) ?? id };
    case 'shipment': {
      const hop = hops.get(Number(id));
      return hop === undefined ? plain : { ...plain, shipment: shipmentOf(hop, names) };
    }
    case 'lot':
    case 'certificate':
      return plain;
  }
}

const shipmentOf = ({ giver, taker, until }: HopRecord, names: Names) => ({
  from: giver === null ? null : names.party(giver).name,
  to: taker === null ? null : names.party(taker).name,
  time: new Date(until).toISOString(),
});

const kindNames: Readonly<Record<CandidateKind, Bilingual>> = {
  'claimed-maker': { zh: '标称生产单位', en: 'claimed maker' },
  'traced-source': { zh: '有记录的最早持有单位', en: 'first holder on record' },
  party: { zh: '经手单位', en: 'party' },
  place: { zh: '场所', en: 'place' },
  product: { zh: '产品', en: 'product' },
  lot: { zh: '批次', en: 'lot' },
  shipment: { zh: '发运', en: 'shipment' },
  container: { zh: '箱、托盘', en: 'container' },
  input: { zh: '投入物', en: 'input' },
  certificate: { zh: '证书', en: 'certificate' },
  laboratory: { zh: '检测机构', en: 'laboratory' },
  'maintenance-firm': { zh: '维保单位', en: 'maintenance firm' },
};

/** What kind of candidate it is, and its name. */
function labelOf({ kind, id }: Candidate, { names, texts, hops }: Naming): Bilingual {
  const label = (zh: string, en = zh): Bilingual => ({
    zh: `${kindNames[kind].zh}“${zh}”`,
    en: `${kindNames[kind].en} ${en}`,
  });
  switch (kind) {
    case 'claimed-maker':
    case 'traced-source':
    case 'party':
    case 'laboratory':
    case 'maintenance-firm': {
      const { name, nameEn } = names.party(id as PartyId);
      return label(name, nameEn ?? name);
    }
    case 'place':
      return label(names.place(id as PlaceId).name ?? id);
    case 'product': {
      const { name, nameEn } = names.product(id);
      return label(name ?? id, nameEn ?? name ?? id);
    }
    case 'container':
    case 'input':
      return label(texts.get(Number(id)) ?? id);
    case 'shipment': {
      const hop = hops.get(Number(id));
      if (hop === undefined) return label(id);
      const way = [hop.giver, hop.taker].map((party) => (party === null ? '?' : names.party(party).name));
      return label(`${way.join(' → ')}，${dateOf(hop.until)}`, `${way.join(' → ')}, ${dateOf(hop.until)}`);
    }
    case 'lot':
    case 'certificate':
      return label(id);
  }
}

interface Told {
  readonly source: CommonSource;
  /** Of each of its candidates. */
  readonly labels: readonly Bilingual[];
}

const nouns: Readonly<Record<Question, Readonly<Record<'bad' | 'good', Bilingual>>>> = {
  goods: { bad: { zh: '不良品', en: 'bad' }, good: { zh: '良品', en: 'good' } },
  codes: { bad: { zh: '被冒用编码的产品', en: 'copied' }, good: { zh: '其他产品', en: 'other' } },
};

function sentenceOf(told: Told, next: Told | null, totals: Totals, question: Question): Bilingual {
  const { bad, good } = nouns[question];
  const { source } = told;
  const [name, against] = [nameOf(told), next === null ? null : comparison(source, next, question)];
  return {
    zh: `${name.zh}：${totals.bad} 个${bad.zh}中有 ${source.bad} 个、${totals.good} 个${good.zh}中有 ${source.good} 个经过。${against?.zh ?? '其后再无候选。'}`,
    en: `${name.en}: ${source.bad} of ${totals.bad} ${bad.en} units and ${source.good} of ${totals.good} ${good.en} ones came through. ${against?.en ?? 'Nothing is ranked after it.'}`,
  };
}

/** The first candidates of a rank by name, and how many others share it. */
function nameOf({ labels }: Told): Bilingual {
  const named = labels.slice(0, namedMax);
  const others = labels.length - named.length;
  const [zh, en] = [named.map((it) => it.zh).join('、'), named.map((it) => it.en).join(', ')];
  if (labels.length === 1) return { zh, en };
  return {
    zh: `${zh}${others > 0 ? `等 ${labels.length} 个候选` : ''}（这些产品无法将其区分）`,
    en: `${en}${others > 0 ? ` and ${others} more` : ''}, which these units cannot tell apart`,
  };
}

/** What speaks for a rank over the next, and what against it. */
function comparison(source: CommonSource, next: Told, question: Question): Bilingual {
  const { bad, good } = nouns[question];
  const [first, ...others] = next.labels;
  const name = {
    zh: `${first?.zh}${others.length > 0 ? `等 ${next.labels.length} 个候选` : ''}`,
    en: `${first?.en}${others.length > 0 ? ` and ${others.length} more` : ''}`,
  };
  const [moreBad, moreGood] = [source.bad - next.source.bad, source.good - next.source.good];
  const than = (more: number): Bilingual =>
    more === 0
      ? { zh: '一样多', en: 'as many' }
      : more > 0
        ? { zh: `多 ${more} 个`, en: `${more} more` }
        : { zh: `少 ${-more} 个`, en: `${-more} fewer` };
  const times = timesAsWell(source.score - next.source.score);
  return {
    zh: `与下一名${name.zh}相比，经过的${bad.zh}${than(moreBad).zh}，${good.zh}${than(moreGood).zh}；${times.zh}。`,
    en: `Against the next, ${name.en}: ${than(moreBad).en} ${bad.en} units and ${than(moreGood).en} ${good.en} ones came through it; ${times.en}.`,
  };
}

/** @param by by how much the ln of the Bayes factor is larger; at least 0 */
function timesAsWell(by: number): Bilingual {
  const times = Math.exp(by);
  if (times < 1.05) return { zh: '两者对结果的解释力相当', en: 'both explain what was found equally well' };
  const most = 1_000_000;
  const told = Number(Math.min(times, most).toPrecision(2)).toLocaleString('en-US');
  return times >= most
    ? { zh: `对结果的解释力为其 ${told} 倍以上`, en: `it explains what was found over ${told} times as well` }
    : { zh: `对结果的解释力约为其 ${told} 倍`, en: `it explains what was found about ${told} times as well` };
}

/**
 * Common source over the ledger: units and lots named and looked up, controls drawn, cases ranked, and every rank told with the
 * entries that it rests on.
 */
import { randomInt } from 'node:crypto';
import type { Epc, HopRecord, PartyId, PlaceId } from '../../core/events/hop.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import { parseEventTime } from '../../core/time.ts';
import { type CommonSource, commonSource } from '../../core/tracing/common-source.ts';
import { type Candidate, type CandidateKind, candidateKinds } from '../../core/tracing/exposure.ts';
import { fault, ok, Refusal, type Result } from '../../errors.ts';
import type { Reader } from '../access/reading.ts';
import { epcTexts, unitNumbers } from '../events/chains.ts';
import { createFaults } from '../events/faults.ts';
import type { FeatureDeps } from '../feature.ts';
import { inTurns } from '../in-turns.ts';
import { resolveParties } from '../parties/references.ts';
import type { LoadNames, Names } from '../tracing/names.ts';
import { type Cases, loadCases, type Suspect, type SuspectCase } from './cases.ts';
import { drawControls } from './controls.ts';
import {
  type CandidateView,
  type CommonSourceAnswer,
  type CommonSourceAsked,
  type Labelled,
  unitsMax,
} from './schemas.ts';

export interface InvestigationDeps extends Pick<FeatureDeps, 'reads' | 'ledger' | 'policies'> {
  readonly names: LoadNames;
}

/** Sources told unless asked for more, and bad units whose evidence and path are told. */
const sourcesTold = 20;
const unitsTold = 50;
/** Controls for each bad unit, and at least, when no good units are named. */
const controlsEach = 3;
const controlsMin = 60;

/** What may have made goods bad … */
const ofGoods: ReadonlySet<CandidateKind> = new Set(candidateKinds);
/** … and who can have copied the code on them: whoever had them in hand, or printed it. */
const ofCodes: ReadonlySet<CandidateKind> = new Set<CandidateKind>([
  'claimed-maker',
  'party',
  'place',
  'lot',
  'shipment',
  'container',
  'laboratory',
  'maintenance-firm',
]);

interface Named extends Omit<Suspect, 'unit' | 'holder'> {
  readonly epc: Epc;
  readonly holder: Reference | null;
}

/** A party by any of its names, and where it is named. */
interface Reference {
  readonly name: string;
  readonly pointer: string;
}

/** Refuses `not-found` when the reader may see none of the bad units. */
export async function findCommonSource(
  deps: InvestigationDeps,
  reader: Reader,
  asked: CommonSourceAsked,
): Promise<CommonSourceAnswer> {
  const { sql } = deps.reads;
  const { question = 'goods', good = [], limit = sourcesTold } = asked;
  const named = suspectsIn(asked);
  const size = await deps.ledger.size();
  const [numbers, holders] = await Promise.all([
    unitNumbers(
      sql,
      named.map(({ epc }) => epc),
    ),
    holdersIn(deps, reader, named),
  ]);
  const told = named.flatMap(({ epc, holder, ...label }): Suspect[] => {
    const unit = numbers.get(epc);
    if (unit === undefined) return [];
    return [{ unit, ...label, holder: holder === null ? null : (holders.get(holder.name) ?? null) }];
  });
  const wanted =
    asked.controls ?? (good.length > 0 ? 0 : Math.max(controlsMin, controlsEach * asked.bad.length));
  const drawn = await drawControls(sql, told, wanted, size, randomInt);
  const suspects = [...told, ...drawn.map((unit) => ({ unit, ...control }))];
  const cases = await loadCases({ sql, names: deps.names }, reader, suspects, {
    before: size,
    follows: question === 'goods',
  });
  const seen = new Set(cases.cases.flatMap(({ units }) => units));
  const kinds = question === 'goods' ? ofGoods : ofCodes;
  const asksAfter = cases.candidates.map(({ kind }) => kinds.has(kind));
  const asking = cases.cases.map((it) => ({
    ...it,
    candidates: it.candidates.filter((number) => asksAfter[number]),
  }));
  if (!asking.some(({ bad }) => bad))
    throw new Refusal(
      'not-found',
      'None of the bad units is known here and tied to your jurisdiction; check the identifiers.',
    );
  const ranked = await inTurns(
    commonSource(
      asking.map((it) => ({ ...it, units: it.units.length })),
      cases.candidates,
    ),
  );
  const ranking = ranked.slice(0, limit);
  const numberOf = new Map(cases.candidates.map((candidate, number) => [candidate, number]));
  const numbersOf = (told: readonly Candidate[]) => new Set(told.flatMap((it) => numberOf.get(it) ?? []));
  const sources = ranking.map((source) => ({
    source,
    downstream: firstBad(asking, numbersOf(source.candidates)),
  }));
  const ways = firstBad(asking);
  const texts = await textsOf(deps, [ways, ...sources.map(({ downstream }) => downstream)], drawn, ranking);
  const count = (isBad: boolean) =>
    asking.reduce((sum, { bad, units }) => sum + (bad === isBad ? units.length : 0), 0);
  const totals = { bad: count(true), good: count(false) };
  return {
    question,
    size,
    ...totals,
    controls: drawn.filter((unit) => seen.has(unit)).map((unit) => texts.get(unit) ?? ''),
    leftOut: named.flatMap(({ epc }) => {
      const unit = numbers.get(epc);
      return unit !== undefined && seen.has(unit) ? [] : [epc];
    }),
    sources: sources.map(({ source, downstream }, i) => ({
      rank: i + 1,
      ...source,
      candidates: source.candidates.map((it) => describe(it, cases, texts)),
      sentence: sentenceOf(source, totals),
      evidence: evidenceOf(source, downstream, texts),
    })),
    paths: ways.flatMap(({ units, explain }) => {
      const stations = explain()
        .path()
        .map(({ party, seqs }) => ({
          party,
          name: cases.names.party(party).name,
          entries: [...seqs],
        }));
      return units.map((unit) => ({ epc: texts.get(unit) ?? '', stations }));
    }),
  };
}

const control = {
  ...{ isLot: false, holder: null, bad: false, weight: 1, at: Number.POSITIVE_INFINITY },
};

/** Who had what is meant of lots, by the names that were given. Two statements. */
async function holdersIn(
  { reads: { sql }, policies }: InvestigationDeps,
  reader: Reader,
  named: readonly Named[],
): Promise<Map<string, PartyId>> {
  const asked = named.flatMap(({ holder }) => holder ?? []);
  const { parties, faults } = await resolveParties(
    sql,
    policies,
    asked.map(({ name }) => name),
    reader.party,
  );
  const wrong = createFaults();
  for (const { index, ...it } of faults) wrong.add(asked[index]?.pointer ?? '', it);
  wrong.refuse();
  return new Map(
    asked.flatMap(({ name }, i) => {
      const party = parties[i] ?? null;
      return party === null ? [] : [[name, party] as const];
    }),
  );
}

/** What the investigator named, each unit and lot once. */
function suspectsIn({ bad, good = [] }: CommonSourceAsked): Named[] {
  if (bad.length + good.length > unitsMax)
    throw new Refusal('too-many-epcs', `Name at most ${unitsMax} units, bad and good together.`);
  const faults = createFaults();
  const seen = new Set<Epc>();
  const read = (list: readonly Labelled[], name: 'bad' | 'good'): Named[] =>
    list.flatMap(({ epc: text, weight = 1, at, holder }, i): Named[] => {
      const thing = faults.take(`/${name}/${i}/epc`, goodsOf(text));
      const time = at === undefined ? null : faults.take(`/${name}/${i}/at`, parseEventTime(at));
      if (thing === null) return [];
      const { epc, type } = thing;
      const isLot = type === 'lot';
      const pointer = `/${name}/${i}/holder`;
      if (holder !== undefined && !isLot)
        faults.add(pointer, {
          code: 'invalid-request',
          detail: 'Say who had it of lots alone: the history of a unit says who had that.',
        });
      if (seen.has(epc))
        faults.add(`/${name}/${i}/epc`, {
          code: 'duplicate-epc',
          detail: `${epc} is named twice; a unit is bad or good, and counts once.`,
        });
      seen.add(epc);
      return [
        {
          ...{ epc, isLot, weight, bad: name === 'bad', at: time?.until ?? Number.POSITIVE_INFINITY },
          holder: holder === undefined ? null : { name: holder, pointer },
        },
      ];
    });
  const named = [...read(bad, 'bad'), ...read(good, 'good')];
  faults.refuse();
  return named;
}

function goodsOf(text: string): Result<{ readonly epc: Epc; readonly type: 'unit' | 'lot' }> {
  const parsed = parseIdentifier(text);
  if (!parsed.ok) return parsed;
  const { epc, type } = parsed.value;
  return type === 'unit' || type === 'lot'
    ? ok({ epc, type })
    : fault('invalid-identifier', 'Name single units or lots: a GTIN with a serial or a lot number.');
}

/** Texts of all numbers that the answer shows. */
async function textsOf(
  { reads: { sql } }: Pick<FeatureDeps, 'reads'>,
  told: readonly (readonly SuspectCase[])[],
  controls: readonly number[],
  ranking: readonly CommonSource[],
): Promise<ReadonlyMap<number, Epc>> {
  const bad = told.flat().flatMap(({ units }) => units);
  const numbered = ranking.flatMap(({ candidates }) =>
    candidates.flatMap(({ kind, id }) => (kind === 'container' || kind === 'input' ? [Number(id)] : [])),
  );
  return epcTexts(sql, [...bad, ...controls, ...numbered]);
}

function describe(
  { kind, id }: Candidate,
  { names, hops }: Cases,
  texts: ReadonlyMap<number, Epc>,
): CandidateView {
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

function sentenceOf({ bad, good, candidates }: CommonSource, totals: { bad: number; good: number }) {
  const alike = candidates.length - 1;
  return {
    zh: `${totals.bad} 个不良品中有 ${bad} 个经过该处，${totals.good} 个良品中有 ${good} 个经过该处。${alike > 0 ? `另有 ${alike} 个候选与其经过的产品完全相同，无法区分。` : ''}`,
    en: `${bad} of ${totals.bad} bad units came through it, and ${good} of ${totals.good} good ones.${alike > 0 ? ` These units cannot tell the ${candidates.length} candidates apart.` : ''}`,
  };
}

/** The first bad cases, no more of their units than are told; only those downstream of some candidates, if any are named. */
function firstBad(cases: readonly SuspectCase[], upstream?: ReadonlySet<number>): SuspectCase[] {
  const found: SuspectCase[] = [];
  let left = unitsTold;
  for (const it of cases) {
    if (left === 0) break;
    if (!it.bad || (upstream !== undefined && !it.candidates.some((one) => upstream.has(one)))) continue;
    const units = it.units.slice(0, left);
    left -= units.length;
    found.push({ ...it, units });
  }
  return found;
}

function evidenceOf(
  { candidates }: CommonSource,
  downstream: readonly SuspectCase[],
  texts: ReadonlyMap<number, Epc>,
): CommonSourceAnswer['sources'][number]['evidence'] {
  const told = new Set(candidates);
  return downstream.flatMap(({ units, explain }) => {
    const seqs = explain()
      .exposures()
      .flatMap(({ candidate, seqs }) => (told.has(candidate) ? seqs : []));
    const entries = [...new Set(seqs)].sort((a, b) => a - b);
    return units.map((unit) => ({ epc: texts.get(unit) ?? '', entries }));
  });
}

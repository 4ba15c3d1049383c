/**
 * Common source over the ledger: units and lots named and looked up, controls drawn, cases ranked, and every rank told
 * (`ranks.ts`) with the entries that it rests on.
 */

import { randomInt } from 'node:crypto';
import type { Epc, PartyId } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import { parseEventTime } from '../../core/time.ts';
import { commonSource } from '../../core/tracing/common-source.ts';
import type { CandidateKind } from '../../core/tracing/exposure.ts';
import { fault, ok, Refusal, type Result } from '../../errors.ts';
import type { Reader } from '../access/reading.ts';
import { epcTexts, unitNumbers } from '../events/chains.ts';
import { createFaults } from '../events/faults.ts';
import type { FeatureDeps } from '../feature.ts';
import { inTurns } from '../in-turns.ts';
import { resolveParties } from '../parties/references.ts';
import type { LoadNames } from '../tracing/names.ts';
import { type Cases, loadCases, type Suspect, type SuspectCase } from './cases.ts';
import { controlsFor, drawControls } from './controls.ts';
import { tellRanks } from './ranks.ts';
import { type CommonSourceAnswer, type CommonSourceAsked, type Labelled, unitsMax } from './schemas.ts';

export interface InvestigationDeps extends Pick<FeatureDeps, 'reads' | 'ledger' | 'policies'> {
  readonly names: LoadNames;
}

/** Sources told unless asked for more. */
const sourcesTold = 20;

/** Who can have copied the code on goods: whoever had them in hand, or printed it. All kinds may have made goods bad. */
const codeKinds: ReadonlySet<CandidateKind> = new Set<CandidateKind>([
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
  const wanted = asked.controls ?? (good.length > 0 ? 0 : controlsFor(asked.bad.length));
  const products = new Set(named.flatMap(({ epc, isLot, bad }) => (isLot && bad ? [gtinIn(epc)] : [])));
  const drawn = await drawControls(sql, told, [...products], wanted, size, randomInt);
  const suspects = [...told, ...drawn];
  const cases = await loadCases({ sql, names: deps.names }, reader, suspects, {
    before: size,
    follows: question === 'goods',
  });
  const seen = new Set(cases.cases.flatMap(({ numbers }) => numbers));
  const asking = question === 'goods' ? cases.cases : ofKinds(cases, codeKinds);
  if (!asking.some(({ bad }) => bad))
    throw new Refusal(
      'not-found',
      'None of the bad units is known here and tied to your jurisdiction; check the identifiers.',
    );
  const sources = await inTurns(commonSource(asking, cases.candidates.length));
  const count = (isBad: boolean) =>
    asking.reduce((sum, { bad, units }) => sum + (bad === isBad ? units : 0), 0);
  const totals = { bad: count(true), good: count(false) };
  const [controls, ranks] = await Promise.all([
    epcTexts(
      sql,
      drawn.flatMap(({ unit }) => (seen.has(unit) ? [unit] : [])),
    ),
    tellRanks(sql, { ...cases, cases: asking }, sources, { question, totals, limit }),
  ]);
  return {
    question,
    size,
    ...totals,
    controls: [...controls.values()],
    leftOut: named.flatMap(({ epc }) => {
      const unit = numbers.get(epc);
      return unit !== undefined && seen.has(unit) ? [] : [epc];
    }),
    sources: ranks,
  };
}

/** What of some kinds stood upstream, and nothing else. */
const ofKinds = ({ cases, candidates }: Cases, kinds: ReadonlySet<CandidateKind>): SuspectCase[] => {
  const isAsked = candidates.map(({ kind }) => kinds.has(kind));
  return cases.map((it) => ({ ...it, candidates: it.candidates.filter((number) => isAsked[number]) }));
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
      if (holder !== undefined && !isLot)
        faults.add(`/${name}/${i}/holder`, {
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
          holder: holder === undefined ? null : { name: holder, pointer: `/${name}/${i}/holder` },
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

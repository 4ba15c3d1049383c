/** Traces a thing for a reader: loads what it leads to, tells it in order, and shows what the reader may see. */

import type { Epc, HopRecord, PartyId } from '../../core/events/hop.ts';
import { gtinIn, thingIn } from '../../core/gs1/identifier-forms.ts';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import { historyOf, withdrawnOf } from '../../core/life/enclosure.ts';
import type { Step } from '../../core/life/history.ts';
import { histories } from '../../core/life/membership.ts';
import { trace } from '../../core/tracing/trace.ts';
import type { NodeKind, Trace } from '../../core/tracing/trace-graph.ts';
import { Refusal } from '../../errors.ts';
import type { Reader } from '../access/reading.ts';
import { epcTexts, unitNumbers } from '../events/chains.ts';
import type { FeatureDeps } from '../feature.ts';
import { namesInScope } from '../mandates/named.ts';
import { mastersOf } from '../units/histories.ts';
import { lotUnits } from './cohorts.ts';
import { type LoadNames, type ProductView, stationsIn } from './names.ts';
import { amountsIn, hopProofs, type LoadedGraph, loadGraph, wholeLot } from './queries.ts';
import type { TraceAnswer } from './schemas.ts';
import { seenHops } from './sight.ts';
import type { Starts, TraceAsked } from './things.ts';
import { answerOf } from './trace-answer.ts';

export interface TraceDeps extends Pick<FeatureDeps, 'lookups' | 'reads' | 'ledger'> {
  readonly names: LoadNames;
}
/**
 * The trace as the reader may see it: of what was known, what happened. Names are those of now. Refuses `not-found` alike for what no entry names and for what the reader may
 * see nothing of, so that nobody learns by asking which goods exist.
 */
export async function traceFor(deps: TraceDeps, reader: Reader, asked: TraceAsked): Promise<TraceAnswer> {
  const { sql } = deps.lookups;
  const masters = mastersOf(deps.ledger, deps.reads.sql);
  const starts = await startsOf(deps, asked);
  if (starts.numbers.length === 0) throw nothingSeen(asked.thing.epc);
  const bound = { direction: asked.direction, ...(asked.at === null ? {} : { at: asked.at }) };
  const [graph] = await Promise.all([loadGraph(sql, starts.numbers, bound, asked.before), masters.freshen()]);
  const steps = [...graph.chains.values()].flat();
  const seqs = new Set(steps.map(({ hop }) => hop.seq));
  const [texts, proofs, amounts] = await Promise.all([
    epcTexts(sql, numbersIn(graph, steps)),
    hopProofs(sql, seqs),
    amountsIn(sql, measuredIn(graph), seqs),
  ]);
  const names = await deps.names({
    ...stationsIn(steps),
    gtins: new Set([...texts.values()].flatMap((epc) => gtinOf(epc) ?? [])),
  });
  const kindOf = (number: number): NodeKind => thingIn(texts.get(number) ?? '') ?? 'place';
  const stubUntil = new Map<PartyId, number>();
  for (const { hop } of steps) {
    const until = hop.taker === null ? null : masters.stubUntil(hop.taker, asked.before);
    if (hop.taker !== null && until !== null) stubUntil.set(hop.taker, until);
  }
  const options = { ...bound, stubUntil, counts: starts.counts };
  const all = trace({ ...graph, kindOf }, starts.numbers, options);
  const things = all.nodes.flatMap((node) => ('number' in node ? [node.number] : []));
  const productOf = (number: number): ProductView | null => {
    const gtin = gtinOf(texts.get(number));
    return gtin === null ? null : names.product(gtin);
  };
  const inScope = await namesInScope(sql, reader.mandate, things);
  // A unit that stands for all of one history is looked at by what it has in common with them.
  const namesOf = (number: number): readonly string[] =>
    starts.counts.has(number) ? inScope(number).filter((it) => it !== texts.get(number)) : inScope(number);
  const begun = new Set(starts.numbers);
  const shared = histories((number) => graph.chains.get(number) ?? []);
  const {
    hops: seen,
    hidden,
    isAskedSeen,
  } = seenHops(
    reader,
    names,
    {
      standing: [...all.hops.map(({ hop }) => hop), ...linking(all, steps)],
      withdrawn: all.withdrawn.map(({ hop }) => hop),
      links: all.links,
    },
    () =>
      things.map((number) => ({
        number,
        asked: number === starts.asked,
        isStart: begun.has(number),
        maker: productOf(number)?.owner ?? null,
        names: namesOf(number),
        history: historyOf(number, shared),
        withdrawn: withdrawnOf(number, shared),
      })),
  );
  const found = hidden.size === 0 ? all : trace({ ...graph, kindOf }, starts.numbers, { ...options, hidden });
  const isMaker = starts.numbers.some((number) => productOf(number)?.owner === reader.party);
  // What one sees of other things does not tell that they were in this container, or made of this unit.
  const isSeen = seen.size > 0 && (asked.thing.type === 'lot' || isAskedSeen);
  if (!isSeen && !isMaker) throw nothingSeen(asked.thing.epc);
  const epcOf = (number: number): string => texts.get(number) ?? String(number);
  return answerOf({ asked, found, seen, hidden, names, proofs, amounts, starts, kindOf, epcOf, productOf });
}

/** Hops that lead from one thing to another and happened before the bound, so that the trace does not tell them. */
function linking({ hops, links }: Trace, steps: readonly Step[]): HopRecord[] {
  const told = new Set(hops.map(({ seq }) => seq));
  const wanted = new Set(links.flatMap(({ seq }) => (told.has(seq) ? [] : [seq])));
  return [...new Map(steps.flatMap(({ hop }) => (wanted.has(hop.seq) ? [[hop.seq, hop]] : []))).values()];
}

const nothingSeen = (epc: Epc): Refusal =>
  new Refusal('not-found', `No entry that you may read names ${epc}; check the identifier.`);

/** The thing itself; of a lot also one unit of each history. */
async function startsOf(
  { lookups, reads }: TraceDeps,
  { thing: { type, epc }, before }: TraceAsked,
): Promise<Starts> {
  if (type !== 'lot') {
    const asked = (await unitNumbers(lookups.sql, [epc])).get(epc) ?? null;
    return { asked, numbers: asked === null ? [] : [asked], counts: new Map() };
  }
  const [numbers, units] = await Promise.all([
    unitNumbers(lookups.sql, [epc]),
    lotUnits(reads.sql, wholeLot(epc), before),
  ]);
  return {
    asked: numbers.get(epc) ?? null,
    numbers: [...numbers.values(), ...units.cohorts.map(({ unit }) => unit)],
    counts: new Map(units.cohorts.map(({ unit, count }) => [unit, count])),
  };
}

function numbersIn(graph: LoadedGraph, steps: readonly Step[]): Set<number> {
  const numbers = new Set(graph.chains.keys());
  for (const { parent } of steps) if (parent !== null) numbers.add(parent);
  return numbers;
}

/** Numbers that are dealt by measure. */
const measuredIn = ({ chains }: LoadedGraph): number[] =>
  [...chains].flatMap(([number, own]) => (own.some(({ amount }) => amount !== null) ? [number] : []));

const gtinOf = (epc: Epc | undefined): string | null => {
  const gtin = epc?.startsWith('01/') ? parseGtin(gtinIn(epc)) : null;
  return gtin?.ok ? gtin.value : null;
};

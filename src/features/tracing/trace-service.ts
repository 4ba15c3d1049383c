/** Traces a thing for a reader: loads what it leads to, tells it in order, and shows what the reader may see. */

import { historyOf } from '../../core/enclosure.ts';
import type { Step } from '../../core/history.ts';
import type { Epc, HopRecord, PartyId } from '../../core/hop.ts';
import { type Identifier, parseGtin } from '../../core/identifiers.ts';
import { histories } from '../../core/membership.ts';
import { formatQuantity } from '../../core/quantity.ts';
import { type Direction, type NodeKind, type Trace, type TraceHop, trace } from '../../core/trace.ts';
import { Refusal } from '../../errors.ts';
import type { Reader } from '../access/reading.ts';
import { epcTexts, unitNumbers } from '../events/chains.ts';
import type { FeatureDeps } from '../feature.ts';
import { mastersOf } from '../units/histories.ts';
import { lotUnits } from './cohorts.ts';
import { gapSentence } from './gap-sentences.ts';
import { type LoadNames, type Names, type ProductView, stationsIn } from './names.ts';
import {
  amountsIn,
  type HopProof,
  hopProofs,
  type LoadedGraph,
  loadGraph,
  type Measured,
} from './queries.ts';
import type { TraceAnswer, TraceHopView } from './schemas.ts';
import { type Seen, seenHops } from './sight.ts';
import { precisionOf, toldTime } from './times.ts';

export interface TraceDeps extends Pick<FeatureDeps, 'lookups' | 'reads' | 'ledger'> {
  readonly names: LoadNames;
}
export type Traceable = Extract<Identifier, { type: 'unit' | 'lot' | 'container' }>;

export interface TraceAsked {
  readonly thing: Traceable;
  readonly direction: Direction;
  /** ms since the epoch; null without a bound. */
  readonly at: number | null;
}

/** Things that stand for others, with how many. */
interface Starts {
  /** The number of what was asked for itself; null when no entry names it. */
  readonly asked: number | null;
  readonly numbers: readonly number[];
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * The trace as the reader may see it. Refuses `not-found` alike for what no entry names and for what the reader may
 * see nothing of, so that nobody learns by asking which goods exist.
 */
export async function traceFor(deps: TraceDeps, reader: Reader, asked: TraceAsked): Promise<TraceAnswer> {
  const { sql } = deps.lookups;
  const masters = mastersOf(deps.ledger, deps.reads.sql);
  const starts = await startsOf(deps, asked.thing);
  if (starts.numbers.length === 0) throw nothingSeen(asked.thing.epc);
  const bound = { direction: asked.direction, ...(asked.at === null ? {} : { at: asked.at }) };
  const [graph] = await Promise.all([loadGraph(sql, starts.numbers, bound), masters.freshen()]);
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
  const kindOf = (number: number): NodeKind => kindOfEpc(texts.get(number));
  const stubUntil = new Map<PartyId, number>();
  for (const { hop } of steps) {
    const until = hop.taker === null ? null : masters.stubUntil(hop.taker, Number.MAX_SAFE_INTEGER);
    if (hop.taker !== null && until !== null) stubUntil.set(hop.taker, until);
  }
  const found = trace({ ...graph, kindOf }, starts.numbers, { ...bound, stubUntil, counts: starts.counts });
  const things = found.nodes.flatMap((node) => ('number' in node ? [node.number] : []));
  const productOf = (number: number): ProductView | null => {
    const gtin = gtinOf(texts.get(number));
    return gtin === null ? null : names.product(gtin);
  };
  const shared = histories((number) => graph.chains.get(number) ?? []);
  const seen = seenHops(reader, names, [...found.hops.map(({ hop }) => hop), ...linking(found, steps)], () =>
    things.map((number) => ({
      asked: number === starts.asked,
      maker: productOf(number)?.owner ?? null,
      history: historyOf(number, shared),
    })),
  );
  const isMaker = starts.numbers.some((number) => productOf(number)?.owner === reader.party);
  if (seen.size === 0 && !isMaker) throw nothingSeen(asked.thing.epc);
  const epcOf = (number: number): string => texts.get(number) ?? String(number);
  return answerOf({ asked, found, seen, names, proofs, amounts, starts, kindOf, epcOf, productOf });
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
async function startsOf({ lookups, reads, ledger }: TraceDeps, { type, epc }: Traceable): Promise<Starts> {
  if (type !== 'lot') {
    const asked = (await unitNumbers(lookups.sql, [epc])).get(epc) ?? null;
    return { asked, numbers: asked === null ? [] : [asked], counts: new Map() };
  }
  const before = await ledger.size();
  const [numbers, units] = await Promise.all([
    unitNumbers(lookups.sql, [epc]),
    lotUnits(reads.sql, epc, before),
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

function kindOfEpc(epc: Epc | undefined): NodeKind {
  if (epc?.startsWith('00/')) return 'container';
  if (epc?.startsWith('01/')) return epc.slice(17, 21) === '/10/' ? 'lot' : 'unit';
  return 'place';
}

const gtinOf = (epc: Epc | undefined): string | null => {
  const gtin = epc?.startsWith('01/') ? parseGtin(epc.slice(3, 17)) : null;
  return gtin?.ok ? gtin.value : null;
};

interface Told {
  readonly asked: TraceAsked;
  readonly found: Trace;
  readonly seen: ReadonlyMap<number, Seen>;
  readonly names: Names;
  readonly proofs: ReadonlyMap<number, HopProof>;
  readonly amounts: ReadonlyMap<number, readonly Measured[]>;
  readonly starts: Starts;
  readonly kindOf: (number: number) => NodeKind;
  readonly epcOf: (number: number) => string;
  readonly productOf: (number: number) => ProductView | null;
}

function answerOf(told: Told): TraceAnswer {
  const { asked, found, seen, names, starts, epcOf } = told;
  const shown = found.hops.flatMap((it) => {
    const sight = seen.get(it.seq);
    return sight === undefined ? [] : [hopView(it, sight, told)];
  });
  const whole = (seq: number): boolean => seen.get(seq)?.sight === 'whole';
  const links = found.links.filter(({ seq }) => whole(seq));
  const visible = new Set(
    [
      starts.numbers.slice(0, 1),
      found.hops.flatMap(({ seq, number, via }) =>
        seen.has(seq) ? [number, ...(whole(seq) ? via : [])] : [],
      ),
      links.flatMap(({ from, to }) => [from, to]),
    ].flat(),
  );
  const gaps = found.gaps.filter(({ seq, number }) => (seq === null ? visible.has(number) : seen.has(seq)));
  return {
    epc: asked.thing.epc,
    kind: asked.thing.type,
    direction: asked.direction,
    at: asked.at === null ? null : new Date(asked.at).toISOString(),
    complete: [...found.hops, ...found.links].every(({ seq }) => whole(seq)),
    nodes: nodesOf(told, shown, visible),
    hops: shown,
    links: links.map(({ kind, seq, from, to }) => ({ kind, seq, from: epcOf(from), to: epcOf(to) })),
    gaps: gaps.map(({ kind, seq, from, to, number, things }) => {
      const named = seq === null ? null : (seen.get(seq)?.hop ?? null);
      const may = (party: PartyId | null) =>
        party !== null && (seq === null || whole(seq) || isNamed(named, party)) ? names.party(party) : null;
      const [giver, taker] = [may(from), may(to)];
      return {
        kind,
        seq,
        from: giver,
        to: taker,
        thing: epcOf(number),
        things,
        sentence: gapSentence(kind, giver, taker),
      };
    }),
  };
}

const isNamed = (hop: Seen['hop'] | null, party: PartyId): boolean =>
  hop !== null && (hop.recorder === party || hop.giver === party || hop.taker === party);

function nodesOf(
  { found, names, kindOf, epcOf, productOf, starts }: Told,
  shown: readonly TraceHopView[],
  visible: ReadonlySet<number>,
): TraceAnswer['nodes'] {
  const parties = new Set(shown.flatMap((hop) => [hop.recorder?.id, hop.giver?.id, hop.taker?.id]));
  const places = new Set(shown.flatMap((hop) => [hop.place?.id, hop.toPlace?.id]));
  const nodes: TraceAnswer['nodes'] = [];
  for (const node of found.nodes) {
    if ('number' in node) {
      if (!visible.has(node.number)) continue;
      const product = productOf(node.number);
      nodes.push({
        kind: kindOf(node.number),
        id: epcOf(node.number),
        name: product?.name ?? null,
        nameEn: product?.nameEn ?? null,
        region: null,
        alike: starts.counts.get(node.number) ?? 1,
      });
    } else if (node.kind === 'party') {
      if (parties.has(node.party)) nodes.push({ kind: 'party', ...names.party(node.party), alike: 1 });
    } else if (places.has(node.place)) {
      nodes.push({ kind: 'place', ...names.place(node.place), nameEn: null, alike: 1 });
    }
  }
  return nodes;
}

function hopView({ seq, hop, number, via }: TraceHop, { sight, hop: seen }: Seen, told: Told): TraceHopView {
  const { names, proofs, amounts, epcOf } = told;
  const proof = proofs.get(seq);
  if (proof === undefined || sight === 'hidden') throw new Error(`nothing proves the hop ${seq}`);
  const party = (id: PartyId | null) => (id === null ? null : names.party(id));
  return {
    seq,
    leaf: proof.leaf.toString('base64url'),
    recordedAt: new Date(seen.recordedAt).toISOString(),
    hop: seen.hop,
    time: toldTime(seen.from, proof.zone),
    precision: precisionOf(seen.from, seen.until),
    recorder: party(seen.recorder),
    as: seen.as,
    giver: party(seen.giver),
    taker: party(seen.taker),
    transfer: seen.transfer,
    place: seen.place === null ? null : names.place(seen.place),
    toPlace: seen.toPlace === null ? null : names.place(seen.toPlace),
    // Who may not know the party knows the province.
    region: names.regionAt(hop.place, hop.recorder, sight === 'whole' ? undefined : 'province'),
    outcome: seen.outcome,
    note: seen.note,
    thing: epcOf(number),
    via: sight === 'whole' ? via.map(epcOf) : [],
    quantities: (amounts.get(seq) ?? []).map(({ unit, amount, uom }) => ({
      lot: epcOf(unit),
      quantity: formatQuantity(amount),
      uom,
    })),
    sight,
  };
}

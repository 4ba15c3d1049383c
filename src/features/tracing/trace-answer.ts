/** A trace told to its reader: things, parties and places by name, and every edge with the entries that it rests on. */

import type { PartyId } from '../../core/events/hop.ts';
import { formatQuantity } from '../../core/quantity.ts';
import { expectedOf } from '../../core/tracing/gaps.ts';
import type { NodeKind, Trace, TraceHop } from '../../core/tracing/trace-graph.ts';
import { expectedSentence, gapSentence } from './gap-sentences.ts';
import type { Names, PartyView, ProductView } from './names.ts';
import type { HopProof, Measured } from './queries.ts';
import type { TraceAnswer, TraceHopView } from './schemas.ts';
import type { Seen } from './sight.ts';
import type { Starts, TraceAsked } from './things.ts';
import { precisionOf, toldTime } from './times.ts';

export interface Told {
  readonly asked: TraceAsked;
  readonly found: Trace;
  readonly seen: ReadonlyMap<number, Seen>;
  /** Things that lead on and are not told. */
  readonly hidden: ReadonlySet<number>;
  readonly names: Names;
  readonly proofs: ReadonlyMap<number, HopProof>;
  readonly amounts: ReadonlyMap<number, readonly Measured[]>;
  readonly starts: Starts;
  readonly kindOf: (number: number) => NodeKind;
  readonly epcOf: (number: number) => string;
  readonly productOf: (number: number) => ProductView | null;
}

/** The answer: nothing stands in it that the reader may not see. */
export function answerOf(told: Told): TraceAnswer {
  const { asked, found, seen, hidden, names, starts, epcOf } = told;
  const shown = found.hops.flatMap((it) => {
    const sight = seen.get(it.seq);
    return sight === undefined ? [] : [hopView(it, sight, told)];
  });
  const withdrawn = found.withdrawn.flatMap((it) => {
    const sight = seen.get(it.seq);
    return sight === undefined ? [] : [{ ...hopView(it, sight, told), withdrawnBy: it.withdrawnBy }];
  });
  const whole = (seq: number): boolean => seen.get(seq)?.sight === 'whole';
  const all = [...found.hops, ...found.withdrawn, ...found.links];
  const isComplete = hidden.size === 0 && all.every(({ seq }) => whole(seq));
  const links = found.links.filter(({ seq }) => whole(seq));
  const visible = new Set(
    [
      starts.numbers.filter((number) => !hidden.has(number)).slice(0, 1),
      [...found.hops, ...found.withdrawn].flatMap(({ seq, number, via }) =>
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
    known: asked.before,
    complete: isComplete,
    nodes: nodesOf(told, shown, visible),
    hops: shown,
    withdrawn,
    links: links.map(({ kind, seq, from, to }) => ({ kind, seq, from: epcOf(from), to: epcOf(to) })),
    handOvers: found.handOvers.flatMap(({ from, to, seqs: all, gap, number, things }) => {
      const seqs = all.filter((seq) => seen.has(seq));
      if (seqs.length === 0) return [];
      const party = named(told, isComplete ? null : seqs);
      return [{ from: party(from), to: party(to), seqs, gap, thing: epcOf(number), things }];
    }),
    gaps: gaps.map(({ number, things, ...gap }) => {
      const party = named(told, isComplete || gap.seq === null ? null : [gap.seq]);
      const expected = expectedOf(gap, told.productOf(number)?.owner ?? null);
      const [from, to] = [party(gap.from), party(gap.to)];
      return {
        kind: gap.kind,
        seq: gap.seq,
        from,
        to,
        thing: epcOf(number),
        things,
        sentence: gapSentence(gap.kind, from, to),
        expected: expected.map(({ hop, by }) => {
          // Whose GTIN it is, everybody may know.
          const recorder = hop === 'produce' ? (by === null ? null : names.party(by)) : party(by);
          return { hop, by: recorder, sentence: expectedSentence(hop, { by: recorder, from, to }) };
        }),
      };
    }),
  };
}

/**
 * A party by name if one of these entries names it to the reader; null for one that it may not know, such as whoever
 * should have had the goods before. Without entries there is nothing that it may not know.
 */
function named({ seen, names }: Told, seqs: readonly number[] | null) {
  const hops = seqs?.flatMap((seq) => seen.get(seq) ?? []);
  return (party: PartyId | null): PartyView | null => {
    if (party === null) return null;
    const shown = hops?.some(({ hop }) => isNamed(hop, party)) ?? true;
    return shown ? names.party(party) : null;
  };
}

const isNamed = (hop: Seen['hop'], party: PartyId): boolean =>
  hop.recorder === party || hop.giver === party || hop.taker === party;

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

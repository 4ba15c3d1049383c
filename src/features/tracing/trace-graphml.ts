/**
 * A trace as a graph for graph tools. Nodes are things, parties and places; edges are
 *
 *   contained, made-into   how one thing led to another
 *   replaced               what took the place of what: nothing of the one went into the other
 *   handed-over            what passed from party to party; `gap` says what is missing of it
 *   produce, ship, …       what a party did with a thing: from the party to the thing
 *   at                     where it was: from the thing to the place
 *   bound-for              where it was sent: from the thing to the place
 *   withdrawn-ship, …      what was recorded of a party and a thing and taken back by the entry `withdrawnBy`
 *   withdrawn-hand-over    what would have passed from party to party by such a record
 *   missing-produce, …     a record that is missing: from who should have made it to the thing, with what it means (`zh`, `en`)
 *
 * Every edge names the entries that it rests on; what a party did, also how much of which lots.
 */
import { type Graph, graphml } from '../graphml.ts';
import { quantitiesText } from './csv.ts';
import { passingOf } from './passing.ts';
import type { TraceAnswer } from './schemas.ts';

type Node = Graph['nodes'][number];
type Edge = Graph['edges'][number];
type PartyNode = TraceAnswer['gaps'][number]['from'];

export function traceGraphml({ nodes, hops, withdrawn, links, handOvers, gaps }: TraceAnswer): string {
  const known = new Map<string, Node>();
  for (const { kind, id, name, nameEn, region, alike } of nodes)
    known.set(id, { id, label: name ?? id, kind, nameEn, region: region?.code ?? null, alike });
  const edge = (
    from: string,
    to: string,
    kind: string,
    seqs: readonly number[],
    more: Partial<Edge>,
  ): Edge => ({
    from,
    to,
    kind,
    seqs: seqs.join(' '),
    time: null,
    gap: null,
    quantities: null,
    things: null,
    withdrawnBy: null,
    zh: null,
    en: null,
    ...more,
  });
  /** A party that is not named, or not for this reader, is one node for each side of another. */
  const somebody = (party: { id: string } | null, beside: { id: string } | null, side: string): string => {
    if (party !== null) return party.id;
    const id = `${side}:${beside?.id ?? ''}`;
    known.set(id, { id, label: '?', kind: 'party', nameEn: null, region: null, alike: 1 });
    return id;
  };
  /** Who should have recorded something, or took it back, may be nowhere else in the graph. */
  const introduced = (party: PartyNode): PartyNode => {
    if (party !== null && !known.has(party.id)) {
      const { id, name, nameEn, region } = party;
      known.set(id, { id, label: name, kind: 'party', nameEn, region: region?.code ?? null, alike: 1 });
    }
    return party;
  };
  const edges = [
    ...gaps.flatMap(({ kind, seq, thing, things, sentence, expected }) => {
      const about = { gap: kind, things };
      const seqs = seq === null ? [] : [seq];
      return expected.length === 0
        ? [edge(thing, thing, 'missing', seqs, { ...about, ...sentence })]
        : expected.map((it) =>
            edge(somebody(introduced(it.by), { id: thing }, 'missing'), thing, `missing-${it.hop}`, seqs, {
              ...about,
              ...it.sentence,
            }),
          );
    }),
    ...links.map(({ kind, seq, from, to }) => edge(from, to, kind, [seq], {})),
    ...handOvers.map(({ from, to, seqs, gap, things }) =>
      edge(somebody(from, to, 'from'), somebody(to, from, 'to'), 'handed-over', seqs, { gap, things }),
    ),
    ...withdrawn.flatMap((it) => {
      const { seq, hop, time, recorder, thing, withdrawnBy } = it;
      const passing = passingOf(it);
      const about = { time, withdrawnBy };
      return [
        ...(recorder === null
          ? []
          : [edge(introduced(recorder)?.id ?? '', thing, `withdrawn-${hop}`, [seq], about)]),
        ...(passing === null
          ? []
          : [
              edge(
                somebody(introduced(passing.from), passing.to, 'from'),
                somebody(introduced(passing.to), passing.from, 'to'),
                'withdrawn-hand-over',
                [seq],
                about,
              ),
            ]),
      ];
    }),
    ...hops.flatMap(({ hop, seq, time, recorder, thing, place, toPlace, quantities }) => [
      ...(recorder === null
        ? []
        : [edge(recorder.id, thing, hop, [seq], { time, quantities: quantitiesText(quantities) || null })]),
      ...(place === null ? [] : [edge(thing, place.id, 'at', [seq], { time })]),
      ...(toPlace === null ? [] : [edge(thing, toPlace.id, 'bound-for', [seq], { time })]),
    ]),
  ];
  return graphml({
    nodes: [...known.values()],
    edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)),
  });
}

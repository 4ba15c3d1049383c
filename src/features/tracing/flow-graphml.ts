/**
 * A flow as a graph for graph tools. Nodes are parties and places; edges are
 *
 *   moved     so much went from party to party, between these places
 *   now       so much is there now: from its holder to the place, or, where none is told, to itself
 *   shipped   so much is under way: from who sent it to who has yet to receive it
 *   balance   what a party made, received, gave, used and has of goods by measure: to itself
 *
 * `quantity` is in `uom` (pieces are H87); `key` leads to what is behind it, and the entries that it rests on lie between
 * `firstSeq` and `lastSeq`.
 */
import { type Graph, graphml } from '../graphml.ts';
import { flowParties, partyId } from './flow-parties.ts';
import type { FlowAnswer } from './schemas.ts';

type Node = Graph['nodes'][number];
type Edge = Graph['edges'][number];

const pieces = 'H87';

export function flowGraphml(answer: FlowAnswer): string {
  const { edges, now, measured } = answer;
  const nodes = new Map<string, Node>();
  for (const { id, name, region, isNamed, level, received, gave } of flowParties(answer).values()) {
    const about = { region: region?.code ?? null, level, received, gave };
    nodes.set(id, { id, label: name.zh, labelEn: name.en, kind: isNamed ? 'party' : 'unnamed', ...about });
  }
  const placed = (place: FlowAnswer['now'][number]['place']): string | null => {
    if (place === null) return null;
    const { id, name, region } = place;
    const nothing = { level: null, received: null, gave: null };
    const label = name ?? id;
    nodes.set(id, { id, label, labelEn: null, kind: 'place', region: region?.code ?? null, ...nothing });
    return id;
  };
  const edge = (from: string, to: string, kind: string, more: Partial<Edge>): Edge => ({
    ...{ from, to, kind, quantity: null, uom: pieces, underWay: null, key: null, level: null },
    ...{ fromPlace: null, toPlace: null, hops: null, firstSeq: null, lastSeq: null },
    ...{ stage: null, blocked: null, made: null, received: null, gave: null, used: null },
    ...more,
  });
  const moved = ({ from, to, ...told }: MovedEdge, more: Partial<Edge>): Edge => {
    const { key, level, hops, firstSeq, lastSeq } = told;
    const places = { fromPlace: from.place?.id ?? null, toPlace: to.place?.id ?? null };
    const about = { key, level, hops, firstSeq, lastSeq, ...places };
    return edge(partyId(from), partyId(to), 'moved', { ...about, ...more });
  };
  const all = [
    ...edges.map((it) => moved(it, { quantity: it.units })),
    ...now.map(({ holder, region, taker, place, units, key, stage, blocked }) => {
      const from = partyId({ party: holder, region });
      const about = { quantity: units, key, stage, blocked };
      return taker === null
        ? edge(from, placed(place) ?? from, 'now', about)
        : edge(from, taker.id, 'shipped', { ...about, fromPlace: place?.id ?? null });
    }),
    ...(measured?.edges ?? []).map((it) =>
      moved(it, {
        quantity: Number(it.quantity),
        underWay: Number(it.underWay),
        uom: measured?.uom ?? null,
      }),
    ),
    ...(measured?.balances ?? []).map(({ level, made, received, gave, used, has, ...party }) =>
      edge(partyId(party), partyId(party), 'balance', {
        ...{ level, quantity: Number(has), uom: measured?.uom ?? null },
        ...{ made: Number(made), received: Number(received), gave: Number(gave), used: Number(used) },
      }),
    ),
  ];
  return graphml({ nodes: [...nodes.values()], edges: all });
}

type MovedEdge = Pick<
  FlowAnswer['edges'][number],
  'from' | 'to' | 'key' | 'level' | 'hops' | 'firstSeq' | 'lastSeq'
>;

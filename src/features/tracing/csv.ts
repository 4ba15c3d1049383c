/** Trace and flow as tables (RFC 4180): the columns stay as they are, new ones come last. */
import { csvLine } from '../../http/csv.ts';
import type { FlowAnswer, TraceAnswer } from './schemas.ts';

type Cell = string | number | boolean | null | undefined;
const table = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows.map((row) => header.map((_, i) => String(row[i] ?? '')))].map(csvLine).join('');

type Hop = TraceAnswer['hops'][number];

/** How much of which lots. */
export const quantitiesText = (quantities: Hop['quantities']): string =>
  quantities.map(({ lot, quantity, uom }) => `${lot} ${quantity} ${uom}`).join('; ');

type Line = Readonly<Record<string, Cell>>;

/** Columns of a trace. Those up to `sight` tell hops; what else a trace holds uses them too where they fit. */
const traceColumns = [
  'seq',
  'leaf',
  'recordedAt',
  'hop',
  'time',
  'precision',
  'recorder',
  'recorderName',
  'as',
  'giver',
  'giverName',
  'taker',
  'takerName',
  'transfer',
  'place',
  'placeName',
  'toPlace',
  'toPlaceName',
  'region',
  'outcome',
  'note',
  'thing',
  'via',
  'quantities',
  'sight',
  'row',
  'kind',
  'id',
  'name',
  'nameEn',
  'alike',
  'from',
  'to',
  'things',
  'seqs',
  'sentence',
  'sentenceEn',
  'expected',
  'withdrawnBy',
] as const;

/**
 * All of a trace, by `row`: a line a `hop`, in the order in which things happened; then each hop that was `withdrawn`, each
 * `node`, each `link` of things to what they were in, were made into or were replaced by, each `hand-over` with what is missing of it
 * (`kind`), and each `gap` with the records that would close it.
 */
export function traceCsv({ hops, withdrawn, nodes, links, handOvers, gaps }: TraceAnswer): string {
  const lines: readonly Line[] = [
    ...hops.map((hop) => ({ row: 'hop', ...hopLine(hop) })),
    ...withdrawn.map(({ withdrawnBy, ...hop }) => ({ row: 'withdrawn', ...hopLine(hop), withdrawnBy })),
    ...nodes.map(({ region, ...node }) => ({ row: 'node', ...node, region: region?.code })),
    ...links.map((link) => ({ row: 'link', ...link })),
    ...handOvers.map(({ from, to, seqs, gap, thing, things }) => ({
      row: 'hand-over',
      ...passing(from, to),
      ...{ seqs: seqs.join(' '), kind: gap, thing, things },
    })),
    ...gaps.map(({ kind, seq, from, to, thing, things, sentence, expected }) => ({
      row: 'gap',
      ...passing(from, to),
      ...{ kind, seq, thing, things, sentence: sentence.zh, sentenceEn: sentence.en },
      expected: expected
        .map(({ hop, by }) => [hop, by?.id].filter((it) => it !== undefined).join(' '))
        .join('; '),
    })),
  ];
  return table(
    traceColumns,
    lines.map((line) => traceColumns.map((column) => line[column])),
  );
}

const passing = (giver: Hop['giver'], taker: Hop['taker']): Line => ({
  giver: giver?.id,
  giverName: giver?.name,
  taker: taker?.id,
  takerName: taker?.name,
});

const hopLine = ({ recorder, giver, taker, place, toPlace, region, via, quantities, ...hop }: Hop): Line => ({
  ...hop,
  ...passing(giver, taker),
  recorder: recorder?.id,
  recorderName: recorder?.name,
  place: place?.id,
  placeName: place?.name,
  toPlace: toPlace?.id,
  toPlaceName: toPlace?.name,
  region: region?.code,
  via: via.join(' '),
  quantities: quantitiesText(quantities),
});

/**
 * A line a number: `moved` between stations, `now` where things are, and of goods by measure the `balance` of each party,
 * whose quantity is what it has. Pieces are H87.
 */
export function flowCsv({ edges, now, measured }: FlowAnswer): string {
  type Edge = FlowAnswer['edges'][number];
  const ends = ({ from, to }: Pick<Edge, 'from' | 'to'>): Cell[] =>
    [from, to].flatMap((it) => [it.party?.id, it.party?.name, it.place?.id, it.region?.code]);
  const rests = ({ firstSeq, lastSeq }: Pick<Edge, 'firstSeq' | 'lastSeq'>): Cell[] => [firstSeq, lastSeq];
  return table(
    [
      'row',
      'key',
      'level',
      'fromParty',
      'fromName',
      'fromPlace',
      'fromRegion',
      'toParty',
      'toName',
      'toPlace',
      'toRegion',
      'stage',
      'blocked',
      'quantity',
      'underWay',
      'uom',
      'firstSeq',
      'lastSeq',
      'made',
      'received',
      'gave',
      'used',
    ],
    [
      ...edges.map((e) => [
        'moved',
        e.key,
        e.level,
        ...ends(e),
        null,
        null,
        e.units,
        null,
        'H87',
        ...rests(e),
      ]),
      ...now.map((h) => [
        'now',
        h.key,
        null,
        h.holder?.id,
        h.holder?.name,
        h.place?.id,
        h.region?.code,
        h.taker?.id,
        h.taker?.name,
        null,
        null,
        h.stage,
        h.blocked,
        h.units,
        null,
        'H87',
        null,
        null,
      ]),
      ...(measured?.edges ?? []).map((e) => [
        'moved',
        e.key,
        e.level,
        ...ends(e),
        null,
        null,
        e.quantity,
        e.underWay,
        measured?.uom,
        ...rests(e),
      ]),
      ...(measured?.balances ?? []).map(({ party, region, level, made, received, gave, used, has }) => [
        ...['balance', null, level, party?.id, party?.name, null, region?.code],
        ...[null, null, null, null, null, null, has, null, measured?.uom, null, null],
        ...[made, received, gave, used],
      ]),
    ],
  );
}

/** Trace and flow as tables (RFC 4180): the columns stay as they are, new ones come last. */
import { csvLine } from '../../http/csv.ts';
import type { FlowAnswer, TraceAnswer } from './schemas.ts';

type Cell = string | number | boolean | null | undefined;
const table = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows.map((row) => row.map((cell) => String(cell ?? '')))].map(csvLine).join('');

/** A line a hop, in the order in which things happened. */
export const traceCsv = ({ hops }: TraceAnswer): string =>
  table(
    [
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
    ],
    hops.map((h) => [
      h.seq,
      h.leaf,
      h.recordedAt,
      h.hop,
      h.time,
      h.precision,
      h.recorder?.id,
      h.recorder?.name,
      h.as,
      h.giver?.id,
      h.giver?.name,
      h.taker?.id,
      h.taker?.name,
      h.transfer,
      h.place?.id,
      h.place?.name,
      h.toPlace?.id,
      h.toPlace?.name,
      h.region?.code,
      h.outcome,
      h.note,
      h.thing,
      h.via.join(' '),
      h.quantities.map(({ lot, quantity, uom }) => `${lot} ${quantity} ${uom}`).join('; '),
      h.sight,
    ]),
  );

/** A line a number: `moved` between stations, `now` where things are. Pieces are H87. */
export function flowCsv({ edges, now, measured }: FlowAnswer): string {
  type Edge = FlowAnswer['edges'][number];
  const ends = ({ from, to }: Pick<Edge, 'from' | 'to'>): Cell[] =>
    [from, to].flatMap((it) => [it.party?.id, it.party?.name, it.place?.id, it.region?.code]);
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
    ],
    [
      ...edges.map((e) => ['moved', e.key, e.level, ...ends(e), null, null, e.units, null, 'H87']),
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
      ]),
    ],
  );
}

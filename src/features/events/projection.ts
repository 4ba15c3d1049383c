/**
 * Events as rows: `hops` for what lifecycle, trace and flow fold, `quantities` for goods by measure, `event_ids` so
 * that an event is recorded once, `best_befores` for what rules ask of the making of goods.
 */
import {
  bestBefore,
  eventParts,
  eventTarget,
  eventZone,
  hopRecord,
  isErrorDeclaration,
  timeOf,
} from '../../core/events/event-record.ts';
import { positions } from '../../core/events/hop.ts';
import { type EventFact, factJson } from '../../core/log/fact.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { arrayLiteral, type Cell } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Columns, insertRows, type Row } from '../../database/rows.ts';
import { type Batch, ofKind, type Projected, type Projection } from '../../ledger/projection.ts';
import { eventKey, eventKeyRange, keyCell } from './event-fact.ts';

const hopColumns = {
  seq: 'bigint',
  recorded_at: 'bigint',
  hop: 'text',
  recorder: 'text',
  as_role: 'text',
  time_from: 'bigint',
  time_until: 'bigint',
  zone: 'smallint',
  giver: 'text',
  taker: 'text',
  transfer: 'text',
  place: 'text',
  to_place: 'text',
  outcome: 'text',
  note: 'text',
  next_due: 'bigint',
  reporter: 'boolean',
  parent: 'bigint',
  parts: 'int',
} as const satisfies Columns;

/** Of hops that answer another event. */
const answeringColumns = {
  ...hopColumns,
  declared_from: 'bigint',
  declared_until: 'bigint',
} as const satisfies Columns;

const quantityColumns = {
  unit: 'bigint',
  seq: 'bigint',
  i: 'int',
  position: 'smallint',
  amount: 'bigint',
  uom: 'text',
} as const satisfies Columns;

type HopRow = Row<typeof hopColumns>;
type QuantityRow = Row<typeof quantityColumns>;

/** A hop that answers another event, which is looked up among the entries before it. */
interface Answering {
  readonly row: Row<typeof answeringColumns>;
  /** Key under which its own recorder would have recorded that event. */
  readonly own: string;
}

export const eventsProjection: Projection = {
  tables: ['hops', 'best_befores', 'quantities', 'event_ids'],
  conflicts: {
    event_ids_pkey: {
      code: 'duplicate-event',
      detail:
        'You have recorded this very event already; if it happened twice, tell the two apart by `ref`, else read what the log holds.',
    },
  },
  insert(sql, batch) {
    const ids: { id: string; seq: number }[] = [];
    const plain: HopRow[] = [];
    const answering: Answering[] = [];
    const quantities: QuantityRow[] = [];
    const days: { seq: number; day: string }[] = [];
    for (const item of ofKind(batch, 'event')) {
      const { row, id, own, declared, amounts, day } = rowsOf(item, batch);
      ids.push({ id, seq: item.seq });
      if (own === null) plain.push(row);
      else answering.push({ row: { ...declared, ...row }, own });
      quantities.push(...amounts);
      if (day !== null) days.push({ seq: item.seq, day });
    }
    // Keys first: an event may answer one of its own batch, and what it finds must not depend on the batch.
    return [
      insertRows(sql, 'event_ids', { id: 'bytea', seq: 'bigint' }, ids),
      insertRows(sql, 'hops', hopColumns, plain),
      insertAnswering(sql, answering),
      insertRows(sql, 'quantities', quantityColumns, quantities),
      ...(days.length === 0 ? [] : [insertRows(sql, 'best_befores', { seq: 'bigint', day: 'text' }, days)]),
    ];
  },
};

function rowsOf({ seq, at, fact }: Projected<EventFact>, batch: Batch) {
  // Members of recording tell nothing of what happened: they need not be taken off.
  const event: JsonObject = factJson(fact);
  const record = hopRecord(seq, at, fact.by, event);
  const parts = eventParts(event);
  const names = new Set(parts.map(({ epc }) => epc));
  const parent = parts.find(({ position }) => position === 'parent');
  const target = eventTarget(event);
  const declares = isErrorDeclaration(event);
  const happened = declares ? timeOf(event) : record;
  const row: HopRow = {
    seq,
    recorded_at: at,
    hop: record.hop,
    recorder: record.recorder,
    as_role: record.as,
    time_from: happened.from,
    time_until: happened.until,
    zone: eventZone(event),
    giver: record.giver,
    taker: record.taker,
    transfer: record.transfer,
    place: record.place,
    to_place: record.toPlace,
    outcome: record.outcome,
    note: record.note,
    next_due: record.nextDue,
    reporter: record.reporter,
    parent: parent === undefined ? null : batch.unitOf(parent.epc),
    parts: names.size,
  };
  const amounts = parts.flatMap(({ epc, position, amount, uom }, i): QuantityRow[] =>
    amount === null || uom === null
      ? []
      : [{ unit: batch.unitOf(epc), seq, i, position: positions.indexOf(position), amount, uom }],
  );
  return {
    row,
    id: keyCell(eventKey(fact.by, fact.eventID, declares)),
    own: target === null ? null : eventKey(fact.by, target, false),
    declared: {
      declared_from: declares ? record.from : null,
      declared_until: declares ? record.until : null,
    },
    amounts,
    day: bestBefore(event),
  };
}

/**
 * Inserts hops together with the seq of the event that each answers: the recorder's own, or else the first that
 * anybody recorded under that eventID; null when there is none. Only earlier entries count.
 */
function insertAnswering(sql: Sql, list: readonly Answering[]): Promise<unknown> {
  if (list.length === 0) return Promise.resolve();
  const names = Object.keys(answeringColumns);
  const types = [...Object.values(answeringColumns), 'bytea', 'bytea', 'bytea'];
  const into = names.map((name) => `"${name}"`).join(', ');
  const from = types.map((type, i) => `$${i + 1}::${type}[]`).join(', ');
  const ranges = list.map(({ own }) => eventKeyRange(own));
  const cells = [
    ...cellsOf(
      answeringColumns,
      list.map(({ row }) => row),
    ),
    list.map(({ own }) => keyCell(own)),
    ranges.map(({ first }) => keyCell(first)),
    ranges.map(({ last }) => keyCell(last)),
  ];
  return sql
    .unsafe(
      `INSERT INTO hops (${into}, target)
       SELECT ${names.map((name) => `x."${name}"`).join(', ')}, coalesce(
         (SELECT e.seq FROM event_ids e WHERE e.id = x.own AND e.seq < x.seq),
         (SELECT min(e.seq) FROM event_ids e WHERE e.id BETWEEN x.first AND x.last AND e.seq < x.seq))
       FROM unnest(${from}) AS x (${into}, own, first, last)`,
      cells.map((column) => arrayLiteral(column)),
      { prepare: true },
    )
    .execute();
}

/** The cells of rows, column by column. */
const cellsOf = <C extends Columns>(columns: C, rows: readonly Row<C>[]): Cell[][] =>
  Object.keys(columns).map((name) => rows.map((row) => row[name] ?? null));

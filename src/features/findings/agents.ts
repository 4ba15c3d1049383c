/**
 * Movements of agents (core/rules/agent-beyond-purchases.ts), kept in memory by whoever derives findings: goods by mass or
 * volume are few beside the log, read in the order of it and a page at a time. Any earlier prefix of the log can be asked
 * for afterwards.
 */
import { fitsIn, type HopRecord, type PartyId, positions } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { leading } from '../../core/halving.ts';
import { grainsOf, measureOf } from '../../core/measures.ts';
import {
  type AgentBook,
  type AgentEntry,
  agentBook,
  agentMovesIn,
} from '../../core/rules/agent-beyond-purchases.ts';
import type { AgentSum } from '../../core/rules/thing.ts';
import type { Sql } from '../../database/connection.ts';
import { hopColumns } from '../events/chains.ts';
import type { Failures } from './failures.ts';

export interface Agents {
  /** Reads what was recorded since. One statement a page. */
  catchUp(): Promise<void>;
  /** What the recorder of a use of some product had of it and used of it, by the entries before `before`; else nothing. */
  at(use: HopRecord, gtin: string, before: number): AgentSum[];
}

interface Row extends HopRecord {
  readonly lot: number;
  readonly gtin: string;
  /** Index into `positions`. */
  readonly position: number;
  readonly amount: string;
  readonly uom: string;
  /** Of a cancellation: who was to take the shipment. */
  readonly cancelled: PartyId | null;
}

interface Entry extends AgentEntry {
  readonly recorder: PartyId;
}
/** A book, with how many of the entries are in it, and by which entries it was asked for last. */
interface Kept {
  readonly book: AgentBook;
  end: number;
  before: number;
}

const page = 5_000;

export function createAgents(sql: Sql, failures: Failures): Agents {
  /** By party, product and measure. */
  const entries = new Map<string, Entry[]>();
  const kept = new Map<string, Kept>();
  /** What was shipped and not cancelled, by shipment and lot. */
  const shipped = new Map<string, bigint>();
  let last = -1;

  function take(row: Row): void {
    const { kind } = measureOf(row.uom);
    const position = positions[row.position];
    if ((kind !== 'mass' && kind !== 'volume') || position === undefined) return;
    const told = grainsOf({ millionths: BigInt(row.amount), uom: row.uom });
    const amount = row.hop === 'cancel' ? cancelledOf(row, told) : told;
    if (row.hop === 'ship' || row.hop === 'return') ship(row.seq, row.lot, amount);
    for (const { party, way, back } of agentMovesIn(row, position, row.cancelled)) {
      const { seq, from, lot, recorder } = row;
      const key = keyOf(party, row.gtin, kind);
      const entry = { seq, from, lot, recorder, way, amount: back ? -amount : amount };
      append(entries, key, entry);
    }
  }

  const ship = (seq: number, lot: number, amount: bigint): unknown =>
    shipped.set(`${seq}/${lot}`, (shipped.get(`${seq}/${lot}`) ?? 0n) + amount);

  /** No more is taken back than was shipped. */
  function cancelledOf({ target, lot }: Row, told: bigint): bigint {
    if (target === null) return told;
    const sent = shipped.get(`${target}/${lot}`) ?? 0n;
    const amount = told < sent ? told : sent;
    ship(target, lot, -amount);
    return amount;
  }

  /** A book goes on with what came since, and begins anew where something in it was taken back meanwhile. */
  function bookOf(key: string, before: number): AgentBook {
    const told = entries.get(key) ?? [];
    const end = leading(told, ({ seq }) => seq < before);
    const counts = ({ seq, recorder }: Entry): boolean => !failures.isWithdrawn(seq, recorder, before);
    const known = kept.get(key);
    if (known === undefined || before < known.before || isTouched(told, known.before, before)) {
      const book = agentBook(told.slice(0, end).filter(counts));
      kept.set(key, { book, end, before });
      return book;
    }
    for (const entry of told.slice(known.end, end)) known.book.enter(entry);
    known.end = end;
    known.before = before;
    return known.book;
  }

  /** Whether an entry `from` ≤ seq < `before` takes back one of these. */
  const isTouched = (told: readonly Entry[], from: number, before: number): boolean => {
    const withdrawals = failures.withdrawals();
    return withdrawals
      .slice(
        leading(withdrawals, ({ seq }) => seq < from),
        leading(withdrawals, ({ seq }) => seq < before),
      )
      .some(({ target }) => told[leading(told, ({ seq }) => seq < target)]?.seq === target);
  };

  return {
    async catchUp() {
      for (let read = page; read >= page; ) {
        const rows = await sql<Row[]>`
          SELECT ${hopColumns(sql)}, q.unit AS lot, substr(e.epc, 4, 14) AS gtin, q.position, q.amount::text AS amount,
            q.uom, t.taker AS cancelled
          FROM (SELECT * FROM quantities WHERE seq > ${last} AND uom IN (
              'MC', 'MGM', 'GRM', 'KGM', 'DTN', 'TNE', 'ONZ', 'LBR', 'STN', 'LTN',
              'MMQ', 'CMQ', 'MLT', 'CLT', 'DLT', 'LTR', 'DMQ', 'HLT', 'MTQ', 'INQ', 'FTQ', 'GLL', 'GLI')
            ORDER BY seq FETCH FIRST ${page} ROWS WITH TIES) q
          JOIN hops h USING (seq) JOIN epcs e ON e.unit = q.unit
          LEFT JOIN hops t ON t.seq = h.target AND t.recorder = h.recorder AND h.hop = 'cancel'
          ORDER BY q.seq, q.unit, q.i`;
        for (const row of rows) take(row);
        last = rows.at(-1)?.seq ?? last;
        read = rows.length;
      }
    },
    at(use, gtin, before) {
      // A lot is named by very many hops that use none of it.
      if (!fitsIn(use)) return [];
      return (['mass', 'volume'] as const).flatMap((measure) => {
        const key = keyOf(use.recorder, gtin, measure);
        return entries.has(key) ? (bookOf(key, before).at(use) ?? []) : [];
      });
    },
  };
}

const keyOf = (party: PartyId, gtin: string, measure: string): string => `${party}/${gtin}/${measure}`;

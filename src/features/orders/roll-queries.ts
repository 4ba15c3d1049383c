/** The rolls of orders as they are read: who has what, what changed, what it has come to. */
import type { Epc, PartyId, Role } from '../../core/events/hop.ts';
import type { Contact, Fate, Heap } from '../../core/orders/order-effect.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Phase } from './candidates.ts';

export interface RollState {
  /** Of the log, that it is true for. */
  readonly size: number;
  readonly phase: Phase | 'ended';
  /** Units and lots on it so far. */
  readonly things: number;
}

/** null before anything was looked at. */
export async function rollOf(sql: Sql, order: number): Promise<RollState | null> {
  const [roll] = await sql<RollState[]>`
    SELECT r.size, r.phase, (SELECT count(DISTINCT unit) FROM order_things WHERE seq = r.seq) AS things
    FROM order_rolls r WHERE r.seq = ${order}`;
  return roll ?? null;
}

export interface HeldHeap {
  readonly fate: Fate;
  readonly uom: string;
  readonly amount: bigint;
}

export interface Holder {
  readonly party: PartyId;
  readonly heaps: readonly HeldHeap[];
  /** ms since the epoch. */
  readonly toldAt: number | null;
  readonly acknowledgedAt: number | null;
  /** Without an account. */
  readonly stub: boolean;
  /** Unified social credit code, where it told one. */
  readonly creditCode: string | null;
}

/** Who has or used up what of an order, in order of party. Three statements. */
export async function holdersAfter(
  sql: Sql,
  { order, id, after, limit }: { order: number; id: string; after: string; limit: number },
): Promise<Holder[]> {
  const parties = await sql<Omit<Holder, 'heaps'>[]>`
    SELECT h.holder AS party, n.at AS "toldAt", a.at AS "acknowledgedAt", coalesce(p.stub, true) AS stub,
      p.body ->> 'creditCode' AS "creditCode"
    FROM (SELECT DISTINCT holder FROM order_things WHERE seq = ${order} AND holder > ${after}
      ORDER BY holder LIMIT ${limit}) h
    LEFT JOIN notices n ON n.party = h.holder AND n.kind = 'order' AND n.seq = ${order}
    LEFT JOIN order_acknowledgements a ON a.order_id = ${id} AND a.party = h.holder
    LEFT JOIN LATERAL (SELECT stub, body FROM parties WHERE parties.id = h.holder ORDER BY seq DESC LIMIT 1) p ON true
    ORDER BY h.holder`;
  const rows = await sql<(Omit<HeldHeap, 'amount'> & { party: PartyId; amount: string })[]>`
    SELECT t.holder AS party, t.fate, t.uom, sum(t.amount)::text AS amount
    FROM unnest(${arrayLiteral(parties.map(({ party }) => party))}::text[]) AS asked (holder)
    JOIN order_things t ON t.seq = ${order} AND t.holder = asked.holder
    GROUP BY 1, 2, 3 HAVING sum(t.amount) > 0 ORDER BY 1, 2, 3`;
  const heaps = new Map<PartyId, HeldHeap[]>(parties.map(({ party }) => [party, []]));
  for (const { party, amount, ...heap } of rows) heaps.get(party)?.push({ ...heap, amount: BigInt(amount) });
  return parties.map((holder) => ({ ...holder, heaps: heaps.get(holder.party) ?? [] }));
}

const offices: ReadonlySet<Role> = new Set<Role>(['regulator', 'laboratory']);

/** All of an order, by what became of it and how its holder can be told. One statement. */
export async function heapsOf(sql: Sql, { order, id }: { order: number; id: string }): Promise<Heap[]> {
  const rows = await sql<
    {
      fate: Fate;
      uom: string;
      amount: string;
      stub: boolean | null;
      roles: Role[] | null;
      acknowledged: boolean;
    }[]
  >`
    SELECT t.fate, t.uom, t.amount::text AS amount, p.stub, p.body -> 'roles' AS roles,
      EXISTS (SELECT FROM order_acknowledgements a WHERE a.order_id = ${id} AND a.party = t.holder) AS acknowledged
    FROM (SELECT fate, uom, holder, sum(amount) AS amount FROM order_things
      WHERE seq = ${order} GROUP BY fate, uom, holder HAVING sum(amount) > 0) t
    LEFT JOIN LATERAL (SELECT stub, body FROM parties WHERE parties.id = t.holder ORDER BY seq DESC LIMIT 1) p ON true`;
  return rows.map(({ fate, uom, amount, stub, roles, acknowledged }) => {
    const office = roles?.some((role) => offices.has(role)) ?? false;
    const contact: Contact = office
      ? 'authority'
      : acknowledged
        ? 'acknowledged'
        : stub === false
          ? 'notified'
          : 'none';
    return { fate, contact, uom, amount: BigInt(amount) };
  });
}

export interface RollThing {
  readonly unit: number;
  readonly epc: Epc;
  /** Of a unit, where it is known. */
  readonly lot: Epc | null;
  readonly holder: PartyId | null;
  readonly fate: Fate;
  readonly uom: string;
  readonly amount: bigint;
  readonly i: number;
}

/** Things of an order in order of number: all, or those of one holder. */
export async function thingsAfter(
  sql: Sql,
  asked: {
    readonly order: number;
    readonly holder: PartyId | null;
    readonly after: readonly [unit: number, i: number];
    readonly limit: number;
  },
): Promise<RollThing[]> {
  const { order, holder, after, limit } = asked;
  const rows = await sql<(Omit<RollThing, 'amount'> & { amount: string })[]>`
    SELECT t.unit, e.epc, (
        SELECT i.lot FROM (
          SELECT lot, last_unit FROM issues WHERE first_unit <= t.unit ORDER BY first_unit DESC LIMIT 1) i
        WHERE i.last_unit >= t.unit) AS lot,
      t.holder, t.fate, t.uom, t.amount::text AS amount, t.i FROM (
      SELECT * FROM order_things
      WHERE seq = ${order} AND (unit, i) > (${after[0]}, ${after[1]}) AND (${holder}::text IS NULL OR holder = ${holder})
      ORDER BY unit, i LIMIT ${limit}) t
    JOIN epcs e USING (unit) ORDER BY t.unit, t.i`;
  return rows.map(({ amount, ...row }) => ({ ...row, amount: BigInt(amount) }));
}

export interface RollChange {
  readonly entry: number;
  readonly unit: number;
  readonly epc: Epc;
  readonly change: 'in' | 'out';
}

/** What came to the roll and left it since it was made, in order of entry. */
export const changesAfter = (
  sql: Sql,
  order: number,
  [entry, unit]: readonly [number, number],
  limit: number,
): Promise<RollChange[]> =>
  sql<RollChange[]>`
    SELECT c.entry, c.unit, e.epc, c.change FROM order_changes c JOIN epcs e USING (unit)
    WHERE c.seq = ${order} AND (c.entry, c.unit) > (${entry}, ${unit}) ORDER BY c.entry, c.unit LIMIT ${limit}`;

/**
 * What concerns things at a site beside their histories: orders about each of them, in force or released since, which may
 * name one of many that went through the same, and what the public's scans and reports gave rise to about each and about the product.
 */
import type { Epc, PartyId } from '../../../core/events/hop.ts';
import { append } from '../../../core/grouping.ts';
import { isBlocking } from '../../../core/orders/order.ts';
import { catalogue, ruleNames } from '../../../core/rules/catalogue.ts';
import type { Sql } from '../../../database/connection.ts';
import type { Bilingual } from '../../../web/words.ts';
import type { Reader } from '../../access/reading.ts';
import { type ClueFindingRow, clueFindingsFor } from '../../cases/queries.ts';
import { seesClues } from '../../cases/sight.ts';
import type { PastOrder } from '../../orders/effective.ts';
import type { Said } from './dossier.ts';
import { type Flag, toldMax } from './schemas.ts';
import { clueSentence, orderSentence } from './words.ts';

/** Findings in clues that one dossier tells, the newest. */
const cluesMax = 2_000;

const isClueRule = (rule: (typeof ruleNames)[number]): boolean => catalogue[rule].basis !== 'log';

/** Findings in clues about things and their products that the reader may see, by canonical identifier. One statement. */
export async function cluesAbout(
  sql: Sql,
  reader: Reader,
  things: Iterable<Epc>,
): Promise<Map<string, ClueFindingRow[]>> {
  const named = [...things];
  const asked = [...new Set([...named, ...named.map((epc) => epc.slice(0, 17))])];
  const rules = ruleNames.filter(isClueRule);
  const rows = await clueFindingsFor(
    sql,
    reader,
    { rules, things: asked },
    { newestFirst: true, after: null, limit: cluesMax },
  );
  const found = new Map<string, ClueFindingRow[]>();
  for (const row of rows)
    if (
      seesClues(
        reader,
        row,
        row.regions.split(' ').filter((it) => it !== ''),
      )
    )
      append(found, row.thing, row);
  return found;
}

export interface Concerns {
  readonly orders: ReadonlyMap<Epc, readonly PastOrder[]>;
  readonly clues: ReadonlyMap<string, readonly ClueFindingRow[]>;
  /** ms since the epoch. */
  readonly at: number;
  nameOf(party: PartyId): Bilingual;
}

/**
 * What is told of things of one history, each order and finding once: of very many orders those in force at the moment,
 * then the newest.
 */
export function concernsOf(
  epcs: readonly Epc[],
  { orders, clues, at, nameOf }: Concerns,
): { readonly claims: readonly Said[]; readonly inAll: number; readonly flags: readonly Flag[] } {
  const about = new Map<number, { readonly order: PastOrder; things: number }>();
  for (const epc of epcs)
    for (const order of orders.get(epc) ?? []) {
      const known = about.get(order.seq) ?? { order, things: 0 };
      about.set(order.seq, known);
      known.things++;
    }
  const told = [...about.values()]
    .sort(
      (a, b) => Number(isInForce(b.order, at)) - Number(isInForce(a.order, at)) || b.order.seq - a.order.seq,
    )
    .slice(0, toldMax)
    .sort((a, b) => a.order.seq - b.order.seq);
  const ordered = told.map(
    ({ order, things }): Said => ({
      kind: isInForce(order, at) ? 'order' : 'order-not-in-force',
      ...orderSentence(order, at, {
        issuer: nameOf(order.fact.by),
        part: things === epcs.length ? null : [things, epcs.length],
      }),
      seqs: order.released === null ? [order.seq] : [order.seq, order.released.seq],
    }),
  );
  const found = [...epcs, ...new Set(epcs.map((epc) => epc.slice(0, 17)))].flatMap(
    (thing) => clues.get(thing) ?? [],
  );
  const said = found.map((row): Said => ({ kind: 'finding', ...clueSentence(row), seqs: [] }));
  const isBlocked = [...about.values()].some(
    ({ order }) => isBlocking(order.fact.type) && isInForce(order, at),
  );
  return {
    claims: [...ordered, ...said],
    inAll: about.size + said.length,
    flags: [
      ...(isBlocked ? (['blocked'] as const) : []),
      ...(found.some(({ closedAt }) => closedAt === null) ? (['finding'] as const) : []),
    ],
  };
}

const isInForce = (order: PastOrder, at: number): boolean =>
  order.at <= at && (order.released === null || order.released.at > at);

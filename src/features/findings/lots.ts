/** Looks at goods by measure: their balances up to an entry, and the rules about lots. */

import type { Epc, PartyId } from '../../core/events/hop.ts';
import { arrange, type Step } from '../../core/life/history.ts';
import { foldLot, type LotLife } from '../../core/life/lot.ts';
import { actsByOffice } from '../../core/life/standing.ts';
import { pieces } from '../../core/quantity.ts';
import type { Found } from '../../core/rules/catalogue.ts';
import { movedUnderOrder } from '../../core/rules/moved-under-order.ts';
import type { Told } from '../../core/rules/thing.ts';
import { foundInGoods } from '../../core/rules/thing-rules.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { epcTexts, loadSteps } from '../events/chains.ts';
import { contextOf, type Origin } from '../events/context.ts';
import { whereIn } from '../orders/asked.ts';
import { believed } from '../orders/enrol-measured.ts';
import { type Findings, ownContradictions, upTo } from './found.ts';
import type { Known } from './known.ts';
import { loadSurroundings, type Surroundings } from './surroundings.ts';

/** What a step needs of the lots that it looks at, loaded at once. */
export interface LoadedLots {
  readonly chains: ReadonlyMap<number, readonly Step[]>;
  readonly origins: ReadonlyMap<number, Origin>;
  readonly issues: ReadonlyMap<number, readonly LotIssue[]>;
  readonly epcs: ReadonlyMap<number, Epc>;
  readonly around: Surroundings;
}

/** Lots by internal number, with entries below `until`. A fixed number of statements. */
export async function loadLots(
  sql: Sql,
  known: Known,
  lots: ReadonlySet<number>,
  until: number,
): Promise<LoadedLots> {
  const [chains, origins, issues, epcs] = await Promise.all([
    loadSteps(sql, lots, until),
    lotOrigins(sql, lots),
    lotIssues(sql, lots),
    epcTexts(sql, lots),
  ]);
  const makers = [...origins.values()].flatMap(({ issuer }) => issuer ?? []);
  const around = await loadSurroundings(sql, known, chains.values(), { makers, bodies: [] }, until);
  return { chains, origins, issues, epcs, around };
}

/** What the history of a lot contradicts, by the entries up to `seq`, at the time of that entry. */
export function lookAtLot(
  loaded: LoadedLots,
  known: Known,
  lot: number,
  seq: number,
  asOf: number,
): Findings {
  const { chains, origins, issues } = loaded;
  const steps = upTo(chains.get(lot) ?? [], seq);
  const context = contextOf(origins.get(lot), steps, known.masters, { asOf, before: seq + 1 });
  const planned = plannedBy(issues.get(lot) ?? [], seq);
  const life = foldLot(steps, { ...context, planned });
  const told = toldIn(life, steps);
  const epc = loaded.epcs.get(lot) ?? '';
  const gtin = epc.slice(3, 17);
  const goods = {
    told,
    orders: [],
    product: known.atlas.product(gtin, seq + 1),
    ...loaded.around.around({ gtin, sample: epc, maker: makerOf(loaded, lot, seq) }, seq + 1),
    thresholds: known.docket.thresholds(seq + 1),
  };
  return ownContradictions(
    [
      ...life.contradictions,
      ...foundInGoods(goods),
      ...underOrders(loaded, known, lot, { life, told, steps, seq }),
    ],
    [steps],
  );
}

/** The hops of a lot with what each is worth, once each. Officials need no balance in it. */
function toldIn({ claims }: LotLife, steps: readonly Step[]): Told[] {
  const worth = new Map(claims.map(({ seq, ...claim }) => [seq, claim]));
  const hops = new Map(arrange(steps).map(({ hop }) => [hop.seq, hop]));
  return [...hops.values()].flatMap((hop): Told[] => {
    const claim = actsByOffice(hop) ? byOffice : worth.get(hop.seq);
    return claim === undefined ? [] : [{ hop, ...claim }];
  });
}
const byOffice = { standing: 'authority', effect: false } as const;

/** The owner of its GTIN, by the entries up to `seq`. */
function makerOf({ origins }: LoadedLots, lot: number, seq: number): PartyId | null {
  const origin = origins.get(lot);
  return origin !== undefined && origin.seq <= seq ? origin.issuer : null;
}

interface Looked {
  readonly life: LotLife;
  readonly told: readonly Told[];
  readonly steps: readonly Step[];
  readonly seq: number;
}

/**
 * What was moved although an order had stopped it. Goods by measure are in many hands, so each order asks only of those
 * through whose hands it says that they went.
 */
function underOrders(
  loaded: LoadedLots,
  { orders }: Known,
  lot: number,
  { life, told, steps, seq }: Looked,
): Found[] {
  const { epcs, around } = loaded;
  const before = seq + 1;
  const epc = epcs.get(lot);
  if (epc === undefined || !orders.any(before)) return [];
  const maker = makerOf(loaded, lot, seq);
  const credible = believed(life, steps);
  const where = whereIn(
    around.whereabouts(before),
    maker,
    credible.map(({ hop }) => hop),
  );
  const stops = orders.aboutLot({ epc, gtin: epc.slice(3, 17), maker, credible, where }, life, before);
  return stops.flatMap(({ through, ...stop }) =>
    movedUnderOrder({
      told: through === null ? told : told.filter(({ hop }) => through.has(hop.recorder)),
      orders: [stop],
    }),
  );
}

/** Whose lots they are: the vetted owner of the GTIN, since the entry that says so. */
async function lotOrigins(sql: Sql, lots: Iterable<number>): Promise<Map<number, Origin>> {
  const list = [...lots];
  if (list.length === 0) return new Map();
  const rows = await sql<(Origin & { unit: number })[]>`
    SELECT e.unit, substr(e.epc, 4, 14) AS gtin, o.party AS issuer, o.seq
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit) JOIN epcs e USING (unit)
    JOIN owners o ON o.identifier = 'gtin:' || substr(e.epc, 4, 14)`;
  return new Map(rows.map(({ unit, ...origin }) => [unit, origin]));
}

/** Codes issued for a lot by one entry. */
interface LotIssue {
  readonly seq: number;
  readonly codes: number;
}

/** Issues of codes for those of the lots that are counted in pieces from the first. One statement. */
async function lotIssues(sql: Sql, lots: Iterable<number>): Promise<Map<number, LotIssue[]>> {
  const list = [...lots];
  const found = new Map<number, LotIssue[]>();
  if (list.length === 0) return found;
  const rows = await sql<(LotIssue & { unit: number })[]>`
    SELECT e.unit, i.seq, i.last_unit - i.first_unit + 1 AS codes
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit) JOIN epcs e USING (unit) JOIN issues i ON i.lot = e.epc
    WHERE (SELECT q.uom FROM quantities q WHERE q.unit = e.unit ORDER BY q.seq, q.i LIMIT 1) = ${pieces}`;
  for (const { unit, ...issue } of rows) found.set(unit, [...(found.get(unit) ?? []), issue]);
  return found;
}

/** How many pieces codes were issued for by an entry, in millionths; null for a lot without codes. */
function plannedBy(issues: readonly LotIssue[], seq: number): bigint | null {
  const codes = issues.reduce((sum, issue) => (issue.seq <= seq ? sum + issue.codes : sum), 0);
  return codes === 0 ? null : BigInt(codes) * 1_000_000n;
}

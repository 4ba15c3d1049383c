/** Looks at goods by measure: their balances up to an entry, and the rules about lots. */
import type { Step } from '../../core/history.ts';
import type { Epc } from '../../core/hop.ts';
import { foldLot, type LotLife } from '../../core/lot.ts';
import { pieces } from '../../core/quantity.ts';
import type { Found } from '../../core/rules/catalogue.ts';
import { movedUnderOrder } from '../../core/rules/moved-under-order.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { epcTexts, loadSteps } from '../events/chains.ts';
import { contextOf, type Origin } from '../events/context.ts';
import { whereIn } from '../orders/asked.ts';
import { believed } from '../orders/enrol-measured.ts';
import { type Findings, ownContradictions, upTo } from './found.ts';
import type { Known } from './known.ts';
import { loadWhereabouts, type WhereaboutsBefore } from './whereabouts.ts';

/** What a step needs of the lots that it looks at, loaded at once. */
export interface LoadedLots {
  readonly chains: ReadonlyMap<number, readonly Step[]>;
  readonly origins: ReadonlyMap<number, Origin>;
  readonly issues: ReadonlyMap<number, readonly LotIssue[]>;
  /** null while nobody ordered anything. */
  readonly under: { readonly epcs: ReadonlyMap<number, Epc>; readonly where: WhereaboutsBefore } | null;
}

/** Lots by internal number, with entries below `until`. A fixed number of statements. */
export async function loadLots(
  sql: Sql,
  known: Known,
  lots: ReadonlySet<number>,
  until: number,
): Promise<LoadedLots> {
  const [chains, origins, issues] = await Promise.all([
    loadSteps(sql, lots, until),
    lotOrigins(sql, lots),
    lotIssues(sql, lots),
  ]);
  if (lots.size === 0 || !known.orders.any(until)) return { chains, origins, issues, under: null };
  const makers = [...origins.values()].flatMap(({ issuer }) => issuer ?? []);
  const [epcs, where] = await Promise.all([
    epcTexts(sql, lots),
    loadWhereabouts(sql, chains.values(), makers),
  ]);
  return { chains, origins, issues, under: { epcs, where } };
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
  return ownContradictions(
    [...life.contradictions, ...underOrders(loaded, known, lot, { life, steps, seq })],
    [steps],
  );
}

/** What was moved although an order had stopped it, by those through whose hands the order asks that it went. */
function underOrders(
  { origins, under }: LoadedLots,
  { orders }: Known,
  lot: number,
  { life, steps, seq }: { readonly life: LotLife; readonly steps: readonly Step[]; readonly seq: number },
): Found[] {
  const before = seq + 1;
  const epc = under?.epcs.get(lot);
  if (under === null || epc === undefined || !orders.any(before)) return [];
  const origin = origins.get(lot);
  const maker = origin !== undefined && origin.seq < before ? origin.issuer : null;
  const credible = believed(life, steps);
  const where = whereIn(
    under.where(before),
    maker,
    credible.map(({ hop }) => hop),
  );
  const stops = orders.aboutLot({ epc, gtin: epc.slice(3, 17), maker, credible, where }, life, before);
  const hops = new Map(steps.map(({ hop }) => [hop.seq, hop]));
  const told = life.claims.flatMap(({ seq: of, ...claim }) => {
    const hop = hops.get(of);
    return hop === undefined ? [] : [{ hop, ...claim }];
  });
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

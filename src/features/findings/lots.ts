/** Goods by measure as the entries up to one tell them: their balances, each folded once. */

import type { Epc, PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import type { Step } from '../../core/life/history.ts';
import { foldLot, type LotLife } from '../../core/life/lot.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { epcTexts, loadSteps } from '../events/chains.ts';
import { contextOf, type Origin } from '../events/context.ts';
import { whereIn } from '../orders/asked.ts';
import { believed, type MeasuredLot } from '../orders/enrol-measured.ts';
import { upTo } from './found.ts';
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

/** A lot with what its history tells. */
export interface LivedLot {
  readonly steps: readonly Step[];
  readonly life: LotLife;
  readonly gtin: string;
  /** The owner of its GTIN. */
  readonly maker: PartyId | null;
  /** As orders ask about it; null while nobody ordered anything. */
  readonly asked: MeasuredLot | null;
}

/** Lots by the entries up to `seq`; at the time `asOf`, by which alone grace periods are judged. Each is folded once. */
export function lotsAt(
  { chains, origins, issues, epcs, around }: LoadedLots,
  { masters, orders }: Known,
  seq: number,
  asOf: number,
): (lot: number) => LivedLot {
  const before = seq + 1;
  const known = new Map<number, LivedLot>();

  function tell(lot: number): LivedLot {
    const steps = upTo(chains.get(lot) ?? [], seq);
    const context = contextOf(origins.get(lot), steps, masters, { asOf, before });
    const life = foldLot(steps, { ...context, planned: plannedBy(issues.get(lot) ?? [], seq) });
    const epc = epcs.get(lot);
    const gtin = gtinIn(epc ?? '');
    const maker = context.issuer;
    if (epc === undefined || !orders.any(before)) return { steps, life, gtin, maker, asked: null };
    const credible = believed(life, steps);
    const hops = credible.map(({ hop }) => hop);
    const where = whereIn(around.whereabouts(before), maker, hops);
    return { steps, life, gtin, maker, asked: { epc, gtin, maker, credible, where } };
  }

  return (lot) => {
    const told = known.get(lot) ?? tell(lot);
    known.set(lot, told);
    return told;
  };
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

/** Issues of codes for the lots. One statement. */
async function lotIssues(sql: Sql, lots: Iterable<number>): Promise<Map<number, LotIssue[]>> {
  const list = [...lots];
  const found = new Map<number, LotIssue[]>();
  if (list.length === 0) return found;
  const rows = await sql<(LotIssue & { unit: number })[]>`
    SELECT e.unit, i.seq, i.last_unit - i.first_unit + 1 AS codes
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit) JOIN epcs e USING (unit) JOIN issues i ON i.lot = e.epc`;
  for (const { unit, ...issue } of rows) append(found, unit, issue);
  return found;
}

/** How many pieces codes were issued for by an entry, in millionths; null for a lot without codes. */
function plannedBy(issues: readonly LotIssue[], seq: number): bigint | null {
  const codes = issues.reduce((sum, issue) => (issue.seq <= seq ? sum + issue.codes : sum), 0);
  return codes === 0 ? null : BigInt(codes) * 1_000_000n;
}

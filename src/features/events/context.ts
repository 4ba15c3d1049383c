/** What the fold of a thing's history must be told beside the history: whose code it is, and the master data. */

import type { Epc, PartyId } from '../../core/events/hop.ts';
import type { Step } from '../../core/life/history.ts';
import type { Delegates, LifecycleContext, Mandate } from '../../core/life/lifecycle-state.ts';
import type { MaintenanceInterval } from '../../core/life/maintenance.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Masters } from './masters.ts';

/** That a code was issued. */
export interface Issued {
  readonly seq: number;
  readonly batch: string;
  readonly kid: string;
  readonly gtin: string | null;
  /** The lot of a unit, and its internal number once any entry names it. */
  readonly lot: Epc | null;
  readonly lotUnit: number | null;
  /** The vetted owner of the GTIN. */
  readonly issuer: PartyId | null;
}

/** Which of these numbers were issued as codes; those not are absent. One statement. */
export async function loadIssued(sql: Sql, units: Iterable<number>): Promise<Map<number, Issued>> {
  const list = [...new Set(units)];
  if (list.length === 0) return new Map();
  const rows = await sql<(Issued & { unit: number })[]>`
    SELECT asked.unit, i.seq, i.batch, i.kid, i.gtin, i.lot, l.unit AS "lotUnit", o.party AS issuer
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit)
    CROSS JOIN LATERAL (
      SELECT * FROM issues WHERE first_unit <= asked.unit ORDER BY first_unit DESC LIMIT 1) i
    LEFT JOIN epcs l ON l.epc = i.lot
    LEFT JOIN owners o ON o.identifier = 'gtin:' || i.gtin
    WHERE i.last_unit >= asked.unit`;
  return new Map(rows.map(({ unit, ...issued }) => [unit, issued]));
}

/** As of which moment and which prefix of the log a history is folded. */
export interface AsOf {
  /** ms since the epoch. */
  readonly asOf: number;
  /** Only entries with seq below this count. */
  readonly before: number;
}

/** Whose code a thing bears, since which entry. */
export type Origin = Pick<Issued, 'seq' | 'gtin' | 'issuer'>;

/** The context of one thing, whose steps are given. */
export function contextOf(
  issued: Origin | undefined,
  steps: readonly Step[],
  masters: Masters,
  { asOf, before }: AsOf,
): LifecycleContext {
  const known = issued !== undefined && issued.seq < before ? issued : null;
  return {
    issuer: known?.issuer ?? null,
    issued: known !== null,
    asOf,
    graceMs: masters.graceMs(before),
    stubUntil: stubsAmong(steps, masters, before),
    delegates: delegatesFor(known?.gtin ?? null, masters, before),
    certificates: known?.gtin ? masters.certificates(known.gtin, before) : null,
    certifiedFrom: known?.gtin ? masters.certifiedFrom(known.gtin, before) : null,
    maintenance: known?.gtin ? masters.maintenance(known.gtin, before) : noIntervals,
  };
}

function stubsAmong(steps: readonly Step[], masters: Masters, before: number): ReadonlyMap<PartyId, number> {
  let found: Map<PartyId, number> | null = null;
  for (const { hop } of steps) {
    if (hop.taker === null) continue;
    const until = masters.stubUntil(hop.taker, before);
    if (until === null) continue;
    found ??= new Map();
    found.set(hop.taker, until);
  }
  return found ?? noStubs;
}
const noIntervals: readonly MaintenanceInterval[] = [];
const noStubs: ReadonlyMap<PartyId, number> = new Map();

/** Who may act for whom about a GTIN; about a container, whose contents may be anything, for whatever GTIN. */
function delegatesFor(gtin: string | null, masters: Masters, before: number): Delegates {
  const all = masters.delegations(before);
  if (all.length === 0) return noDelegates;
  const found = new Map<PartyId, Map<PartyId, Mandate[]>>();
  for (const { from, to, gtins, acts, places, validFrom, validUntil, revoked } of all) {
    if (gtin !== null && gtins.length > 0 && !gtins.includes(gtin)) continue;
    const agents = found.get(from) ?? new Map<PartyId, Mandate[]>();
    const mandates = agents.get(to) ?? [];
    mandates.push({ acts, places, from: validFrom, until: validUntil, revoked });
    found.set(from, agents.set(to, mandates));
  }
  return found;
}
const noDelegates: Delegates = new Map();

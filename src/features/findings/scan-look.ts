/** Looks at things that the public scanned, and at products whose codes were made up, by the rules about scans. */

import type { PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { Life } from '../../core/life/lifecycle.ts';
import { type RuleName, rulesOn } from '../../core/rules/catalogue.ts';
import { foundInScans } from '../../core/rules/scan-rules.ts';
import type { Baseline, ScannedThing, Whereabout } from '../../core/rules/scans.ts';
import { unregisteredCodes } from '../../core/rules/stray-scans.ts';
import { graceMsOf } from '../../core/rules/thresholds.ts';
import { atHand } from '../../core/rules/travel.ts';
import type { Sql } from '../../database/connection.ts';
import { epcTexts, loadHops } from '../events/chains.ts';
import { newestRegions } from '../events/involved.ts';
import { createMasters } from '../events/masters.ts';
import { loadHistories } from '../units/histories.ts';
import { type Finding, file, findingKey, keyOfFound } from './clue-filing.ts';
import { closeFindings, knownFindings } from './clue-queries.ts';
import { timesOf } from './filing.ts';
import { chunk, type Look, type LookOptions, lateMs, type Turn } from './look.ts';
import {
  baselinesOf,
  noteChecked,
  type Period,
  positionsOf,
  scannedUnits,
  scansOf,
  strayProducts,
  straysOf,
  uncheckedUnits,
} from './scan-queries.ts';

const dayMs = 86_400_000;
/** A service that was away looks so far back. */
const backMs = dayMs;
const checkMs = 60_000;
const baselineMs = 3_600_000;
const rules = rulesOn('scans');

/** What facts recorded later can explain. */
const explainable: ReadonlySet<RuleName> = new Set<RuleName>([
  'scan-before-production',
  'scan-elsewhere',
  'scan-far-from-sale',
  'scan-never-produced',
  'scan-after-scrap',
]);

/** @param markOf what is kept of a code that no entry named when it was scanned */
export function createScanLook({ sql, docket, began }: LookOptions, markOf: (epc: string) => Buffer): Look {
  const masters = createMasters(sql);
  let seen = began - backMs;
  /** What is older was looked at since others had time to record their part; not known before the first pass. */
  let settled: number | null = null;
  let baselines: ReadonlyMap<string, Baseline> = new Map();
  let baselinesAt = Number.NEGATIVE_INFINITY;

  async function lookAt(connection: Sql, units: readonly number[], at: number): Promise<void> {
    const things = await epcTexts(connection, units);
    const [scans, loaded, known] = await Promise.all([
      scansOf(connection, units),
      loadHistories({ sql, masters }, units),
      knownFindings(connection, [...things.values()], rules),
    ]);
    const lives = new Map(units.map((unit) => [unit, loaded.lifeOf(unit, at)]));
    const codes = units.flatMap((unit) => {
      const issued = loaded.issuedOf(unit);
      const epc = things.get(unit);
      return issued?.gtin == null || epc === undefined
        ? []
        : [{ unit, epc, gtin: issued.gtin, seq: issued.seq }];
    });
    const [sales, recorded, strays, times] = await Promise.all([
      salesOf(connection, lives),
      recordedOf(
        connection,
        new Map([...lives].filter(([unit]) => scans.get(unit)?.some(({ region }) => region !== null))),
      ),
      straysOf(
        connection,
        codes.map(({ unit, epc, gtin }) => ({ unit, gtin, mark: markOf(epc) })),
      ),
      timesOf(connection, new Set(codes.map(({ seq }) => seq))),
    ]);
    const thresholds = docket.thresholds(Number.POSITIVE_INFINITY);
    const graceMs = graceMsOf(thresholds);
    const findings = [...lives].flatMap(([unit, { state }]): Finding[] => {
      const issued = loaded.issuedOf(unit);
      const gtin = issued?.gtin ?? '';
      const sale = sales.get(unit) ?? null;
      const scanned: ScannedThing = {
        scans: scans.get(unit) ?? [],
        strays: strays.get(unit) ?? [],
        issuedAt: issued === undefined ? null : (times.get(issued.seq) ?? null),
        asOf: at,
        graceMs,
        state,
        sold: sale,
        recorded: recorded.get(unit) ?? [],
        baseline: baselines.get(gtin) ?? null,
        thresholds,
      };
      const thing = things.get(unit) ?? '';
      return foundInScans(scanned).map((found) => {
        const party = found.rule === 'scan-far-from-sale' ? (sale?.party ?? '') : '';
        const { rule, severity } = found;
        const subject = { rule, severity, party, gtin, district: '' };
        return { thing, found, subject, maker: issued?.issuer ?? '' };
      });
    });
    await file(connection, { findings, known, docket, at, growing: true });
    const still = new Set(findings.map(keyOfFound));
    const gone = known.filter(
      (it) => it.closedAt === null && explainable.has(it.rule) && !still.has(findingKey(it)),
    );
    await closeFindings(connection, gone, at);
    await noteChecked(connection, [...things.values()], rules, at);
  }

  async function lookAtProducts({ at, stopped, step }: Turn): Promise<void> {
    const thresholds = docket.thresholds(Number.POSITIVE_INFINITY);
    for (let after = ''; !stopped(); ) {
      const products = await strayProducts(sql, seen - lateMs, after, chunk);
      const findings = products.flatMap(({ gtin, maker, scans }) =>
        unregisteredCodes(scans, thresholds).map((found): Finding => {
          const { rule, severity } = found;
          const subject = { rule, severity, party: '', gtin, district: '' };
          return { thing: `01/${gtin}`, found, subject, maker };
        }),
      );
      if (findings.length > 0)
        await step(async (connection) => {
          const things = findings.map(({ thing }) => thing);
          const known = await knownFindings(connection, things, ['unregistered-codes']);
          await file(connection, { findings, known, docket, at, growing: true });
        });
      if (products.length < chunk) break;
      after = products.at(-1)?.gtin ?? after;
    }
  }

  return async (turn) => {
    const { at, stopped, step } = turn;
    const look = (units: readonly number[]): Promise<void> =>
      units.length === 0 ? Promise.resolve() : step((connection) => lookAt(connection, units, at));
    if (at - baselinesAt >= baselineMs) {
      const { 'scan-window-days': days } = docket.thresholds(Number.POSITIVE_INFINITY);
      baselines = await baselinesOf(sql, at - days * dayMs);
      baselinesAt = at;
    }
    await look(await uncheckedUnits(sql, rules, at - checkMs, chunk));
    // What was scanned since the last pass, and what others had time to record their part of since then.
    const news: Period = { from: seen - lateMs, until: Number.MAX_SAFE_INTEGER };
    const graceMs = graceMsOf(docket.thresholds(Number.POSITIVE_INFINITY));
    const overdue: Period = { from: settled ?? seen - graceMs, until: at - graceMs + 1 };
    for (const period of [news, overdue])
      for (let after = 0; !stopped(); ) {
        const units = await scannedUnits(sql, period, after, chunk);
        await look(units);
        if (units.length < chunk) break;
        after = units.at(-1) ?? after;
      }
    await lookAtProducts(turn);
    settled = overdue.until;
    seen = at;
  };
}

/** Where each thing was by those whose word counts, as their places tell it. Two statements, or none. */
async function recordedOf(sql: Sql, lives: ReadonlyMap<number, Life>): Promise<Map<number, Whereabout[]>> {
  const counting = [...lives].flatMap(([unit, { claims }]) =>
    claims.flatMap(({ seq, standing }) => (standing === 'stranger' ? [] : [{ unit, seq }])),
  );
  const hops = await loadHops(
    sql,
    counting.map(({ seq }) => seq),
  );
  const positions = await positionsOf(
    sql,
    [...hops.values()].flatMap(({ hop, place }) => (place === null || !atHand.has(hop) ? [] : [place])),
  );
  const found = new Map<number, Whereabout[]>();
  for (const { unit, seq } of counting) {
    const hop = hops.get(seq);
    const position = hop?.place && atHand.has(hop.hop) ? positions.get(hop.place) : undefined;
    if (hop !== undefined && position !== undefined)
      append(found, unit, { from: hop.from, until: hop.until, position });
  }
  return found;
}

interface Sale {
  readonly at: number;
  readonly regions: readonly string[];
  readonly party: PartyId;
}

/** The last sale of each thing that counts, where somebody told its region, and to where. Two statements. */
async function salesOf(sql: Sql, lives: ReadonlyMap<number, Life>): Promise<Map<number, Sale>> {
  const counting = [...lives].flatMap(([unit, { claims, state }]) =>
    state.inUse ? claims.flatMap(({ seq, effect }) => (effect ? [{ unit, seq }] : [])) : [],
  );
  const hops = await loadHops(
    sql,
    counting.map(({ seq }) => seq),
  );
  const regions = await newestRegions(
    sql,
    [...hops.values()].flatMap(({ recorder, place, taker, toPlace }) =>
      [recorder, place, taker, toPlace].filter((id) => id !== null),
    ),
  );
  const found = new Map<number, Sale>();
  for (const { unit, seq } of counting) {
    const hop = hops.get(seq);
    if (hop?.hop !== 'sell') continue;
    const regionOf = (...ids: readonly (string | null)[]): string | undefined =>
      ids.map((id) => (id === null ? undefined : regions.get(id))).find((it) => it !== undefined);
    // What is sold on a platform goes anywhere from there.
    const where = hop.as === 'platform' ? undefined : regionOf(hop.place, hop.recorder);
    const known = [where, regionOf(hop.toPlace, hop.taker)].filter((region) => region !== undefined);
    if (known.length > 0) found.set(unit, { at: hop.until, regions: known, party: hop.recorder });
  }
  return found;
}

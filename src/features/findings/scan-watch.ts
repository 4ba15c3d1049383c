/**
 * Watches scans: every minute the things scanned since are looked at by the rules about scans, one process at a time.
 * What is found is filed in cases of its own tables, for scans are no facts: it does not follow from the log and is not
 * rebuilt from it. The same finding again only grows; what was decided is found again only by later scans.
 *
 * If we crash between two steps the next pass, of any process, does what was left over: looking twice changes nothing.
 */
import type { PartyId } from '../../core/events/hop.ts';
import type { Life } from '../../core/life/lifecycle.ts';
import { type CaseSubject, caseId, subjectKey } from '../../core/rules/case.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import { foundInScans } from '../../core/rules/scan-rules.ts';
import type { Baseline, ScanFound, ScannedThing } from '../../core/rules/scans.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import { type Database, onConnection, planIndexByIndex, type Sql } from '../../database/connection.ts';
import { createRest } from '../../ledger/rest.ts';
import { loadHops } from '../events/chains.ts';
import { createMasters } from '../events/masters.ts';
import { loadHistories } from '../units/histories.ts';
import { createDocket, type Docket } from './docket.ts';
import {
  baselinesOf,
  type KnownFinding,
  knownFindings,
  newestRegions,
  openScanCases,
  scannedUnits,
  scansOf,
  uncheckedUnits,
  writeCases,
  writeFindings,
} from './scan-queries.ts';

export interface ScanWatchOptions {
  readonly database: Database;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export interface ScanWatch {
  start(): void;
  /** Looks at what was scanned since the last pass. */
  pass(): Promise<void>;
  /** Ends after the step under way. */
  stop(): Promise<void>;
}

const minuteMs = 60_000;
/** A service that was away looks so far back; and rows of other processes may come so late. */
const backMs = 24 * 60 * minuteMs;
const lateMs = 5 * minuteMs;
const baselineMs = 60 * minuteMs;
/** Things a step looks at. */
const chunk = 500;

/** What facts recorded later can explain. */
const explainable: ReadonlySet<RuleName> = new Set<RuleName>([
  'scan-before-production',
  'scan-far-from-sale',
]);

/** What was found about a thing, and whose affair it is. */
interface Finding {
  readonly unit: number;
  readonly found: ScanFound<RuleName>;
  readonly subject: CaseSubject;
  readonly maker: string;
}

export function createScanWatch({ database, now, onError }: ScanWatchOptions): ScanWatch {
  const { sql } = database;
  const rest = createRest();
  const docket = createDocket(sql);
  const masters = createMasters(sql);
  let seen = now() - backMs;
  let baselines: ReadonlyMap<string, Baseline> = new Map();
  let baselinesAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function pass(): Promise<void> {
    const started = now();
    await docket.catchUp();
    if (started - baselinesAt >= baselineMs) {
      const { 'scan-window-days': days } = docket.thresholds(Number.POSITIVE_INFINITY);
      baselines = await baselinesOf(sql, started - days * 24 * 60 * minuteMs);
      baselinesAt = started;
    }
    await look(await uncheckedUnits(sql, started - minuteMs, chunk), started);
    for (let after = 0; !rest.stopped; ) {
      const units = await scannedUnits(sql, seen - lateMs, after, chunk);
      await look(units, started);
      if (units.length < chunk) break;
      after = units.at(-1) ?? after;
    }
    seen = started;
  }

  /** One step, in one transaction; others that look at the same time wait for it. */
  async function look(units: readonly number[], at: number): Promise<void> {
    if (units.length === 0) return;
    await onConnection(sql, async (connection) => {
      await connection`BEGIN`;
      await planIndexByIndex(connection);
      await connection`SELECT pg_advisory_xact_lock(hashtext('scan watch'))`;
      await lookAt(connection, units, at);
      await connection`COMMIT`;
    });
  }

  async function lookAt(connection: Sql, units: readonly number[], at: number): Promise<void> {
    const [scans, loaded, known] = await Promise.all([
      scansOf(connection, units),
      loadHistories({ sql, masters }, units),
      knownFindings(connection, units),
    ]);
    const lives = new Map(units.map((unit) => [unit, loaded.lifeOf(unit, at)]));
    const sales = await salesOf(connection, lives);
    const thresholds = docket.thresholds(Number.POSITIVE_INFINITY);
    const findings = [...lives].flatMap(([unit, { state }]): Finding[] => {
      const issued = loaded.issuedOf(unit);
      const gtin = issued?.gtin ?? '';
      const sale = sales.get(unit) ?? null;
      const thing: ScannedThing = {
        scans: scans.get(unit) ?? [],
        state,
        sold: sale,
        baseline: baselines.get(gtin) ?? null,
        thresholds,
      };
      return foundInScans(thing).map((found) => {
        const party = found.rule === 'scan-far-from-sale' ? (sale?.party ?? '') : '';
        const { rule, severity } = found;
        return { unit, found, subject: { rule, severity, party, gtin }, maker: issued?.issuer ?? '' };
      });
    });
    await file(connection, { findings, known, docket, at });
    await explain(connection, units, findings, known, at);
  }

  async function run(): Promise<void> {
    for (;;) {
      await rest.pause(minuteMs);
      if (rest.stopped) return;
      try {
        await pass();
      } catch (error) {
        onError(error);
      }
    }
  }

  return {
    pass,
    start() {
      running ??= run();
    },
    async stop() {
      rest.stop();
      await running;
    },
  };
}

interface Sale {
  readonly at: number;
  readonly region: string;
  readonly party: PartyId;
}

/** The last sale of each thing that counts, where somebody told its region. Two statements. */
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
    [...hops.values()].flatMap(({ recorder, place }) => [recorder, ...(place === null ? [] : [place])]),
  );
  const found = new Map<number, Sale>();
  for (const { unit, seq } of counting) {
    const hop = hops.get(seq);
    if (hop?.hop !== 'sell') continue;
    const region = (hop.place === null ? undefined : regions.get(hop.place)) ?? regions.get(hop.recorder);
    if (region !== undefined) found.set(unit, { at: hop.until, region, party: hop.recorder });
  }
  return found;
}

interface Filing {
  readonly findings: readonly Finding[];
  readonly known: readonly KnownFinding[];
  readonly docket: Docket;
  /** ms since the epoch. */
  readonly at: number;
}

/** Writes what was found into the case it belongs to. A fixed number of statements. */
async function file(sql: Sql, { findings, known, docket, at }: Filing): Promise<void> {
  const of = new Map<string, KnownFinding[]>();
  for (const it of known) of.set(`${it.unit} ${it.rule}`, [...(of.get(`${it.unit} ${it.rule}`) ?? []), it]);
  const before = ({ unit, found }: Finding) => of.get(`${unit} ${found.rule}`) ?? [];
  const news = findings.filter((it) =>
    before(it).every(({ decidedAt }) => decidedAt === null || decidedAt < it.found.last),
  );
  const open = await openScanCases(
    sql,
    news.map(({ subject }) => subject),
  );
  const regions = await newestRegions(
    sql,
    news.flatMap(({ subject, maker }) => [subject.party, maker]),
  );
  const cases: Parameters<typeof writeCases>[1][number][] = [];
  const rows = news.flatMap((it) => {
    const { unit, found, subject, maker } = it;
    const key = subjectKey(subject);
    const undecided = before(it).find(({ decidedAt }) => decidedAt === null)?.caseId;
    let id = undecided ?? open.get(key);
    if (id === undefined) {
      id = caseId(subject, at);
      open.set(key, id);
      cases.push({
        ...subject,
        ...{ id, maker, openedAt: at, watch: docket.isWatched(subject.rule, Number.POSITIVE_INFINITY) },
        region: regions.get(subject.party) ?? '',
        makerRegion: regions.get(maker) ?? '',
      });
    }
    return [{ unit, caseId: id, at, ...found, party: subject.party, maker }];
  });
  await writeCases(sql, cases);
  await writeFindings(sql, rows, regions);
}

/** Closes findings that what is recorded by now explains, and notes that the others were looked at. */
async function explain(
  sql: Sql,
  units: readonly number[],
  findings: readonly Finding[],
  known: readonly KnownFinding[],
  at: number,
): Promise<void> {
  const still = new Set(findings.map(({ unit, found }) => `${unit} ${found.rule}`));
  const gone = known.filter(
    ({ unit, rule, closedAt }) => closedAt === null && explainable.has(rule) && !still.has(`${unit} ${rule}`),
  );
  await sql`
    UPDATE scan_findings f SET closed_at = ${at}
    FROM unnest(${arrayLiteral(gone.map(({ unit }) => unit))}::bigint[],
      ${arrayLiteral(gone.map(({ rule }) => rule))}::text[],
      ${arrayLiteral(gone.map(({ caseId }) => caseId))}::text[]) AS gone (unit, rule, case_id)
    WHERE (f.unit, f.rule, f.case_id) = (gone.unit, gone.rule, gone.case_id)`;
  await sql`
    UPDATE scan_findings SET checked_at = ${at}
    WHERE unit = ANY (${arrayLiteral(units)}::bigint[]) AND closed_at IS NULL`;
}

/** Looks at things and products that the public reported, by the rules about reports. */
import { complaintBurst } from '../../core/rules/complaint-burst.ts';
import { foundInReports, reportedRuleNames, underSeal } from '../../core/rules/reported.ts';
import type { Sql } from '../../database/connection.ts';
import { type Finding, file, findingKey, keyOfFound } from './clue-filing.ts';
import { closeFindings, type KnownFinding, knownFindings } from './clue-queries.ts';
import { chunk, type Look, type LookOptions, lateMs, type Turn } from './look.ts';
import { crowdedCells, recountBursts, reportedThings, reportsAbout } from './report-queries.ts';

const dayMs = 86_400_000;
/** A service that was away looks so far back. */
const backMs = 30 * dayMs;
/** Bursts grow over days, and what they are compared with is all that was reported within months. */
const burstMs = 600_000;

export function createReportLook({ sql, docket, began }: LookOptions): Look {
  let seen = began - backMs;
  let burstsAt = Number.NEGATIVE_INFINITY;

  async function lookAt(connection: Sql, things: readonly string[], at: number): Promise<void> {
    const [reported, known] = await Promise.all([
      reportsAbout(connection, things),
      knownFindings(connection, things, reportedRuleNames),
    ]);
    const decided = lastDecisions(known);
    const findings = [...reported].flatMap(([thing, { gtin, maker, reports }]) =>
      foundInReports(reports, (rule) => decided.get(findingKey({ thing, rule, district: '' })) ?? null).map(
        (found): Finding => {
          const { rule, severity } = found;
          const toldTo = rule === underSeal ? '' : maker;
          const subject = { rule, severity, party: '', gtin, district: '' };
          return { thing, found, subject, maker: toldTo };
        },
      ),
    );
    await file(connection, { findings, known, docket, at, growing: false });
    const still = new Set(findings.map(keyOfFound));
    const gone = known.filter(
      (it) => it.closedAt === null && it.decidedAt === null && !still.has(findingKey(it)),
    );
    await closeFindings(connection, gone, at);
  }

  /** Bursts are looked for aside, and filed in a step. */
  async function lookForBursts({ at, step }: Turn): Promise<void> {
    const thresholds = docket.thresholds(Number.POSITIVE_INFINITY);
    const window = at - thresholds['complaint-window-days'] * dayMs;
    const period = { base: window - thresholds['complaint-base-days'] * dayMs, window, until: at };
    const cells = await crowdedCells(sql, period, thresholds['complaint-reports-min']);
    const bursts = cells.flatMap((cell) =>
      complaintBurst(cell, thresholds).map((found): Finding => {
        const { gtin, district, maker } = cell;
        const { rule, severity } = found;
        return { thing: `01/${gtin}`, found, subject: { rule, severity, party: '', gtin, district }, maker };
      }),
    );
    await step(async (connection) => {
      const things = [...new Set(bursts.map(({ thing }) => thing))];
      const known = await knownFindings(connection, things, ['complaint-burst']);
      // The strongest of the windows in which it was a burst is the one that is told.
      const stronger = new Map(
        known.flatMap((it) =>
          it.closedAt === null && it.decidedAt === null ? [[findingKey(it), it.count] as const] : [],
        ),
      );
      const findings = bursts.filter((it) => it.found.count >= (stronger.get(keyOfFound(it)) ?? 0));
      await file(connection, { findings, known, docket, at, growing: false });
      await recountBursts(connection, at);
    });
  }

  return async (turn) => {
    const { at, stopped, step } = turn;
    for (let after = ''; !stopped(); ) {
      const things = await reportedThings(sql, seen - lateMs, after, chunk);
      if (things.length > 0) await step((connection) => lookAt(connection, things, at));
      if (things.length < chunk) break;
      after = things.at(-1) ?? after;
    }
    if (at - burstsAt >= burstMs) {
      await lookForBursts(turn);
      burstsAt = at;
    }
    seen = at;
  };
}

/** When the cases of findings were decided last, ms, by the key of the finding. */
function lastDecisions(known: readonly KnownFinding[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const it of known) {
    if (it.decidedAt === null) continue;
    const key = findingKey(it);
    last.set(key, Math.max(last.get(key) ?? 0, it.decidedAt));
  }
  return last;
}

/** Looks at things and products that the public reported, by the rules about reports. */
import { rulesOn } from '../../core/rules/catalogue.ts';
import { foundInReports } from '../../core/rules/reported.ts';
import type { Sql } from '../../database/connection.ts';
import { type Finding, file, findingKey } from './clue-filing.ts';
import { closeFindings, type KnownFinding, knownFindings } from './clue-queries.ts';
import { chunk, type Look, type LookOptions, lateMs } from './look.ts';
import { reportedThings, reportsAbout } from './report-queries.ts';

/** A service that was away looks so far back. */
const backMs = 30 * 86_400_000;
const rules = rulesOn('reports');

export function createReportLook({ sql, docket, began }: LookOptions): Look {
  let seen = began - backMs;

  async function lookAt(connection: Sql, things: readonly string[], at: number): Promise<void> {
    const [reported, known] = await Promise.all([
      reportsAbout(connection, things),
      knownFindings(connection, things, rules),
    ]);
    const decided = lastDecisions(known);
    const findings = [...reported].flatMap(([thing, { gtin, maker, reports }]) =>
      foundInReports(reports, (rule) => decided.get(findingKey({ thing, rule })) ?? null).map(
        (found): Finding => {
          const { rule, severity } = found;
          const toldTo = rule === 'reported-under-seal' ? '' : maker;
          return { thing, found, subject: { rule, severity, party: '', gtin }, maker: toldTo };
        },
      ),
    );
    await file(connection, { findings, known, docket, at, growing: false });
    const still = new Set(findings.map(({ thing, found: { rule } }) => findingKey({ thing, rule })));
    const gone = known.filter(
      (it) => it.closedAt === null && it.decidedAt === null && !still.has(findingKey(it)),
    );
    await closeFindings(connection, gone, at);
  }

  return async ({ at, stopped, step }) => {
    for (let after = ''; !stopped(); ) {
      const things = await reportedThings(sql, seen - lateMs, after, chunk);
      if (things.length > 0) await step((connection) => lookAt(connection, things, at));
      if (things.length < chunk) break;
      after = things.at(-1) ?? after;
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

/**
 * What the public wrote erased from a report: by the authority in charge of it, or by the operator, who keeps it. Whoever asks
 * for it has the receipt code, and need not say more. What stays is that there was a report, of what kind, from which district
 * and about which thing, what was done about it, and that something was erased, by whom and on what ground.
 *
 * Files of photos go before the rows that name them: if we crash in between, the rows remain, and who asks again finishes it.
 */
import type { ErasablePart } from '../../core/report.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Photos } from './photos.ts';
import { eraseParts, type Report, reportById, reportOfAnywhere } from './queries.ts';
import type { ReportErasureBody } from './schemas.ts';
import { findReport, regionsOf } from './service.ts';

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'keystore' | 'policies' | 'now'>;

const isThere = ({ photos, ...report }: Report, part: ErasablePart): boolean =>
  part === 'photos' ? photos > 0 : report[part] !== null && report[part] !== '';

/**
 * Erases parts of a report and answers it as it is then. Refuses `not-found` what is not the caller's to erase, and
 * `state-conflict` where nothing of that is there.
 */
export async function eraseReport(
  deps: Deps,
  photos: Photos,
  { named, by, body }: { readonly named: string; readonly by: Caller; readonly body: ReportErasureBody },
): Promise<Report> {
  const report = await reportToErase(deps, named, by);
  const parts = body.parts.filter((part) => isThere(report, part));
  if (parts.length === 0)
    throw new Refusal('state-conflict', 'Nothing of that is in the report: it was not given, or is erased.');
  if (parts.includes('photos')) await photos.remove(report.id);
  await eraseParts(deps.db.sql, report.id, {
    ...{ parts, at: deps.now(), by: by.party, ground: body.ground.trim() },
    number: body.number?.trim() ?? null,
  });
  return reportToErase(deps, report.id, by);
}

/** By its id, or by its receipt code. */
async function reportToErase(deps: Deps, named: string, by: Caller): Promise<Report> {
  const { sql } = deps.db;
  const isOperator = by.roles.includes('operator');
  const regions = isOperator ? [] : await regionsOf(deps, by);
  const found = (id: string) => (isOperator ? reportOfAnywhere(sql, id) : reportById(sql, id, regions));
  const report = (await found(named)) ?? (await found((await findReport(deps, sql, named))?.id ?? ''));
  if (report === null)
    throw new Refusal('not-found', 'No report of yours to erase has this id or receipt code.');
  return report;
}

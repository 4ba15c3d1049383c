/**
 * What the public wrote erased from a report: by the authority in charge of it, or by the operator, who keeps it. Whoever asks
 * for it has the receipt code, and need not say more. What stays is that there was a report, of what kind, from which district
 * and about which thing, what was done about it, and that something was erased, by whom and on what ground.
 *
 * Files of photos go before the rows that name them: if we crash in between, the rows remain, and who asks again finishes it.
 * One erasure waits for the other: of two reports with the same photo each would leave its file to the other.
 */
import type { ErasablePart } from '../../core/report.ts';
import type { Sql, TransactionSql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Photos } from './photos.ts';
import { eraseParts, holdPhotos, type Report, reportById, reportOfAnywhere } from './queries.ts';
import type { ReportErasureBody } from './schemas.ts';
import { findReport, regionsOf } from './service.ts';

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'keystore' | 'policies' | 'now'>;

const isThere = ({ photos, ...report }: Report, part: ErasablePart): boolean =>
  part === 'photos' ? photos > 0 : report[part] !== null && report[part] !== '';

/**
 * Erases parts of a report and answers it as it is then. Refuses `not-found` what is not the caller's to erase, and
 * `state-conflict` where nothing of that is there, also because another was faster.
 */
export async function eraseReport(
  deps: Deps,
  photos: Photos,
  { named, by, body }: { readonly named: string; readonly by: Caller; readonly body: ReportErasureBody },
): Promise<Report> {
  const isOperator = by.roles.includes('operator');
  const regions = isOperator ? [] : await regionsOf(deps, by);
  const find = (sql: Sql | TransactionSql, id: string): Promise<Report | null> =>
    isOperator ? reportOfAnywhere(sql, id) : reportById(sql, id, regions);
  const { sql } = deps.db;
  // By its id, or by its receipt code.
  const asked = (await find(sql, named)) ?? (await find(sql, (await findReport(deps, sql, named))?.id ?? ''));
  if (asked === null) throw noReport();
  return sql.begin(async (transaction) => {
    await holdPhotos(transaction);
    const report = await find(transaction, asked.id);
    if (report === null) throw noReport();
    const parts = body.parts.filter((part) => isThere(report, part));
    if (parts.length === 0)
      throw new Refusal(
        'state-conflict',
        'Nothing of that is in the report: it was not given, or is erased.',
      );
    if (parts.includes('photos')) await photos.remove(transaction, report.id);
    await eraseParts(transaction, report.id, {
      ...{ parts, at: deps.now(), by: by.party, ground: body.ground.trim() },
      number: body.number?.trim() ?? null,
    });
    return (await find(transaction, report.id)) ?? report;
  });
}

const noReport = (): Refusal =>
  new Refusal('not-found', 'No report of yours to erase has this id or receipt code.');

/** Reports as rows. Who sent one is nowhere but in what they wrote; a receipt code is kept as a keyed hash. */
import type { PartyId } from '../../core/events/hop.ts';
import { districtOf } from '../../core/region.ts';
import type { ErasablePart, ReportCategory, ReportOutcome, ReportState } from '../../core/report.ts';
import type { SealingKey } from '../../core/sealed.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql, TransactionSql } from '../../database/connection.ts';
import { lastWithin } from '../cases/sight.ts';

export interface ReportStep {
  /** ms since the epoch. */
  readonly at: number;
  readonly state: ReportState;
  readonly answer: string | null;
  readonly outcome: ReportOutcome | null;
  readonly by: PartyId;
}

/** Whether a report was founded, as the log has it. */
export interface ReportDecision {
  readonly seq: number;
  readonly outcome: ReportOutcome;
  /** null once it was erased. */
  readonly officer: string | null;
}

/** That something was erased. */
export interface ReportErasure {
  /** ms since the epoch. */
  readonly at: number;
  readonly by: PartyId;
  /** Separated by blanks. */
  readonly parts: string;
  readonly ground: string;
  readonly number: string | null;
}

export interface Report {
  readonly id: string;
  readonly at: number;
  readonly category: ReportCategory;
  /** Empty once it was erased. */
  readonly text: string;
  /** GB/T 2260. */
  readonly region: string;
  readonly place: string | null;
  readonly code: string | null;
  readonly epc: string | null;
  readonly gtin: string | null;
  readonly contact: string | null;
  /** Compact JWE. */
  readonly sealed: string | null;
  /** The code bears a signature that is not good. */
  readonly forged: boolean;
  /** How many it has. */
  readonly photos: number;
  /** What was done about it, oldest first. */
  readonly steps: readonly ReportStep[];
  /** null while nobody decided it. */
  readonly decision: ReportDecision | null;
  /** Oldest first. */
  readonly erasures: readonly ReportErasure[];
}

const columns = (sql: Sql | TransactionSql) => sql`
  r.id, r.at, r.category, r.text, r.region, r.place, r.code, r.epc, r.gtin, r.contact, nullif(r.sealed, '') AS sealed, r.forged,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'at', x.at, 'by', x.by, 'parts', x.parts, 'ground', x.ground, 'number', x.number) ORDER BY x.n)
    FROM report_erasures x WHERE x.report = r.id), '[]') AS erasures,
  (SELECT count(*)::int FROM report_photos p WHERE p.report = r.id) AS photos, coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'at', s.at, 'state', s.state, 'answer', s.answer,
      'outcome', CASE WHEN s.state = 'closed' THEN coalesce(d.outcome, s.outcome) END, 'by', s.by) ORDER BY s.n)
    FROM report_steps s LEFT JOIN report_decisions d USING (report) WHERE s.report = r.id), '[]') AS steps,
  (SELECT jsonb_build_object('seq', d.seq, 'outcome', d.outcome, 'officer', p.value::jsonb ->> 'officer')
    FROM report_decisions d LEFT JOIN privates p USING (seq) WHERE d.report = r.id) AS decision`;

export interface NewReport extends Omit<Report, 'steps' | 'photos' | 'decision' | 'erasures'> {
  /** The first about its product from its address in its week, and not by a sealed sender. */
  readonly counts: boolean;
}

export const insertReport = (
  sql: Sql,
  receipt: Buffer,
  { id, at, category, text, region, place, code, epc, gtin, contact, sealed, forged, counts }: NewReport,
): Promise<unknown> =>
  sql`
    INSERT INTO reports (id, receipt, at, category, text, region, place, code, epc, gtin, contact, sealed, forged,
      district, counts)
    VALUES (${id}, ${receipt}, ${at}, ${category}, ${text}, ${region}, ${place}, ${code}, ${epc}, ${gtin}, ${contact},
      ${sealed}, ${forged}, ${districtOf(region)}, ${counts})`.execute();

export async function reportByReceipt(sql: Sql | TransactionSql, receipt: Buffer): Promise<Report | null> {
  const [row] = await sql<Report[]>`SELECT ${columns(sql)} FROM reports r WHERE receipt = ${receipt}`;
  return row ?? null;
}

/** Condition on reports `r`: those of places within these regions. */
const within = (sql: Sql | TransactionSql, regions: readonly string[]) => sql`
  EXISTS (
    SELECT FROM unnest(${arrayLiteral(regions)}::text[], ${arrayLiteral(regions.map(lastWithin))}::text[]) AS j (lowest, highest)
    WHERE r.region BETWEEN j.lowest AND j.highest)`;

/** A report of a place within these regions. */
export async function reportById(
  sql: Sql | TransactionSql,
  id: string,
  regions: readonly string[],
): Promise<Report | null> {
  const [row] = await sql<Report[]>`
    SELECT ${columns(sql)} FROM reports r WHERE id = ${id} AND ${within(sql, regions)}`;
  return row ?? null;
}

/** A report of any place. */
export async function reportOfAnywhere(sql: Sql | TransactionSql, id: string): Promise<Report | null> {
  const [row] = await sql<Report[]>`SELECT ${columns(sql)} FROM reports r WHERE id = ${id}`;
  return row ?? null;
}

/**
 * Erases parts of a report, and notes that. That somebody sealed who it was stays, for it weighs in what rests on reports
 * (core/rules/reported.ts); one statement, so that nothing is erased unnoted.
 */
export async function eraseParts(
  sql: TransactionSql,
  report: string,
  {
    parts,
    at,
    by,
    ground,
    number,
  }: Omit<ReportErasure, 'parts'> & { readonly parts: readonly ErasablePart[] },
): Promise<void> {
  const has = (part: ErasablePart): boolean => parts.includes(part);
  await sql`
    WITH emptied AS (
      UPDATE reports SET
        contact = CASE WHEN ${has('contact')} THEN NULL ELSE contact END,
        place = CASE WHEN ${has('place')} THEN NULL ELSE place END,
        text = CASE WHEN ${has('text')} THEN '' ELSE text END,
        sealed = CASE WHEN ${has('sealed')} AND sealed IS NOT NULL THEN '' ELSE sealed END
      WHERE id = ${report}),
    gone AS (DELETE FROM report_photos WHERE report = ${report} AND ${has('photos')})
    INSERT INTO report_erasures (report, at, by, parts, ground, number)
    VALUES (${report}, ${at}, ${by}, ${parts.join(' ')}, ${ground}, ${number})`;
}

/**
 * Until the transaction ends, nobody else gives a report a photo or erases one: which reports share a photo stays as it is
 * while its file is removed.
 */
export const holdPhotos = (sql: TransactionSql): Promise<unknown> =>
  sql`LOCK TABLE report_photos IN SHARE ROW EXCLUSIVE MODE`.execute();

/** SHA-256 of the photos of a report that no other report has as well. */
export async function ownPhotoSums(sql: Sql | TransactionSql, report: string): Promise<Buffer[]> {
  const rows = await sql<{ sha256: Buffer }[]>`
    SELECT p.sha256 FROM report_photos p WHERE p.report = ${report} AND NOT EXISTS (
      SELECT FROM report_photos o WHERE o.sha256 = p.sha256 AND o.report <> p.report)`;
  return rows.map(({ sha256 }) => sha256);
}

export interface ReportFilter {
  readonly regions: readonly string[];
  readonly state: ReportState | null;
  readonly gtin: string | null;
  /** Canonical identifier. */
  readonly epc: string | null;
  readonly region: string | null;
}

/** A page of reports of places within these regions, newest first, after the one received then. */
export const reportsBefore = (
  sql: Sql,
  { regions, state, gtin, epc, region }: ReportFilter,
  before: { readonly at: number; readonly id: string },
  limit: number,
): Promise<Report[]> =>
  sql<Report[]>`
    SELECT ${columns(sql)} FROM reports r
    WHERE (r.at, r.id) < (${before.at}::bigint, ${before.id}) AND ${within(sql, regions)}
      AND (${gtin}::text IS NULL OR r.gtin = ${gtin})
      AND (${epc}::text IS NULL OR r.epc = ${epc})
      AND (${region}::text IS NULL OR ${within(sql, region === null ? [] : [region])})
      AND (${state}::text IS NULL OR ${state} = coalesce(
        (SELECT s.state FROM report_steps s WHERE s.report = r.id ORDER BY s.n DESC LIMIT 1), 'received'))
    ORDER BY r.at DESC, r.id DESC LIMIT ${limit}`;

/** Adds a step as number `n`; false when another took that number meanwhile. */
export async function insertStep(
  sql: Sql,
  report: string,
  n: number,
  { at, state, answer, by }: Omit<ReportStep, 'outcome'>,
): Promise<boolean> {
  const rows = await sql`
    INSERT INTO report_steps (report, n, at, state, answer, by)
    VALUES (${report}, ${n}, ${at}, ${state}, ${answer}, ${by}) ON CONFLICT DO NOTHING RETURNING n`;
  return rows.length > 0;
}

export interface NewPhoto {
  /** SHA-256 of the file. */
  readonly sum: Buffer;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** Adds a photo and answers its number; null when the report is closed, has `most`, or another took the number. */
export async function insertPhoto(
  sql: TransactionSql,
  report: string,
  { sum, bytes, width, height, at }: NewPhoto,
  most: number,
): Promise<number | null> {
  const [row] = await sql<{ n: number }[]>`
    INSERT INTO report_photos (report, n, sha256, bytes, width, height, at)
    SELECT ${report}, count(*) + 1, ${sum}::bytea, ${bytes}::integer, ${width}::integer, ${height}::integer, ${at}::bigint
    FROM report_photos WHERE report = ${report}
    HAVING count(*) < ${most}::integer
      AND NOT EXISTS (SELECT FROM report_steps s WHERE s.report = ${report} AND s.state = 'closed')
    ON CONFLICT DO NOTHING RETURNING n`;
  return row?.n ?? null;
}

/** SHA-256 of a photo of a report. */
export async function photoSum(sql: Sql, report: string, n: number): Promise<Buffer | null> {
  const [row] = await sql<{ sha256: Buffer }[]>`
    SELECT sha256 FROM report_photos WHERE report = ${report} AND n = ${n}`;
  return row?.sha256 ?? null;
}

/**
 * Counts a report of a device and answers the count; what was kept until a day before today is forgotten. The bytes of a
 * device begin with the number of the last day on which it is kept, as those of today do, big-endian.
 */
export async function countReport(sql: Sql, device: Buffer, today: Buffer): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    WITH gone AS (DELETE FROM report_counts WHERE device < ${today})
    INSERT INTO report_counts AS c (device, count) VALUES (${device}, 1)
    ON CONFLICT (device) DO UPDATE SET count = c.count + 1 RETURNING count`;
  return row?.count ?? 1;
}

/** A key that reports are sealed to, and whose it is. */
export interface AuthorityKey extends SealingKey {
  readonly kid: string;
  readonly name: string;
  readonly regions: readonly string[];
}

export const insertKey = (
  sql: Sql,
  {
    party,
    at,
    kid,
    x,
    y,
  }: SealingKey & { readonly party: PartyId; readonly at: number; readonly kid: string },
): Promise<unknown> =>
  sql`INSERT INTO report_keys (party, at, kid, x, y) VALUES (${party}, ${at}, ${kid}, ${x}, ${y})`.execute();

/** The newest key of each authority. */
export const authorityKeys = (sql: Sql): Promise<AuthorityKey[]> =>
  sql<AuthorityKey[]>`
    SELECT DISTINCT ON (k.party) k.kid, k.x, k.y, p.name, p.regions
    FROM report_keys k
    CROSS JOIN LATERAL (
      SELECT body ->> 'name' AS name, body -> 'jurisdiction' -> 'regions' AS regions FROM parties
      WHERE id = k.party ORDER BY seq DESC LIMIT 1) p
    WHERE p.regions IS NOT NULL
    ORDER BY k.party, k.n DESC`;

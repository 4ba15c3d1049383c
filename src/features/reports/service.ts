/**
 * Reports of the public, and what officers do about them.
 *
 * What is kept of whoever reports is what they write. To keep one sender from flooding everybody, reports are counted by
 * a hash of the address under a key of the day, apart from the reports themselves and forgotten the day after. That ten
 * reports about one product are not taken for ten people, they are counted likewise by address and product under a key of
 * the week, forgotten when the week is over; with the report is kept only whether it was the first. The address is nowhere.
 * The receipt code is the only way back to a report.
 */
import { createHmac } from 'node:crypto';
import type { ParsedCode } from '../../core/codes/code.ts';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import { holdsRegion } from '../../core/region.ts';
import {
  erasableParts,
  formatReceiptCode,
  nextReportStates,
  parseReceiptCode,
  type ReportState,
} from '../../core/report.ts';
import { checkSealingKey, parseSealed, type SealingKey, sealingKeyId } from '../../core/sealed.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import { addressGroup } from '../../http/addresses.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import type { FeatureDeps } from '../feature.ts';
import { appendOne } from '../master-data.ts';
import { newId } from '../new-id.ts';
import { requireRegion } from '../policies/policies.ts';
import type { LoadNames } from '../tracing/names.ts';
import { readCode } from '../verification/read-code.ts';
import {
  type AuthorityKey,
  authorityKeys,
  countReport,
  insertKey,
  insertReport,
  insertStep,
  type Report,
  type ReportStep,
  reportById,
  reportByReceipt,
} from './queries.ts';
import type { FollowedReport, ReportBody, StepBody } from './schemas.ts';

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'keystore' | 'policies' | 'now'>;

/** What it takes to receive a report. */
export interface Intake extends Deps {
  isForged(code: ParsedCode): Promise<boolean>;
}

const dayMs = 86_400_000;
const weekDays = 7;
/** Reports a day from one address: many people may stand behind one. */
const dailyMax = 100;

const keyed = async ({ keystore }: Pick<Deps, 'keystore'>, text: string): Promise<Buffer> =>
  createHmac('sha256', await keystore.secret('reports'))
    .update(text)
    .digest();

const receiptHash = (deps: Pick<Deps, 'keystore'>, id: string): Promise<Buffer> =>
  keyed(deps, `receipt ${id}`);

/** Keeps a report and answers its receipt code. Refuses `invalid-region` and, from one address too often, `rate-limited`. */
export async function receiveReport(
  deps: Intake,
  { category, text, region, place, code, contact, sealed }: ReportBody,
  address: string,
): Promise<{ receipt: string; at: number }> {
  requireRegion(deps.policies, region, '/region');
  if (sealed !== undefined) await requireSealed(deps, sealed, region);
  const at = deps.now();
  await refuseFlood(deps, address, at);
  const subject = await subjectOf(deps, code);
  const receipt = newId();
  await insertReport(deps.db.sql, await receiptHash(deps, receipt), {
    id: newId(),
    at,
    category,
    text: text.trim(),
    region,
    place: place?.trim() ?? null,
    contact: contact?.trim() ?? null,
    sealed: sealed ?? null,
    ...subject,
    // Makers are told of bursts, and nothing of insiders.
    counts: sealed === undefined && subject.gtin !== null && (await isFirst(deps, address, subject.gtin, at)),
  });
  return { receipt: formatReceiptCode(receipt), at };
}

/** Keys of authorities in charge of a region, those nearest to it first. */
export async function keysFor({ reads }: Pick<Deps, 'reads'>, region: string): Promise<AuthorityKey[]> {
  const nearest = ({ regions }: AuthorityKey): number =>
    Math.max(
      -1,
      ...regions.filter((it) => holdsRegion(it, region)).map((it) => it.replace(/(?:00)+$/, '').length),
    );
  const keys = await authorityKeys(reads.sql);
  return keys.filter((key) => nearest(key) >= 0).sort((a, b) => nearest(b) - nearest(a));
}

/** What nobody in charge could open is refused: `invalid-key`. */
async function requireSealed(deps: Deps, sealed: string, region: string): Promise<void> {
  const { kid } = required(parseSealed(sealed), '/sealed');
  if ((await keysFor(deps, region)).some((key) => key.kid === kid)) return;
  throw refusalAt(
    '/sealed',
    'invalid-key',
    'No authority in charge of the region has this key now; see GET /v1/reports/keys.',
  );
}

/** An authority's key, from now on instead of the one before. Refuses who is in charge of nothing: `state-conflict`. */
export async function registerKey(deps: Deps, by: Caller, given: SealingKey): Promise<AuthorityKey> {
  const key = required(checkSealingKey(given), '/x');
  if ((await regionsOf(deps, by)).length === 0)
    throw new Refusal('state-conflict', 'Reports go by region, and your party has no jurisdiction over any.');
  const kid = sealingKeyId(key);
  await insertKey(deps.db.sql, { ...key, party: by.party, at: deps.now(), kid });
  const made = (await authorityKeys(deps.db.sql)).find((it) => it.kid === kid);
  if (made === undefined) throw new Error('a key was kept and is not there');
  return made;
}

async function refuseFlood(deps: Deps, address: string, at: number): Promise<void> {
  const day = Math.floor(at / dayMs);
  if ((await countOf(deps, `day ${day} ${addressGroup(address)}`, day, day)) <= dailyMax) return;
  throw new Refusal('rate-limited', `From one address come at most ${dailyMax} reports a day; call 12315.`, {
    retryAfter: Math.ceil(((day + 1) * dayMs - at) / 1000),
  });
}

/** Whether nothing else about the product came from this address in the week, of those that begin on a Thursday (UTC). */
async function isFirst(deps: Deps, address: string, gtin: string, at: number): Promise<boolean> {
  const day = Math.floor(at / dayMs);
  const week = Math.floor(day / weekDays);
  const text = `week ${week} ${gtin} ${addressGroup(address)}`;
  return (await countOf(deps, text, day, (week + 1) * weekDays - 1)) === 1;
}

/** Counts what a text tells under our key, until the last of days since the epoch; answers the count. */
async function countOf(deps: Deps, text: string, today: number, last: number): Promise<number> {
  const device = Buffer.alloc(16);
  device.writeUInt32BE(last);
  (await keyed(deps, text)).copy(device, 4, 0, 12);
  const forgotten = Buffer.alloc(4);
  forgotten.writeUInt32BE(today);
  return countReport(deps.db.sql, device, forgotten);
}

/** What a code names. One that cannot be read is kept as it is: it may be the very thing that is wrong. */
async function subjectOf(
  { isForged }: Pick<Intake, 'isForged'>,
  text: string | undefined,
): Promise<Pick<Report, 'code' | 'epc' | 'gtin' | 'forged'>> {
  const unread = { code: null, epc: null, gtin: null, forged: false };
  if (text === undefined) return unread;
  const code = readCode(text);
  if (code.ok) {
    const { epc, identifier } = code.value;
    const of = 'gtin' in identifier ? identifier.gtin : null;
    return { code: null, epc, gtin: of, forged: await isForged(code.value) };
  }
  const gtin = parseGtin(text.trim());
  return gtin.ok ? { ...unread, gtin: gtin.value } : { ...unread, code: text.trim() };
}

/** The report of a receipt code; null where there is none. */
export async function findReport(
  deps: Pick<Deps, 'keystore'>,
  sql: Sql,
  text: string,
): Promise<Report | null> {
  const receipt = parseReceiptCode(text);
  return receipt.ok ? reportByReceipt(sql, await receiptHash(deps, receipt.value)) : null;
}

/** The same. Refuses `not-found`. */
export async function reportOf(deps: Pick<Deps, 'keystore'>, sql: Sql, text: string): Promise<Report> {
  const report = await findReport(deps, sql, text);
  if (report === null)
    throw new Refusal('not-found', 'No report has this receipt code; copy it as it was shown.');
  return report;
}

/** How far a report has come. Refuses `not-found`. */
export async function followReport(deps: Deps, names: LoadNames, text: string): Promise<FollowedReport> {
  const report = await reportOf(deps, deps.reads.sql, text);
  const [told] = await tellReports(names, [report]);
  if (told === undefined) throw new Error('a report was told as nothing');
  const { at, category, region, state, photos, steps, erasures } = told;
  const erased = erasures.map(({ at, parts, authority }) => ({ at, parts, authority }));
  return { at, category, region, state, photos: photos.length, steps, erasures: erased };
}

export const stateOf = ({ steps }: Pick<Report, 'steps'>): ReportState => steps.at(-1)?.state ?? 'received';

/** Reports as officers see them. */
export async function tellReports(names: LoadNames, reports: readonly Report[]) {
  const by = reports.flatMap(({ steps, erasures }) => [...steps, ...erasures].map((it) => it.by));
  const { party } = await names({ parties: by });
  return reports.map(({ at, steps, photos, erasures, ...report }) => ({
    ...report,
    at: new Date(at).toISOString(),
    state: stateOf({ steps }),
    photos: Array.from({ length: photos }, (_, i) => `/v1/reports/${report.id}/photos/${i + 1}`),
    steps: steps.map((step) => ({
      at: new Date(step.at).toISOString(),
      state: step.state,
      answer: step.answer,
      outcome: step.outcome,
      authority: party(step.by).name,
    })),
    erasures: erasures.map(({ at, by, parts, ground, number }) => ({
      at: new Date(at).toISOString(),
      parts: erasableParts.filter((part) => parts.split(' ').includes(part)),
      ground,
      number,
      authority: party(by).name,
    })),
  }));
}

/** The regions that a regulator is in charge of. */
export async function regionsOf(deps: Deps, by: Caller): Promise<readonly string[]> {
  return (await readerOf(deps.reads.sql, by)).jurisdiction?.regions ?? [];
}

/**
 * What an officer does about a report; the report with it. Refuses `not-found` beyond the jurisdiction, and
 * `state-conflict` for what cannot come next, also because another was faster.
 *
 * Whether it was founded is an entry of the log, recorded before the report is closed: if we crash in between, it counts, and
 * whoever closes the report closes it with that.
 */
export async function stepReport(
  deps: Deps & Pick<FeatureDeps, 'ledger'>,
  { id, by, step: { state, answer, outcome, officer } }: { id: string; by: Caller; step: StepBody },
): Promise<Report> {
  const { sql } = deps.db;
  const report = await reportById(sql, id, await regionsOf(deps, by));
  if (report === null) throw new Refusal('not-found', 'No report of your jurisdiction has this id.');
  const now = stateOf(report);
  const next = nextReportStates[now];
  if (!next.includes(state))
    throw refusalAt(
      '/state',
      'state-conflict',
      next.length === 0 ? 'The report is closed.' : `The report is ${now}: next is ${next.join(' or ')}.`,
    );
  if (state === 'answered' && answer === undefined)
    throw refusalAt('/answer', 'invalid-request', 'Say what whoever reported is to be told.');
  if (state !== 'closed' && outcome !== undefined)
    throw refusalAt('/outcome', 'invalid-request', 'Say whether it was founded when you close the report.');
  const { decision } = report;
  if (decision !== null && decision.outcome !== outcome)
    throw refusalAt(
      '/outcome',
      'state-conflict',
      `It is decided that the report was ${decision.outcome}: close it with that.`,
    );
  if (outcome !== undefined && officer === undefined)
    throw refusalAt('/officer', 'invalid-request', 'Name the officer who decides whether it was founded.');
  const decided =
    decision ??
    (outcome === undefined || officer === undefined
      ? null
      : {
          seq: await appendOne(deps.ledger, {
            fact: { kind: 'report-decision', by: by.party, report: id, outcome },
            private: { officer: officer.trim() },
          }),
          outcome,
          officer: officer.trim(),
        });
  const step: ReportStep = {
    at: deps.now(),
    state,
    answer: answer?.trim() ?? null,
    outcome: decided?.outcome ?? null,
    by: by.party,
  };
  if (!(await insertStep(sql, id, report.steps.length + 1, step)))
    throw new Refusal('state-conflict', 'Another officer has just dealt with this report; look at it again.');
  return { ...report, steps: [...report.steps, step], decision: decided };
}

/**
 * What a request for evidence names: things one by one, a lot with all of its units, or the thing of a finding.
 *
 * One file is about a thousand things at most. A larger lot is asked for by page: page `n` holds its units from
 * 1,000 · (n − 1) on, in the order in which they were issued, so that a page once full stays the same.
 */
import type { Static } from '@sinclair/typebox';
import type { Epc } from '../../core/events/hop.ts';
import { type LotIdentifier, parseIdentifier } from '../../core/gs1/identifiers.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { unitNumbers } from '../events/chains.ts';
import { findingsOf } from '../findings/queries.ts';
import { issuedRuns, wholeLot } from '../tracing/queries.ts';
import type { Run } from '../tracing/things.ts';
import { loadSubjects, makerOf, type ReadingDeps } from '../units/subject.ts';
import { epcsOfRuns } from './queries.ts';
import { type evidenceBody, thingsMax } from './schemas.ts';

type Body = Static<typeof evidenceBody>;

/**
 * The things that evidence is asked for. Refuses `invalid-request`, `invalid-identifier`, `not-found` for pages and
 * findings that are not there, and of a lot `forbidden` to all but its maker and regulators that oversee its units.
 */
export async function thingsAsked(
  deps: ReadingDeps,
  caller: Caller,
  { epcs, lot, page, finding }: Body,
  route: string,
): Promise<Epc[]> {
  if ([epcs, lot, finding].filter((it) => it !== undefined).length !== 1)
    throw new Refusal('invalid-request', 'Say what it is about by one of `epcs`, `lot` and `finding`.');
  if (page !== undefined && lot === undefined)
    throw refusalAt('/page', 'invalid-request', 'Only a `lot` has pages; leave `page` out.');
  if (finding !== undefined) return [await thingOfFinding(deps, caller, finding, route)];
  if (lot !== undefined) return unitsOfLot(deps, caller, lotAsked(lot), page, route);
  return (epcs ?? []).map((text, i) => thingAsked(text, `/epcs/${i}`));
}

function thingAsked(text: string, pointer: string): Epc {
  const identifier = required(parseIdentifier(text), pointer);
  switch (identifier.type) {
    case 'unit':
    case 'container':
      return identifier.epc;
    case 'lot':
      throw refusalAt(pointer, 'invalid-identifier', 'A lot is asked for by `lot`, with all of its units.');
    case 'product':
    case 'place':
    case 'party':
      throw refusalAt(pointer, 'invalid-identifier', 'Name a unit or a container.');
  }
}

function lotAsked(text: string): LotIdentifier {
  const identifier = required(parseIdentifier(text), '/lot');
  if (identifier.type === 'lot') return identifier;
  throw refusalAt('/lot', 'invalid-identifier', 'Name a lot: `01/{GTIN}/10/{LOT}`.');
}

async function unitsOfLot(
  deps: ReadingDeps,
  caller: Caller,
  { epc: lot }: LotIdentifier,
  page: number | undefined,
  route: string,
): Promise<Epc[]> {
  const { sql } = deps.reads;
  const [{ runs }, named] = await Promise.all([
    issuedRuns(sql, wholeLot(lot), Number.MAX_SAFE_INTEGER),
    unitNumbers(sql, [lot]),
  ]);
  const count = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const pages = Math.max(1, Math.ceil(count / thingsMax));
  const asked = page ?? 1;
  const units = await epcsOfRuns(sql, pageOf(runs, Math.min(asked, pages)));
  await requireLot(deps, caller, lot, units, route);
  if (page === undefined && pages > 1)
    throw refusalAt(
      '/page',
      'too-many-epcs',
      `The lot has ${count} units and one file is about ${thingsMax} at most: ask for \`page\` 1 to ${pages}, a file each.`,
    );
  if (asked > pages)
    throw refusalAt(
      '/page',
      'not-found',
      `There is no page ${asked}: the lot has ${pages}, of ${thingsMax} units.`,
    );
  return count === 0 || named.has(lot) ? [lot, ...units] : units;
}

/** How many units there are and which is the maker's own affair. */
async function requireLot(
  deps: ReadingDeps,
  caller: Caller,
  lot: Epc,
  units: readonly Epc[],
  route: string,
): Promise<void> {
  if (units.length === 0 || (await makerOf(deps.reads.sql, lot)) === caller.party) return;
  const refused = new Refusal(
    'forbidden',
    'A lot is told to its maker, and to a regulator that oversees all of its units; ask for those you dealt with by `epcs`.',
  );
  if (!caller.roles.includes('regulator')) throw refused;
  const subjects = await loadSubjects(deps, caller, units, route).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'forbidden') return [];
    throw error;
  });
  if (!subjects.some(({ vision }) => vision.overseer) || !subjects.every(({ vision }) => vision.overseer))
    throw refused;
}

/** The runs of a page. */
function pageOf(runs: readonly Run[], page: number): Run[] {
  let skip = thingsMax * (page - 1);
  let room = thingsMax;
  return runs.flatMap(({ first, last }) => {
    const from = first + Math.min(skip, last - first + 1);
    skip -= from - first;
    const until = Math.min(last, from + room - 1);
    room -= Math.max(0, until - from + 1);
    return until < from ? [] : [{ first: from, last: until }];
  });
}

async function thingOfFinding(
  deps: ReadingDeps,
  caller: Caller,
  { epc: text, rule, entries: [one, other] }: NonNullable<Body['finding']>,
  route: string,
): Promise<Epc> {
  const epc = thingAsked(text, '/finding/epc');
  const { sql } = deps.reads;
  const [subject] = await loadSubjects(deps, caller, [epc], route);
  // Whom nothing but its own word ties to the thing is not told which findings there are.
  const found = subject?.vision.tied && subject.vision.isLed() ? await findingsOf(sql, [subject.unit]) : [];
  if (found.some((it) => it.rule === rule && it.one === one && it.other === other)) return epc;
  throw new Refusal(
    'not-found',
    `There is no such finding about ${epc}; GET /v1/units/{gtin}/{serial}/findings lists them.`,
  );
}

/** What a query asks for, as pages that are read one after the other. */
import type { Epc, PlaceId } from '../../core/events/hop.ts';
import { parseGtin, parseIdentifier } from '../../core/gs1/identifiers.ts';
import { rulesOn } from '../../core/rules/catalogue.ts';
import { bases } from '../../core/rules/rule.ts';
import { parseEventTime } from '../../core/time.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';
import { decodeCursor, encodeCursor } from '../../http/paging.ts';
import type { Reader } from '../access/reading.ts';
import { unitNumbers } from '../events/chains.ts';
import type { FeatureDeps } from '../feature.ts';
import { requireParty } from '../parties/references.ts';
import type { Policies } from '../policies/policies.ts';
import { sizeAt } from '../tracing/known.ts';
import type { ClueFindingKey, FindingKey } from './queries.ts';
import type { CasesQuery, CaseView, FindingsQuery, FoundView } from './schemas.ts';
import { type CasesDeps, rulesAsked, tellCases, tellClueFindings, tellFindings } from './service.ts';
import { lastWithin, seesWho } from './sight.ts';
import type { Window } from './where-found.ts';

export interface Asking extends CasesDeps, Pick<FeatureDeps, 'ledger'> {
  readonly policies: Policies;
}

/** Reads a page of so many after a cursor. */
export type Ask<T> = (
  cursor: string | undefined,
  limit: number,
) => Promise<{ items: T[]; readonly next: string | null }>;

/** What both lists are narrowed by, read. Faults: those of the values in the query; `forbidden`. */
async function narrowed(about: Asking, reader: Reader, query: CasesQuery | FindingsQuery) {
  const { severity, gtin, party: name, region, makerRegion, from, until, sort, cause } = query;
  const party =
    name === undefined
      ? undefined
      : await requireParty(about.sql, about.policies, name, reader.party, '/party');
  const nobody = { party: party ?? '', region: '', maker: '', makerRegion: '' };
  if ((party !== undefined || region !== undefined) && !seesWho(reader, nobody))
    throw new Refusal('forbidden', 'Who a case is about is not told to you; leave out `party` and `region`.');
  const since = from === undefined ? null : required(parseEventTime(from), '/from').from;
  const before = until === undefined ? null : required(parseEventTime(until), '/until').from;
  return {
    newestFirst: sort !== 'oldest',
    thing: query.epc === undefined ? undefined : required(parseIdentifier(query.epc), '/epc').epc,
    filter: {
      rules: rulesAsked(query),
      ...{ severity, party, cause },
      gtin: gtin === undefined ? undefined : required(parseGtin(gtin), '/gtin'),
      region: region === undefined ? undefined : ([region, lastWithin(region)] as const),
      makerRegion: makerRegion === undefined ? undefined : ([makerRegion, lastWithin(makerRegion)] as const),
      window: since === null && before === null ? undefined : await windowOf(about, since, before),
    },
  };
}

/** From a moment on and before another, ms since the epoch, as entries and times. */
export async function windowOf(
  { sql, ledger }: Pick<Asking, 'sql' | 'ledger'>,
  from: number | null,
  until: number | null,
): Promise<Window> {
  const size = await ledger.size();
  return {
    seqs: [
      from === null ? 0 : await sizeAt(sql, size, from - 1),
      until === null ? Number.MAX_SAFE_INTEGER : await sizeAt(sql, size, until - 1),
    ],
    times: [from ?? 0, until ?? Number.MAX_SAFE_INTEGER],
  };
}

/** Cases that fit what is asked. Faults: those of the values in the query; `forbidden`. */
export async function casePages(about: Asking, reader: Reader, query: CasesQuery): Promise<Ask<CaseView>> {
  const { filter, newestFirst, thing } = await narrowed(about, reader, query);
  const asked = {
    ...filter,
    states: query.state?.split(','),
    ids: thing === undefined ? undefined : await casesAbout(about, reader, thing),
  };
  const list = `cases ${newestFirst ? 'newest' : 'oldest'}`;
  return async (cursor, limit) => {
    const key = required(decodeCursor(list, cursor, ['number', 'string']));
    const after = key && { openedAt: Number(key[0]), id: String(key[1]) };
    const { rows, tell } = await tellCases(about, reader, asked, { newestFirst, after, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items: items.map(tell), next: last ? encodeCursor(list, [last.openedAt, last.id]) : null };
  };
}

/** Findings about one thing, of each kind, by which its cases are looked up. */
const casesOfThing = 1_000;

/** The cases of those findings about a thing that a reader is told of, the newest first. */
async function casesAbout(about: Asking, reader: Reader, thing: Epc | PlaceId): Promise<string[]> {
  const page = { newestFirst: true, after: null, limit: casesOfThing };
  const found = await Promise.all([
    tellFindings(about, reader, { unit: await numberOf(about.sql, thing) }, page),
    tellClueFindings(about, reader, { rules: bases.flatMap(rulesOn), thing }, page),
  ]);
  return [...new Set(found.flatMap(({ items }) => items.map((it) => it.case)))];
}

/** Findings that fit what is asked. Faults: those of the values in the query; `forbidden`. */
export async function findingPages(
  about: Asking,
  reader: Reader,
  query: FindingsQuery,
): Promise<Ask<FoundView>> {
  const { state, basis = 'log' } = query;
  const { filter: shared, newestFirst, thing } = await narrowed(about, reader, query);
  const filter = {
    ...shared,
    case: query.case,
    closed: state === undefined ? undefined : state === 'closed',
  };
  const order = newestFirst ? '' : ', oldest first';
  if (basis !== 'log') {
    const on = rulesOn(basis);
    const rules = filter.rules?.filter((rule) => on.includes(rule)) ?? on;
    const list = `${basis} findings${order}`;
    return async (cursor, limit) => {
      const key = required(decodeCursor(list, cursor, ['number', 'string', 'string', 'string']));
      const after: ClueFindingKey | null = key && [
        Number(key[0]),
        String(key[1]),
        String(key[2]),
        String(key[3]),
      ];
      const page = { newestFirst, after, limit };
      const { items, last } = await tellClueFindings(about, reader, { ...filter, rules, thing }, page);
      return { items, next: last === null ? null : encodeCursor(list, last) };
    };
  }
  const unit = thing === undefined ? undefined : await numberOf(about.sql, thing);
  const list = `findings${order}`;
  return async (cursor, limit) => {
    const key = required(decodeCursor(list, cursor, ['number', 'number', 'string', 'number', 'number']));
    const after: FindingKey | null = key && [
      Number(key[0]),
      Number(key[1]),
      String(key[2]),
      Number(key[3]),
      Number(key[4]),
    ];
    const { items, last } = await tellFindings(
      about,
      reader,
      { ...filter, unit },
      { newestFirst, after, limit },
    );
    return { items, next: last === null ? null : encodeCursor(list, last) };
  };
}

async function numberOf(sql: Sql, epc: Epc | PlaceId): Promise<number> {
  const unit = (await unitNumbers(sql, [epc])).get(epc);
  // No thing has this number, so nothing is found: whether it is known is nobody's to ask.
  return unit ?? -1;
}

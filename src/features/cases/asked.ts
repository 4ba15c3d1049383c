/** What a query asks for, as pages that are read one after the other. */
import type { Epc, PlaceId } from '../../core/events/hop.ts';
import { parseGtin, parseIdentifier } from '../../core/gs1/identifiers.ts';
import { rulesOn } from '../../core/rules/catalogue.ts';
import { parseEventTime } from '../../core/time.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';
import { decodeCursor, encodeCursor } from '../../http/paging.ts';
import type { Reader } from '../access/reading.ts';
import { unitNumbers } from '../events/chains.ts';
import { requireParty } from '../parties/references.ts';
import type { Policies } from '../policies/policies.ts';
import type { ClueFindingKey, FindingKey } from './queries.ts';
import type { CasesQuery, CaseView, FindingsQuery, FoundView } from './schemas.ts';
import { type CasesDeps, rulesAsked, tellCases, tellClueFindings, tellFindings } from './service.ts';
import { lastWithin, seesWho } from './sight.ts';

export interface Asking extends CasesDeps {
  readonly policies: Policies;
}

/** Reads a page of so many after a cursor. */
export type Ask<T> = (
  cursor: string | undefined,
  limit: number,
) => Promise<{ items: T[]; readonly next: string | null }>;

/** Cases that fit what is asked. Faults: those of the values in the query; `forbidden`. */
export async function casePages(about: Asking, reader: Reader, query: CasesQuery): Promise<Ask<CaseView>> {
  const { severity, state, gtin, party: name, region, from, until, sort = 'newest' } = query;
  const party =
    name === undefined
      ? undefined
      : await requireParty(about.sql, about.policies, name, reader.party, '/party');
  const nobody = { party: party ?? '', region: '', maker: '', makerRegion: '' };
  if ((party !== undefined || region !== undefined) && !seesWho(reader, nobody))
    throw new Refusal('forbidden', 'Who a case is about is not told to you; leave out `party` and `region`.');
  const filter = {
    rules: rulesAsked(query),
    ...{ severity, party },
    states: state?.split(','),
    gtin: gtin === undefined ? undefined : required(parseGtin(gtin), '/gtin'),
    region: region === undefined ? undefined : ([region, lastWithin(region)] as const),
    from: from === undefined ? undefined : required(parseEventTime(from), '/from').from,
    until: until === undefined ? undefined : required(parseEventTime(until), '/until').from,
  };
  const newestFirst = sort === 'newest';
  const list = `cases ${sort}`;
  return async (cursor, limit) => {
    const key = required(decodeCursor(list, cursor, ['number', 'string']));
    const after = key && { openedAt: Number(key[0]), id: String(key[1]) };
    const { rows, tell } = await tellCases(about, reader, filter, { newestFirst, after, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items: items.map(tell), next: last ? encodeCursor(list, [last.openedAt, last.id]) : null };
  };
}

/** Findings that fit what is asked. Faults: those of the values in the query. */
export async function findingPages(
  about: Asking,
  reader: Reader,
  query: FindingsQuery,
): Promise<Ask<FoundView>> {
  const { severity, state, gtin, epc, basis = 'log' } = query;
  const filter = {
    rules: rulesAsked(query),
    ...{ severity, case: query.case },
    closed: state === undefined ? undefined : state === 'closed',
    gtin: gtin === undefined ? undefined : required(parseGtin(gtin), '/gtin'),
  };
  const thing = epc === undefined ? undefined : required(parseIdentifier(epc), '/epc').epc;
  if (basis !== 'log') {
    const on = rulesOn(basis);
    const rules = filter.rules?.filter((rule) => on.includes(rule)) ?? on;
    const list = `${basis} findings`;
    return async (cursor, limit) => {
      const key = required(decodeCursor(list, cursor, ['number', 'string', 'string', 'string']));
      const after: ClueFindingKey | null = key && [
        Number(key[0]),
        String(key[1]),
        String(key[2]),
        String(key[3]),
      ];
      const { items, last } = await tellClueFindings(
        about,
        reader,
        { ...filter, rules, thing },
        after,
        limit,
      );
      return { items, next: last === null ? null : encodeCursor(list, last) };
    };
  }
  const unit = thing === undefined ? undefined : await numberOf(about.sql, thing);
  return async (cursor, limit) => {
    const key = required(
      decodeCursor('findings', cursor, ['number', 'number', 'string', 'number', 'number']),
    );
    const after: FindingKey | null = key && [
      Number(key[0]),
      Number(key[1]),
      String(key[2]),
      Number(key[3]),
      Number(key[4]),
    ];
    const { items, last } = await tellFindings(about, reader, { ...filter, unit }, after, limit);
    return { items, next: last === null ? null : encodeCursor('findings', last) };
  };
}

async function numberOf(sql: Sql, epc: Epc | PlaceId): Promise<number> {
  const unit = (await unitNumbers(sql, [epc])).get(epc);
  // No thing has this number, so nothing is found: whether it is known is nobody's to ask.
  return unit ?? -1;
}

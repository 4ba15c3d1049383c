/**
 * What EPCs, read points and locations the events of a reader name (EPCIS 2.0 §12.7): as its events come, oldest first.
 * A page tells nothing twice; what was told on a page before may come again with a later event, since remembering all
 * of it would cost more with every page.
 */

import { parseEventQuery } from '../../core/epcis/epcis-query.ts';
import { writeEpcisEvent } from '../../core/epcis/epcis-writing.ts';
import { isObject, textOf, textsOf } from '../../core/events/event-members.ts';
import { epcListNames } from '../../core/log/digest.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { Refusal, required } from '../../errors.ts';
import { type Start, startOf } from './page-tokens.ts';
import { type Asked, findFor, type QueryDeps } from './querying.ts';

export type Listed = 'epcs' | 'readPoints' | 'bizLocations';

const placeOf = (event: JsonObject, name: string): string[] => {
  const place = event[name];
  const id = isObject(place) ? textOf(place, 'id') : null;
  return id === null ? [] : [id];
};

/** What an event names, as it is written. */
const namedIn: Readonly<Record<Listed, (event: JsonObject) => readonly string[]>> = {
  epcs: (event) => [
    ...epcListNames.flatMap((name) => textsOf(event, name)),
    ...[textOf(event, 'parentID')].filter((it) => it !== null),
  ],
  readPoints: (event) => placeOf(event, 'readPoint'),
  bizLocations: (event) => placeOf(event, 'bizLocation'),
};

export interface Listing {
  readonly members: readonly string[];
  /** Where the next page starts; null on the last. */
  readonly next: Start | null;
}

/** A page of them. Refusal: `invalid-query`. */
export async function listNamed(deps: QueryDeps, asked: Asked, what: Listed): Promise<Listing> {
  const [unknown] = asked.parameters.keys();
  if (unknown !== undefined)
    throw new Refusal('invalid-query', `${unknown}: only perPage and nextPageToken go with a list.`);
  const { host } = deps.genesis;
  const start = await startOf(deps, asked);
  const order = new Map([
    ['orderBy', ['recordTime']],
    ['orderDirection', ['ASC']],
  ]);
  const query = required(parseEventQuery(order, { host, context: new Map() }));
  const tests = [(event: JsonObject) => namedIn[what](event).length > 0];
  const found = await findFor(deps, asked, { ...query, tests }, { ...start, perPage: asked.perPage });
  const members = new Set<string>();
  const nextAt = (at: Omit<Start, 'size'>): Listing => ({
    members: [...members],
    next: { size: start.size, ...at },
  });
  let { after, told: skipped } = start;
  for (const event of found.events) {
    const names = namedIn[what](writeEpcisEvent(event, { host, format: asked.format }));
    for (const [i, name] of names.entries()) {
      if (i < skipped) continue;
      if (members.size === asked.perPage && !members.has(name)) return nextAt({ after, told: i });
      members.add(name);
    }
    skipped = 0;
    after = { time: 0, seq: event.seq };
  }
  return found.next === null ? { members: [...members], next: null } : nextAt({ after: found.next, told: 0 });
}

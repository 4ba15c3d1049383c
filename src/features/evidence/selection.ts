/**
 * What of a fact a reader of evidence is shown. Members are hidden unless a rule below shows them; the rules for hops
 * are those of access/reading.ts.
 *
 * | fact                        | shown                                                                          |
 * |-----------------------------|--------------------------------------------------------------------------------|
 * | genesis, key, heads         | whole: they are public                                                         |
 * | gtin, party, place, product | what everybody with an account may read of them                                |
 * | delegation                  | who lets whom do what for which GTINs, where it entitles to a code in the file: so to the two and overseers |
 * | issue                       | whose, of what, with which key; that the thing is among the codes, to the maker and who oversees it: the list also tells how many there are |
 * | event                       | by sight: `whole` all; `neighbour`, `outline` what was done, and when           |
 *
 * Then what the reader wants withheld goes, and with it whatever commits to it without a salt (core/evidence/evidence.ts): an
 * eventID is a hash of the event, and with all else shown a withheld serial could be found by trying. What the recorder
 * signed repeats the event, so claim and signature go together with any part of it.
 */

import type { Choice } from '../../core/evidence/evidence-hide.ts';
import { epcListNames, isEpcList } from '../../core/log/digest.ts';
import { canonical, type Json, type JsonObject } from '../../core/text/canonical.ts';
import type { Sight } from '../access/reading.ts';

/** What whoever asks wants withheld beyond what it may not see. */
export interface Withholding {
  /** Names of members. */
  readonly members: ReadonlySet<string>;
  /** Identifiers of other things. */
  readonly others: boolean;
}

/** How much of an issue of codes is shown. */
export type IssueSight = 'listed' | 'plain' | 'hidden';

const outline = [
  'kind',
  'type',
  'action',
  'bizStep',
  'disposition',
  'eventTime',
  'eventTimeZoneOffset',
  'suyuan:hop',
  'suyuan:timePrecision',
  'suyuan:nextDue',
];
const neighbour = [...outline, 'by', 'suyuan:as', 'suyuan:transfer'];

const plain: Readonly<Record<string, readonly string[]>> = {
  gtin: ['kind', 'by', 'gtin', 'party'],
  party: ['kind', 'id', 'name', 'nameEn', 'region', 'roles', 'stub'],
  place: ['kind', 'id', 'type', 'name', 'region'],
  delegation: ['kind', 'by', 'id', 'from', 'to', 'gtins', 'acts', 'validFrom', 'validUntil', 'revoked'],
  issue: ['kind', 'by', 'batch', 'gtin', 'lot', 'kid', 'serials', 'productionDate'],
};

/** Longer lists show only the things that the evidence is about. */
const listedMax = 1_000;

/** A fact whose showing is to be decided. */
export interface Candidate {
  readonly fact: JsonObject;
  /** Of an event. */
  readonly sight: Sight;
  /** Of an issue. */
  readonly issue: IssueSight;
}

/** Names of members shown by the rules for its kind; null when it is hidden whole. */
function allowed({ fact, sight, issue }: Candidate): ReadonlySet<string> | null {
  const all = new Set(Object.keys(fact));
  switch (fact.kind) {
    case 'genesis':
    case 'key':
    case 'heads':
    case 'product':
      return all;
    case 'gtin':
    case 'party':
    case 'place':
    case 'delegation':
      return new Set(plain[String(fact.kind)]);
    case 'issue':
      if (issue === 'hidden') return null;
      return new Set([...(plain.issue ?? []), ...(issue === 'listed' ? ['epcs'] : [])]);
    case 'event':
      return sight === 'hidden' ? null : sight === 'whole' ? all : sightOfPart(fact, sight);
    default:
      return null;
  }
}

/** Without its declaration an event that takes another back would look like that other. */
const sightOfPart = (fact: JsonObject, sight: 'outline' | 'neighbour'): ReadonlySet<string> =>
  new Set('errorDeclaration' in fact ? ['kind'] : sight === 'outline' ? outline : neighbour);

/** Members that checking rests on, or that say what a fact is. */
const unwithheld: ReadonlySet<unknown> = new Set(['genesis', 'key', 'heads', 'gtin']);

/**
 * What to show of a fact. `kept` are the things that the evidence names in any case; `openIds` the eventIDs of events
 * that are shown whole, which may be named.
 */
export function choose(
  candidate: Candidate,
  { members, others }: Withholding,
  kept: ReadonlySet<string>,
  openIds: ReadonlySet<string>,
): Choice | null {
  const { fact } = candidate;
  const rule = allowed(candidate);
  if (rule === null) return null;
  const narrow = others || fact.kind === 'issue' || longestList(fact) > listedMax;
  const wanted = Object.keys(fact).filter(
    (name) =>
      rule.has(name) &&
      (name === 'kind' || unwithheld.has(fact.kind) || !members.has(name)) &&
      !(others && fact.kind === 'event' && namesOthers(name, fact[name], kept)),
  );
  const isCut = wanted.length < Object.keys(fact).length || (narrow && isListCut(fact, kept));
  const shown = new Set(
    wanted.filter(
      (name) => fact.kind !== 'event' || !gives(name, fact[name], { isCut, openIds, own: fact.eventID }),
    ),
  );
  if ('errorDeclaration' in fact && !shown.has('errorDeclaration'))
    for (const name of shown) if (name !== 'kind' && name !== 'by') shown.delete(name);
  return {
    member: (name) => shown.has(name),
    epcs: narrow ? kept : null,
  };
}

const listsOf = (fact: JsonObject): Json[][] =>
  epcListNames.flatMap((name) => {
    const list = fact[name];
    return Array.isArray(list) ? [list] : [];
  });

const longestList = (fact: JsonObject): number => Math.max(0, ...listsOf(fact).map(({ length }) => length));

const isListCut = (fact: JsonObject, kept: ReadonlySet<string>): boolean =>
  listsOf(fact).some((list) => list.some((epc) => typeof epc !== 'string' || !kept.has(epc)));

const identifier = /\b(?:01\/\d{14}(?:\/(?:10|21)\/[^"/?\s]+)?|00\/\d{18})/g;

/** Whether a member other than the salted lists names things that are not kept: quantities, differences, labels. */
const namesOthers = (name: string, value: Json | undefined, kept: ReadonlySet<string>): boolean =>
  value !== undefined &&
  !isEpcList(name) &&
  [...canonical(value).matchAll(identifier)].some(([epc]) => !kept.has(epc));

const eventHash = /ni:\/\/\/[^"\s]*/g;

/** Whether a member repeats what is withheld, or would let it be found by trying. */
function gives(
  name: string,
  value: Json | undefined,
  {
    isCut,
    openIds,
    own,
  }: { readonly isCut: boolean; readonly openIds: ReadonlySet<string>; readonly own: Json | undefined },
): boolean {
  if (value === undefined) return false;
  // What others than we call a thing in members of their own cannot be told from what it is called elsewhere.
  const theirs = name.includes(':') && !name.startsWith('suyuan:');
  if (isCut && (name.startsWith('claim') || theirs)) return true;
  return [...canonical(value).matchAll(eventHash)].some(([id]) => (id === own ? isCut : !openIds.has(id)));
}

/**
 * The events in a file of evidence, told as what parties claim: who did what to whom, where and when, by the names that
 * the facts in the file give. What is withheld is null.
 */

import type { Words } from '../codes/verdict-words.ts';
import { hopOf } from '../events/event-kind.ts';
import { held, isObject, pointOf, textOf } from '../events/event-members.ts';
import type { HopType } from '../events/hop.ts';
import { hopWords } from '../events/hop-words.ts';
import type { CheckedEntry, CheckedEvidence } from './evidence-check.ts';

/** One event of a thing's history, as far as it is shown. */
export interface ToldClaim {
  readonly seq: number;
  /** RFC 3339 UTC: when it was recorded. */
  readonly recordedAt: string;
  /** null when the event does not show what it is. */
  readonly hop: HopType | null;
  /** As the recorder told it. */
  readonly time: string | null;
  /** Names or, where none is shown, ids of parties and places. */
  readonly recorder: string | null;
  readonly giver: string | null;
  readonly taker: string | null;
  readonly place: string | null;
  readonly toPlace: string | null;
  /** Things of this file that it names. */
  readonly epcs: readonly string[];
  /** Of a record that is taken back or corrected: its entry. */
  readonly answers: number | null;
  readonly withheld: number;
}

/** What facts in the file say of products, parties, places and owners. */
export interface Masters {
  readonly product: Words | null;
  /** Names by id of party and place. */
  readonly nameOf: ReadonlyMap<string, string>;
  /** Entries of events that are no declarations about others, by eventID. */
  readonly events: ReadonlyMap<string, number>;
  /** Vetted owners of GTINs with the entry that says so. */
  readonly owners: ReadonlyMap<string, { readonly party: string; readonly seq: number }>;
}

export function mastersOf({ entries, operator }: CheckedEvidence): Masters {
  const nameOf = new Map<string, string>();
  const owners = new Map<string, { party: string; seq: number }>();
  const events = new Map<string, number>();
  let product: Words | null = null;
  for (const { seq, fact } of entries) {
    if (fact === null) continue;
    const { members } = fact;
    const [id, name, gtin, party] = ['id', 'name', 'gtin', 'party'].map((member) => textOf(members, member));
    switch (members.kind) {
      case 'party':
      case 'place':
        if (id && name) nameOf.set(id, name);
        break;
      case 'product': {
        const model = textOf(members, 'model') ?? '';
        if (name) product = { zh: `${name} ${model}`, en: `${textOf(members, 'nameEn') ?? name} ${model}` };
        if (gtin && party && members.local === true && !owners.has(gtin)) owners.set(gtin, { party, seq });
        break;
      }
      case 'event': {
        const id = textOf(members, 'eventID');
        if (id && members.errorDeclaration === undefined && !events.has(id)) events.set(id, seq);
        break;
      }
      case 'gtin':
        if (gtin && party && members.by === operator && !owners.has(gtin)) owners.set(gtin, { party, seq });
        break;
    }
  }
  return { product, nameOf, events, owners };
}

/** The claim of an event; none for other facts, and for what is withheld whole. */
export function claimOf(
  { seq, at, fact }: CheckedEntry,
  things: ReadonlySet<string>,
  masters: Masters,
): ToldClaim[] {
  if (fact === null || fact.members.kind !== 'event') return [];
  const { members, withheld } = fact;
  const act = isObject(members.errorDeclaration) ? members.errorDeclaration : members;
  const name = (id: string | null): string | null => {
    const bare = id?.startsWith('party/') ? id.slice(6) : id;
    return bare === null || bare === undefined ? null : (masters.nameOf.get(bare) ?? bare);
  };
  const isShown = ['suyuan:hop', 'bizStep', 'errorDeclaration', 'action'].some(
    (it) => members[it] !== undefined,
  );
  return [
    {
      seq,
      recordedAt: at,
      hop: isShown ? hopOf(members) : null,
      time: textOf(act, 'declarationTime') ?? textOf(act, 'eventTime'),
      recorder: name(textOf(members, 'by')),
      giver: name(held(members, 'sourceList', 'source', 'possessing_party')),
      taker: name(held(members, 'destinationList', 'destination', 'possessing_party')),
      place: name(pointOf(members, 'readPoint') ?? pointOf(members, 'bizLocation')),
      toPlace: name(held(members, 'destinationList', 'destination', 'location')),
      epcs: [...fact.named].filter((epc) => things.has(epc)).sort(),
      answers: act === members ? null : (masters.events.get(textOf(members, 'eventID') ?? '') ?? null),
      withheld,
    },
  ];
}

/** What a claim says, without its number. */
export function claimWords({ hop, recorder, giver, taker, place, toPlace, time, answers }: ToldClaim): Words {
  const what = hop === null ? { zh: '（环节未出示）', en: '(what was done is withheld)' } : hopWords[hop];
  return {
    zh: [
      `${recorder ?? '（登记方未出示）'}登记：${what.zh}${answers === null ? '' : `（第 ${answers} 条）`}`,
      giver === null ? null : `由 ${giver} 交出`,
      taker === null ? null : `交给 ${taker}`,
      place === null ? null : `地点 ${place}`,
      toPlace === null ? null : `运往 ${toPlace}`,
      time === null ? null : `发生时间 ${time}`,
    ]
      .filter((it) => it !== null)
      .join('，'),
    en: [
      `${recorder ?? '(recorder withheld)'} recorded: ${what.en}${answers === null ? '' : ` (entry ${answers})`}`,
      giver === null ? null : `from ${giver}`,
      taker === null ? null : `to ${taker}`,
      place === null ? null : `at ${place}`,
      toPlace === null ? null : `bound for ${toPlace}`,
      time === null ? null : `event time ${time}`,
    ]
      .filter((it) => it !== null)
      .join(', '),
  };
}

/**
 * Whether an event says what its recorder signed. Whoever keeps the log makes the event of the claim (hop-event.ts), and
 * could put another time, taker or result into it: what a file shows of both must be the same.
 *
 *   {"hop":"ship","ref":"DN-17/1","time":"2025-07-01T10:30:00+08:00","epcs":["01/…/21/A"],"to":"4QK…","place":"place/W1…"}
 *     fits  suyuan:hop ship, suyuan:ref DN-17/1, eventTime 2025-07-01T10:30:00+08:00, epcList [01/…/21/A],
 *           readPoint place/W1…, taken by party/4QK…
 *     and none that names another unit as well, or another time, or another taker
 *
 * A party that is named by GLN, credit code or name is whom the ledger took it for: a file cannot show who that is.
 */

import { held, isObject, objectsOf, pointOf, textOf, textsOf } from '../events/event-members.ts';
import { encodeComponent } from '../gs1/gs1-text.ts';
import { parseIdentifier } from '../gs1/identifiers.ts';
import { parsePartyId } from '../opaque-id.ts';
import { parseAmount, pieces } from '../quantity.ts';
import type { JsonObject } from '../text/canonical.ts';
import { parseEventTime, precisions } from '../time.ts';
import { names, type OpenedFact, quantitiesIn } from './evidence-fact.ts';

export function saysClaim(fact: OpenedFact, claim: JsonObject): boolean {
  const { errorDeclaration, eventID } = fact.members;
  const hop = textOf(claim, 'hop');
  if (hop !== 'void' && hop !== 'correct') return errorDeclaration === undefined && saysHop(fact, claim);
  if (!isObject(errorDeclaration)) return isObject(claim.replacement) && saysHop(fact, claim.replacement);
  const reason = hop === 'void' ? 'did_not_occur' : 'incorrect_data';
  return (
    agree([
      [textOf(errorDeclaration, 'reason'), reason],
      [textOf(errorDeclaration, 'suyuan:ref'), textOf(claim, 'ref')],
      [textOf(errorDeclaration, 'suyuan:note'), textOf(claim, hop === 'void' ? 'reason' : 'note')],
      [typeof eventID === 'string' ? eventID : null, textOf(claim, 'event')],
    ]) && isTimed(errorDeclaration, 'declarationTime', claim)
  );
}

/** What the event shows, and what was signed: nothing shown, or the same. */
const agree = (pairs: readonly (readonly [string | null, string | null])[]): boolean =>
  pairs.every(([shown, signed]) => shown === null || shown === signed);

function saysHop(fact: OpenedFact, claim: JsonObject): boolean {
  const { members } = fact;
  const ilmd = isObject(members.ilmd) ? members.ilmd : {};
  return (
    agree([
      [textOf(members, 'suyuan:hop'), textOf(claim, 'hop')],
      [textOf(members, 'suyuan:ref'), textOf(claim, 'ref')],
      [textOf(members, 'suyuan:note'), textOf(claim, 'note')],
      [textOf(members, 'suyuan:transfer'), textOf(claim, 'transfer')],
      [textOf(members, 'suyuan:nextDue'), textOf(claim, 'nextDue')],
      [textOf(members, 'suyuan:origin'), textOf(claim, 'origin')],
      [textOf(ilmd, 'cbvmda:lotNumber'), textOf(claim, 'lot')],
      [textOf(ilmd, 'cbvmda:bestBeforeDate'), textOf(claim, 'bestBefore')],
      [textOf(ilmd, 'gs1:productionDate'), textOf(claim, 'productionDate')],
      [textOf(ilmd, 'suyuan:factory'), placeOf(claim, 'factory')],
      [outcomeIn(members), textOf(claim, 'outcome')],
      [pointOf(members, 'readPoint'), placeOf(claim, 'place')],
      ...handed(members, claim),
    ]) &&
    isTimed(members, 'eventTime', claim) &&
    hasDocuments(members, claim) &&
    hasThings(fact, claim)
  );
}

/** Whether a time is the one that was signed, to the same precision. */
function isTimed(act: JsonObject, member: string, claim: JsonObject): boolean {
  const precise = textOf(claim, 'precision');
  const time = parseEventTime(
    textOf(claim, 'time') ?? '',
    precisions.find((it) => it === precise),
  );
  const shown = textOf(act, member);
  if (shown === null) return true;
  const precision = textOf(act, 'suyuan:timePrecision') ?? 'millisecond';
  return time.ok && time.value.text === shown && time.value.precision === precision;
}

/** What an inspection, a release or a service is shown to have found; of other hops nothing. */
function outcomeIn(members: JsonObject): string | null {
  switch (textOf(members, 'suyuan:hop')) {
    case 'inspect':
    case 'release':
    case 'maintain':
    case 'refill': {
      const disposition = textOf(members, 'disposition');
      if (disposition === null) return null;
      return disposition === 'non_conformant' ? 'non-conformant' : 'conformant';
    }
    default:
      return null;
  }
}

/** Who gave and who took, from where and where to (custody.ts). */
function handed(members: JsonObject, claim: JsonObject): [string | null, string | null][] {
  const [giver, taker] = [
    held(members, 'sourceList', 'source', 'possessing_party'),
    held(members, 'destinationList', 'destination', 'possessing_party'),
  ];
  const [from, to] = [
    held(members, 'sourceList', 'source', 'location'),
    held(members, 'destinationList', 'destination', 'location'),
  ];
  const recorder = typeof members.by === 'string' ? `party/${members.by}` : null;
  const out: [string | null, string | null][] = [
    [giver, recorder],
    [from, placeOf(claim, 'place')],
  ];
  const into: [string | null, string | null][] = [
    [taker, recorder],
    [to, null],
  ];
  switch (textOf(claim, 'hop')) {
    case 'ship':
      return [...out, [taker, partyOf(claim, 'to', taker)], [to, placeOf(claim, 'toPlace')]];
    case 'sell':
    case 'lift':
      return [...out, [taker, partyOf(claim, 'to', taker)], [to, null]];
    case 'receive':
      return [...into, [giver, partyOf(claim, 'from', giver)], [from, placeOf(claim, 'fromPlace')]];
    case 'inspect':
    case 'seize':
      return [...into, [giver, partyOf(claim, 'from', giver)], [from, null]];
    case 'return':
      return textOf(claim, 'direction') === 'out'
        ? [...out, [taker, partyOf(claim, 'party', taker)], [to, placeOf(claim, 'partyPlace')]]
        : [...into, [giver, partyOf(claim, 'party', giver)], [from, placeOf(claim, 'partyPlace')]];
    default:
      return [
        [giver, null],
        [taker, null],
      ];
  }
}

/** The party that a claim names by its id; whom it names otherwise is taken for the one `shown`, nobody for null. */
function partyOf(claim: JsonObject, member: string, shown: string | null): string | null {
  const id = parsePartyId(textOf(claim, member) ?? '');
  if (id.ok) return `party/${id.value}`;
  return claim[member] === undefined ? null : shown;
}

/** The canonical form of the place that a claim names. */
function placeOf(claim: JsonObject, member: string): string | null {
  const text = textOf(claim, member)?.trim() ?? '';
  const place = parseIdentifier(/^[0-9]{13}$/.test(text) ? `414/${text}` : text);
  return place.ok && place.value.type === 'place' ? place.value.epc : null;
}

/** Whether each document is one that was signed; whose number it is, the hop says. */
function hasDocuments(members: JsonObject, claim: JsonObject): boolean {
  const signed = new Set(
    objectsOf(claim, 'documents').map(
      (it) => `${textOf(it, 'type')}/${encodeComponent(textOf(it, 'number') ?? '')}`,
    ),
  );
  return objectsOf(members, 'bizTransactionList').every((it) =>
    signed.has((textOf(it, 'bizTransaction') ?? '').replace(/^party\/[^/]*\//, '')),
  );
}

/** Whether the event is about the things that were signed, and so much of them, and about no others. */
function hasThings(fact: OpenedFact, claim: JsonObject): boolean {
  const signed = thingsIn(claim);
  const told = textsOf(claim, 'epcs').map(thingOf);
  if (told.some((epc) => epc !== null && names(fact, epc) === false)) return false;
  const target = textOf(fact.members, 'suyuan:target');
  // A new label answers the end of the old one, which its recorder did not name.
  if (claim.hop !== 'relabel' && !agree([[target, textOf(claim, 'event')]])) return false;
  // What is cancelled or lifted whole is told by the hop that it answers.
  if (claim.event !== undefined && claim.epcs === undefined && claim.lots === undefined) return true;
  const amounts = quantitiesIn(fact.members).every((it) => signed.has(amountOf(it, textOf(it, 'epcClass'))));
  return amounts && [...fact.named].every((epc) => !/^0[01]\//.test(epc) || signed.has(epc));
}

const thingOf = (text: string): string | null => {
  const read = parseIdentifier(text);
  return read.ok && 'epc' in read.value ? read.value.epc : null;
};

/** A lot whole, or so much of it, in one spelling. */
function amountOf(it: JsonObject, lot: string | null): string {
  const uom = textOf(it, 'uom') ?? pieces;
  const amount = parseAmount(textOf(it, 'quantity') ?? '', uom);
  return `${lot} ${amount.ok ? amount.value : 'whole'} ${uom}`;
}

/** Everything that a claim names, wherever in it, and of lots how much. */
function thingsIn(claim: JsonObject): Set<string> {
  const found = new Set<string>();
  const note = (text: string | null): string | null => {
    const epc = text === null ? null : thingOf(text);
    if (epc !== null) found.add(epc);
    return epc;
  };
  for (const goods of [
    claim,
    ...['removed', 'installed', 'parts', 'inputs', 'outputs', 'cuts'].map((it) => claim[it]),
  ]) {
    if (!isObject(goods)) continue;
    for (const epc of textsOf(goods, 'epcs')) note(epc);
    for (const it of objectsOf(goods, 'lots')) found.add(amountOf(it, note(textOf(it, 'lot'))));
  }
  note(textOf(claim, 'container'));
  if (isObject(claim.of)) found.add(amountOf(claim.of, note(textOf(claim.of, 'lot'))));
  for (const pair of objectsOf(claim, 'pairs')) for (const it of ['old', 'new']) note(textOf(pair, it));
  return found;
}

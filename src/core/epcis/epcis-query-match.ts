/**
 * Parameters that ask which things and kinds of things an event names (EPCIS 2.0 §8.2.7.1, MATCH_).
 *
 *   MATCH_epc=urn:epc:id:sgtin:69012345.06789.A7             that one, which an index finds
 *   MATCH_anyEPCClass=urn:epc:idpat:sgtin:69012345.06789.*   all of its kind, its lots too (gs1-patterns.ts)
 */

import { ok, type Result } from '../../errors.ts';
import { objectsOf, quantityLists, textOf, textsOf } from '../events/event-members.ts';
import { type PathTest, parseEpcPattern } from '../gs1/gs1-patterns.ts';
import type { JsonObject } from '../text/canonical.ts';
import { type EventTest, identifier, type QueryReading, type ReadTest, wrong } from './epcis-query-tests.ts';

/** In which members a parameter looks for EPCs. */
const epcMembers: Readonly<Record<string, readonly string[]>> = {
  epc: ['epcList', 'childEPCs'],
  parentID: ['parentID'],
  inputEPC: ['inputEPCList'],
  outputEPC: ['outputEPCList'],
  anyEPC: ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList', 'parentID'],
};
/** Where an event says how much there is of a kind or lot. */
const classMembers: Readonly<Record<string, readonly string[]>> = {
  epcClass: ['quantityList', 'childQuantityList'],
  inputEPCClass: ['inputQuantityList'],
  outputEPCClass: ['outputQuantityList'],
  anyEPCClass: quantityLists,
};

/** Each is tried on every thing that an event names. */
const patternsMax = 100;

/** The test of a MATCH_ parameter, and the things that it names where no pattern is among them. */
export function matchTest(
  name: string,
  kind: string,
  values: readonly string[],
  reading: QueryReading,
): Result<ReadTest> {
  const members = Object.hasOwn(epcMembers, kind) ? epcMembers[kind] : undefined;
  const classes = Object.hasOwn(classMembers, kind) ? classMembers[kind] : undefined;
  if (members === undefined && classes === undefined)
    return wrong(name, 'there is no such parameter; /docs lists them.');
  const exact = new Set<string>();
  const patterns: PathTest[] = [];
  for (const value of values) {
    if (!/[:/(]/.test(value)) return wrong(name, `${value} is no URI; a pattern begins with urn:epc:idpat:.`);
    const isPattern = /^urn:epc:(?:id)?pat:/i.test(value);
    const read = isPattern
      ? parseEpcPattern(value.replace(/^urn:epc:pat:/i, 'urn:epc:idpat:'))
      : identifier(value, reading.host);
    if (!read.ok) return wrong(name, read.detail);
    if (typeof read.value === 'string') exact.add(read.value);
    else patterns.push(read.value);
  }
  if (patterns.length > patternsMax)
    return wrong(name, `give at most ${patternsMax} patterns; ask in parts.`);
  const fits = (epc: string): boolean =>
    exact.has(epc) || exact.has(kindOf(epc) ?? epc) || patterns.some((test) => test(epc));
  const found = (event: JsonObject): readonly (string | null)[] =>
    members !== undefined
      ? members.flatMap((it) => (it === 'parentID' ? [textOf(event, it)] : textsOf(event, it)))
      : (classes ?? []).flatMap((it) => objectsOf(event, it).map((q) => textOf(q, 'epcClass')));
  const test: EventTest = (event) => found(event).some((epc) => epc !== null && fits(epc));
  const epcs = [...exact];
  return ok(patterns.length > 0 || epcs.some((it) => kindOf(it) === it) ? { test } : { test, epcs });
}

/** The kind of what is named: a product, an asset, document or coupon type, a component. That of a kind is itself. */
const kindOf = (path: string): string | undefined =>
  /^(?:(?:01\/\d{14}|8010\/[^/]+|8006\/\d{18})(?=\/|$)|8003\/\d{14}|25[35]\/\d{13})/.exec(path)?.[0];

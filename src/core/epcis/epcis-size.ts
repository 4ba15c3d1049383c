/**
 * How large one event may be. Whatever is read whole keeps others waiting, and an event is: in XML it becomes JSON when
 * its element ends. Room is for 100,000 EPCs, or for 10,000 sensor reports with a dozen attributes each.
 *
 *   <epcList><epc>urn:…</epc><epc>urn:…</epc></epcList>   3 parts
 *   <sensorReport type="…" value="7"/>                    3 parts: the element and its attributes
 *   {"epcList":["urn:…","urn:…"]}                         3 parts: a member and its items
 */
import { type Fault, fault } from '../../errors.ts';
import { isObject } from '../events/event-members.ts';
import type { Json } from '../text/canonical.ts';

export const partsMax = 150_000;
/** Names of members, extensions above all; objects of very many are slow to make. */
export const namesMax = 10_000;
/** Names of all events of a document: whatever reads them, keeps or looks them up does so one by one. */
const documentNamesMax = 50_000;

export interface EventSize {
  /** Counts so many more parts of that name; what is wrong once there are too many. */
  add(name: string, parts: number): Fault | null;
}

export function createEventSize(): EventSize {
  const names = new Set<string>();
  let count = 0;
  return {
    add(name, parts) {
      count += parts;
      names.add(name);
      if (count > partsMax) return tooLarge(`${partsMax} elements, attributes, members and items`);
      return names.size > namesMax ? tooLarge(`${namesMax} names of them`) : null;
    },
  };
}

const tooLarge = (what: string): Fault =>
  fault('body-too-large', `One event, or one thing in a header, holds at most ${what}; split it.`);

/** What is wrong with the size of an event in JSON; `names`: those of the events before it in its document. */
export const sizeFault = (event: Json, names = new Set<string>()): Fault | null => {
  const size = createEventSize();
  return counted(event, (name, parts) => {
    names.add(name);
    return names.size > documentNamesMax ? tooManyNames : size.add(name, parts);
  });
};

const tooManyNames = fault(
  'body-too-large',
  `The events of a document hold at most ${documentNamesMax} names of members together; split it.`,
);

/** Whether an event in JSON has more parts than these. */
export function hasMoreParts(event: Json, most: number): boolean {
  let count = 0;
  return (
    counted(event, (_name, parts) => {
      count += parts;
      return count > most || null;
    }) === true
  );
}

/** Counts members and items until `add` answers anything but null: its answer. */
function counted<T>(event: Json, add: (name: string, parts: number) => T | null): T | null {
  const rest: Json[] = [event];
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    if (Array.isArray(value)) {
      const found = add('', value.length);
      if (found !== null) return found;
      for (const item of value) if (typeof item === 'object') rest.push(item);
    } else if (isObject(value)) {
      for (const name in value) {
        const found = add(name, 1);
        if (found !== null) return found;
        const member = value[name];
        if (typeof member === 'object') rest.push(member);
      }
    }
  }
  return null;
}

/**
 * What is sent to be captured, checked as far as it is before it is taken: its size, and that it is a document. Small
 * bodies are checked where they arrive, large ones in the thread (reading.ts).
 */
import { baseContext, withPrefixes } from '../../core/epcis/epcis-context.ts';
import { type EpcisReading, type ReadEvent, readEpcisEvent } from '../../core/epcis/epcis-reading.ts';
import { sizeFault } from '../../core/epcis/epcis-size.ts';
import { isObject, quantityLists } from '../../core/events/event-members.ts';
import type { Json, JsonObject } from '../../core/text/canonical.ts';
import { type Fault, Refusal, required } from '../../errors.ts';
import { epcsMax } from '../events/schemas.ts';
import { eventPointer, type LoneEvent, readDocument } from './documents.ts';

/** Most events of one document. */
export const captureLimit = 10_000;

/** What comes with a body. */
export interface Sent {
  readonly host: string;
  /** What the header GS1-Extensions says of prefixes. */
  readonly prefixes: Readonly<Record<string, string>>;
}

export interface CheckedDocument {
  /** JSON, with those prefixes: it is read again, without the header. */
  readonly text: string;
  /** How many events it holds. */
  readonly total: number;
}

export interface CheckedEvent {
  readonly event: JsonObject;
  readonly reading: Required<EpcisReading>;
}

/** Refusals: those of `readDocument`, `too-many-events`, `too-many-epcs`, `body-too-large`. */
export function checkDocument(sent: JsonObject, { host, prefixes }: Sent): CheckedDocument {
  const body = withPrefixes(sent, prefixes);
  const document = required(readDocument(body, host));
  const { events, claims } = document;
  for (const [what, { length }] of Object.entries({ events, 'things in its header': claims }))
    if (length > captureLimit)
      throw new Refusal(
        'too-many-events',
        `A document holds at most ${captureLimit} ${what}; this one holds ${length}. Split it.`,
      );
  refuseTooMany(events);
  const names = new Set<string>();
  events.forEach((event, i) => {
    const wrong = sizeFault(event, names);
    if (wrong !== null) throw refusalOf([{ ...wrong, pointer: eventPointer(document, i) }]);
  });
  return { text: JSON.stringify(body), total: events.length };
}

/** Refusals: `too-many-epcs`, `body-too-large`. */
export function checkEvent({ event: sent, unhashed }: LoneEvent, { host, prefixes }: Sent): CheckedEvent {
  const event = withPrefixes(sent, prefixes);
  refuseTooMany([event]);
  const wrong = sizeFault(event);
  if (wrong !== null) throw refusalOf([wrong]);
  return { event, reading: { host, context: baseContext(host), unhashed } };
}

export const readChecked = ({ event, reading }: CheckedEvent): ReadEvent => readEpcisEvent(event, reading);

const lists = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList'];

/** As many things as a request of hops may name. */
function refuseTooMany(events: readonly Json[]): void {
  let things = 0;
  for (const event of events)
    if (isObject(event))
      for (const name of [...lists, ...quantityLists]) {
        const list = event[name];
        if (Array.isArray(list)) things += list.length;
      }
  if (things > epcsMax)
    throw new Refusal(
      'too-many-epcs',
      `The events of a document name at most ${epcsMax} things together; these name ${things}. Split it.`,
    );
}

/** The refusal of an event with which these are wrong. */
export function refusalOf(faults: readonly Fault[]): Refusal {
  const [first] = faults;
  if (first === undefined) throw new Error('an event was refused without a fault');
  const same = faults.every(({ code }) => code === first.code);
  return new Refusal(
    same ? first.code : 'invalid-request',
    faults.length === 1 ? first.detail : `${faults.length} things do not fit; \`errors\` lists them.`,
    { faults },
  );
}

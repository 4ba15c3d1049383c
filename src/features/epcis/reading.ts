/**
 * Reads what others send (checking.ts, epcis-reading.ts). What is large takes some hundred milliseconds to parse, check
 * and read, so that happens in a thread of its own: it goes there and comes back as bytes and text, which cross faster than
 * objects, and events of a large document a few at a time. Parties take turns there, and of one only so much
 * waits, for it takes memory.
 */
import { type EpcisReading, type ReadEvent, readEpcisEvent } from '../../core/epcis/epcis-reading.ts';
import { hasMoreParts } from '../../core/epcis/epcis-size.ts';
import type { PartyId } from '../../core/events/hop.ts';
import type { Json } from '../../core/text/canonical.ts';
import { type Fault, Refusal } from '../../errors.ts';
import { createThread } from '../../ledger/thread.ts';
import { breathing } from '../in-turns.ts';
import type { CheckedDocument, Sent } from './checking.ts';
import { type EpcisDocument, readKept } from './documents.ts';

export interface EventReader {
  /** What a party sends. Refusals: `unavailable`, `overloaded`. */
  read(value: Json, reading: EpcisReading, party: PartyId): ReadEvent | Promise<ReadEvent>;
  /** A large body in JSON that is an event. Refusals: those and of `checkEvent`, `parseJsonBody`. */
  event(body: Uint8Array, sent: Sent, party: PartyId): Promise<ReadEvent>;
  /** A large body in JSON that is a document. Refusals: those and of `checkDocument`, `parseJsonBody`. */
  document(body: Uint8Array, sent: Sent, party: PartyId): Promise<CheckedDocument>;
  /** A document that was checked and kept, to be worked on. Refusal: `unavailable`. */
  kept(text: string, host: string, party: PartyId): Promise<KeptDocument>;
  /** Some of its events. Refusals: those of `read`. */
  eventsOf(document: KeptDocument, part: Part, of: OfWhom): Promise<readonly ReadEvent[]>;
  close(): Promise<void>;
}

/** Which of its events. */
interface Part {
  readonly first: number;
  readonly end: number;
}
interface OfWhom {
  readonly host: string;
  readonly party: PartyId;
}

/** A document opened: its events as values, or of a large one each as JSON. */
export type KeptDocument = Omit<EpcisDocument, 'events'> &
  ({ readonly events: readonly Json[] } | { readonly texts: readonly string[] });

/** What the thread is told. */
export type Asked =
  | { readonly ask: 'events'; readonly events: readonly string[]; readonly reading: EpcisReading }
  | { readonly ask: 'event' | 'document'; readonly body: Uint8Array; readonly sent: Sent }
  | { readonly ask: 'kept'; readonly text: string; readonly host: string };
/** What it answers; `text` is JSON of what was read. */
export type Answer =
  | { readonly text: string }
  | { readonly document: CheckedDocument }
  | { readonly kept: Extract<KeptDocument, { texts: unknown }> }
  | {
      readonly refused: {
        readonly code: Fault['code'];
        readonly detail: string;
        readonly faults: readonly Fault[];
      };
    };

/** Parts of an event from which the thread reads it. */
export const partsMin = 2_000;
/** Bytes of a body, and characters of a document, from which it does. */
export const largeMin = 256 * 1024;
/** Characters of events that it is given at once. */
const textAtOnce = 512 * 1024;
/** Bytes of one party under way at once: two of the largest bodies, and many that are just large. */
const ofPartyMax = 64 * 1024 * 1024;
/** An event out of a body that was parsed takes more memory than its text: it counts as so much. */
const ofEvent = ofPartyMax / 4;
/** How long events are read here before others have a turn. */
const turnMs = 10;

export function createEventReader(): EventReader {
  const thread = createThread<Asked, Answer>(new URL('./reading-thread.js', import.meta.url));
  const underWay = new Map<PartyId, number>();

  async function ask(asked: Asked, owner: PartyId): Promise<Exclude<Answer, { refused: unknown }>> {
    const answer = await thread.ask(asked, { owner, weight: 1 });
    if (!('refused' in answer)) return answer;
    const { code, detail, faults } = answer.refused;
    throw new Refusal(code, detail, { faults });
  }

  /** Asked by a request that waits, of which a party has only so many. */
  async function askNow(asked: Asked, party: PartyId, bytes: number) {
    const own = underWay.get(party) ?? 0;
    if (own + bytes > ofPartyMax)
      throw new Refusal('overloaded', 'Large requests of yours are being read; send this later.', {
        retryAfter: 1,
      });
    underWay.set(party, own + bytes);
    try {
      return await ask(asked, party);
    } finally {
      const left = (underWay.get(party) ?? bytes) - bytes;
      if (left === 0) underWay.delete(party);
      else underWay.set(party, left);
    }
  }

  const readApart = async (value: Json, reading: EpcisReading, party: PartyId): Promise<ReadEvent> => {
    const events = [JSON.stringify(value)];
    return JSON.parse(textOf(await askNow({ ask: 'events', events, reading }, party, ofEvent)))[0];
  };

  const readHere = (value: Json, reading: EpcisReading, party: PartyId) =>
    hasMoreParts(value, partsMin) ? readApart(value, reading, party) : readEpcisEvent(value, reading);

  /** In turns with others. */
  async function readValues(values: readonly Json[], reading: EpcisReading, party: PartyId) {
    const breathe = breathing(turnMs);
    const read: ReadEvent[] = [];
    for (const value of values) {
      const since = performance.now();
      const found = readHere(value, reading, party);
      // Waiting for what is there already would take a turn of its own.
      read.push(found instanceof Promise ? await found : found);
      if (!(found instanceof Promise)) await breathe(performance.now() - since);
    }
    return read;
  }

  async function readTexts(texts: readonly string[], reading: EpcisReading, party: PartyId) {
    const read: ReadEvent[] = [];
    for (let first = 0; first < texts.length; ) {
      let end = first;
      for (let length = 0; end < texts.length && length < textAtOnce; end++)
        length += texts[end]?.length ?? 0;
      const answer = await ask({ ask: 'events', events: texts.slice(first, end), reading }, party);
      read.push(...JSON.parse(textOf(answer)));
      first = end;
    }
    return read;
  }

  return {
    read: readHere,
    event: async (body, sent, party) =>
      JSON.parse(textOf(await askNow({ ask: 'event', body, sent }, party, body.length))),
    async document(body, sent, party) {
      const answer = await askNow({ ask: 'document', body, sent }, party, body.length);
      if ('document' in answer) return answer.document;
      throw otherwise();
    },
    async kept(text, host, party) {
      if (text.length < largeMin) return readKept(text, host);
      const answer = await ask({ ask: 'kept', text, host }, party);
      if ('kept' in answer) return answer.kept;
      throw otherwise();
    },
    eventsOf(document, { first, end }, { host, party }) {
      const reading = { host, context: document.context, unhashed: document.unhashed };
      return 'texts' in document
        ? readTexts(document.texts.slice(first, end), reading, party)
        : readValues(document.events.slice(first, end), reading, party);
    },
    close: () => thread.close(),
  };
}

function textOf(answer: Answer): string {
  if ('text' in answer) return answer.text;
  throw otherwise();
}

const otherwise = () => new Error('the thread answered another question');

/**
 * Reads events as others send them (epcis-reading.ts). One of very many parts takes some hundred milliseconds to read,
 * so it is read in a thread of its own: it goes there and comes back as text, which crosses faster than objects.
 */
import { type EpcisReading, type ReadEvent, readEpcisEvent } from '../../core/epcis/epcis-reading.ts';
import { hasMoreParts } from '../../core/epcis/epcis-size.ts';
import type { Json } from '../../core/text/canonical.ts';
import { createThread } from '../../ledger/thread.ts';

export interface EventReader {
  /** Refusal: `unavailable`. */
  read(value: Json, reading: EpcisReading): ReadEvent | Promise<ReadEvent>;
  close(): Promise<void>;
}

/** What the thread is told. */
export interface ToRead {
  /** JSON. */
  readonly event: string;
  readonly host: string;
  /** Prefixes with what they stand for. */
  readonly context: readonly (readonly [string, string])[];
  readonly unhashed: readonly string[];
}

/** Parts of an event from which the thread reads it. */
const partsMin = 2_000;

export function createEventReader(): EventReader {
  const thread = createThread<ToRead, string>(new URL('./reading-thread.js', import.meta.url));
  return {
    read(value, reading) {
      if (!hasMoreParts(value, partsMin)) return readEpcisEvent(value, reading);
      const { host, context, unhashed = [] } = reading;
      const asked = { event: JSON.stringify(value), host, context: [...context], unhashed: [...unhashed] };
      return thread.ask(asked, 1).then((read): ReadEvent => JSON.parse(read));
    },
    close: () => thread.close(),
  };
}

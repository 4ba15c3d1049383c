/**
 * Reads events as others send them (epcis-reading.ts). One of very many parts takes some hundred milliseconds to read,
 * so it is read in a thread of its own: it goes there and comes back as text, which crosses faster than objects. Parties
 * take turns there, and of one only so many wait, for each of them takes memory.
 */
import { type EpcisReading, type ReadEvent, readEpcisEvent } from '../../core/epcis/epcis-reading.ts';
import { hasMoreParts } from '../../core/epcis/epcis-size.ts';
import type { PartyId } from '../../core/events/hop.ts';
import type { Json } from '../../core/text/canonical.ts';
import { Refusal } from '../../errors.ts';
import { createThread } from '../../ledger/thread.ts';

export interface EventReader {
  /** What a party sends. Refusals: `unavailable`, `overloaded`. */
  read(value: Json, reading: EpcisReading, party: PartyId): ReadEvent | Promise<ReadEvent>;
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
/** Such events of one party under way at once. */
const ofPartyMax = 4;

export function createEventReader(): EventReader {
  const thread = createThread<ToRead, string>(new URL('./reading-thread.js', import.meta.url));
  const underWay = new Map<PartyId, number>();

  async function readApart(value: Json, reading: EpcisReading, party: PartyId): Promise<ReadEvent> {
    const own = underWay.get(party) ?? 0;
    if (own >= ofPartyMax)
      throw new Refusal(
        'overloaded',
        `${ofPartyMax} large events of yours are being read; send this later.`,
        {
          retryAfter: 1,
        },
      );
    underWay.set(party, own + 1);
    try {
      const { host, context, unhashed = [] } = reading;
      const asked = { event: JSON.stringify(value), host, context: [...context], unhashed: [...unhashed] };
      return JSON.parse(await thread.ask(asked, { owner: party, weight: 1 }));
    } finally {
      const left = (underWay.get(party) ?? 1) - 1;
      if (left === 0) underWay.delete(party);
      else underWay.set(party, left);
    }
  }

  return {
    read: (value, reading, party) =>
      hasMoreParts(value, partsMin) ? readApart(value, reading, party) : readEpcisEvent(value, reading),
    close: () => thread.close(),
  };
}

/** What is sent to be captured: read and judged at once if it is one event, kept for a job if it is a document. */

import { baseContext, withPrefixes } from '../../core/epcis/epcis-context.ts';
import { sizeFault } from '../../core/epcis/epcis-size.ts';
import { isObject } from '../../core/events/event-members.ts';
import type { Json, JsonObject } from '../../core/text/canonical.ts';
import { type Fault, Refusal, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { answerOf, labelOf } from '../events/answer.ts';
import { epcsMax } from '../events/schemas.ts';
import type { FeatureDeps } from '../feature.ts';
import { signReceipt } from '../keys/receipts.ts';
import { newId } from '../new-id.ts';
import { namingNewcomers } from '../parties/references.ts';
import { recordedBefore, takenKeys } from './capturing.ts';
import { eventPointer, type LoneEvent, readDocument } from './documents.ts';
import { type CapturingDeps, draftEvents } from './drafts.ts';
import { type CaptureJob, insertCapture } from './jobs.ts';
import { captureLimit } from './versions.ts';

/** What a request brings beside its body. */
export interface Brought {
  /** SHA-256 of the XML that it was sent as, base64url; null for JSON. */
  readonly original: string | null;
  /** What the header GS1-Extensions says of prefixes. */
  readonly prefixes: Readonly<Record<string, string>>;
}

/** Records one event; its receipt as JSON. Refusals: those of `epcis-reading.ts` and `drafts.ts`, `duplicate-event`. */
export async function captureEvent(
  deps: CapturingDeps,
  caller: Caller,
  { event: sent, unhashed }: LoneEvent,
  { original, prefixes }: Brought,
): Promise<{ readonly eventID: string; readonly receipt: string }> {
  const event = withPrefixes(sent, prefixes);
  refuseTooMany([event]);
  const wrong = sizeFault(event);
  if (wrong !== null) throw refusalOf([wrong]);
  const context = baseContext(deps.genesis.host);
  return namingNewcomers(async () => {
    const [drafted] = await draftEvents(deps, { caller, context, unhashed, original }, [event]);
    if (drafted === undefined) throw new Error('an event came to nothing');
    if (drafted.draft === null) throw refusalOf(drafted.faults);
    const drafts = [...drafted.newcomers, drafted.draft];
    try {
      const { facts } = await deps.ledger.append(drafts);
      const receipt = await signReceipt(deps, facts);
      const labels = drafts.map(({ fact }) => labelOf(fact));
      return { eventID: drafted.eventID, receipt: `${answerOf(receipt, [0], facts, labels)}}` };
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'duplicate-event') throw error;
      const seq = (await takenKeys(deps, [drafted])).get(drafted.key);
      throw seq === undefined ? error : refusalOf([recordedBefore(seq)]);
    }
  });
}

function refusalOf(faults: readonly Fault[]): Refusal {
  const [first] = faults;
  if (first === undefined) throw new Error('an event was refused without a fault');
  const same = faults.every(({ code }) => code === first.code);
  return new Refusal(
    same ? first.code : 'invalid-request',
    faults.length === 1 ? first.detail : `${faults.length} things do not fit; \`errors\` lists them.`,
    { faults },
  );
}

/** Keeps a document for a job. Refusals: `invalid-request`, `too-many-events`, `too-many-epcs`, `body-too-large`. */
export async function acceptDocument(
  { db, genesis, now }: Pick<FeatureDeps, 'db' | 'genesis' | 'now'>,
  caller: Caller,
  sent: JsonObject,
  { behaviour, original, prefixes }: Pick<CaptureJob, 'behaviour'> & Brought,
): Promise<CaptureJob> {
  // The job reads the document again, without the header.
  const body = withPrefixes(sent, prefixes);
  const document = required(readDocument(body, genesis.host));
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
  const job = { id: newId(), caller, createdAt: now(), behaviour, original, total: events.length };
  await insertCapture(db, { ...job, document: JSON.stringify(body) });
  return { ...job, finishedAt: null, done: 0, errors: [], erring: 0 };
}

const lists = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList'];
const quantityLists = ['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'];

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

/** What is sent to be captured: judged at once and recorded if it is one event, kept for a job if it is a document. */

import type { ReadEvent } from '../../core/epcis/epcis-reading.ts';
import { Refusal } from '../../errors.ts';
import { answerOf, labelOf } from '../events/answer.ts';
import type { FeatureDeps } from '../feature.ts';
import { signReceipt } from '../keys/receipts.ts';
import { newId } from '../new-id.ts';
import { namingNewcomers } from '../parties/references.ts';
import { recordedBefore, takenKeys } from './capturing.ts';
import { type CheckedDocument, refusalOf } from './checking.ts';
import { type Capturing, type CapturingDeps, draftEvents } from './drafts.ts';
import { type CaptureJob, insertCapture } from './jobs.ts';

/** Records one event; its receipt as JSON. Refusals: those of `epcis-reading.ts` and `drafts.ts`, `duplicate-event`. */
export function captureEvent(
  deps: CapturingDeps,
  capturing: Capturing,
  read: ReadEvent,
): Promise<{ readonly eventID: string; readonly receipt: string }> {
  return namingNewcomers(async () => {
    const [drafted] = await draftEvents(deps, capturing, [read]);
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

/** Keeps a document for a job. */
export async function keepDocument(
  { db, now }: Pick<FeatureDeps, 'db' | 'now'>,
  { caller, original }: Capturing,
  behaviour: CaptureJob['behaviour'],
  { text, total }: CheckedDocument,
): Promise<CaptureJob> {
  const job = { id: newId(), caller, createdAt: now(), behaviour, original, total };
  await insertCapture(db, { ...job, document: text });
  return { ...job, finishedAt: null, done: 0, errors: [], erring: 0 };
}

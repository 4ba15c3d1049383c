/** The thread that reads what is large; `createEventReader` starts it. */
import { readEpcisEvent } from '../../core/epcis/epcis-reading.ts';
import { isObject } from '../../core/events/event-members.ts';
import { Refusal, refusalAt } from '../../errors.ts';
import { parseJsonBody } from '../../http/strict-json.ts';
import { answering } from '../../ledger/thread.ts';
import { checkDocument, checkEvent, readChecked } from './checking.ts';
import { readKept } from './documents.ts';
import type { Answer, Asked } from './reading.ts';

answering((asked: Asked): Answer => {
  try {
    return answerTo(asked);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message: detail, faults } = error;
    return { refused: { code, detail, faults } };
  }
});

function answerTo(asked: Asked): Answer {
  switch (asked.ask) {
    case 'events': {
      const { events, reading } = asked;
      return { text: JSON.stringify(events.map((text) => readEpcisEvent(JSON.parse(text), reading))) };
    }
    case 'event': {
      const checked = checkEvent({ event: bodyOf(asked.body), unhashed: new Set() }, asked.sent);
      return { text: JSON.stringify(readChecked(checked)) };
    }
    case 'document':
      return { document: checkDocument(bodyOf(asked.body), asked.sent) };
    case 'kept': {
      const { events, ...kept } = readKept(asked.text, asked.host);
      return { kept: { ...kept, texts: events.map((event) => JSON.stringify(event)) } };
    }
  }
}

function bodyOf(bytes: Uint8Array) {
  const value = parseJsonBody(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (isObject(value)) return value;
  throw refusalAt('', 'invalid-request', 'Must be object.');
}

/** The thread that reads large events; `createEventReader` starts it. */
import { readEpcisEvent } from '../../core/epcis/epcis-reading.ts';
import { answering } from '../../ledger/thread.ts';
import type { ToRead } from './reading.ts';

answering(({ event, host, context, unhashed }: ToRead): string =>
  JSON.stringify(
    readEpcisEvent(JSON.parse(event), { host, context: new Map(context), unhashed: new Set(unhashed) }),
  ),
);

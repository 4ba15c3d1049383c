/** JSON Schema of the EPCIS interface (EPCIS 2.0 §12), as far as it is no event: those are read by the core. */
import { type Static, Type } from '@sinclair/typebox';
import type { JsonObject } from '../../core/text/canonical.ts';
import type { Problem } from '../../http/problems.ts';
import { ReceiptSchema } from '../events/schemas.ts';
import { closed, oneOf } from '../vocabulary.ts';
import { behaviours } from './jobs.ts';

const anything = (description: string) =>
  Type.Unsafe<JsonObject>(Type.Object({}, { additionalProperties: true, description }));

export const eventBodySchema = anything('One EPCIS 2.0 event in JSON-LD, with its `@context`');
export const documentSchema = anything('EPCISDocument or EPCISQueryDocument in JSON-LD');

const xml = { schema: Type.String({ description: 'EPCISQueryDocument of the XML schema of EPCIS 2.0' }) };
/** What queries are answered with. */
export const answeredSchema = {
  description: 'What was found',
  content: {
    'application/ld+json': { schema: documentSchema },
    'application/json': { schema: documentSchema },
    'application/xml': xml,
    'text/xml': xml,
  },
};

export const captureHeaders = Type.Object({
  'gs1-capture-error-behaviour': Type.Optional(
    oneOf(
      behaviours,
      'rollback: all events or none; proceed: those that can be recorded. rollback unless said',
    ),
  ),
  prefer: Type.Optional(Type.String({ maxLength: 200, description: '`wait=N` (RFC 7240)' })),
});

export const captureJobSchema = closed(
  {
    captureID: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    finishedAt: Type.Optional(Type.String({ format: 'date-time' })),
    running: Type.Boolean(),
    success: Type.Boolean({ description: 'Whether nothing has been wrong so far' }),
    captureErrorBehaviour: oneOf(behaviours, 'What happens when an event cannot be recorded'),
    errors: Type.Array(Type.Unsafe<Problem>(Type.Ref('Problem')), {
      description: 'One for each event that was not recorded, those of the first thousand',
    }),
    'suyuan:errorCount': Type.Integer({ description: 'Events that were not recorded, told or not' }),
  },
  'CaptureJob',
);
/** A job is told in XML too. */
export const answeredJobSchema = {
  description: 'How the job is doing',
  content: {
    'application/json': { schema: captureJobSchema },
    'application/xml': {
      schema: Type.String({ description: 'EPCISCaptureJob of the XML schema of EPCIS 2.0' }),
    },
    'text/xml': { schema: Type.String({ description: 'EPCISCaptureJob of the XML schema of EPCIS 2.0' }) },
  },
};
export type CaptureJobAnswer = Static<typeof captureJobSchema>;

export const pagedQuery = closed({
  perPage: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: '30 unless said' })),
  nextPageToken: Type.Optional(
    Type.String({ maxLength: 1024, description: 'As the Link header of the page before gives it' }),
  ),
});

/** Handed over as text: its bytes are those that were signed. */
export const receiptSchema = Type.Unsafe<string>(ReceiptSchema);

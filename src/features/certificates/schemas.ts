/** Certificates at the API. Dates are days in China. */
import { type Static, Type } from '@sinclair/typebox';
import { anySpelling, closed, date, gtin, id, line, oneOf, partyName, seq } from '../vocabulary.ts';
import { certificateStates } from './validity.ts';

const certificateStatuses = ['issued', 'suspended', 'withdrawn'] as const;

export const CertificateBodySchema = closed(
  {
    number: line('Number of the certificate', 100),
    issuer: Type.Optional(partyName('Certification body; only the operator names another than itself')),
    holder: partyName('Who was certified'),
    scheme: line('Scheme, such as CCC', 100),
    gtins: Type.Array(gtin, { minItems: 1, maxItems: 1000, description: 'Products it covers' }),
    models: Type.Optional(Type.Array(line('Model', 100), { maxItems: 1000, uniqueItems: true })),
    factories: Type.Optional(
      Type.Array(anySpelling('Factory'), { maxItems: 100, description: 'Absent for any factory' }),
    ),
    validFrom: date('First day'),
    validUntil: date('Last day'),
  },
  'CertificateRequest',
);
export type CertificateBody = Static<typeof CertificateBodySchema>;

export const StatusBodySchema = closed(
  {
    status: oneOf(certificateStatuses, '`issued` takes a suspension back'),
    since: date('First day on which it holds'),
    reason: line('Why', 500),
  },
  'CertificateStatus',
);
export type StatusBody = Static<typeof StatusBodySchema>;

export const CertificateSchema = Type.Object(
  {
    id: id('Certificate'),
    number: Type.String(),
    issuer: id('Certification body'),
    holder: id('Holder'),
    scheme: Type.String(),
    gtins: Type.Array(Type.String()),
    models: Type.Array(Type.String()),
    factories: Type.Array(Type.String()),
    validFrom: Type.String(),
    validUntil: Type.String(),
    state: oneOf(certificateStates, 'Today'),
    history: Type.Array(
      Type.Object({
        status: Type.String(),
        since: Type.String(),
        reason: Type.Optional(Type.String()),
        seq,
      }),
      { description: 'What was recorded after a withdrawal changes nothing' },
    ),
  },
  { title: 'Certificate' },
);
export type CertificateView = Static<typeof CertificateSchema>;

/** Mandates at the API. */
import { type Static, Type } from '@sinclair/typebox';
import { goodsMax, mandateStates, partiesMax } from '../../core/mandate.ts';
import { anySpelling, closed, id, line, oneOf, seq } from '../vocabulary.ts';

const officer = (whose: string) => line(`${whose}; kept as personal data, beside the entry`, 100);
const reason = Type.Optional(line('Why; name no person, for this stays for ever', 1000));

export const MandateBodySchema = closed(
  {
    number: line('Legal number of the case 立案文书号', 100),
    ground: line('Law or reason it rests on 法律依据; name no person, for this stays for ever'),
    scope: closed({
      goods: Type.Optional(
        Type.Array(anySpelling('Unit, lot, container, or product by its GTIN'), {
          minItems: 1,
          maxItems: goodsMax,
        }),
      ),
      parties: Type.Optional(Type.Array(id('Party'), { minItems: 1, maxItems: partiesMax })),
    }),
    until: Type.String({
      maxLength: 40,
      description: 'Its last moment, at most 180 days from now: RFC 3339 date-time with its zone',
      examples: ['2026-07-01T18:00:00+08:00'],
    }),
    officer: officer('Officer who asks 申请人'),
  },
  'MandateRequest',
);
export type MandateBody = Static<typeof MandateBodySchema>;

export const ApprovalBodySchema = closed(
  {
    outcome: oneOf(['approved', 'refused']),
    officer: officer('The second officer 审批人'),
    reason,
  },
  'MandateApproval',
);
export type ApprovalBody = Static<typeof ApprovalBodySchema>;

export const EndBodySchema = closed({ officer: officer('Officer who ends it 承办人'), reason }, 'MandateEnd');
export type EndBody = Static<typeof EndBodySchema>;

const nameOrNull = Type.Union([Type.String(), Type.Null()], {
  description: 'For the authority itself; null to the operator, and once erased',
});
const moment = Type.String({ format: 'date-time', description: 'When it was recorded' });
const client = Type.String({ description: 'API client by which it was done' });
const reasonOrNull = Type.Union([Type.String(), Type.Null()]);
const orNone = <const T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const MandateSchema = Type.Object(
  {
    id: id('Mandate'),
    seq,
    party: id('Authority'),
    state: oneOf(mandateStates, 'As of now'),
    number: Type.String(),
    ground: Type.String(),
    scope: Type.Object({ goods: Type.Array(Type.String()), parties: Type.Array(Type.String()) }),
    until: Type.String({ format: 'date-time' }),
    askedAt: moment,
    client,
    officer: nameOrNull,
    decision: orNone(
      Type.Object({
        seq,
        at: moment,
        outcome: oneOf(['approved', 'refused']),
        client,
        officer: nameOrNull,
        reason: reasonOrNull,
      }),
    ),
    end: orNone(
      Type.Object({
        seq,
        at: moment,
        party: id('Who ended it: the authority or the operator'),
        client,
        officer: nameOrNull,
        reason: reasonOrNull,
      }),
    ),
  },
  { title: 'Mandate' },
);
export type MandateView = Static<typeof MandateSchema>;

export const MandateReadSchema = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    client,
    route: Type.String({ description: 'Pattern of the route' }),
    subject: Type.String({
      description: 'The address that was asked for, before it was answered; then what of others it showed',
    }),
  },
  { title: 'MandateRead' },
);

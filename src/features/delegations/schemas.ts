/** Delegations at the API. */
import { type Static, Type } from '@sinclair/typebox';
import { hopTypes } from '../../core/events/hop.ts';
import { anySpelling, closed, gtin, id, oneOf, partyName, seq } from '../vocabulary.ts';

/** What can be delegated: to issue codes, or to record a hop for the owner. */
const delegableActs = ['issue', ...hopTypes] as const;

const moment = (description: string) =>
  Type.String({
    maxLength: 40,
    description: `${description}: a day in China, or a time with zone`,
    examples: ['2025-07-01', '2025-07-01T00:00:00+08:00'],
  });

export const DelegationBodySchema = closed(
  {
    to: partyName('Who acts'),
    gtins: Type.Array(gtin, { minItems: 1, maxItems: 1000, description: 'Of your own' }),
    places: Type.Optional(
      Type.Array(anySpelling('Place'), { maxItems: 100, description: 'Where; absent for anywhere' }),
    ),
    acts: Type.Array(oneOf(delegableActs), {
      minItems: 1,
      maxItems: delegableActs.length,
      uniqueItems: true,
    }),
    validFrom: moment('First'),
    validUntil: moment('Last'),
  },
  'DelegationRequest',
);
export type DelegationBody = Static<typeof DelegationBodySchema>;

export const DelegationSchema = Type.Object(
  {
    id: id('Delegation'),
    from: id('Owner of the GTINs'),
    to: id('Who acts for the owner'),
    gtins: Type.Array(Type.String()),
    places: Type.Array(Type.String()),
    acts: Type.Array(Type.String()),
    validFrom: Type.String(),
    validUntil: Type.String(),
    revoked: Type.Boolean(),
    seq,
  },
  { title: 'Delegation' },
);
export type DelegationView = Static<typeof DelegationSchema>;

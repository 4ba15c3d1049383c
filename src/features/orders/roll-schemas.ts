/** What rolls of orders say, at the API. */
import { type TSchema, Type } from '@sinclair/typebox';
import { fates } from '../../core/orders/order-effect.ts';
import { closed, id, oneOf, pageOf } from '../vocabulary.ts';

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const moment = (description: string) => Type.String({ format: 'date-time', description });
const amount = Type.String({ description: 'Decimal, in the unit of measure beside it' });
const region = nullable(Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() }));
const heap = Type.Object({ fate: oneOf(fates), uom: Type.String(), amount });

export const RollSchema = Type.Object(
  {
    complete: Type.Boolean({ description: 'Whether all that was known when it was made is on it' }),
    size: Type.Integer({ description: 'Of the log, that it is true for' }),
    things: Type.Integer({ description: 'Units, containers and lots on it so far' }),
  },
  { title: 'Roll' },
);

export const HoldersSchema = pageOf(
  Type.Object({
    party: Type.Object({ id: id('Holder'), name: Type.String(), region }),
    account: Type.Boolean({ description: 'Whether it can be told through its inbox' }),
    holds: Type.Array(heap),
    toldAt: nullable(moment('When the notice stood in its inbox')),
    dueBy: nullable(
      moment(
        'By when it is to acknowledge the order: who is told late has as long as those told when it was made',
      ),
    ),
    acknowledgedAt: nullable(moment('When it acknowledged the order')),
    overdue: Type.Boolean({ description: 'It has not, and the time for it is over' }),
  }),
);

export const ThingsSchema = pageOf(
  Type.Object({
    epc: Type.String(),
    lot: nullable(Type.String({ description: 'Of a unit, where it is known' })),
    holder: nullable(id('Holder')),
    fate: oneOf(fates),
    uom: Type.String(),
    amount,
  }),
);

export const ChangesSchema = pageOf(
  Type.Object({
    entry: Type.Integer({ description: 'The newest entry about it when the change was seen' }),
    epc: Type.String(),
    change: oneOf(['in', 'out']),
  }),
);

const share = (description: string) =>
  Type.Object(
    { amount, of: amount, percent: nullable(Type.Number({ description: 'To one place, rounded down' })) },
    { description },
  );

export const EffectivenessSchema = Type.Object(
  {
    roll: nullable(RollSchema),
    effects: Type.Array(
      Type.Object({
        uom: Type.String({ description: 'UN/ECE Recommendation 20; pieces are H87' }),
        total: amount,
        out: share('Left its maker, of all'),
        returned: share('Back at the maker or with an authority, of what is out'),
        destroyed: share('Scrapped or destroyed, of what is out'),
        recovered: share('Both, of what is out'),
        consumed: share('Used up or made into something else, of what is out'),
        atLarge: share('Neither recovered nor consumed, of what is out'),
        reachable: share('With a party that has an account, of what is at large'),
        reached: share('Its holder acknowledged the order, of what is at large'),
        unreachable: share('The sum of the following three, of what is at large'),
        named: share('With parties that are named and have no account, of what is at large'),
        consumers: share('Sold to consumers, of what is at large'),
        unknown: share('Nobody knows where, of what is at large'),
      }),
    ),
  },
  { title: 'Effectiveness' },
);

export const AcknowledgeBodySchema = closed(
  { note: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'What was done' })) },
  'OrderAcknowledgement',
);

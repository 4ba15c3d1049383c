/** API clients at the API. */
import { type Static, Type } from '@sinclair/typebox';
import { roles } from '../../core/events/hop.ts';
import { closed, id, line, oneOf, seq } from '../vocabulary.ts';

export const ClientBodySchema = closed(
  {
    label: line('What the client is for, as people will recognise it', 100),
    roles: Type.Optional(
      Type.Array(oneOf(roles), {
        minItems: 1,
        maxItems: roles.length,
        uniqueItems: true,
        description: 'Some of the roles of its party; absent for all of them',
      }),
    ),
  },
  'ClientRequest',
);
export type ClientBody = Static<typeof ClientBodySchema>;

const client = {
  client_id: id('Client'),
  party: id('Party it acts for'),
  label: Type.String(),
  roles: Type.Array(Type.String()),
  revoked: Type.Boolean(),
  seq,
};
export const ClientSchema = Type.Object(client, { title: 'Client' });
export const NewClientSchema = Type.Object(
  { ...client, client_secret: Type.String({ description: 'Shown this once' }) },
  { title: 'NewClient' },
);

/** Parties at the API. */
import { type Static, Type } from '@sinclair/typebox';
import { roles } from '../../core/events/hop.ts';
import { anySpelling, bilingual, closed, id, line, oneOf, region, seq } from '../vocabulary.ts';

/** Roles a party can be registered with; `operator` is the ledger's own. */
export const partyRoles = roles.filter((role) => role !== 'operator');

export const ContactSchema = closed({
  name: line('Person to talk to 联系人'),
  phone: Type.Optional(line('Telephone', 64)),
  email: Type.Optional(line('E-mail', 254)),
});

const jurisdiction = closed({
  regions: Type.Array(Type.String({ pattern: '^[0-9]{6}$' }), {
    maxItems: 1000,
    description: 'GB/T 2260 codes; a code holds what is in it, 000000 the whole country',
  }),
  places: Type.Optional(Type.Array(anySpelling('Place'), { maxItems: 1000 })),
});

export const PartyBodySchema = closed(
  {
    name: line('Registered name'),
    nameEn: Type.Optional(line('English name')),
    gln: Type.Optional(Type.String({ maxLength: 64, description: 'GLN, 13 digits' })),
    creditCode: Type.Optional(
      Type.String({ maxLength: 64, description: 'Unified social credit code 统一社会信用代码' }),
    ),
    roles: Type.Array(oneOf(partyRoles), { minItems: 1, maxItems: partyRoles.length, uniqueItems: true }),
    region,
    address: Type.Optional(line('Address', 500)),
    jurisdiction: Type.Optional(jurisdiction),
    contact: Type.Optional(ContactSchema),
    takesOver: Type.Optional(id('Stub that this party is')),
  },
  'PartyRegistration',
);
export type PartyBody = Static<typeof PartyBodySchema>;

/** A new version says everything again; it can take over nobody. */
export const PartyVersionSchema = Type.Omit(PartyBodySchema, ['takesOver'], {
  additionalProperties: false,
  title: 'PartyVersion',
});

/** Members below `stub` are for the party itself, the operator and regulators. */
export const PartySchema = Type.Object(
  {
    id: id('Party'),
    name: Type.String(),
    nameEn: Type.Optional(Type.String()),
    region: Type.Optional(Type.String()),
    regionName: Type.Optional(bilingual),
    roles: Type.Array(Type.String()),
    stub: Type.Boolean({ description: 'Named by others; has no account' }),
    gln: Type.Optional(Type.String()),
    creditCode: Type.Optional(Type.String()),
    address: Type.Optional(Type.String()),
    jurisdiction: Type.Optional(
      Type.Object({ regions: Type.Array(Type.String()), places: Type.Array(Type.String()) }),
    ),
    contact: Type.Optional(ContactSchema),
    seq,
  },
  { title: 'Party' },
);
export type PartyView = Static<typeof PartySchema>;

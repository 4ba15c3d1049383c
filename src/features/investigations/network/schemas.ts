/** What a network of parties asks and answers, as JSON Schema. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { contactKinds } from '../../../core/contacts.ts';
import { roles } from '../../../core/events/hop.ts';
import { anySpelling, closed, oneOf, partyName } from '../../vocabulary.ts';

/** Parties that one network has at most. */
export const partiesMax = 2_000;
/** Parties that share a contact before it links nobody. */
export const sharersMax = 20;
/** Entries that a link names. */
export const seqsTold = 20;

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const linkKinds = ['goods', 'place', 'address', 'certificate', ...contactKinds] as const;
export type LinkKind = (typeof linkKinds)[number];

export const networkQuery = closed({
  format: Type.Optional(oneOf(['json', 'csv', 'graphml'], 'Goes before Accept. csv: a line a link')),
});

export const NetworkBody = closed({
  epcs: Type.Optional(
    Type.Array(anySpelling('A unit'), {
      minItems: 1,
      maxItems: 10_000,
      description: 'Units whose parties the network has: clones, failed samples, seized goods',
    }),
  ),
  lots: Type.Optional(
    Type.Array(anySpelling('A lot'), {
      minItems: 1,
      maxItems: 20,
      description: 'Lots, all of whose units count',
    }),
  ),
  parties: Type.Optional(
    Type.Array(partyName('A party'), {
      minItems: 1,
      maxItems: 200,
      description:
        'Parties: who gave them goods and got goods of them, by the newest 1,000 hops of each in each part that touch your jurisdiction, and who has their addresses, phone numbers or e-mail addresses',
    }),
  ),
  kinds: Type.Optional(
    Type.Array(oneOf(linkKinds), {
      minItems: 1,
      maxItems: linkKinds.length,
      uniqueItems: true,
      description: 'Links that count; all unless you say',
    }),
  ),
});
export type NetworkAsked = Static<typeof NetworkBody>;

const region = Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() });

export const NetworkSchema = Type.Object(
  {
    known: Type.Integer({ description: 'Entries of the log that are counted' }),
    units: Type.Integer({ description: 'Units whose hand-overs are counted' }),
    leftOut: Type.Integer({
      description: 'Units that no entry names, or that nothing ties to your jurisdiction',
    }),
    crowdedContacts: Type.Integer({
      description: `Contacts of these parties that more than ${sharersMax} parties share, such as an agent's: they link nobody`,
    }),
    parties: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        nameEn: nullable(Type.String()),
        region: nullable(region),
        roles: Type.Array(oneOf(roles)),
        community: Type.Integer(),
        brokerage: Type.Number({
          description: 'Share of all shortest ways between two others that lead through it (betweenness)',
        }),
        neighbours: Type.Integer(),
        received: Type.Integer({ description: 'Units, each time they were taken' }),
        gave: Type.Integer({ description: 'Units, each time they were given' }),
      }),
      { description: 'Those who stand most between others first' },
    ),
    communities: Type.Array(
      Type.Object({
        community: Type.Integer(),
        parties: Type.Integer(),
        inside: Type.Integer({ description: 'Links between its own parties' }),
        outside: Type.Integer({ description: 'Links to others' }),
      }),
      { description: 'Parties with more to do with each other than with the rest (Louvain); largest first' },
    ),
    links: Type.Array(
      Type.Object({
        kind: oneOf(
          linkKinds,
          [
            'goods: units passed from the first to the second',
            'place: the first did something at a place of the second',
            'address: the two are registered at one address, also where no goods went, of those whose address you may read',
            'certificate: one certificate names both, as holder, as owner of its factory or of its GTIN',
            'phone, email: the two registered the same one, also where no goods went, of those whose contacts you may read; it is not told which',
            'person: of parties that are linked otherwise or asked about, the two registered a contact person of the same name, which says little by itself',
          ].join('; '),
        ),
        from: Type.String(),
        to: Type.String(),
        units: Type.Integer({ description: 'Of goods and places: how many units; else 0' }),
        entries: Type.Integer({ description: 'How many entries say so' }),
        seqs: Type.Array(Type.Integer(), { description: `The first ${seqsTold} of them` }),
      }),
    ),
  },
  { title: 'Network' },
);
export type NetworkAnswer = Static<typeof NetworkSchema>;

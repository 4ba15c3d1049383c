/** What the dossier on a fire site asks and answers, as JSON Schema. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { languages } from '../../../web/words.ts';
import { anySpelling, bilingual, closed, oneOf } from '../../vocabulary.ts';

/** Things that one dossier tells of. */
export const thingsMax = 10_000;

/** Of one thing: entries that are told of its history, findings, records that are missing, and entries that a claim names. */
export const toldMax = 200;

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const fireSiteQuery = closed({
  format: Type.Optional(oneOf(['json', 'pdf'], 'Goes before Accept')),
  lang: Type.Optional(oneOf(languages, 'Of the report; goes before Accept-Language')),
});

export const FireSiteBody = closed({
  place: Type.Optional(
    anySpelling('A building, a project or any place: what is installed there and in the places within it'),
  ),
  epcs: Type.Optional(
    Type.Array(anySpelling('A unit, or a lot dealt by measure'), {
      minItems: 1,
      maxItems: thingsMax,
      description: 'Things found at the site, whether or not it is recorded that they are there',
    }),
  ),
  at: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'The moment of the fire: 2026-07-01T10:30:00+08:00. Now unless you say',
    }),
  ),
});
export type FireSiteAsked = Static<typeof FireSiteBody>;

const claimKinds = [
  'code',
  'certificate',
  'made',
  'inspection',
  'handed-over',
  'installed',
  'service',
  'due',
  'measure',
  'state',
  'order',
  'order-not-in-force',
  'finding',
  'missing',
] as const;
export type ClaimKind = (typeof claimKinds)[number];

export const flags = [
  'not-produced',
  'uncertified',
  'non-conformant',
  'blocked',
  'scrapped',
  'overdue',
  'past-service-life',
  'finding',
  'missing-record',
] as const;
export type Flag = (typeof flags)[number];

const claim = Type.Object({
  n: Type.Integer({ description: 'Number of the claim in this document' }),
  kind: oneOf(
    claimKinds,
    'order: in force at the moment asked about; order-not-in-force: released before it, or made after it',
  ),
  zh: Type.String(),
  en: Type.String(),
  seqs: Type.Array(Type.Integer(), {
    description: `Entries that it rests on, the last ${toldMax} where they are more; none for what the public scanned or reported, and for what no entry says, which rests on \`known\``,
  }),
});
export type Claim = Static<typeof claim>;

const item = Type.Object({
  epcs: Type.Array(Type.String(), { description: 'Things with this very history' }),
  kind: oneOf(['unit', 'lot']),
  product: nullable(
    Type.Object({
      gtin: Type.String(),
      name: nullable(Type.String()),
      nameEn: nullable(Type.String()),
      model: nullable(Type.String()),
    }),
  ),
  lot: nullable(Type.String()),
  quantity: nullable(Type.Object({ quantity: Type.String(), uom: Type.String() })),
  places: Type.Array(Type.Object({ id: Type.String(), name: nullable(Type.String()) }), {
    description: 'Where it is installed, as the record says',
  }),
  flags: Type.Array(oneOf(flags)),
  claims: Type.Array(claim, {
    description: `Of a thing of which more than ${toldMax} entries, findings or missing records tell, so many of each: what those say whose word counts before what strangers claim, open findings before closed ones and by severity, and of each party its newest first`,
  }),
  claimsInAll: Type.Integer({ description: 'How many claims there are with those that are not told here' }),
  history: Type.String({ description: 'Where the whole history is read, a page at a time' }),
});
export type Item = Static<typeof item>;

export const FireSiteSchema = Type.Object(
  {
    place: nullable(Type.Object({ id: Type.String(), name: nullable(Type.String()) })),
    places: Type.Integer({ description: 'Places looked at: the place and those within it' }),
    at: Type.String(),
    known: Type.Integer({ description: 'Entries of the log that are counted' }),
    things: Type.Integer(),
    summary: Type.Array(Type.Object({ flag: oneOf(flags), things: Type.Integer(), words: bilingual }), {
      description: 'How many things each concern touches, most first',
    }),
    items: Type.Array(item, { description: 'Things of one history are one item; the gravest first' }),
    leftOut: Type.Array(Type.String(), {
      description: 'Things that no entry names, or that nothing ties to your jurisdiction',
    }),
  },
  { title: 'FireSite' },
);
export type FireSiteAnswer = Static<typeof FireSiteSchema>;

/** What an investigation asks and answers, as JSON Schema. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { candidateKinds } from '../../core/tracing/exposure.ts';
import { anySpelling, bilingual, closed, oneOf, partyName } from '../vocabulary.ts';

/** Units and lots, bad and good together, that one investigation takes. */
export const unitsMax = 100_000;

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const labelled = closed({
  epc: anySpelling('A unit, or a lot of goods by measure'),
  weight: Type.Optional(
    Type.Number({
      minimum: 0.01,
      maximum: 1,
      description: 'How sure the label is: 1 for a failed sample, less for a complaint. 1 unless you say',
    }),
  ),
  at: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'When it was found so: what happened to it later does not count. 2026-07-01T10:30:00+08:00',
    }),
  ),
  holder: Type.Optional(
    partyName(
      'Of a lot: who had what was found so, for a lot is in many hands at once. Without it all who had any of it count',
    ),
  ),
});
export type Labelled = Static<typeof labelled>;

const questions = ['goods', 'codes'] as const;
export type Question = (typeof questions)[number];

export const CommonSourceBody = closed({
  question: Type.Optional(
    oneOf(
      questions,
      'goods: what made these units bad. codes: whose hands the genuine units were in whose codes were copied; name the genuine ones as bad. goods unless you say',
    ),
  ),
  bad: Type.Array(labelled, {
    minItems: 1,
    maxItems: unitsMax,
    description: 'Failed samples, clones, complaints',
  }),
  good: Type.Optional(Type.Array(labelled, { maxItems: unitsMax, description: 'Units known to be good' })),
  controls: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description:
        'Other units and lots of the same products, in the proportion of the bad ones, to draw at random and take for good. Three for each bad one, at least 60, when you name no good ones; otherwise none',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, description: 'Ranks to answer; 20 unless you say' }),
  ),
});
export type CommonSourceAsked = Static<typeof CommonSourceBody>;

const region = Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() });

const candidate = Type.Object({
  kind: oneOf(candidateKinds),
  id: Type.String({
    description:
      'Party, place, GTIN, canonical identifier, number of a certificate, or the entry of a shipment',
  }),
  name: nullable(Type.String()),
  region: nullable(region),
  shipment: nullable(
    Type.Object({ from: nullable(Type.String()), to: nullable(Type.String()), time: Type.String() }),
  ),
});
export type CandidateView = Static<typeof candidate>;

export const CommonSourceSchema = Type.Object(
  {
    question: oneOf(questions),
    size: Type.Integer({ description: 'Entries of the log that were looked at' }),
    bad: Type.Integer(),
    good: Type.Integer(),
    controls: Type.Array(Type.String(), {
      description: 'Units and lots drawn and taken for good; part of `good`',
    }),
    leftOut: Type.Array(Type.String(), {
      description: 'Units that no entry names, or that nothing ties to your jurisdiction',
    }),
    sources: Type.Array(
      Type.Object({
        rank: Type.Integer(),
        candidates: Type.Array(candidate, {
          description: 'More than one when these units cannot tell them apart',
        }),
        bad: Type.Integer({ description: 'Bad units downstream' }),
        good: Type.Integer({ description: 'Good units downstream' }),
        share: Type.Number({ description: 'Weight of the bad units downstream, of all bad ones' }),
        p: Type.Number({ description: "Fisher's exact test, one-sided" }),
        q: Type.Number({
          description: 'The same with false discoveries controlled (Benjamini and Hochberg)',
        }),
        score: Type.Number({
          description: 'ln of the Bayes factor for being the source against being unrelated',
        }),
        posterior: Type.Number({
          description: 'Probability that it is the source, if one of these or none is',
        }),
        sentence: {
          ...bilingual,
          description:
            'Who or what it is, how many of the bad and of the good units came through it, and what speaks for it over the next',
        },
        paths: Type.Array(
          Type.Object({
            epc: Type.String(),
            entries: Type.Array(Type.Integer(), {
              description: 'Entries that lead from the unit to this source',
            }),
            stations: Type.Array(
              Type.Object({
                party: Type.String(),
                name: Type.String(),
                entries: Type.Array(Type.Integer()),
              }),
              { description: 'Who had the unit, in order, by which entries' },
            ),
          }),
          { description: 'The ways of the bad units through this source, of the first 50' },
        ),
      }),
    ),
  },
  { title: 'CommonSource' },
);
export type CommonSourceAnswer = Static<typeof CommonSourceSchema>;

/** What trace and flow answer, as JSON Schema. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { hopTypes, outcomes, roles, transfers } from '../../core/events/hop.ts';
import { stages } from '../../core/life/lifecycle-state.ts';
import { precisions } from '../../core/time.ts';
import { gapKinds } from '../../core/tracing/gaps.ts';
import { directions, linkKinds } from '../../core/tracing/trace-graph.ts';
import { pageQuery } from '../../http/paging.ts';
import { languages } from '../../web/words.ts';
import { anySpelling, bilingual, closed, oneOf } from '../vocabulary.ts';

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const region = Type.Object(
  { code: Type.String(), zh: Type.String(), en: Type.String() },
  { description: 'GB/T 2260' },
);
const party = Type.Object({
  id: Type.String(),
  name: Type.String(),
  nameEn: nullable(Type.String()),
  region: nullable(region),
});
const place = Type.Object({ id: Type.String(), name: nullable(Type.String()), region: nullable(region) });
const quantity = Type.Object({ lot: Type.String(), quantity: Type.String(), uom: Type.String() });
const sight = oneOf(
  ['outline', 'neighbour', 'whole'],
  'How much of it you may see: what, when and in which region; or also who of those you dealt with; or all',
);

export const traceQuery = closed({
  epc: anySpelling('A unit, a container or a lot'),
  direction: Type.Unsafe<(typeof directions)[number]>(
    Type.String({
      enum: [...directions],
      default: 'both',
      description: 'up: where it comes from; down: where it went, and what is in it or was made of it',
    }),
  ),
  at: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'Up looks at what was before this moment, down at what came after: 2025-07-01T10:30:00+08:00',
    }),
  ),
  known: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'Only what the log held then counts: a moment of recording, 2025-07-01T10:30:00+08:00, or a number of entries. Everything unless you say',
    }),
  ),
  format: Type.Optional(
    oneOf(
      ['json', 'csv', 'svg', 'graphml'],
      'Goes before Accept. csv: a line a hop, one withdrawn, node, link, hand-over and gap, told apart by `row`; svg: a drawing; graphml: for graph tools',
    ),
  ),
  lang: Type.Optional(oneOf(languages, 'Of the drawing; goes before Accept-Language')),
});

const node = Type.Object({
  kind: oneOf(['unit', 'lot', 'container', 'place', 'party']),
  id: Type.String({ description: 'Canonical identifier, or id of the party or place' }),
  name: nullable(Type.String({ description: 'Of things: that of the product' })),
  nameEn: nullable(Type.String()),
  region: nullable(region),
  alike: Type.Integer({ description: 'Units with this very history that it stands for, itself included' }),
});

const hop = Type.Object({
  seq: Type.Integer(),
  leaf: Type.String({ description: 'Leaf hash of the entry, base64url' }),
  recordedAt: Type.String(),
  hop: oneOf(hopTypes),
  time: Type.String({ description: 'When it happened, in the zone in which it was told' }),
  precision: oneOf(precisions),
  recorder: nullable(party),
  as: nullable(oneOf(roles)),
  giver: nullable(party),
  taker: nullable(party),
  transfer: nullable(oneOf(transfers)),
  place: nullable(place),
  toPlace: nullable(place),
  region: nullable(region),
  outcome: nullable(oneOf(outcomes)),
  note: nullable(Type.String()),
  thing: Type.String({ description: 'A thing that it is told for' }),
  via: Type.Array(Type.String(), {
    description: 'Containers through which it reached the thing, nearest first; empty if it names the thing',
  }),
  quantities: Type.Array(quantity),
  sight,
});

export const TraceSchema = Type.Object(
  {
    epc: Type.String(),
    kind: oneOf(['unit', 'lot', 'container']),
    direction: oneOf(directions),
    at: nullable(Type.String()),
    known: Type.Integer({ description: 'Entries of the log that are counted' }),
    complete: Type.Boolean({ description: 'false when there is more than you may see' }),
    nodes: Type.Array(node),
    hops: Type.Array(hop, { description: 'In the order in which things happened' }),
    withdrawn: Type.Array(
      Type.Object({
        ...hop.properties,
        withdrawnBy: Type.Integer({ description: 'The entry that took it back or corrected it' }),
      }),
      {
        description:
          'Hops that their recorder took back or corrected: nothing else in the answer rests on them',
      },
    ),
    links: Type.Array(
      Type.Object({
        kind: oneOf(
          linkKinds,
          'contained and made-into lead on to other things; what was `replaced`, and by what, is named alone, for nothing of the one went into the other',
        ),
        seq: Type.Integer({
          description: 'The entry that tells it; that something was taken out, the one before',
        }),
        from: Type.String({ description: 'The container, or what was used, or what was taken out' }),
        to: Type.String({ description: 'The contents, or what was made, or what was put in its place' }),
      }),
    ),
    handOvers: Type.Array(
      Type.Object({
        from: nullable(party),
        to: nullable(party),
        seqs: Type.Array(Type.Integer(), {
          description: 'Entries that tell it: its giving and its taking half, where both are told',
        }),
        gap: nullable(oneOf(gapKinds, 'What is missing of it')),
        thing: Type.String(),
        things: Type.Integer({ description: 'How many things it concerns' }),
      }),
      { description: 'What passed between whom, told and missing' },
    ),
    gaps: Type.Array(
      Type.Object({
        kind: oneOf(gapKinds),
        seq: nullable(Type.Integer()),
        from: nullable(party),
        to: nullable(party),
        thing: Type.String(),
        things: Type.Integer({ description: 'How many things it concerns' }),
        sentence: bilingual,
        expected: Type.Array(
          Type.Object({
            hop: oneOf(['produce', 'ship', 'receive']),
            by: nullable(party),
            sentence: bilingual,
          }),
          { description: 'Records that would close it, and who would have made them' },
        ),
      }),
    ),
  },
  { title: 'Trace' },
);
export type TraceAnswer = Static<typeof TraceSchema>;
export type TraceHopView = TraceAnswer['hops'][number];

export const lotParams = closed({
  gtin: Type.String({ maxLength: 14 }),
  lot: Type.String({ maxLength: 128, description: 'Percent-encoded' }),
});
export const productParams = closed({ gtin: Type.String({ maxLength: 14 }) });
const flowAt = Type.Optional(
  Type.String({
    maxLength: 40,
    description: 'Only what happened until then: RFC 3339 date-time with its zone',
  }),
);
export const flowQuery = closed({
  at: flowAt,
  known: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'Only what had been recorded until then, or so many entries; all, unless you say',
    }),
  ),
  format: Type.Optional(
    oneOf(
      ['json', 'csv', 'svg', 'graphml'],
      'Goes before Accept. csv: a line a number, told apart by `row`; svg: a drawing; graphml: for graph tools',
    ),
  ),
  lang: Type.Optional(oneOf(languages, 'Of the drawing; goes before Accept-Language')),
});
export const flowUnitsQuery = closed({
  ...pageQuery,
  at: flowAt,
  key: Type.String({
    maxLength: 64,
    description: '`key` of the number, as the flow gave it; with the same `at`',
  }),
});

const key = Type.String({ description: 'For the units behind the number: …/flow/units?key=…' });
const station = Type.Object({
  party: nullable(party),
  place: nullable(place),
  region: nullable(region),
});
/** The entries that a number of moves rests on. */
const completed = {
  hops: Type.Integer({ description: 'How many hops completed these moves' }),
  firstSeq: Type.Integer(),
  lastSeq: Type.Integer(),
};
const level = nullable(
  Type.Integer({
    description: 'Fewest transfers from the beginning; null where it is not reached from there',
  }),
);

export const FlowSchema = Type.Object(
  {
    epc: Type.String(),
    asOf: Type.Integer({ description: 'Entries of the log that are counted' }),
    at: nullable(Type.String({ description: 'Until when what happened is counted; null for all' })),
    complete: Type.Boolean({ description: 'false when there is more than you may see' }),
    units: Type.Integer({ description: 'Units of the lot that these numbers are of' }),
    levels: Type.Array(
      Type.Object({
        level: Type.Integer(),
        parties: Type.Array(
          Type.Object({
            party: nullable(party),
            region: nullable(region),
            received: Type.Integer(),
            gave: Type.Integer(),
          }),
        ),
      }),
    ),
    edges: Type.Array(
      Type.Object({
        key,
        level,
        from: station,
        to: station,
        units: Type.Integer(),
        ...completed,
      }),
    ),
    now: Type.Array(
      Type.Object({
        key,
        stage: oneOf(stages),
        holder: nullable(party),
        place: nullable(place),
        region: nullable(region),
        taker: nullable(party),
        blocked: Type.Boolean(),
        units: Type.Integer(),
      }),
    ),
    measured: nullable(
      Type.Object(
        {
          uom: Type.String(),
          made: nullable(Type.String()),
          balances: Type.Array(
            Type.Object({
              party: nullable(party),
              region: nullable(region),
              level,
              made: Type.String(),
              received: Type.String(),
              gave: Type.String(),
              used: Type.String(),
              has: Type.String(),
            }),
          ),
          edges: Type.Array(
            Type.Object({
              key,
              level,
              from: station,
              to: station,
              quantity: Type.String(),
              underWay: Type.String(),
              ...completed,
            }),
          ),
        },
        { description: 'Goods dealt by measure: null when the lot has none' },
      ),
    ),
  },
  { title: 'Flow' },
);
export type FlowAnswer = Static<typeof FlowSchema>;

export const FlowUnitsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      epc: nullable(Type.String({ description: 'A unit behind the number' })),
      seq: nullable(Type.Integer({ description: 'Of goods by measure: an entry behind the number' })),
    }),
  ),
  next: nullable(Type.String()),
});

/** What is told of units, containers and lots. */
import { Type } from '@sinclair/typebox';
import { hopTypes, roles, transfers } from '../../core/events/hop.ts';
import { stages, standings } from '../../core/life/lifecycle-state.ts';
import { FindingSchema } from '../events/schemas.ts';
import { closed, gtin, oneOf } from '../vocabulary.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const time = Type.String({ format: 'date-time' });
const entry = Type.Integer({ description: 'Log entry' });
const epc = Type.String({ description: 'Canonical identifier' });
const party = orNull(
  Type.String({ description: 'Id of a party; null when it is hidden from you or there is none' }),
);
const place = orNull(Type.String());
const moment = orNull(closed({ seq: entry, from: time, until: time }));

const path = (description: string) => Type.String({ minLength: 1, maxLength: 60, description });
export const unitParams = closed({ gtin, serial: path('Serial number') });
export const lotParams = closed({ gtin, lot: path('Lot or batch number') });
export const containerParams = closed({ sscc: Type.String({ pattern: '^[0-9]{18}$', description: 'SSCC' }) });

export const momentQuery = closed({
  at: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'How it stood at this moment, by what is recorded today; now, unless said: 2025-07-01T10:30:00+08:00. What happened later is not looked at, and grace periods are judged at that moment.',
    }),
  ),
});

const state = closed({
  stage: oneOf(stages, 'Where it stands in its life 所处阶段'),
  holder: party,
  place,
  container: orNull(epc),
  site: orNull(epc),
  blocks: Type.Array(
    closed({ seq: entry, by: party, kind: oneOf(['hold', 'seize']), authority: Type.Boolean() }),
    { description: 'Holds and seizures in force 封存、扣押' },
  ),
  underWay: orNull(closed({ seq: entry, from: party, to: party })),
  adopted: Type.Boolean({ description: 'Old stock: what happened before is not known' }),
  nonconformant: Type.Boolean(),
  inUse: Type.Boolean(),
  nextDue: orNull(time),
  produced: moment,
  ended: moment,
  hops: Type.Integer({ description: 'Hops of its effective history' }),
});

const contradiction = closed({
  rule: Type.String(),
  severity: Type.String(),
  entries: Type.Array(entry),
  zh: Type.String(),
  en: Type.String(),
});

export const thingAnswer = closed(
  {
    epc,
    elementString: Type.String({ description: 'As printed beside a code: (01)…(21)…' }),
    at: orNull(
      Type.String({
        format: 'date-time',
        description: 'The moment of `state`, `contradictions` and contents; null for now',
      }),
    ),
    issued: orNull(closed({ seq: entry, batch: Type.String(), key: Type.String(), lot: orNull(epc) })),
    product: orNull(
      closed({
        gtin: Type.String(),
        name: Type.String(),
        nameEn: orNull(Type.String()),
        model: Type.String(),
        category: Type.String(),
        party: Type.String(),
      }),
    ),
    state,
    contradictions: Type.Array(contradiction, {
      description: 'As of that moment, also those not yet followed 疑点',
    }),
  },
  'Thing',
);

export const containerAnswer = closed(
  {
    ...thingAnswer.properties,
    contents: Type.Array(epc, {
      description: 'What is in it at that moment, nested containers with theirs; at most 10,000',
    }),
    contentsTotal: orNull(
      Type.Integer({ description: 'null for whom the record connects with nothing of it' }),
    ),
  },
  'Container',
);

const hopTold = {
  seq: entry,
  leaf: Type.String({ description: 'Leaf hash of the entry' }),
  hop: oneOf(hopTypes, 'Kind of hop'),
  recordedAt: time,
  from: time,
  until: time,
  recorder: party,
  as: orNull(oneOf(roles)),
  giver: party,
  taker: party,
  transfer: orNull(oneOf(transfers)),
  place,
  toPlace: place,
  outcome: orNull(Type.String()),
  note: orNull(Type.String()),
  nextDue: orNull(time),
};

export const historyAnswer = closed(
  {
    items: Type.Array(
      closed({
        ...hopTold,
        standing: oneOf(standings, 'In what quality its recorder spoke'),
        effect: Type.Boolean({ description: 'Whether it moved the state' }),
        via: Type.Array(epc, { description: 'Containers through which it reached the thing, nearest first' }),
      }),
    ),
    hidden: Type.Integer({ description: 'Hops that are not yours to see' }),
  },
  'History',
);

export const lotAnswer = closed(
  {
    epc,
    elementString: Type.String(),
    issued: orNull(Type.Integer({ description: 'Codes issued for its units; for maker and regulator' })),
    uom: orNull(
      Type.String({
        description:
          'Unit of measure of all amounts here, UN/ECE Recommendation 20; null where none was told',
      }),
    ),
    made: orNull(Type.String({ description: 'Made, of goods by measure; for maker and regulator' })),
    balances: Type.Array(
      closed({
        party,
        level: orNull(Type.Integer({ description: 'Fewest transfers from the maker' })),
        made: Type.String(),
        received: Type.String(),
        gave: Type.String(),
        used: Type.String(),
        has: Type.String(),
      }),
      { description: 'Goods by measure: what each party had and has' },
    ),
    contradictions: Type.Array(contradiction),
  },
  'Lot',
);

export const lotHistoryAnswer = closed({
  items: Type.Array(
    closed({
      ...hopTold,
      amount: orNull(Type.String({ description: 'As it was told' })),
      uom: orNull(Type.String({ description: 'Its unit of measure' })),
    }),
  ),
  hidden: Type.Integer({ description: 'Hops of this page that are not yours to see' }),
  next: orNull(Type.String()),
});

export const findingsAnswer = closed({ items: Type.Array(FindingSchema) });

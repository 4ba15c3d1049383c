/** The lists that rules go by, as they are sent (core/rules/lists.ts says what they mean). */
import { type TSchema, Type } from '@sinclair/typebox';
import { type ListName, listedRoles } from '../../core/rules/lists.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { closed, line } from '../vocabulary.ts';

/** A list names no more than this. */
const entriesMax = 20_000;

/** Rules compare these as they stand, so that there has to be such a day. */
const day = (description: string) => Type.String({ format: 'date', description, examples: ['2025-07-01'] });

/** By unified social credit code (GB 32100). */
const byFirm = <T extends TSchema>(entry: T) =>
  Type.Record(Type.String({ pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$' }), entry, {
    additionalProperties: false,
    maxProperties: entriesMax,
  });

const Firm = closed({
  from: Type.Optional(day('First day')),
  until: Type.Optional(day('Last day')),
  categories: Type.Optional(
    Type.Array(line('Product category', 64), {
      maxItems: 200,
      description: 'Of which products; absent for all',
    }),
  ),
  refillsPerDay: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'How many it can refill in a day' }),
  ),
});

/** A list is recorded as it was sent, and read back by whoever applies a rule. */
const asJson = (schema: TSchema) => Type.Unsafe<JsonObject>(schema);

export const listSchemas: Readonly<Record<ListName, ReturnType<typeof asJson>>> = {
  standards: asJson(
    Type.Record(
      Type.String({ pattern: '^.{1,100}$' }),
      closed({
        until: day('Last day on which goods may be made to it'),
        by: Type.Optional(line('What superseded it')),
      }),
      { additionalProperties: false, maxProperties: entriesMax },
    ),
  ),
  certification: asJson(
    Type.Record(
      Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
      closed({
        from: day('First day on which such goods may be made only with a certificate'),
        by: Type.Optional(line('What is asked for')),
      }),
      { additionalProperties: false, maxProperties: entriesMax },
    ),
  ),
  firms: asJson(closed(Object.fromEntries(listedRoles.map((role) => [role, Type.Optional(byFirm(Firm))])))),
  territories: asJson(
    byFirm(
      closed({
        regions: Type.Array(
          Type.String({ pattern: '^([0-9]{2}){1,3}$', description: 'First digits of a GB/T 2260 code' }),
          { minItems: 1, maxItems: 500 },
        ),
        gtins: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{14}$' }), { maxItems: 1000 })),
      }),
    ),
  ),
};

export const listSummaries: Readonly<Record<ListName, string>> = {
  standards: 'Publish until when goods may be made to superseded standards 公布被替代的标准',
  certification: 'Publish which product categories need a certificate 公布须经认证的产品类别',
  firms: 'Publish which maintenance firms, laboratories and certification bodies may do what 公布机构名单',
  territories: 'Publish where dealers may sell 公布经销区域',
};

/** Products and GTINs at the API. */
import { type Static, Type } from '@sinclair/typebox';
import { bilingual, closed, date, decimal, gtin, id, line, partyName, seq, uom } from '../vocabulary.ts';

const months = (description: string) => Type.Integer({ minimum: 1, maximum: 1200, description });

const members = {
  name: line('Name'),
  nameEn: Type.Optional(line('English name')),
  model: line('Model 型号', 100),
  category: Type.String({
    maxLength: 64,
    description: 'Key of the policy categories',
    examples: ['fire-doors'],
  }),
  uom,
  serviceLifeMonths: Type.Optional(months('Months from production until it must be scrapped')),
  firstMaintenanceMonths: Type.Optional(
    months('Months from production to the first maintenance; as many as `maintenanceMonths` if left out'),
  ),
  maintenanceMonths: Type.Optional(months('Months from one maintenance to the next')),
  content: Type.Optional(closed({ quantity: decimal, uom })),
  standard: Type.Optional(line('Product standard', 100)),
};

export const ProductVersionSchema = closed(members, 'ProductVersion');
export type ProductVersion = Static<typeof ProductVersionSchema>;

export const ProductBodySchema = closed(
  {
    gtin: Type.Optional(gtin),
    party: Type.Optional(partyName('Whose product it is; only the operator names another than itself')),
    ...members,
  },
  'ProductRegistration',
);
export type ProductBody = Static<typeof ProductBodySchema>;

export const ProductSchema = Type.Object(
  {
    gtin: Type.String(),
    party: id('Maker'),
    local: Type.Boolean({ description: 'A number of this ledger alone: it means nothing elsewhere' }),
    name: Type.String(),
    nameEn: Type.Optional(Type.String()),
    model: Type.String(),
    category: Type.String(),
    categoryName: bilingual,
    uom: Type.String(),
    serviceLifeMonths: Type.Optional(Type.Integer()),
    firstMaintenanceMonths: Type.Optional(Type.Integer()),
    maintenanceMonths: Type.Optional(Type.Integer()),
    content: Type.Optional(Type.Object({ quantity: Type.String(), uom: Type.String() })),
    standard: Type.Optional(Type.String()),
    seq,
  },
  { title: 'Product' },
);
export type ProductView = Static<typeof ProductSchema>;

export const VettingSchema = closed(
  {
    party: partyName('Owner'),
    gtins: Type.Array(gtin, { minItems: 1, maxItems: 1000 }),
    evidence: line('What was looked at: certificate of the GS1 member organisation, brand licence …', 1000),
    vettedBy: line('Who looked at it', 100),
    vettedAt: date('When'),
  },
  'GtinVetting',
);
export type Vetting = Static<typeof VettingSchema>;

/** `evidence`, `vettedBy`, `vettedAt` are for the owner, the operator and regulators; local numbers have none. */
export const GtinSchema = Type.Object(
  {
    gtin: Type.String(),
    party: id('Owner'),
    local: Type.Boolean(),
    evidence: Type.Optional(Type.String()),
    vettedBy: Type.Optional(Type.String()),
    vettedAt: Type.Optional(Type.String()),
    seq,
  },
  { title: 'Gtin' },
);

/** Places at the API. */
import { type Static, Type } from '@sinclair/typebox';
import {
  anySpelling,
  bilingual,
  closed,
  decimal,
  id,
  line,
  oneOf,
  partyName,
  region,
  seq,
  uom,
} from '../vocabulary.ts';

const placeTypes = [
  'factory',
  'warehouse',
  'market',
  'shop',
  'project',
  'building',
  'workshop',
  'other',
] as const;

const degrees = (description: string) =>
  Type.String({ pattern: '^-?\\d{1,3}(\\.\\d{1,7})?$', description, examples: ['30.2741'] });

const position = closed({
  latitude: degrees('Degrees north, WGS 84'),
  longitude: degrees('Degrees east, WGS 84'),
  radius: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Uncertainty in metres' }),
});

const designItem = closed({
  category: Type.String({ maxLength: 64, description: 'Key of the policy categories' }),
  quantity: decimal,
  uom,
});

const members = {
  type: oneOf(placeTypes),
  name: line('Name'),
  region,
  address: Type.Optional(line('Address', 500)),
  within: Type.Optional(anySpelling('Project or larger place it lies in')),
  position: Type.Optional(position),
  permit: Type.Optional(line('Of a project: number of its permit 施工许可证号', 64)),
  design: Type.Optional(
    Type.Array(designItem, {
      minItems: 1,
      maxItems: 1000,
      description: 'Of a project: the design list 设计清单',
    }),
  ),
};

export const PlaceVersionSchema = closed(members, 'PlaceVersion');
export type PlaceVersion = Static<typeof PlaceVersionSchema>;

export const PlaceBodySchema = closed(
  {
    id: Type.Optional(anySpelling('GLN, with extension if it has one; absent for an id of ours')),
    party: Type.Optional(partyName('Whose place it is; only the operator names another than itself')),
    ...members,
  },
  'PlaceRegistration',
);
export type PlaceBody = Static<typeof PlaceBodySchema>;

/** Members below `regionName` are for its party, the operator and the regulator in charge. */
export const PlaceSchema = Type.Object(
  {
    id: Type.String(),
    party: id('Whose place it is'),
    type: Type.String(),
    name: Type.String(),
    region: Type.String(),
    regionName: bilingual,
    address: Type.Optional(Type.String()),
    within: Type.Optional(Type.String()),
    position: Type.Optional(position),
    permit: Type.Optional(Type.String()),
    design: Type.Optional(
      Type.Array(Type.Object({ category: Type.String(), quantity: Type.String(), uom: Type.String() })),
    ),
    seq,
  },
  { title: 'Place' },
);
export type PlaceView = Static<typeof PlaceSchema>;

/**
 * Reading JSON that others wrote, event bodies above all: narrow accessors, and the members of sensor elements in the
 * order of CBV 2.0 §8.9.
 */
import type { Json, JsonObject } from '../text/canonical.ts';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A string member, or null. */
export function textOf(value: JsonObject, name: string): string | null {
  const member = value[name];
  return typeof member === 'string' ? member : null;
}

/** A member as a list of strings; what is no string is left out. */
export const textsOf = (value: JsonObject, name: string): string[] =>
  listOf(value[name]).filter((it): it is string => typeof it === 'string');

/** A member as a list of objects; what is no object is left out. */
export const objectsOf = (value: JsonObject, name: string): JsonObject[] =>
  listOf(value[name]).filter(isObject);

/** The members that name lots and classes of goods, by quantity (EPCIS 2.0 §7.3.3.3). */
export const quantityLists = ['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'];

/** What stands in a source or destination list under one type. */
export function held(event: JsonObject, list: string, member: string, type: string): string | null {
  const found = objectsOf(event, list).find((it) => it.type === type);
  return found ? textOf(found, member) : null;
}

/** The id of a read point or business location. */
export function pointOf(event: JsonObject, name: string): string | null {
  const point = event[name];
  return isObject(point) ? textOf(point, 'id') : null;
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

export interface SensorMember {
  readonly name: string;
  /** `late`: the event hash takes it up at its end (event-hash.ts). */
  readonly kind: 'value' | 'time' | 'gs1-word' | 'component' | 'late';
}
const values = (...names: string[]): SensorMember[] => names.map((name) => ({ name, kind: 'value' }));

/** EPCIS 2.0 §7.3.7. */
export const sensorMembers = {
  metadata: [
    { name: 'time', kind: 'time' },
    { name: 'startTime', kind: 'time' },
    { name: 'endTime', kind: 'time' },
    ...values('deviceID', 'deviceMetadata', 'rawData', 'dataProcessingMethod', 'bizRules'),
  ],
  report: [
    { name: 'type', kind: 'gs1-word' },
    { name: 'exception', kind: 'gs1-word' },
    ...values('deviceID', 'deviceMetadata', 'rawData', 'dataProcessingMethod'),
    { name: 'time', kind: 'time' },
    ...values('microorganism', 'chemicalSubstance', 'value'),
    { name: 'component', kind: 'component' },
    ...values(
      'stringValue',
      'booleanValue',
      'hexBinaryValue',
      'uriValue',
      'minValue',
      'maxValue',
      'meanValue',
    ),
    ...values('sDev', 'percRank', 'percValue', 'uom', 'coordinateReferenceSystem'),
    { name: 'bizRules', kind: 'late' },
  ],
} as const satisfies Record<string, readonly SensorMember[]>;

/** Of a sensor report, those that are numbers. */
export const numericMembers: ReadonlySet<string> = new Set([
  'value',
  'minValue',
  'maxValue',
  'meanValue',
  'sDev',
  'percRank',
  'percValue',
]);

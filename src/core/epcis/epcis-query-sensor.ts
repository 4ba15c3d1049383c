/**
 * Parameters that ask for what sensors measured and for how much of something there was (EPCIS 2.0 §8.2.7.1).
 *
 *   GT_value_CEL=8      a report of more than 8 °C, also one of 47 °F   (units-of-measure.ts)
 *   EQ_type=Temperature, EQ_deviceID=…, GE_startTime=…
 *   GE_quantity=100     so much of any kind; GE_quantity_KGM=100, at least 100 kg, also 0.2 t
 *
 * A numeric parameter without a unit asks for reports without one; `quantity` without one for the number alone.
 */
import type { Result } from '../../errors.ts';
import { objectsOf, quantityLists, textOf } from '../events/event-members.ts';
import { canonicalUri } from '../gs1/gs1-translation.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { parseEventTime } from '../time.ts';
import { compareAmounts } from '../units-of-measure.ts';
import {
  type Comparison,
  comparisons,
  fits,
  identified,
  plain,
  type QueryReading,
  type ReadTest,
  wrong,
} from './epcis-query-tests.ts';

/** Numbers of a report, and whether they are in its unit: a rank among others is in none. */
const numbers: Readonly<Record<string, boolean>> = {
  value: true,
  minValue: true,
  maxValue: true,
  meanValue: true,
  sDev: true,
  percValue: true,
  percRank: false,
};
const uris: ReadonlySet<string> = new Set([
  'deviceID',
  'deviceMetadata',
  'rawData',
  'dataProcessingMethod',
  'bizRules',
  'microorganism',
  'chemicalSubstance',
  'uriValue',
  'coordinateReferenceSystem',
]);
const texts: ReadonlySet<string> = new Set(['stringValue', 'booleanValue']);
const times: ReadonlySet<string> = new Set(['time', 'startTime', 'endTime']);

/** Metadata and reports of all sensor elements: whatever stands in either is looked for in both. */
const sensorsOf = (event: JsonObject): JsonObject[] =>
  objectsOf(event, 'sensorElementList').flatMap((element) => {
    const { sensorMetadata: metadata } = element;
    return [
      ...objectsOf({ all: metadata === undefined ? [] : [metadata] }, 'all'),
      ...objectsOf(element, 'sensorReport'),
    ];
  });

/** A test of sensor data or quantities; null when the parameter is none of them. */
export function measuredTest(
  name: string,
  values: readonly string[],
  reading: QueryReading,
): Result<ReadTest> | null {
  if (/^EXISTS_sensorElement(?:List)?$/.test(name))
    return plain((event) => objectsOf(event, 'sensorElementList').length > 0);
  const [, prefix, member = '', unit] =
    /^(EQ|GT|GE|LT|LE)_([A-Za-z]+)(?:_([A-Z0-9]{2,4}))?$/.exec(name) ?? [];
  const how = comparisons.find((it) => it === prefix);
  if (how === undefined || how === 'EXISTS') return null;
  if (member === 'quantity') return amounts(name, how, values, quantitiesAs(unit));
  if (Object.hasOwn(numbers, member))
    return unit !== undefined && !numbers[member]
      ? wrong(name, 'a rank has no unit; leave it out.')
      : amounts(name, how, values, reportsAs(member, unit ?? null, numbers[member] === true));
  if (unit !== undefined) return null;
  if (times.has(member) && (how === 'GE' || how === 'LT')) return timed(name, how, member, values[0] ?? '');
  if (how !== 'EQ') return null;
  if (member === 'type' || member === 'exception') return oneOf(member, values, bareWord);
  if (member === 'component') return oneOf(member, values, bareComponent);
  if (uris.has(member)) return named(name, member, values, reading);
  if (member === 'hexBinaryValue') return oneOf(member, values, (it) => it.toUpperCase());
  return texts.has(member) ? oneOf(member, values, (it) => it) : null;
}

/** Numbers in an event, each with the unit that it compares in: what to hold them against is in `unit`. */
interface Amounts {
  readonly unit: string | null;
  found(event: JsonObject): readonly (readonly [amount: Json | undefined, unit: string | null])[];
}

const quantitiesAs = (unit: string | undefined): Amounts => ({
  unit: unit ?? null,
  found: (event) =>
    quantityLists.flatMap((list) =>
      objectsOf(event, list).map(
        (it) => [it.quantity, unit === undefined ? null : textOf(it, 'uom')] as const,
      ),
    ),
});

const reportsAs = (member: string, unit: string | null, inUnit: boolean): Amounts => ({
  unit,
  found: (event) => sensorsOf(event).map((it) => [it[member], inUnit ? textOf(it, 'uom') : null] as const),
});

/** Numbers of one parameter, each of which is held against every number of an event. */
const boundsMax = 100;

function amounts(
  name: string,
  how: Exclude<Comparison, 'EXISTS'>,
  values: readonly string[],
  { unit, found }: Amounts,
): Result<ReadTest> {
  const bounds = values.map(Number);
  if (bounds.length > boundsMax) return wrong(name, `give at most ${boundsMax} numbers.`);
  if (
    values.some((it) => it.trim() === '') ||
    !bounds.every(Number.isFinite) ||
    (how !== 'EQ' && bounds.length > 1)
  )
    return wrong(name, how === 'EQ' ? 'give numbers.' : 'give one number.');
  return plain((event) =>
    found(event).some(([amount, itsUnit]) => {
      if (typeof amount !== 'number' && typeof amount !== 'string') return false;
      return bounds.some((bound) => {
        const sign = compareAmounts(Number(amount), itsUnit, bound, unit);
        return sign !== null && fits(how, sign);
      });
    }),
  );
}

function timed(name: string, how: 'GE' | 'LT', member: string, value: string): Result<ReadTest> {
  const bound = parseEventTime(value);
  if (!bound.ok) return wrong(name, bound.detail);
  const { from } = bound.value;
  return plain((event) =>
    sensorsOf(event).some((it) => {
      const said = parseEventTime(textOf(it, member) ?? '');
      return said.ok && fits(how, Math.sign(said.value.from - from));
    }),
  );
}

/** Words of the GS1 Web Vocabulary, bare or as URIs (CBV 2.0 §7.6). */
const bareWord = (text: string): string => text.replace(/^(?:https?:\/\/(?:www\.)?gs1\.org\/voc\/|gs1:)/, '');
const bareComponent = (text: string): string =>
  text.replace(/^(?:https:\/\/ref\.gs1\.org\/cbv\/|cbv:)Comp-/, '');

function oneOf(member: string, values: readonly string[], spelt: (text: string) => string): Result<ReadTest> {
  const wanted = new Set(values.map(spelt));
  return plain((event) =>
    sensorsOf(event).some((it) => it[member] !== undefined && wanted.has(spelt(String(it[member])))),
  );
}

/** What devices and substances are called stands in a fact as it was sent: both sides are brought to one spelling. */
function named(
  name: string,
  member: string,
  values: readonly string[],
  reading: QueryReading,
): Result<ReadTest> {
  return identified(name, values, reading, (event) =>
    sensorsOf(event).map((it) => {
      const said = textOf(it, member);
      const read = said === null ? null : canonicalUri(said, reading.host);
      return read?.ok ? read.value : said;
    }),
  );
}

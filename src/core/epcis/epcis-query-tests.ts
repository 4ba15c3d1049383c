/**
 * What the readers of query parameters share (epcis-query.ts): how a parameter becomes a test of events, and how what
 * is found compares with what was asked for.
 *
 *   comparing('GE', ['2025-07-01T00:00:00Z'])('2025-07-01T08:00:00+08:00')  →  true: the same moment
 *   comparing('LT', ['10'])('9.5')                                          →  true: numbers, not texts
 */
import { fault, ok, type Result } from '../../errors.ts';
import { isElementString } from '../gs1/element-string.ts';
import { canonicalUri, pathOfElements } from '../gs1/gs1-translation.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { parseEventTime } from '../time.ts';
import type { Context } from './epcis-context.ts';

export type EventTest = (event: JsonObject) => boolean;

export interface QueryReading {
  readonly host: string;
  /** What the prefixes of extension members stand for. */
  readonly context: Context;
}

export interface ReadTest {
  readonly test: EventTest;
  /** The exact EPCs of which an event that passes names at least one. */
  readonly epcs?: readonly string[];
}

export const wrong = (name: string, detail: string) => fault('invalid-query', `${name}: ${detail}`);
export const plain = (test: EventTest): Result<ReadTest> => ok({ test });

/** How many there may be. */
export const positiveCount = /^[1-9]\d{0,8}$/;

export const comparisons = ['EQ', 'GT', 'GE', 'LT', 'LE', 'EXISTS'] as const;
export type Comparison = (typeof comparisons)[number];

/** Whether an order, as the sign of a difference, is what was asked for. */
export function fits(how: Exclude<Comparison, 'EXISTS'>, sign: number): boolean {
  switch (how) {
    case 'EQ':
      return sign === 0;
    case 'GT':
      return sign > 0;
    case 'GE':
      return sign >= 0;
    case 'LT':
      return sign < 0;
    case 'LE':
      return sign <= 0;
  }
}

/** How a value that is found compares: equal texts, else numbers or moments. A text is no number to be equal to. */
export function comparing(how: Comparison, values: readonly string[]): (found: Json) => boolean {
  if (how === 'EXISTS') return () => true;
  if (how === 'EQ') {
    const wanted = new Set<number | string>(values.flatMap((it) => [it, numberOf(it) ?? it]));
    const moments = new Set(values.map(momentOf));
    moments.delete(null);
    return (found) =>
      wanted.has(typeof found === 'number' ? found : String(found)) ||
      (moments.size > 0 && moments.has(momentOf(String(found))));
  }
  const [bound = ''] = values;
  const number = numberOf(bound);
  return (found) => {
    const text = String(found);
    const numeric = number === null ? null : numberOf(text);
    const left = numeric ?? momentOf(text);
    const right = numeric === null ? momentOf(bound) : number;
    return left !== null && right !== null && fits(how, Math.sign(left - right));
  };
}

/** What reads as a number. */
export function numberOf(text: string): number | null {
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/** A moment in ms since the epoch. */
export function momentOf(text: string): number | null {
  const read = parseEventTime(text);
  return read.ok ? read.value.from : null;
}

/** EXISTS_ needs no value, and with false asks for nothing (EPCIS 2.0 §8.2.7.1); null for any other. */
export function asksExistence(value: string): boolean | null {
  if (/^(?:true|1|)$/i.test(value)) return true;
  return /^(?:false|0)$/i.test(value) ? false : null;
}

/** An identifier as facts have it: a URI, or an element string. */
export const identifier = (text: string, host: string): Result<string> =>
  isElementString(text) ? pathOfElements(text) : canonicalUri(text, host);

/** Identifiers as facts have them, whatever their spelling. */
export function identifiers(
  name: string,
  values: readonly string[],
  { host }: QueryReading,
): Result<readonly string[]> {
  const found = new Set<string>();
  for (const value of values) {
    const read = identifier(value, host);
    if (!read.ok) return wrong(name, read.detail);
    found.add(read.value);
  }
  return ok([...found]);
}

/** Passes events of which one of these texts is among the identifiers. */
export function identified(
  name: string,
  values: readonly string[],
  reading: QueryReading,
  found: (event: JsonObject) => readonly (string | null)[],
): Result<ReadTest> {
  const read = identifiers(name, values, reading);
  if (!read.ok) return read;
  const wanted = new Set(read.value);
  return plain((event) => found(event).some((it) => it !== null && wanted.has(it)));
}

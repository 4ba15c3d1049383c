/**
 * GS1 values made of text: serial (21), lot (10), extension of a place (254), and how they stand in a path.
 *
 * Format: 1 to 20 characters of the GS1 AI encodable character set 82 (GS1 General Specifications §7.11, figure
 * 7.11-1). In a Digital Link path every character but the unreserved ones of RFC 3986 §2.3 (letters, digits,
 * `-._~`) is percent-encoded in UTF-8 with uppercase hex, so that one value has one spelling.
 *
 * Example: the lot `A/1(b)` stands in a path as `A%2F1%28b%29`.
 */
import { type ErrorCode, fault, ok, type Result } from '../../errors.ts';

/** Serial number of a unit within its GTIN (AI 21). */
export type Serial = string & { readonly __brand: 'Serial' };
/** Batch or lot number within its GTIN (AI 10). */
export type Lot = string & { readonly __brand: 'Lot' };
/** GLN extension: a place within a place (AI 254). */
export type Extension = string & { readonly __brand: 'Extension' };

const charset82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$/;

function parseText(text: string, name: string, code: ErrorCode): Result<string> {
  if (charset82.test(text)) return ok(text);
  return fault(
    code,
    `A ${name} has 1 to 20 characters: letters, digits and !"%&'()*+,-./:;<=>?_ (GS1 character set 82), no spaces.`,
  );
}

/** Any serial GS1 allows. Fault: `invalid-serial`. */
export function parseSerial(text: string): Result<Serial> {
  const value = parseText(text, 'serial', 'invalid-serial');
  return value.ok ? ok(value.value as Serial) : value;
}

/** Any lot number GS1 allows. Fault: `invalid-identifier`. */
export function parseLot(text: string): Result<Lot> {
  const value = parseText(text, 'lot number', 'invalid-identifier');
  return value.ok ? ok(value.value as Lot) : value;
}

/** Any GLN extension GS1 allows. Fault: `invalid-identifier`. */
export function parseExtension(text: string): Result<Extension> {
  const value = parseText(text, 'GLN extension', 'invalid-identifier');
  return value.ok ? ok(value.value as Extension) : value;
}

const unreserved = /^[0-9A-Za-z\-._~]*$/;

/** A value as it stands in a canonical path. Inverse of `decodeComponent`. */
export function encodeComponent(value: string): string {
  if (unreserved.test(value)) return value;
  // encodeURIComponent leaves five reserved characters alone that RFC 3986 §2.2 counts as sub-delimiters.
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The value a path segment stands for, whatever was percent-encoded in it. Fault: `invalid-identifier`. */
export function decodeComponent(segment: string): Result<string> {
  try {
    return ok(decodeURIComponent(segment));
  } catch {
    return fault(
      'invalid-identifier',
      'A percent sign must begin an escape of two hex digits in UTF-8; write % as %25.',
    );
  }
}

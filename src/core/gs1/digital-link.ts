/**
 * GS1 Digital Link URIs, on any host, and the canonical paths that are their tail.
 *
 * Format: GS1 Digital Link Standard: URI Syntax, §4:
 *   `http[s]://{host}[/{any path}]/{primary key}/{value}[/{qualifier}/{value}]…[?query][#fragment]`
 * The last primary key (00, 01, 414, 417) at an even distance from the end begins the identifier; what is before it
 * is the resolver's own path. Of qualifiers we read 10, 21 (of 01) and 254 (of 414), of the query 10, 21 and 254
 * when the path has none; everything else says nothing of identity and is ignored. Our own places are
 * `…/place/{id}`. URIs are cut by hand (RFC 3986, Appendix B) and not by the WHATWG URL parser, which would
 * rewrite what was signed (dot segments, backslashes, default ports).
 *
 * Example: `https://dl.example.cn/cn/01/06901234567892/10/L1/21/A%2F7?17=270101` names the unit
 * `01/06901234567892/21/A%2F7`.
 */
import { fault, ok, type Result } from '../../errors.ts';
import { parseGln, parseGtin, parseSscc } from './gs1-keys.ts';
import { decodeComponent, parseExtension, parseLot, parseSerial } from './gs1-text.ts';
import {
  container,
  type Identifier,
  lot,
  parseOwnPlace,
  party,
  place,
  product,
  unit,
} from './identifier-forms.ts';

/** A URI or a bare path, cut into its parts; nothing is decoded yet. */
export interface Link {
  /** null for a bare path */
  readonly scheme: 'http' | 'https' | null;
  /** Host in lower case, with its port when one is given; null for a bare path. */
  readonly host: string | null;
  readonly segments: readonly string[];
  /** Parameters of the query in order, as written. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** Host name (also of other scripts) or IPv6 literal, with an optional port; no user information. */
const authority = /^(?:[\p{L}\p{N}.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/u;

/** Whether text can stand as the host (with port) of a URI of ours. */
export const isHost = (text: string): boolean => text.length <= 255 && authority.test(text);

/** Cuts a Digital Link URI or a bare path into its parts. Fault: `invalid-identifier`. */
export function splitLink(text: string): Result<Link> {
  const beforeFragment = text.split('#', 1)[0] ?? '';
  const mark = beforeFragment.indexOf('?');
  const address = mark < 0 ? beforeFragment : beforeFragment.slice(0, mark);
  const query =
    mark < 0
      ? []
      : beforeFragment
          .slice(mark + 1)
          .split('&')
          .map(parameter);
  const start = /^(https?):\/\//i.exec(address);
  if (start === null) {
    return ok({ scheme: null, host: null, segments: pathSegments(address), query });
  }
  const rest = address.slice(start[0].length);
  const slash = rest.indexOf('/');
  const host = slash < 0 ? rest : rest.slice(0, slash);
  if (!isHost(host)) {
    return fault(
      'invalid-identifier',
      'A link needs a plain host name after https://, such as https://example.com/01/….',
    );
  }
  return ok({
    scheme: start[1]?.toLowerCase() === 'http' ? 'http' : 'https',
    host: host.toLowerCase(),
    segments: slash < 0 ? [] : pathSegments(rest.slice(slash)),
    query,
  });
}

function parameter(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** Segments without the empty ones that a leading and a trailing slash leave. */
function pathSegments(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/');
}

const unnamed = () =>
  fault(
    'invalid-identifier',
    'The path names no known thing; write 01/{GTIN}/21/{serial}, 01/{GTIN}/10/{lot}, 00/{SSCC}, 414/{GLN}, 417/{GLN} or place/{id}.',
  );

/** The identifier a link carries. Faults: `invalid-identifier`, `invalid-check-digit`, `invalid-serial`. */
export function identifierOfLink(link: Link): Result<Identifier> {
  const { segments } = link;
  let at = segments.length - 2;
  const qualifiers = new Map<string, string>();
  for (; at >= 0; at -= 2) {
    const key = segments[at] ?? '';
    if (key === '00' || key === '01' || key === '414' || key === '417' || key === 'place') break;
    if (!/^[0-9]{2,4}$/.test(key)) return unnamed();
    if (qualifiers.has(key)) {
      return fault('invalid-identifier', `The path says (${key}) twice; keep the right one.`);
    }
    qualifiers.set(key, segments[at + 1] ?? '');
  }
  // A bare path has no resolver's path before it: what stands there is a mistake.
  if (at < 0 || (at > 0 && link.host === null)) return unnamed();
  for (const [name, value] of link.query) {
    if ((name === '10' || name === '21' || name === '254') && !qualifiers.has(name))
      qualifiers.set(name, value);
  }
  return identifierOf(segments[at] ?? '', segments[at + 1] ?? '', qualifiers);
}

function identifierOf(
  key: string,
  value: string,
  qualifiers: ReadonlyMap<string, string>,
): Result<Identifier> {
  const decoded = new Map<string, string>();
  for (const [name, text] of [['key', value] as const, ...qualifiers]) {
    if (name !== 'key' && name !== '10' && name !== '21' && name !== '254') continue;
    const plain = decodeComponent(text);
    if (!plain.ok) return plain;
    decoded.set(name, plain.value);
  }
  return identifierOfValues(key, decoded.get('key') ?? '', decoded);
}

/**
 * The identifier a primary key and its qualifiers name; values are plain text. A serial wins over a lot: a unit
 * belongs to its lot, not the other way round.
 * Faults: `invalid-identifier`, `invalid-check-digit`, `invalid-serial`.
 */
export function identifierOfValues(
  key: string,
  value: string,
  qualifiers: ReadonlyMap<string, string>,
): Result<Identifier> {
  switch (key) {
    case '01': {
      const gtin = parseGtin(value);
      if (!gtin.ok) return gtin;
      const serialText = qualifiers.get('21');
      if (serialText !== undefined) {
        const serial = parseSerial(serialText);
        return serial.ok ? ok(unit(gtin.value, serial.value)) : serial;
      }
      const lotText = qualifiers.get('10');
      if (lotText !== undefined) {
        const lotNumber = parseLot(lotText);
        return lotNumber.ok ? ok(lot(gtin.value, lotNumber.value)) : lotNumber;
      }
      return ok(product(gtin.value));
    }
    case '00': {
      const sscc = parseSscc(value);
      return sscc.ok ? ok(container(sscc.value)) : sscc;
    }
    case '414': {
      const gln = parseGln(value);
      if (!gln.ok) return gln;
      const extensionText = qualifiers.get('254');
      if (extensionText === undefined) return ok(place(gln.value));
      const extension = parseExtension(extensionText);
      return extension.ok ? ok(place(gln.value, extension.value)) : extension;
    }
    case '417': {
      const gln = parseGln(value);
      return gln.ok ? ok(party(gln.value)) : gln;
    }
    case 'place':
      return parseOwnPlace(value);
    default:
      return unnamed();
  }
}

/**
 * Parameters that ask for extension members (EPCIS 2.0 §8.2.7.1): by comparison, where the member stands, and its name
 * with a prefix that the event may call otherwise; namespaces are compared.
 *
 *   EQ_acme:line=7                    of the event itself
 *   EQ_ILMD_cbvmda:lotNumber=L1       of master data of instances; likewise SENSORELEMENT_, SENSORMETADATA_,
 *                                     SENSORREPORT_, ERROR_DECLARATION_, readPoint_, bizLocation_
 *   GE_INNER_acme:shift=2             at any depth; also before the words above
 *   EQ_https://ns.acme.example/epcis/#line=7   by the namespace, a number sign and the name, as in XML
 */
import type { Result } from '../../errors.ts';
import { namespaces } from '../events/epcis.ts';
import { isObject, objectsOf } from '../events/event-members.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import {
  comparing,
  comparisons,
  plain,
  type QueryReading,
  type ReadTest,
  wrong,
} from './epcis-query-tests.ts';

const member =
  (name: string) =>
  (event: JsonObject): JsonObject[] => {
    const value = event[name];
    return isObject(value) ? [value] : [];
  };
const elements = (event: JsonObject): JsonObject[] => objectsOf(event, 'sensorElementList');

/** Where a parameter begins to look. */
const places: Readonly<Record<string, (event: JsonObject) => readonly JsonObject[]>> = {
  ILMD: member('ilmd'),
  SENSORELEMENT: elements,
  SENSORMETADATA: (event) => elements(event).flatMap(member('sensorMetadata')),
  SENSORREPORT: (event) => elements(event).flatMap((it) => objectsOf(it, 'sensorReport')),
  ERROR_DECLARATION: member('errorDeclaration'),
  readPoint: member('readPoint'),
  bizLocation: member('bizLocation'),
};
/** Members that parameters of their own look into. */
const apart = ['@context', 'ilmd', 'sensorElementList', 'errorDeclaration', 'readPoint', 'bizLocation'];

const form =
  /^(INNER_)?(?:(ILMD|SENSORELEMENT|SENSORMETADATA|SENSORREPORT|ERROR_DECLARATION|readPoint|bizLocation)_)?([^_].*)$/;

export function extensionTest(
  name: string,
  values: readonly string[],
  reading: QueryReading,
): Result<ReadTest> {
  const [, how, asked = ''] = /^([A-Z]+)_(.*)$/.exec(name) ?? [];
  const comparison = comparisons.find((it) => it === how);
  const looks = lookingFor(asked, reading);
  if (comparison === undefined || looks === null)
    return wrong(name, 'there is no such parameter, or nobody said what its prefix stands for.');
  const compare = comparing(comparison, values);
  return plain((event) => looks(event, (found) => compare(isObject(found) ? '' : (found ?? ''))));
}

/** The first value of a member that is no object, as a parameter names it; null when there is no such member. */
export function firstExtension(name: string, reading: QueryReading): ((event: JsonObject) => Json) | null {
  const looks = lookingFor(name, reading);
  if (looks === null) return null;
  return (event) => {
    let first: Json = null;
    looks(event, (found) => {
      if (!isObject(found)) first ??= found;
      return first !== null;
    });
    return first;
  };
}

/** Offers what an event says by a member to `takes`, until that is content: whether it ever was. */
type Looking = (event: JsonObject, takes: (found: Json) => boolean) => boolean;

function lookingFor(name: string, { context, host }: QueryReading): Looking | null {
  const [, inner, place, asked = ''] = form.exec(name) ?? [];
  const wanted = expanded(asked, context, host);
  if (wanted === null) return null;
  const start = place === undefined ? null : (places[place] ?? null);
  const skip = new Set(start === null ? apart : ['@context']);
  return (event, takes) => {
    const search = { wanted, inner: inner !== undefined, takes, names: namesOf(event, host), skip };
    return (start === null ? [event] : start(event)).some((it) => holds(it, search));
  };
}

type Names = ReadonlyMap<string, string>;

/** The prefixes of an event: those that all facts share, and those it declares. */
function namesOf(event: JsonObject, host: string): Names {
  const declared = isObject(event['@context']) ? event['@context'] : {};
  const own = Object.entries(declared).filter((it): it is [string, string] => typeof it[1] === 'string');
  return new Map([...Object.entries(namespaces(host)), ...own]);
}

/** Namespace and local name as one text; null when nobody said what the prefix stands for. */
export function expanded(name: string, names: Names, host: string): string | null {
  const colon = name.indexOf(':');
  if (colon < 1) return null;
  const prefix = name.slice(0, colon);
  if (name.startsWith('//', colon + 1) || prefix === 'urn') return joined(name);
  const home = names.get(prefix) ?? (prefix === 'suyuan' ? namespaces(host).suyuan : undefined);
  return home === undefined ? null : joined(home + name.slice(colon + 1));
}

/**
 * Without the sign between a namespace and a name, which some namespaces end in, and with the colon that master data of
 * CBV has in JSON-LD and not in XML.
 */
const joined = (name: string): string =>
  name.replaceAll('#', '').replace(/^urn:epcglobal:cbv:mda(?!:)/, '$&:');

/** What an event says by a member of another, as `expanded` calls it. */
export function extensionValues(event: JsonObject, wanted: string, host: string): readonly Json[] {
  const names = namesOf(event, host);
  return Object.entries(event).flatMap(([name, found]) =>
    fullName(name, names) === wanted ? (Array.isArray(found) ? found : [found]) : [],
  );
}

const fullName = (name: string, names: Names): string => {
  const colon = name.indexOf(':');
  const home = colon < 1 ? undefined : names.get(name.slice(0, colon));
  return joined(home === undefined ? name : home + name.slice(colon + 1));
};

interface Search {
  readonly wanted: string;
  readonly inner: boolean;
  readonly takes: (found: Json) => boolean;
  readonly names: Names;
  readonly skip: ReadonlySet<string>;
}

function holds(value: JsonObject, search: Search): boolean {
  return Object.entries(value).some(([name, found]) => {
    if (search.skip.has(name)) return false;
    const items = Array.isArray(found) ? found : [found];
    if (fullName(name, search.names) === search.wanted && items.some((it) => search.takes(it))) return true;
    return search.inner && items.some((it) => isObject(it) && holds(it, search));
  });
}

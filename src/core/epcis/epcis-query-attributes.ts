/**
 * Parameters that ask for attributes of master data (EPCIS 2.0 §8.2.7.1 for what events name, §8.2.7.2 for master data
 * itself). Master data is no part of an event: whoever asks brings what is said of the names (`describes`).
 *
 *   HASATTR_bizLocation=cbvmda:site|acme:zone                events at a place of which one of the two is said
 *   EQATTR_source_urn:epcglobal:cbv:mda:countryCode=CN|DE    events whose source lies in one of these countries
 *
 * The field is a member of the standard, or an extension member by prefix, of which the first underscore ends the name.
 * Attributes are the same when they are spelt alike or when their prefixes stand for the same.
 */
import { ok, type Result } from '../../errors.ts';
import { bareWord, type CbvKind, urnHome, webHome } from '../events/cbv-words.ts';
import { objectsOf, pointOf, quantityLists, textOf } from '../events/event-members.ts';
import { canonicalUri } from '../gs1/gs1-translation.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { baseContext, type Context, withDeclared } from './epcis-context.ts';
import { expanded, extensionValues } from './epcis-query-extension.ts';
import { type QueryReading, wrong } from './epcis-query-tests.ts';
import type { VocabularyAttribute } from './epcis-vocabulary.ts';

/** One of these attributes is said, with one of these values. */
export interface AskedAttribute {
  /** As asked for, and in full where the prefix is known. */
  readonly ids: ReadonlySet<string>;
  /** null for any. */
  readonly values: ReadonlySet<string> | null;
  /** Host of the ledger. */
  readonly host: string;
}

/** What an event names in a field, of which the attribute is asked for. */
export interface AttributeOf {
  readonly asked: AskedAttribute;
  /** Identifiers as facts have them. */
  names(event: JsonObject): readonly string[];
}

/** What somebody says of a thing. */
export interface Description {
  readonly attributes: readonly VocabularyAttribute[];
  readonly '@context'?: Readonly<Record<string, string>>;
}

export const askedAttribute = (
  ids: readonly string[],
  values: readonly string[] | null,
  { context, host }: QueryReading,
): AskedAttribute => ({
  ids: new Set(ids.flatMap((id) => [id, expanded(id, context, host) ?? id])),
  values: values === null ? null : new Set(values),
  host,
});

/** Whether this is an attribute that is asked for, in the context of who says it. */
export const isAsked = (id: string, { ids, host }: AskedAttribute, context: Context): boolean =>
  ids.has(id) || ids.has(expanded(id, context, host) ?? id);

/** Whether a description says what is asked for. What is said must be something (EPCIS 2.0 §8.2.7.1: non-null). */
export function describes({ attributes, '@context': declared }: Description, asked: AskedAttribute): boolean {
  const context = withDeclared(baseContext(asked.host), declared);
  return attributes.some(
    ({ id, attribute = null }) =>
      attribute !== null &&
      isAsked(id, asked, context) &&
      (asked.values === null || textsIn(attribute).some((it) => asked.values?.has(it))),
  );
}

const textsIn = (value: Json): readonly string[] =>
  [value].flat().flatMap((it) => (typeof it === 'object' ? [] : [String(it)]));

/** The condition of a parameter; null when the parameter is none of these. Fault: `invalid-query`. */
export function attributeOf(
  parameter: string,
  values: readonly string[],
  reading: QueryReading,
): Result<AttributeOf> | null {
  // The query schema of the REST binding spells EQATTR_ with an underscore more.
  const [, how, field = '', attribute] = /^(HASATTR|EQ_?ATTR)_([^_]+)(?:_(.+))?$/.exec(parameter) ?? [];
  if (how === undefined) return null;
  if ((how === 'HASATTR') !== (attribute === undefined))
    return wrong(parameter, 'write HASATTR_{field} or EQATTR_{field}_{attribute}.');
  const names = fieldOf(field, reading);
  if (names === null)
    return wrong(
      parameter,
      `there is no field ${field} of which master data says anything; /docs lists them.`,
    );
  const asked =
    attribute === undefined
      ? askedAttribute(values, null, reading)
      : askedAttribute([attribute], values, reading);
  return ok({ asked, names });
}

type Names = AttributeOf['names'];

const alone = (name: string | null): readonly string[] => (name === null ? [] : [name]);

const place =
  (member: string): Names =>
  (event) =>
    alone(pointOf(event, member));

/** A word of the standard is master data by its URIs. */
const word =
  (member: string, kind: CbvKind): Names =>
  (event) =>
    alone(textOf(event, member)).flatMap((it) =>
      bareWord(kind, it) === it && !it.includes(':') ? [webHome(kind) + it, urnHome(kind) + it] : [it],
    );

const listed =
  (member: string, ...lists: readonly string[]): Names =>
  (event) =>
    lists.flatMap((list) => objectsOf(event, list).flatMap((it) => alone(textOf(it, member))));

const fields: ReadonlyMap<string, Names> = new Map([
  ['bizStep', word('bizStep', 'step')],
  ['disposition', word('disposition', 'disposition')],
  ['readPoint', place('readPoint')],
  ['bizLocation', place('bizLocation')],
  ['source', listed('source', 'sourceList')],
  ['destination', listed('destination', 'destinationList')],
  ['bizTransaction', listed('bizTransaction', 'bizTransactionList')],
  ['epcClass', listed('epcClass', ...quantityLists)],
]);

function fieldOf(field: string, reading: QueryReading): Names | null {
  const known = fields.get(field);
  if (known !== undefined) return known;
  const wanted = expanded(field, reading.context, reading.host);
  if (wanted === null) return null;
  return (event) =>
    extensionValues(event, wanted, reading.host).flatMap((it) => {
      const read = typeof it === 'string' ? canonicalUri(it, reading.host) : null;
      return read?.ok ? [read.value] : [];
    });
}

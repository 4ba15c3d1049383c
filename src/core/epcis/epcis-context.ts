/**
 * What the prefixes in a JSON-LD document stand for (EPCIS 2.0 §10.2, JSON-LD 1.1 §4.1), and how extension members are
 * called in a fact.
 *
 *   "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
 *                {"acme": "https://ns.acme.example/epcis/"}]
 *   acme:line  →  acme:line, and the fact's own `@context` says what `acme` is
 *
 * No context is ever fetched: the standard's own is known, of others only what they say in place counts. Three
 * prefixes mean one thing in all facts (`reserved`): whoever calls those namespaces otherwise, or something else so, is
 * renamed. What an event says does not change by it, nor does its hash. Master data of instances (`cbvmda`) is called so
 * also in the namespace that it has in XML, which ends without the colon; the fact says then which of the two it was.
 */

import { namespaces } from '../events/epcis.ts';
import type { Json, JsonObject } from '../text/canonical.ts';

/** Prefixes that the standard's own context declares. */
const standard: Readonly<Record<string, string>> = {
  cbv: 'https://ref.gs1.org/cbv/',
  dcterms: 'http://purl.org/dc/terms/',
  epcis: 'https://ref.gs1.org/epcis/',
  owl: 'http://www.w3.org/2002/07/owl#',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  schema: 'http://schema.org/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
};

export type Context = ReadonlyMap<string, string>;

/** Prefixes of a document: every event that declares some of its own takes all of these along. */
export const prefixesMax = 1_000;

/** The prefixes known to whoever declares none, at a ledger of that host. */
export const baseContext = (host: string): Context =>
  new Map([
    ...Object.entries(standard),
    ...Object.entries(namespaces(host)).filter(([prefix]) => prefix !== 'suyuan'),
  ]);

/** A context with what an inner `@context` declares; what declares nothing is passed over. */
export function withDeclared(outer: Context, declared: Json | undefined): Context {
  if (declared === undefined) return outer;
  const inner = new Map(outer);
  for (const part of Array.isArray(declared) ? declared : [declared]) {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) continue;
    for (const [prefix, meaning] of Object.entries(part)) {
      const uri = typeof meaning === 'object' && meaning !== null ? Reflect.get(meaning, '@id') : meaning;
      if (typeof uri === 'string' && !prefix.startsWith('@')) inner.set(prefix, uri);
    }
  }
  return inner;
}

/**
 * A compact URI in full, as JSON-LD reads it (JSON-LD 1.1 §4.1.5); what is none stays as it is.
 * `cbv:BizStep-shipping`  →  `https://ref.gs1.org/cbv/BizStep-shipping`
 */
export function fullUri(text: string, context: Context): string {
  const colon = text.indexOf(':');
  const isCompact = colon > 0 && !text.startsWith('//', colon + 1);
  const home = isCompact ? context.get(text.slice(0, colon)) : undefined;
  return home === undefined ? text : home + text.slice(colon + 1);
}

/** A document or definition with further prefixes, as the header GS1-Extensions brings them; its own count first. */
export function withPrefixes(value: JsonObject, prefixes: Readonly<Record<string, string>>): JsonObject {
  if (Object.keys(prefixes).length === 0) return value;
  const { '@context': declared } = value;
  const own = declared === undefined ? [] : Array.isArray(declared) ? declared : [declared];
  return { ...value, '@context': [prefixes, ...own] };
}

export interface Named {
  /** As it is called in a fact. */
  readonly name: string;
  /** Prefix and namespace that the fact's own `@context` must declare; null where all facts mean the same. */
  readonly declares: readonly [prefix: string, uri: string] | null;
  /** Belongs to this ledger's own namespace. */
  readonly own: boolean;
}

/** The namespace of master data of instances in the XML examples of EPCIS 2.0. */
const masterDataInXml = 'urn:epcglobal:cbv:mda';

/** How an extension member is called in a fact; null when nobody said what its prefix stands for. */
export function nameIn(context: Context, name: string, host: string): Named | null {
  const colon = name.indexOf(':');
  const prefix = name.slice(0, colon);
  if (name.startsWith('//', colon + 1)) return { name, declares: null, own: false };
  const uri = context.get(prefix);
  if (colon < 1 || uri === undefined) return null;
  const local = name.slice(colon + 1);
  const reserved = namespaces(host);
  for (const [known, home] of Object.entries(reserved))
    if (uri === home) return { name: `${known}:${local}`, declares: null, own: known === 'suyuan' };
  if (uri === masterDataInXml) return { name: `cbvmda:${local}`, declares: ['cbvmda', uri], own: false };
  const free = Object.hasOwn(reserved, prefix) ? `their-${prefix}` : prefix;
  return { name: `${free}:${local}`, declares: [free, uri], own: false };
}

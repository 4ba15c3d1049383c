/**
 * How identifiers and words were spelt in an event that was captured, so that it can be told as it came (EPCIS 2.0
 * §12.3.3: Never_Translates). A fact holds canonical paths and bare words; beside them it keeps what these do not tell.
 *
 *   read    https://id.acme.example/01/06901234567892/21/A7, https://id.acme.example/gtin/06901234567892/ser/A8
 *           and urn:epcglobal:cbv:bizstep:shipping
 *   kept    {"homes":{"01":"https://id.acme.example"},
 *            "texts":{"01/06901234567892/21/A8":"https://id.acme.example/gtin/06901234567892/ser/A8"},
 *            "words":["urn:epcglobal:cbv:bizstep:shipping"]}
 *
 * The first identifier of a kind of key says where the others of that kind stand; what neither that nor the company
 * prefixes give again is kept whole. Of one thing that is spelt in two ways the first stands.
 */
import { type CbvKind, urnHome } from '../events/cbv-words.ts';
import { epcisUri } from '../events/epcis.ts';
import { isObject, textOf, textsOf } from '../events/event-members.ts';
import { type CompanyPrefixes, companyPrefixes, formatUrn, urnByPrefix } from '../gs1/gs1-translation.ts';
import type { Json, JsonObject } from '../text/canonical.ts';

export type Spelling = {
  /** What stood before the paths of Digital Links, by the first segment of the path: an application identifier. */
  readonly homes?: Readonly<Record<string, string>>;
  /** Identifiers as they came, by their paths. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Words of the standard that came as URNs. */
  readonly words?: readonly string[];
};

/** How identifiers are written (header GS1-EPC-Format, EPCIS 2.0 §12.3.3). */
export const epcFormats = [
  'No_Preference',
  'Always_GS1_Digital_Link',
  'Always_EPC_URN',
  'Never_Translates',
] as const;
export type EpcFormat = (typeof epcFormats)[number];

/**
 * How an answer is written: Digital Links where the client leaves the choice to us. `linked`: whether it holds Digital
 * Links; then it is not of URNs alone, whoever asked for these.
 */
export function writtenFormat(asked: EpcFormat, linked: boolean): EpcFormat {
  switch (asked) {
    case 'No_Preference':
      return 'Always_GS1_Digital_Link';
    case 'Always_EPC_URN':
      return linked ? 'No_Preference' : asked;
    case 'Always_GS1_Digital_Link':
    case 'Never_Translates':
      return asked;
  }
}

const kindOf = (path: string): string => path.slice(0, Math.max(0, path.indexOf('/')));

/** The inverse of its path without needless escapes (gs1-translation.ts). */
const plainUrn = /^urn:epc:id:[a-z]+:[^%]+$/;

/**
 * What is to be kept of the spelling of identifiers, by their paths, and of words; null when it follows from the paths.
 * `prefixes`: company prefixes of the EPC URNs among them.
 */
export function spellingOf(
  said: ReadonlyMap<string, string>,
  words: Iterable<string>,
  prefixes: Iterable<string>,
  host: string,
): Spelling | null {
  const known = companyPrefixes(prefixes);
  const homes = new Map<string, string>();
  const texts = new Map<string, string>();
  const kinds = new Set<string>();
  for (const [path, text] of said) {
    const kind = kindOf(path);
    // Most come so, and are long lists: what one prefix gives again need not be tried.
    const isPlain = known.length === 1 && !homes.has(kind) && plainUrn.test(text);
    if (!isPlain && asItCame(path, { homes, texts, prefixes: known, host }) !== text) {
      if (!kinds.has(kind) && text.endsWith(`/${path}`)) homes.set(kind, text.slice(0, -path.length - 1));
      else texts.set(path, text);
    }
    kinds.add(kind);
  }
  const urns = [...words].sort();
  if (homes.size === 0 && texts.size === 0 && urns.length === 0) return null;
  return {
    ...(homes.size === 0 ? {} : { homes: Object.fromEntries(homes) }),
    ...(texts.size === 0 ? {} : { texts: Object.fromEntries(texts) }),
    ...(urns.length === 0 ? {} : { words: urns }),
  };
}

interface Kept {
  readonly homes: ReadonlyMap<string, string>;
  readonly texts: ReadonlyMap<string, string>;
  readonly prefixes: CompanyPrefixes;
  readonly host: string;
}

function asItCame(path: string, { homes, texts, prefixes, host }: Kept): string {
  const whole = texts.get(path);
  if (whole !== undefined) return whole;
  const home = homes.get(kindOf(path));
  if (home !== undefined) return `${home}/${path}`;
  return urnByPrefix(path, prefixes) ?? epcisUri(path, host);
}

/** How many digits the company prefix of a key has; null when nobody knows. */
export type PrefixDigits = (path: string) => number | null;

const prefixesOf = ({ captured }: JsonObject): CompanyPrefixes =>
  companyPrefixes(isObject(captured) ? textsOf(captured, 'prefixes') : []);

/** Whether what a fact came with tells how a key is written as an EPC URN. */
export function urnTeller(fact: JsonObject): (path: string) => boolean {
  const prefixes = prefixesOf(fact);
  return (path) => urnByPrefix(path, prefixes) !== null;
}

/** Writes identifiers of a fact. Where no company prefix is known one stays a Digital Link in any format. */
export function identifierWriter(
  fact: JsonObject,
  format: EpcFormat,
  host: string,
  learnt: PrefixDigits = () => null,
): (path: string) => string {
  const captured = isObject(fact.captured) ? fact.captured : {};
  const prefixes = prefixesOf(fact);
  switch (format) {
    case 'No_Preference':
    case 'Always_GS1_Digital_Link':
      return (path) => epcisUri(path, host);
    case 'Always_EPC_URN':
      return (path) => {
        const own = urnByPrefix(path, prefixes);
        const digits = own === null ? learnt(path) : null;
        return own ?? (digits === null ? null : formatUrn(path, digits)) ?? epcisUri(path, host);
      };
    case 'Never_Translates': {
      const spelling = isObject(captured.spelling) ? captured.spelling : {};
      const kept = { homes: mapOf(spelling, 'homes'), texts: mapOf(spelling, 'texts'), prefixes, host };
      return (path) => asItCame(path, kept);
    }
  }
}

function mapOf(spelling: JsonObject, name: string): ReadonlyMap<string, string> {
  const said = spelling[name];
  if (!isObject(said)) return new Map();
  return new Map(Object.keys(said).map((key) => [key, textOf(said, key) ?? '']));
}

/** Where words of the standard stand in an event, by what they are of. */
const wordsIn: Readonly<Record<string, CbvKind>> = {
  bizStep: 'step',
  disposition: 'disposition',
  persistentDisposition: 'disposition',
  errorDeclaration: 'reason',
  bizTransactionList: 'transaction',
  sourceList: 'party',
  destinationList: 'party',
};
/** Members of these that are no words, though they may read like some. */
const noWords: ReadonlySet<string> = new Set(['bizTransaction', 'source', 'destination', 'declarationTime']);

/** An event with those words as URNs again that its fact came with as such: XML has no bare ones (EPCIS 2.0 §9.1). */
export function withWordsAsSent(event: JsonObject, { captured }: JsonObject): JsonObject {
  const spelling = isObject(captured) ? captured.spelling : undefined;
  const urns = new Set(isObject(spelling) ? textsOf(spelling, 'words') : []);
  if (urns.size === 0) return event;
  const spelt = (value: Json, home: string): Json => {
    if (typeof value === 'string') return urns.has(home + value) ? home + value : value;
    if (Array.isArray(value)) return value.map((it) => spelt(it, home));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, it]) => [
        name,
        noWords.has(name) || name.includes(':') ? it : spelt(it, home),
      ]),
    );
  };
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => {
      const kind = Object.hasOwn(wordsIn, name) ? wordsIn[name] : undefined;
      return [name, kind === undefined ? value : spelt(value, urnHome(kind))];
    }),
  );
}

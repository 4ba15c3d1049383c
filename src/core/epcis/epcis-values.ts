/**
 * Reading the values of EPCIS 2.0 members: each reader checks one, notes what is wrong with its place, and answers with
 * the value as it stands in a fact. Identifiers become canonical (gs1-translation.ts), words of the standard bare
 * (cbv-words.ts); all else stays as it was sent.
 */
import { type ErrorCode, type Fault, fault } from '../../errors.ts';
import { bareWord, type CbvKind, urnHome } from '../events/cbv-words.ts';
import {
  isObject,
  numericMembers,
  type SensorMember,
  sensorMembers,
  textsOf,
} from '../events/event-members.ts';
import { canonicalUri, companyPrefix } from '../gs1/gs1-translation.ts';
import { parseAmount, pieces } from '../quantity.ts';
import { compareCodePoints, type Json, type JsonObject } from '../text/canonical.ts';
import { pointerToken } from '../text/strict-json.ts';
import { parseEventTime } from '../time.ts';
import { type Context, fullUri, nameIn } from './epcis-context.ts';
import { componentHome, gs1Home, sensorWords } from './sensor-words.ts';

/** What reading one event gathers. */
export interface Reading {
  readonly host: string;
  readonly context: Context;
  readonly faults: Fault[];
  /** Prefixes that the event uses and its fact must declare. */
  readonly declared: Map<string, string>;
  /** Company prefixes of the EPC URNs in it, by which they can be written again. */
  readonly prefixes: Set<string>;
  /** Identifiers by their paths, as each came first, and words of the standard that came as URNs (epcis-spelling.ts). */
  readonly said: Map<string, string>;
  readonly words: Set<string>;
}

/** A reading that has gathered nothing. */
export const newReading = (of: Pick<Reading, 'host' | 'context'>, faults: Fault[]): Reading => ({
  ...of,
  faults,
  declared: new Map(),
  prefixes: new Set(),
  said: new Map(),
  words: new Set(),
});

/** The value as it stands in a fact, or undefined when something is wrong with it, or it says nothing. */
export type Read = (value: Json, at: string, reading: Reading) => Json | undefined;

/** More faults of one event help nobody. */
const faultsMax = 100;
const textMax = 2048;

export function note(
  { faults }: Reading,
  at: string,
  detail: string,
  code: ErrorCode = 'invalid-request',
): undefined {
  if (faults.length < faultsMax) faults.push(fault(code, detail, at));
}

/** A line of text. */
export const text: Read = (value, at, reading) =>
  typeof value === 'string' && value.length > 0 && value.length <= textMax
    ? value
    : note(reading, at, `Must be a text of 1 to ${textMax} characters.`);

const uriForm = /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/;

/** Any URI, as it is. */
const plainUri: Read = (value, at, reading) =>
  typeof value === 'string' && value.length <= textMax && uriForm.test(value)
    ? value
    : note(reading, at, `Must be a URI of at most ${textMax} ASCII characters.`, 'invalid-identifier');

/** Any URI; GS1 keys become canonical. */
export const uri: Read = (sent, at, reading) => {
  const value = plainUri(sent, at, reading);
  if (typeof value !== 'string') return undefined;
  const read = canonicalUri(value, reading.host);
  if (!read.ok) return note(reading, at, read.detail, read.code);
  const prefix = companyPrefix(value);
  if (prefix !== null) reading.prefixes.add(prefix);
  if (read.value !== value && !reading.said.has(read.value)) reading.said.set(read.value, value);
  return read.value;
};

/** What names a kind or a lot, and not one thing. */
const classForm =
  /^(?:01\/\d{14}(?:\/10\/.*)?|8003\/\d{14}|253\/\d{13}|255\/\d{13}|8010\/[^/]*|8006\/\d{18}(?:\/10\/.*)?)$/;

/** One thing. */
export const epc: Read = (value, at, reading) => {
  const read = uri(value, at, reading);
  if (typeof read !== 'string' || !classForm.test(read)) return read;
  const detail = 'This names a kind or a lot of things, not one; give it in the quantity list.';
  return note(reading, at, detail, 'invalid-identifier');
};

/** A kind or lot of things. */
const epcClass: Read = (value, at, reading) => {
  const read = uri(value, at, reading);
  if (
    typeof read !== 'string' ||
    classForm.test(read) ||
    !/^(?:0[01]|8003|8004|253|255|8010|8006)\//.test(read)
  )
    return read;
  return note(reading, at, 'This names one thing; give it in the EPC list.', 'invalid-identifier');
};

/** EPCs, each once, in the order of facts. An empty list says nothing. */
export const epcs: Read = (value, at, reading) => {
  if (!Array.isArray(value)) return note(reading, at, 'Must be a list.');
  const found = new Map<string, number>();
  value.forEach((item, i) => {
    const read = epc(item, `${at}/${i}`, reading);
    if (typeof read !== 'string') return;
    const first = found.get(read);
    if (first !== undefined)
      note(
        reading,
        `${at}/${i}`,
        `The same as ${at}/${first}; name a thing once in a list.`,
        'duplicate-epc',
      );
    else found.set(read, i);
  });
  return found.size === 0 ? undefined : [...found.keys()].sort(compareCodePoints);
};

export const time: Read = (value, at, reading) => {
  if (typeof value !== 'string' || !value.includes('T'))
    return note(reading, at, 'Write the time as 2025-07-01T10:30:00+08:00, with its zone.', 'invalid-time');
  const read = parseEventTime(value);
  return read.ok ? value : note(reading, at, read.detail, read.code);
};

export const offset: Read = (value, at, reading) =>
  typeof value === 'string' && /^[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)$/.test(value)
    ? value
    : note(reading, at, 'Write the offset as +08:00.', 'invalid-time');

const amount: Read = (value, at, reading) =>
  typeof value === 'number' && value >= 0
    ? value
    : note(reading, at, 'Must be a number, not below 0.', 'invalid-quantity');
const unitOfMeasure: Read = (value, at, reading) =>
  typeof value === 'string' && /^[A-Z0-9]{2,3}$/.test(value)
    ? value
    : note(reading, at, 'Must be a UN/ECE Recommendation 20 code, such as KGM.', 'invalid-quantity');
const number: Read = (value, at, reading) =>
  typeof value === 'number' ? value : note(reading, at, 'Must be a number.');
const truth: Read = (value, at, reading) =>
  typeof value === 'boolean' ? value : note(reading, at, 'Must be true or false.');

/** A word of the standard, or another's as a URI, in full: in XML it would stand so, and to have the same event hash. */
export const word =
  (kind: CbvKind): Read =>
  (value, at, reading) => {
    const full = typeof value === 'string' ? fullUri(value, reading.context) : '';
    const read = full.length <= textMax ? bareWord(kind, full) : null;
    if (read !== null && value === urnHome(kind) + read) reading.words.add(value);
    return read ?? note(reading, at, 'Must be a word of CBV 2.0, or a URI.');
  };

export const oneOf =
  (...words: readonly string[]): Read =>
  (value, at, reading) =>
    typeof value === 'string' && words.includes(value)
      ? value
      : note(reading, at, `Must be one of ${words.join(', ')}.`);

/** A list; an empty one says nothing. */
export const list =
  (item: Read): Read =>
  (value, at, reading) => {
    if (!Array.isArray(value)) return note(reading, at, 'Must be a list.');
    const read = value.flatMap((it, i) => item(it, `${at}/${i}`, reading) ?? []);
    return read.length === 0 ? undefined : read;
  };

/** A list that says something. */
const filled =
  (item: Read): Read =>
  (value, at, reading) =>
    Array.isArray(value) && value.length === 0
      ? note(reading, at, 'Name at least one, or leave the list out.')
      : list(item)(value, at, reading);

/** One or several of the same. */
export const oneOrMore =
  (item: Read): Read =>
  (value, at, reading) =>
    Array.isArray(value) ? list(item)(value, at, reading) : item(value, at, reading);

export interface Shape {
  readonly members: Readonly<Record<string, Read>>;
  readonly required?: readonly string[];
  /** Members of this ledger's own namespace, without prefix. */
  readonly own?: Readonly<Record<string, Read>>;
  /** Members of no meaning to us. */
  readonly ignored?: readonly string[];
}

/** An object of known members and extensions. */
export const object =
  ({ members, required = [], own = {}, ignored = [] }: Shape): Read =>
  (value, at, reading) => {
    if (!isObject(value)) return note(reading, at, 'Must be an object.');
    for (const name of required)
      if (!Object.hasOwn(value, name))
        note(reading, `${at}/${pointerToken(name)}`, 'This member is required; add it.');
    const read: Record<string, Json> = {};
    for (const [name, member] of Object.entries(value)) {
      if (ignored.includes(name)) continue;
      const here = `${at}/${pointerToken(name)}`;
      if (Object.hasOwn(members, name)) {
        const result = members[name]?.(member, here, reading);
        if (result !== undefined) read[name] = result;
      } else extend(read, name, member, here, reading, own);
    }
    return read;
  };

/** Reads a member of another namespace into `into`. */
function extend(
  into: Record<string, Json>,
  name: string,
  value: Json,
  at: string,
  reading: Reading,
  own: Readonly<Record<string, Read>>,
): void {
  const named = name.includes(':') ? nameIn(reading.context, name, reading.host) : null;
  const local = named?.name.slice(named.name.indexOf(':') + 1) ?? '';
  const ours = named?.own && Object.hasOwn(own, local) ? own[local] : undefined;
  if (named === null && name.includes(':'))
    note(reading, at, 'Say in @context what this prefix stands for.', 'unknown-member');
  else if (named === null || (named.own && ours === undefined))
    note(
      reading,
      at,
      'This member is not known here; remove it, or give it a prefix of your own.',
      'unknown-member',
    );
  else {
    if (named.declares !== null) reading.declared.set(...named.declares);
    const read = ours === undefined ? anything(value, at, reading) : ours(value, at, reading);
    if (read !== undefined) into[named.name] = read;
  }
}

/** What stands in an extension: kept as it is, but for what prefixes are called in facts. */
export function anything(value: Json, at: string, reading: Reading): Json {
  if (Array.isArray(value)) return value.map((it, i) => anything(it, `${at}/${i}`, reading));
  if (!isObject(value)) return value;
  const read: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    const here = `${at}/${pointerToken(name)}`;
    if (name.includes(':')) extend(read, name, member, here, reading, {});
    else read[name] = anything(member, here, reading);
  }
  return read;
}

/** Members of other namespaces alone. */
export const extensions: Read = object({ members: {} });

export const place: Read = object({ members: { id: uri }, required: ['id'] });

const quantityElement = object({
  members: { epcClass, quantity: amount, uom: unitOfMeasure },
  required: ['epcClass'],
});

/** Amounts that add up: without a unit of measure pieces, which are whole (EPCIS 2.0 §7.3.3.3). */
export const quantities: Read = list((value, at, reading) => {
  const read = quantityElement(value, at, reading);
  if (!isObject(read) || typeof read.quantity !== 'number') return read;
  const uom = typeof read.uom === 'string' ? read.uom : pieces;
  const counted = parseAmount(String(read.quantity), uom);
  return counted.ok ? read : note(reading, `${at}/quantity`, counted.detail, counted.code);
});

export const transactions: Read = list(
  object({ members: { type: word('transaction'), bizTransaction: uri }, required: ['bizTransaction'] }),
);

/** Sources or destinations. */
export const parties = (member: 'source' | 'destination'): Read =>
  list(object({ members: { type: word('party'), [member]: uri }, required: ['type', member] }));

/** EPCIS 2.0 §7.3.3.2: each is set or unset, once. */
export const dispositions: Read = (value, at, reading) => {
  const words = filled(word('disposition'));
  const read = object({ members: { set: words, unset: words } })(value, at, reading);
  if (!isObject(value) || !isObject(read)) return read;
  const said = [...textsOf(read, 'set'), ...textsOf(read, 'unset')];
  if (!hasAny(value, 'set', 'unset')) return note(reading, at, 'Say what is set or unset.');
  if (new Set(said).size < said.length)
    return note(reading, at, 'A disposition is either set or unset, and named once.');
  return read;
};

/** A word of a list, bare whatever its spelling, or another's as a URI. */
const wordOf =
  (words: ReadonlySet<string>, home: string): Read =>
  (value, at, reading) => {
    const full = typeof value === 'string' ? fullUri(value, reading.context) : '';
    const bare = full.startsWith(home) ? full.slice(home.length) : full;
    if (words.has(bare)) return bare;
    return typeof value === 'string' && value.length <= textMax && uriForm.test(value)
      ? value
      : note(reading, at, `Must be one of ${[...words].join(', ')}, or a URI.`);
  };

const hexBinary: Read = (value, at, reading) =>
  typeof value === 'string' && /^[0-9A-Fa-f]+$/.test(value) && value.length <= textMax
    ? value
    : note(reading, at, 'Write bytes as hexadecimal digits.');

/** What else than a URI a member of sensor data is. */
const sensorReaders: Readonly<Record<string, Read>> = {
  type: wordOf(sensorWords.type, gs1Home),
  exception: wordOf(sensorWords.exception, gs1Home),
  component: wordOf(sensorWords.component, componentHome),
  stringValue: text,
  uom: text,
  booleanValue: truth,
  hexBinaryValue: hexBinary,
};
function sensorValue({ name, kind }: SensorMember): Read {
  if (kind === 'time') return time;
  return numericMembers.has(name) ? number : (sensorReaders[name] ?? plainUri);
}
const readersOf = (members: readonly SensorMember[]): Record<string, Read> =>
  Object.fromEntries(members.map((member) => [member.name, sensorValue(member)]));

const reportShape = object({ members: readersOf(sensorMembers.report) });
/** In JSON a report has a type; in XML one that tells of an exception may go without. */
const report: Read = (value, at, reading) =>
  isObject(value) && !hasAny(value, 'type', 'exception')
    ? note(reading, `${at}/type`, 'Say what was measured, or which exception there was.')
    : reportShape(value, at, reading);

/** EPCIS 2.0 §7.3.7. What devices are called stays as it was sent. */
export const sensors: Read = list(
  object({
    members: {
      sensorMetadata: object({ members: readersOf(sensorMembers.metadata) }),
      sensorReport: filled(report),
    },
    required: ['sensorReport'],
  }),
);

/** A member of an object that was read. */
export const hasAny = (event: JsonObject, ...names: readonly string[]): boolean =>
  names.some((name) => Object.hasOwn(event, name));

/**
 * All GS1 keys that name something in an event, and the forms they take: EPC URN, Digital Link, element string.
 *
 * Standards: EPC Tag Data Standard 1.13 §6.3 to §6.4 (URNs), GS1 Digital Link Standard: URI Syntax §4 (keys,
 * qualifiers and their short names), GS1 General Specifications §3 (lengths), §7.9 (check digit), §7.11 (character
 * sets). A row of `forms` is one URN scheme and the application identifiers that say the same:
 *
 *   urn:epc:id:grai:4012345.00022.334455   ⇄  8003/04012345000221334455   ⇄  (8003)04012345000221334455
 *            scheme prefix  ref   serial      key  0 prefix ref check serial
 *
 * The canonical path (identifier-forms.ts) has no dots, so a URN can be made of it only by one who knows how long the
 * company prefix is. A check digit is left out of URNs and computed again.
 */

export type CharacterSet = 'text' | 'component' | 'number';

/** What ends an identifier: a serial or lot number, as a qualifier (`ai`) or at the end of the key itself. */
export interface Tail {
  readonly ai: string | null;
  readonly set: CharacterSet;
  readonly max: number;
  /** How a URN says that there is none: the extension of an SGLN. */
  readonly none?: string;
}

export interface Form {
  /** What stands between `urn:epc:` and the next colon pair: `id:sgtin`. */
  readonly urn: string;
  /** Application identifier of the key. */
  readonly key: string;
  /** Digits of company prefix and reference, check digit left out; null: the reference is text. */
  readonly digits: number | null;
  /** The first digit of the reference stands before the company prefix: indicator, extension digit. */
  readonly front: boolean;
  /** A filler before the digits. */
  readonly lead: string;
  /** Two digits each for the piece and how many there are. */
  readonly pieces: boolean;
  /** Of a reference that is text: which characters, and how many with the company prefix. */
  readonly text: { readonly set: CharacterSet; readonly max: number } | null;
  readonly tail: Tail | null;
  /** Names all of a kind: the URN ends in `.*`. */
  readonly pattern: boolean;
}

const form = (urn: string, key: string, digits: number | null, rest: Partial<Form> = {}): Form => ({
  urn,
  key,
  digits,
  front: false,
  lead: '',
  pieces: false,
  text: null,
  tail: null,
  pattern: false,
  ...rest,
});
const tail = (ai: string | null, set: CharacterSet, max: number): Tail => ({ ai, set, max });
const gtin = { front: true };
const pattern = { pattern: true };
const itip = { front: true, pieces: true };
const component = { text: { set: 'component', max: 30 } } as const;
const asset = { lead: '0' };

/** Every scheme we translate. Of one key those with a tail come first: they say more. */
export const forms: readonly Form[] = [
  form('id:sgtin', '01', 13, { ...gtin, tail: tail('21', 'text', 20) }),
  form('id:upui', '01', 13, { ...gtin, tail: tail('235', 'text', 28) }),
  form('class:lgtin', '01', 13, { ...gtin, tail: tail('10', 'text', 20) }),
  form('idpat:sgtin', '01', 13, { ...gtin, ...pattern }),
  form('idpat:upui', '01', 13, { ...gtin, ...pattern }),
  form('id:sscc', '00', 17, { front: true }),
  form('id:sgln', '414', 12, { tail: { ...tail('254', 'text', 20), none: '0' } }),
  form('id:pgln', '417', 12),
  form('id:grai', '8003', 12, { ...asset, tail: tail(null, 'text', 16) }),
  form('idpat:grai', '8003', 12, { ...asset, ...pattern }),
  form('id:giai', '8004', null, { text: { set: 'text', max: 30 } }),
  form('id:gsrn', '8018', 17),
  form('id:gsrnp', '8017', 17),
  form('id:gdti', '253', 12, { tail: tail(null, 'text', 17) }),
  form('idpat:gdti', '253', 12, pattern),
  form('id:sgcn', '255', 12, { tail: tail(null, 'number', 12) }),
  form('idpat:sgcn', '255', 12, pattern),
  form('id:cpi', '8010', null, { ...component, tail: tail('8011', 'number', 12) }),
  form('idpat:cpi', '8010', null, { ...component, ...pattern }),
  form('id:ginc', '401', null, { text: { set: 'text', max: 30 } }),
  form('id:gsin', '402', 16),
  form('id:itip', '8006', 13, { ...itip, tail: tail('21', 'text', 20) }),
  form('idpat:itip', '8006', 13, { ...itip, ...pattern }),
];

const byUrn: ReadonlyMap<string, Form> = new Map(forms.map((it) => [it.urn, it]));

/** The form of a scheme as it stands in a URN, such as `id:sgtin`, in any case; null when it is none of these. */
export const formOf = (scheme: string): Form | null => byUrn.get(scheme.toLowerCase()) ?? null;

/** Qualifiers of a key that say which one is meant, the most exact first (GS1 Digital Link §4.7). */
export const qualifiers: Readonly<Record<string, readonly string[]>> = {
  '01': ['21', '235', '10'],
  '8006': ['21', '10'],
  '8010': ['8011'],
  '414': ['254'],
};

/** Short names of keys and qualifiers that older links bear (GS1 Digital Link 1.1 §4.2). */
export const shortNames: Readonly<Record<string, string>> = {
  cpid: '8010',
  cpsn: '8011',
  cpv: '22',
  gcn: '255',
  gdti: '253',
  giai: '8004',
  ginc: '401',
  gln: '414',
  glnx: '254',
  grai: '8003',
  gsin: '402',
  gsrn: '8018',
  gsrnp: '8017',
  gtin: '01',
  itip: '8006',
  lot: '10',
  party: '417',
  ser: '21',
  sscc: '00',
};

/** GS1 General Specifications §7.11: sets 82 and 39 (of component and part numbers), digits. */
export const characterSets: Readonly<Record<CharacterSet, RegExp>> = {
  text: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/,
  component: /^[#\-/0-9A-Z]+$/,
  number: /^[0-9]+$/,
};

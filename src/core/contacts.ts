/**
 * Whom to talk to at a party, as it is compared with whom to talk to at others: without what spellings differ in.
 *
 *   phone    the digits of ITU-T E.164, country code first; a number without any is one of China (+86) if it has the length
 *            of a mobile number, an area code (its 0 is no part of the number) or a service prefix (400, 800). What has no
 *            area code is one of many towns and is not compared. Several, apart by / , ; or 、, count each
 *   email    in NFKC and lower case
 *   person   the name in NFKC and lower case, without spaces. Many people have the same name: it says little by itself
 *
 * Example: "0571-8888 6666" and "+86 (0)571 88886666" are both "8657188886666"; "１３８ 0013 8000" is "8613800138000".
 */

export const contactKinds = ['phone', 'email', 'person'] as const;
export type ContactKind = (typeof contactKinds)[number];

export interface ComparedContact {
  readonly kind: ContactKind;
  readonly text: string;
}

/** What is compared of a contact as a party registered it; members that say nothing comparable are left out. */
export function comparedContacts(contact: Readonly<Record<string, unknown>>): ComparedContact[] {
  const told = (member: string): string => {
    const value = contact[member];
    return typeof value === 'string' ? value.normalize('NFKC') : '';
  };
  const phones = told('phone').split(/[/,;、]/);
  return [
    ...phones.map((text) => ({ kind: 'phone' as const, text: comparedPhone(text) })),
    { kind: 'email' as const, text: comparedEmail(told('email')) },
    { kind: 'person' as const, text: told('name').replace(/\s/g, '').toLowerCase() },
  ].filter(({ text }) => text !== '');
}

/** Country code of China, where numbers without any are dialled. */
const home = '86';
const mobileOrService = /^(?:1[3-9]\d{9}|[48]00\d{7})$/;
/** Area code and 7 or 8 digits; an extension may follow. */
const fixed = /^(?:10|2\d|[3-9]\d{2})\d{7,8}\d{0,6}$/;
/** The shortest number with its country code that is worth comparing. */
const digitsMin = 7;

function comparedPhone(text: string): string {
  const told = text.replace(/\D/g, '');
  const isAbroad = /^\s*\+/.test(text) || told.startsWith('00');
  const digits = told.replace(/^00/, '');
  if (isAbroad && !digits.startsWith(home)) return digits.length < digitsMin ? '' : digits;
  const withCountry = digits.startsWith(home);
  const inside = withCountry ? digits.slice(home.length) : digits;
  const number = inside.replace(/^0/, '');
  const hasArea = withCountry || inside.startsWith('0');
  return mobileOrService.test(number) || (hasArea && fixed.test(number)) ? home + number : '';
}

const comparedEmail = (text: string): string => {
  const address = text.trim().toLowerCase();
  return /^\S+@\S+$/.test(address) ? address : '';
};

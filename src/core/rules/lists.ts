/**
 * Lists that authorities publish and that rules go by. They are data: policies in the log say what they are, from the entry
 * that records them on. What nobody published, no rule asks for; what cannot be read is left out.
 *
 *   standards    {"GB 4351.1-2005":{"until":"2024-12-31","by":"GB 4351-2023"}}
 *                the last day on which goods may be made to a standard, and what superseded it
 *   certification {"portable-extinguishers":{"from":"2014-09-01","by":"CCC"}}
 *                product categories of which goods need a certificate: the first day on which they may be made only with
 *                one, and what is asked for
 *   firms        {"maintenance-firm":{"91330106MA2B0CWX1P":{"from":"2024-01-01","refillsPerDay":200}}}
 *                who may act in a role, by unified social credit code (GB 32100): since and until when, for which
 *                product categories, and how much a day; a role that is absent has no list
 *   territories  {"91330106MA2B0CWX1P":{"regions":["3301"],"gtins":["06901234567892"]}}
 *                where a dealer may sell: prefixes of GB/T 2260 codes, of all goods or of those products
 *
 * Days are days in China, both ends inclusive, RFC 3339 full-dates, which compare as text.
 */

import { dateOf } from '../china-dates.ts';
import { isObject } from '../events/event-members.ts';
import type { JsonObject } from '../text/canonical.ts';

export const listNames = ['standards', 'certification', 'firms', 'territories'] as const;
export type ListName = (typeof listNames)[number];

export const listedRoles = ['maintenance-firm', 'laboratory', 'certification-body'] as const;
export type ListedRole = (typeof listedRoles)[number];

export interface SupersededStandard {
  readonly until: string;
}

export interface ListedFirm {
  readonly from: string | null;
  readonly until: string | null;
  /** Product categories; empty for all. */
  readonly categories: readonly string[];
  readonly refillsPerDay: number | null;
}

export interface Territory {
  readonly regions: readonly string[];
  /** Empty for all goods. */
  readonly gtins: readonly string[];
}

const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((it): it is string => typeof it === 'string') : [];
const objectsIn = (value: unknown): [string, JsonObject][] =>
  isObject(value) ? Object.entries(value).filter((it): it is [string, JsonObject] => isObject(it[1])) : [];

/** Superseded standards by name. */
export const standardsOf = (body: unknown): ReadonlyMap<string, SupersededStandard> =>
  new Map(
    objectsIn(body).flatMap(([name, { until }]) => (typeof until === 'string' ? [[name, { until }]] : [])),
  );

/** First days on which goods need a certificate, by product category. */
export const certificationOf = (body: unknown): ReadonlyMap<string, string> =>
  new Map(
    objectsIn(body).flatMap(([category, { from }]) => (typeof from === 'string' ? [[category, from]] : [])),
  );

/** Firms by role and credit code. */
export const firmsOf = (body: unknown): ReadonlyMap<ListedRole, ReadonlyMap<string, ListedFirm>> =>
  new Map(
    objectsIn(body).flatMap(([name, firms]) => {
      const role = listedRoles.find((it) => it === name);
      return role === undefined
        ? []
        : [[role, new Map(objectsIn(firms).map(([code, said]) => [code, firmOf(said)]))] as const];
    }),
  );

const firmOf = ({ from, until, categories, refillsPerDay }: JsonObject): ListedFirm => ({
  from: textIn(from),
  until: textIn(until),
  categories: textsIn(categories),
  refillsPerDay: typeof refillsPerDay === 'number' ? refillsPerDay : null,
});

/** Territories by credit code. */
export const territoriesOf = (body: unknown): ReadonlyMap<string, Territory> =>
  new Map(
    objectsIn(body).map(([code, { regions, gtins }]) => [
      code,
      { regions: textsIn(regions), gtins: textsIn(gtins) },
    ]),
  );

/** What a list says of a party in a role. */
export interface Listing {
  /** The entry of the list. */
  readonly seq: number;
  /** null for a party that is not on it. */
  readonly firm: ListedFirm | null;
}

/** Whether a firm was listed for something at that time, ms since the epoch, by the doubt in its favour. */
export function isListedFor(
  { firm }: Listing,
  { from, until }: { readonly from: number; readonly until: number },
  category: string | null,
): boolean {
  if (firm === null) return false;
  return (
    (firm.from === null || firm.from <= dateOf(until)) &&
    (firm.until === null || dateOf(from) <= firm.until) &&
    (category === null || firm.categories.length === 0 || firm.categories.includes(category))
  );
}

/**
 * How many digits the company prefix of a key has, where that is published: the table of GS1 China (690 to 699), whose
 * keys most things here bear.
 *
 * Figures: GS1, "GS1 Company Prefix length table" (gcpprefixformatlist) of 2022-04-05. Only these ten prefixes are here:
 * the whole list, of some 100,000 rows, is GS1's to give, and says of most countries other lengths from firm to firm.
 *
 *   prefixLength('690123456789')  →  7, so that 06901234567892 is urn:epc:id:sgtin:6901234.056789
 *   prefixLength('400638133393')  →  null: nobody says
 */

/** Digits of prefixes by what they begin with; the longest that fits counts. 0: not given to anybody. */
const lengths: Readonly<Record<string, number>> = {
  690: 7,
  691: 7,
  692: 8,
  693: 8,
  694: 8,
  695: 8,
  696: 8,
  697: 9,
  698: 12,
  699: 12,
  6901028: 10,
  6903100: 0,
  69031001: 12,
  6904080: 0,
  69040800: 12,
  6904084: 0,
  6911128: 0,
  69111288: 12,
  6911991: 0,
  69119911: 12,
  69408001: 12,
  694080018: 0,
  694080019: 0,
  69462916: 0,
  694629164: 12,
  69586040: 0,
  695860405: 12,
};

const longest = Math.max(...Object.keys(lengths).map(({ length }) => length));

/** Of the digits that begin with it (gs1-translation.ts, prefixedDigits). Null where it is not known here. */
export function prefixLength(digits: string): number | null {
  for (let n = Math.min(longest, digits.length); n > 0; n--) {
    const found = lengths[digits.slice(0, n)];
    if (found !== undefined) return found === 0 ? null : found;
  }
  return null;
}

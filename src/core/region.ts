/**
 * Region codes: GB/T 2260, six digits in pairs of province, prefecture and county; `00` pairs on the right stand
 * for the whole. `000000` is the whole country. A region holds every region that begins with its pairs.
 *
 *   330000 浙江省  holds  330100 杭州市  holds  330106 西湖区
 *
 * Which codes there are is a policy of the log, not a matter of this file. Some prefectures exist only on paper:
 * `4290` stands for the counties that a province runs itself, so their names are left out of longer ones.
 */

/** Names by code; `en` knows provinces by their first two digits and prefectures by their first four. */
export interface RegionNames {
  readonly zh: Readonly<Record<string, string>>;
  readonly en: Readonly<Record<string, string>>;
}

export interface RegionName {
  readonly zh: string;
  readonly en: string;
}

export const wholeCountry = '000000';
const shape = /^[0-9]{6}$/;
const onPaper = /直辖县级行政区划$/;

const significant = (code: string): string => code.replace(/(?:00){1,3}$/, '');

/** Whether `outer` is `inner` or contains it. Codes are well-formed. */
export const holdsRegion = (outer: string, inner: string): boolean => inner.startsWith(significant(outer));

/**
 * The prefecture of a region, or what stands for one: a county that a province runs itself, a province told as a whole.
 * 330106 → 330100, 429004 → 429004, 330000 → 330000.
 */
export const prefectureOf = (code: string): string =>
  code.slice(2, 4) === '90' ? code : `${code.slice(0, 4)}00`;

/** 北京, 天津, 上海 and 重庆: provinces that are cities, whose prefectures exist on paper only. */
const municipalities: ReadonlySet<string> = new Set(['11', '12', '31', '50']);

/**
 * The district of a region: the county or district that it tells, or what is larger where it tells none.
 * 330106 → 330106, 310105 → 310105, 330100 → 330100, 310100 → 310000.
 */
export const districtOf = (code: string): string =>
  code.endsWith('00') && municipalities.has(code.slice(0, 2)) ? `${code.slice(0, 2)}0000` : code;

/** Whether the names know the code. */
export const isRegion = (names: RegionNames, code: string): boolean =>
  shape.test(code) && Object.hasOwn(names.zh, code);

/**
 * The name down to a level: 浙江省杭州市西湖区. English has words for provinces and prefectures, so a county follows
 * them in Chinese: `Zhejiang, Hangzhou, 西湖区`. A code that is not known keeps itself as name.
 */
export function regionName(
  names: RegionNames,
  code: string,
  level: 'province' | 'prefecture' | 'county' = 'county',
): RegionName {
  const depth = { province: 2, prefecture: 4, county: 6 }[level];
  const digits = [2, 4, 6].filter((length) => length <= depth);
  const parts = new Set(digits.map((length) => code.slice(0, length).padEnd(6, '0')));
  const known = [...parts].flatMap((part) => {
    const zh = names.zh[part];
    return zh === undefined || onPaper.test(zh) ? [] : { zh, en: names.en[significant(part)] ?? zh };
  });
  if (names.zh[code.slice(0, 2).padEnd(6, '0')] === undefined) return { zh: code, en: code };
  return { zh: known.map(({ zh }) => zh).join(''), en: known.map(({ en }) => en).join(', ') };
}

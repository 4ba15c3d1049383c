/**
 * The words of the pages, in Chinese and in English, and the choice between them.
 * A sentence that depends on data (a verdict, a reason) comes with the data as a `Bilingual`; what the pages say
 * by themselves stands here.
 */

export const languages = ['zh-CN', 'en'] as const;
export type Lang = (typeof languages)[number];

export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

export const inLanguage = (words: Bilingual, lang: Lang): string => (lang === 'zh-CN' ? words.zh : words.en);

/**
 * The language of a page: what the reader asked for with `?lang=`, else the better of the two by Accept-Language
 * (RFC 9110 §12.5.4). Any Chinese is answered in zh-CN; a reader who names neither is answered in English; one who
 * names nothing in Chinese, since the codes are read in China first.
 */
export function pickLanguage(acceptLanguage: string | undefined, asked?: string): Lang {
  const chosen = languages.find((lang) => lang === asked);
  if (chosen) return chosen;
  const ranges = (acceptLanguage ?? '')
    .slice(0, 1000)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return { tag, q: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ tag, q }) => tag !== '' && q > 0 && q <= 1);
  if (ranges.length === 0) return 'zh-CN';
  const weightOf = (primary: string) =>
    Math.max(0, ...ranges.filter(({ tag }) => tag.split('-')[0] === primary).map(({ q }) => q));
  const chinese = weightOf('zh');
  const english = weightOf('en');
  if (chinese === 0 && english === 0) return weightOf('*') > 0 && ranges.length === 1 ? 'zh-CN' : 'en';
  if (chinese !== english) return chinese > english ? 'zh-CN' : 'en';
  const first = ranges.find(({ tag }) => /^(zh|en)(-|$)/.test(tag));
  return first?.tag.startsWith('en') ? 'en' : 'zh-CN';
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const chinaOffsetMs = 8 * 3_600_000;

/** `ms` since the epoch as a person in China reads a clock, with the zone named: China has one, UTC+8 all year. */
export const formatTime = (ms: number, lang: Lang): string => timeParts(ms, lang).join('');

/** The same in two parts between which a line may end: day and clock, and the zone. */
export function timeParts(ms: number, lang: Lang): readonly [time: string, zone: string] {
  const [date = '', clock = ''] = new Date(ms + chinaOffsetMs).toISOString().split('T');
  const time = clock.slice(0, 5);
  return lang === 'zh-CN'
    ? [`${formatDate(date, lang)} ${time}`, '（北京时间，UTC+8）']
    : [`${formatDate(date, lang)}, ${time} `, 'China Standard Time (UTC+8)'];
}

/** `YYYY-MM-DD` or `YYYY-MM` as a person reads it; anything else as it is. */
export function formatDate(date: string, lang: Lang): string {
  const [, year, month = '', day] = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(date) ?? [];
  const name = months[Number(month) - 1];
  if (year === undefined || name === undefined) return date;
  if (lang === 'zh-CN') return `${year}年${Number(month)}月${day === undefined ? '' : `${Number(day)}日`}`;
  return `${day === undefined ? '' : `${Number(day)} `}${name} ${year}`;
}

/** `1234567` → `1,234,567`, in both languages. */
export const formatCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

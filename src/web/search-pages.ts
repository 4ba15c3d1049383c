/** The pages on which anybody searches recalls and results of official sampling. Plain forms, without script. */
import { dateOf } from '../core/china-dates.ts';
import { gtinIn } from '../core/gs1/identifier-forms.ts';
import { clip, html, type Markup } from './html.ts';
import { renderPage, withQuery } from './page.ts';
import { type Bilingual, formatDate, inLanguage, type Lang } from './words.ts';

export const searchFields = [
  'product',
  'maker',
  'lot',
  'unit',
  'region',
  'outcome',
  'from',
  'until',
] as const;
/** What was entered; empty where nothing was. */
export type SearchFields = Readonly<Record<(typeof searchFields)[number], string>>;

interface Named {
  readonly name: string | null;
  readonly nameEn: string | null;
}

export interface SamplesView {
  readonly fields: SearchFields;
  readonly provinces: readonly { readonly code: string; readonly name: Bilingual }[];
  readonly items: readonly {
    readonly at: string;
    readonly outcome: 'conformant' | 'non-conformant';
    readonly authority: { readonly name: string; readonly nameEn: string | null };
    readonly region: Bilingual | null;
    readonly products: readonly (Named & {
      readonly gtin: string;
      readonly maker: string | null;
      readonly makerEn: string | null;
      readonly lots: readonly string[];
    })[];
  }[];
  /** Cursor of the next page. */
  readonly next: string | null;
}

export interface RecallsView {
  readonly fields: SearchFields;
  readonly items: readonly {
    readonly type: 'recall' | 'stop-sale';
    readonly number: string;
    readonly issuer: { readonly name: string; readonly nameEn: string | null };
    readonly since: string;
    readonly state: 'in-force' | 'released';
    readonly reason: string | null;
    readonly notice: { readonly zh: string; readonly en?: string } | null;
    readonly products: readonly (Named & { readonly gtin: string })[];
    /** `01/{GTIN}/10/{lot}`. */
    readonly lots: readonly string[];
    readonly produced: { readonly from?: string; readonly until?: string } | null;
    readonly maker: Named | null;
    /** Of these goods some alone. */
    readonly inPart: boolean;
  }[];
  readonly next: string | null;
}

/** Longest name and sentence, and most names, so that no record makes a page of more than 30 KB. */
const nameLimit = 60;
const sentenceLimit = 120;
const namesShown = 4;

const outcomeWords = {
  conformant: { zh: '合格', en: 'Passed' },
  'non-conformant': { zh: '不合格', en: 'Failed' },
} as const;
const orderNames = {
  recall: { zh: '召回', en: 'Recall' },
  'stop-sale': { zh: '停止销售', en: 'Stop of sale' },
} as const;

const chinaDate = (at: string): string => dateOf(Date.parse(at));
const named = ({ name, nameEn }: Named, lang: Lang): string | null =>
  lang === 'en' ? (nameEn ?? name) : name;
const row = (label: string, value: Markup | string | null): Markup | null =>
  value === null || value === '' ? null : html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
const several = (texts: readonly string[], lang: Lang): string => {
  const kept = texts.slice(0, namesShown).map((text) => clip(text, nameLimit));
  return kept.join(lang === 'zh-CN' ? '、' : ', ') + (texts.length > namesShown ? ' …' : '');
};

/** Days from and until which, as words; null where neither is said. */
function period(
  { from, until }: { readonly from?: string; readonly until?: string },
  lang: Lang,
): string | null {
  const [first, last] = [from, until].map((date) => (date === undefined ? null : formatDate(date, lang)));
  if (first && last) return lang === 'zh-CN' ? `${first}至${last}` : `${first} – ${last}`;
  if (first) return lang === 'zh-CN' ? `${first}起` : `from ${first}`;
  if (last) return lang === 'zh-CN' ? `至${last}` : `until ${last}`;
  return null;
}

export function renderSamplesPage({ fields, provinces, items, next }: SamplesView, lang: Lang): string {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const option = (value: string, name: string, chosen: string): Markup =>
    html`<option value="${value}"${value === chosen ? html` selected` : null}>${name}</option>`;
  const results = items.map(({ at, outcome, authority, region, products }) => {
    const product = products[0];
    const things = products.map((it) => named(it, lang) ?? it.gtin);
    const lots = products.flatMap((it) => it.lots);
    const maker = product && named({ name: product.maker, nameEn: product.makerEn }, lang);
    return html`<section class="found ${outcome}"><h2>${several(things, lang)}</h2><p class="mark">${inLanguage(outcomeWords[outcome], lang)}</p><dl>
${row(say('生产者', 'Maker'), maker ? clip(maker, nameLimit) : null)}
${row(say('批号', lots.length === 1 ? 'Lot' : 'Lots'), several(lots, lang))}
${row(
  'GTIN',
  several(
    products.map(({ gtin }) => gtin),
    lang,
  ),
)}
${row(say('抽样地', 'Sampled in'), region && inLanguage(region, lang))}
${row(say('发布', 'Issued by'), clip(named(authority, lang) ?? '', nameLimit))}
${row(say('日期', 'Date'), formatDate(chinaDate(at), lang))}</dl></section>`;
  });
  return frame({
    lang,
    path: '/samples',
    title: say('监督抽查结果', 'Results of official sampling'),
    lead: say(
      '监管部门检查和抽样检验的结果，新近记入账本的在前。',
      'What regulators found when they inspected or sampled products, newest first.',
    ),
    fields,
    more: html`<label for="region">${say('抽样地', 'Sampled in')}</label>
<select id="region" name="region">${option('', say('全国', 'All of China'), fields.region)}${provinces.map(({ code, name }) => option(code, inLanguage(name, lang), fields.region))}</select>
<label for="outcome">${say('结果', 'Result')}</label>
<select id="outcome" name="outcome">${option('', say('全部', 'All'), fields.outcome)}${option('non-conformant', inLanguage(outcomeWords['non-conformant'], lang), fields.outcome)}${option('conformant', inLanguage(outcomeWords.conformant, lang), fields.outcome)}</select>`,
    results,
    none: say('还没有公布抽查结果。', 'No results have been announced yet.'),
    next,
  });
}

export function renderRecallsPage({ fields, items, next }: RecallsView, lang: Lang): string {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const results = items.map((item) => {
    const things = item.products.map((it) => named(it, lang) ?? it.gtin);
    // Of one product, whose GTIN stands below, the lot says enough.
    const lots = item.lots.map(
      (epc) => `${things.length === 1 ? '' : `${gtinIn(epc)} · `}${decodeURIComponent(epc.slice(21))}`,
    );
    const produced = item.produced && period(item.produced, lang);
    const notice =
      item.notice && inLanguage({ zh: item.notice.zh, en: item.notice.en ?? item.notice.zh }, lang);
    const over = item.state === 'released' ? say('（已解除）', ' (over)') : '';
    return html`<section class="found ${item.state}"><h2>${several(things.length > 0 ? things : lots, lang)}</h2><p class="mark">${inLanguage(orderNames[item.type], lang)}${over}</p>
${notice === null || over !== '' ? null : html`<p class="notice">${clip(notice, sentenceLimit)}</p>`}<dl>
${row(say('原因', 'Reason'), item.reason && clip(item.reason, sentenceLimit))}
${row(say('生产者', 'Maker'), item.maker && clip(named(item.maker, lang) ?? '', nameLimit))}
${row(say('范围', 'Which'), item.inPart ? say('只涉及其中一部分，请扫码或按身份码查询', 'Some of them alone: scan yours, or search by its code') : null)}
${row(say('批号', lots.length === 1 ? 'Lot' : 'Lots'), things.length > 0 ? several(lots, lang) : null)}
${row(
  'GTIN',
  several(
    item.products.map(({ gtin }) => gtin),
    lang,
  ),
)}
${row(say('生产日期', 'Produced'), produced)}
${row(say('发布', 'Issued by'), clip(named(item.issuer, lang) ?? '', nameLimit))}
${row(say('文号', 'Number'), clip(item.number, nameLimit))}
${row(say('日期', 'Date'), formatDate(chinaDate(item.since), lang))}
${row(say('当时的通知', 'Notice then'), notice === null || over === '' ? null : clip(notice, sentenceLimit))}</dl></section>`;
  });
  return frame({
    lang,
    path: '/recalls',
    title: say('召回与停售', 'Recalls and stops of sale'),
    lead: say(
      '全部召回，以及针对整个产品、整批产品的停售。您手里的那一件是否在内，请扫描它的二维码。',
      'Every recall, and stops of sale of whole products or lots. Whether yours is among them, its code tells: scan it.',
    ),
    fields,
    more: html`<label for="unit">${say('身份码', 'Code')}</label>
<input id="unit" name="unit" type="search" maxlength="300" value="${fields.unit}">`,
    results,
    none: say('目前没有公布召回或停售。', 'No recall or stop of sale has been announced.'),
    next,
  });
}

interface Frame {
  readonly lang: Lang;
  readonly path: '/samples' | '/recalls';
  readonly title: string;
  readonly lead: string;
  readonly fields: SearchFields;
  /** Fields that the other page does not have. */
  readonly more: Markup | null;
  readonly results: readonly Markup[];
  /** Said where there are no results although nothing in particular was asked for. */
  readonly none: string;
  readonly next: string | null;
}

function frame({ lang, path, title, lead, fields, more, results, none, next }: Frame): string {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const field = (name: keyof SearchFields, label: string, type = 'search'): Markup =>
    html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" maxlength="100" value="${fields[name]}">`;
  const asked = Object.fromEntries(searchFields.map((name) => [name, fields[name] || null]));
  const empty = searchFields.some((name) => fields[name] !== '')
    ? say('没有找到。', 'Nothing was found.')
    : none;
  const narrow = (['lot', 'unit', 'region', 'outcome', 'from', 'until'] as const).some(
    (name) => fields[name] !== '',
  );
  const other =
    path === '/samples'
      ? { path: '/recalls', name: say('召回与停售', 'Recalls and stops of sale') }
      : { path: '/samples', name: say('监督抽查结果', 'Results of official sampling') };
  return renderPage({
    title,
    lang,
    here: withQuery(path, asked),
    look: 'search',
    indexed: true,
    main: html`<section class="plain"><h1>${title}</h1><p>${lead}</p>
<form action="${path}" method="get"><input type="hidden" name="lang" value="${lang}">
${field('product', say('产品名称、型号或条码', 'Product, model or barcode'))}
${field('maker', say('生产者', 'Maker'))}
<details${narrow ? html` open` : null}><summary>${say('更多条件', 'More')}</summary>
${field('lot', say('批号', 'Lot'))}
${more}
${field('from', say('从', 'From'), 'date')}
${field('until', say('到', 'Until'), 'date')}</details>
<button>${say('查询', 'Search')}</button></form></section>
${results.length === 0 ? html`<section><p>${empty}</p></section>` : results}
${next === null ? null : html`<a class="button" rel="next" href="${withQuery(path, { ...asked, cursor: next, lang })}">${say('更早的', 'Earlier ones')}</a>`}
<section><ul class="links"><li><a href="${withQuery(other.path, { lang })}">${other.name}</a></li><li><a href="${withQuery('/report', { lang })}">${say('举报有问题的产品', 'Report a product')}</a></li></ul></section>`,
    foot: say(
      '公布的是发布方在账本中的登记，以其正式文书为准。',
      'This is what those who announced it recorded in the ledger; their own documents prevail.',
    ),
  });
}

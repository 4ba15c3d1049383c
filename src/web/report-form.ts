/** The pages by which somebody reports: first in which province, then what and where. Plain forms, without script. */
import { reportCategories, reportWords } from '../core/report.ts';
import { html, type Markup } from './html.ts';
import { renderPage, withQuery } from './page.ts';
import { allowingScript, scriptElement } from './script.ts';
import { formSecurityPolicy } from './style.ts';
import { type Bilingual, inLanguage, type Lang } from './words.ts';

export const reportFields = ['category', 'text', 'region', 'place', 'code', 'contact', 'sealed'] as const;
/** What was entered; empty where nothing was. */
export type ReportFields = Readonly<Record<(typeof reportFields)[number], string>>;

export interface PlacesView {
  readonly code: string;
  /** Two digits and the name. */
  readonly provinces: readonly { readonly code: string; readonly name: Bilingual }[];
}

export interface ReportView {
  readonly province: { readonly code: string; readonly name: Bilingual };
  /** Prefectures with their districts, whose names are Chinese; without a name those of the province itself. */
  readonly groups: readonly {
    readonly name: Bilingual | null;
    readonly regions: readonly { readonly code: string; readonly name: string }[];
    /** Stands for all of the prefecture. */
    readonly whole: string | null;
  }[];
  readonly values: ReportFields;
  /** Authorities to which who reports can be sealed. */
  readonly keys: readonly {
    readonly kid: string;
    readonly x: string;
    readonly y: string;
    readonly name: string;
    readonly regions: readonly string[];
  }[];
  /** Fields that have to be mended. */
  readonly wrong: readonly (keyof ReportFields)[];
}

const title: Bilingual = { zh: '举报有问题的产品', en: 'Report a product' };
const urgent: Bilingual = {
  zh: '有人身危险请先拨打 119 或 110。',
  en: 'If anybody is in danger, call 119 or 110 first.',
};
const foot: Bilingual = {
  zh: '不留姓名也可以举报。我们不保存您的网络地址。',
  en: 'You need not say who you are. Your network address is not kept.',
};

const frame = (lang: Lang, here: string, main: Markup): string =>
  renderPage({
    title: inLanguage(title, lang),
    lang,
    here,
    look: 'report',
    indexed: true,
    main,
    foot: inLanguage(foot, lang),
  });

const codeQuery = (code: string): Record<string, string | null> => ({ code: code === '' ? null : code });

/** Where it happened, to begin with: a province each, and the way to a report sent before. */
export function renderPlacesPage({ code, provinces }: PlacesView, lang: Lang): string {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const links = provinces.map(({ code: province, name }) => {
    const to = withQuery('/report', { province, ...codeQuery(code), lang });
    return html`<li><a href="${to}">${inLanguage(name, lang)}</a></li>`;
  });
  return frame(
    lang,
    withQuery('/report', codeQuery(code)),
    html`<section class="plain"><h1>${inLanguage(title, lang)}</h1>
<p class="lead">${say('举报交给当地监管部门处理，您会得到一个回执码，凭码查看进度和答复。', 'Your report goes to the regulators of the place. You get a receipt code, by which you see what comes of it.')}</p>
<p class="notice">${inLanguage(urgent, lang)}</p></section>
<section><h2>${say('第一步：在哪里发生的？', 'First: where was it?')}</h2><ul class="choices">${links}</ul></section>
<section><h2>${say('已经举报过？', 'Reported before?')}</h2>
<form action="/report/follow" method="get"><input type="hidden" name="lang" value="${lang}">
<label for="receipt">${say('回执码', 'Receipt code')}</label>
<input id="receipt" name="receipt" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="7ZK3-QW9D-5TB1-M0AB">
<button>${say('查看进度', 'See how it stands')}</button></form></section>`,
  );
}

const mend: Readonly<Record<keyof ReportFields, Bilingual>> = {
  category: { zh: '请选择一项。', en: 'Choose one.' },
  text: { zh: '请说明情况，最多 4000 字。', en: 'Say what you saw, in at most 4,000 characters.' },
  region: { zh: '请选择区县。', en: 'Choose a district.' },
  place: { zh: '最多 200 字。', en: 'At most 200 characters.' },
  code: { zh: '太长了，请只填编号。', en: 'Too long; give the number alone.' },
  contact: { zh: '最多 200 字。', en: 'At most 200 characters.' },
  sealed: { zh: '加密内容太长。', en: 'What was sealed is too long.' },
};

/**
 * The form with its policy. What was entered before stands in it again, with what is to be mended. `script` is ours: it
 * seals who reports, and without it nobody is asked to say so.
 */
export function renderReportPage(
  { province, groups, values, keys, wrong }: ReportView,
  script: string,
  lang: Lang,
): { readonly page: string; readonly policy: string } {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const fault = (name: keyof ReportFields): Markup | null =>
    wrong.includes(name)
      ? html`<p class="wrong" id="${name}-wrong">${inLanguage(mend[name], lang)}</p>`
      : null;
  const state = (name: keyof ReportFields): Markup | null =>
    wrong.includes(name) ? html` aria-invalid="true" aria-describedby="${name}-wrong"` : null;
  const option = (code: string, name: string): Markup =>
    html`<option value="${code}"${code === values.region ? html` selected` : null}>${name}</option>`;
  const unsure = (code: string, name: Bilingual): Markup =>
    option(code, say(`${name.zh}，区县不清楚`, `${name.en}, district not known`));
  const districts = groups.map(({ name, regions, whole }) => {
    const options = regions.map((region) => option(region.code, region.name));
    return name === null
      ? html`${options}`
      : html`<optgroup label="${inLanguage(name, lang)}">${options}${whole === null ? null : unsure(whole, name)}</optgroup>`;
  });
  const kinds = reportCategories.map(
    (name) =>
      html`<li><label><input type="radio" name="category" value="${name}" required${name === values.category ? html` checked` : null}> ${inLanguage(reportWords[name], lang)}</label></li>`,
  );
  const where = withQuery('/report', { province: province.code.slice(0, 2), ...codeQuery(values.code) });
  const page = frame(
    lang,
    where,
    html`<section class="plain"><h1>${inLanguage(title, lang)}</h1><p class="notice">${inLanguage(urgent, lang)}</p>
${wrong.length === 0 ? null : html`<p class="wrong" role="alert">${say('还有内容需要补充或修改，见下面标出的地方。', 'Something is missing or has to be mended; see below.')}</p>`}</section>
<form action="${withQuery('/report', { lang })}" method="post">
<section><fieldset><legend>${say('出了什么问题？', 'What is wrong?')}</legend>${fault('category')}<ul class="kinds">${kinds}</ul></fieldset>
<label for="text">${say('请说明情况', 'Say what you saw')}</label>${fault('text')}
<textarea id="text" name="text" rows="6" required maxlength="4000"${state('text')}>${lines(values.text)}</textarea></section>
<section><label for="region">${say('区县', 'District')} · ${inLanguage(province.name, lang)}</label>${fault('region')}
<select id="region" name="region" lang="zh-CN" required${state('region')}>${values.region === '' ? html`<option value="">${say('请选择', 'Choose')}</option>` : null}${districts}${unsure(province.code, province.name)}</select>
<p class="back"><a href="${withQuery('/report', { ...codeQuery(values.code), lang })}">${say('换一个省份', 'Another province')}</a></p>
<label for="place">${say('店铺、地址或网购平台（可不填）', 'Shop, address or platform (optional)')}</label>${fault('place')}
<input id="place" name="place" maxlength="200" value="${values.place}"${state('place')}></section>
<section><label for="code">${say('产品上的身份码或条码编号（可不填）', 'Number of the code or barcode on the product (optional)')}</label>${fault('code')}
<input id="code" name="code" maxlength="2048" autocomplete="off" spellcheck="false" value="${values.code}"${state('code')}>
<label for="contact">${say('联系方式（可不填）', 'How to reach you (optional)')}</label>${fault('contact')}
<input id="contact" name="contact" maxlength="200" autocomplete="off" value="${values.contact}"${state('contact')}>
<p class="soft">${say('只有负责处理的监管部门能看到。不填就是匿名举报，同样受理。', 'Only the regulators in charge see it. Leave it empty and your report is anonymous; it counts as much.')}</p>
</section>
${keys.length === 0 ? null : identity(keys, lang)}
<section><button>${say('提交举报', 'Send the report')}</button></section></form>
${keys.length === 0 ? null : scriptElement(script)}`,
  );
  return {
    page,
    policy: keys.length === 0 ? formSecurityPolicy : allowingScript(formSecurityPolicy, script),
  };
}

/** Shown by the script alone: its fields have no name, so that a browser never sends them as they are. */
function identity(keys: ReportView['keys'], lang: Lang): Markup {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const told = JSON.stringify(keys.map(({ kid, x, y, name, regions }) => ({ kid, x, y, name, regions })));
  return html`<section id="identity" hidden data-keys="${told}"><h2>${say('知情人实名（可不填）', 'Who you are, sealed (optional)')}</h2>
<p class="soft">${say('内部知情人可以实名举报。姓名和联系方式在您的设备上加密，只有下列部门能解开，本系统的运营方也看不到。', 'For insiders who want to be known to the authority. Name and contact are encrypted on your device; only the authority below can open them, not even the operator of this system.')}</p>
<p class="soft"><code id="authority"></code></p>
<input type="hidden" id="sealed" name="sealed">
<label for="identity-name">${say('姓名', 'Name')}</label><input id="identity-name" maxlength="100" autocomplete="off">
<label for="identity-contact">${say('联系方式', 'How to reach you')}</label><input id="identity-contact" maxlength="200" autocomplete="off"></section>`;
}

/** A text that is edited keeps its lines, which other places show as one. */
const lines = (text: string): Markup[] => text.split(/\r?\n/).map((line) => html`${line}\n`);

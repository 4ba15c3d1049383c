/** What a person sees where a page cannot be shown; programs get RFC 9457 problem documents instead. */
import { html } from './html.ts';
import { renderPage, withQuery } from './page.ts';
import { type Bilingual, inLanguage, type Lang } from './words.ts';

export interface ProblemView {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Path and query of the page asked for, root-relative, without `lang=`. */
  readonly here: string;
  /** Seconds after which to try again, when known. */
  readonly retryAfter?: number | undefined;
}

interface Words {
  readonly title: Bilingual;
  readonly text: Bilingual;
}

const notFound: Words = {
  title: { zh: '没有这个页面', en: 'There is no such page' },
  text: {
    zh: '请核对网址是否完整。如果是扫码来的，请把标签擦净、放平后重扫；仍然不行的，这个码可能不是本服务的码。',
    en: 'Check that the address is complete. If you scanned a code, wipe and flatten the label and scan again; if that fails, the code may not be one of this service.',
  },
};
const unreadable: Words = {
  title: { zh: '这个码读不出来', en: 'This code cannot be read' },
  text: {
    zh: '码的内容不完整或有错字。请重新扫描；手工输入的，请逐字核对。多次读不出来的，不要依靠贴着它的产品。',
    en: 'It is incomplete or has a wrong character. Scan it again, or compare what you typed. If it never reads, do not rely on the product that carries it.',
  },
};
const noReport: Words = {
  title: { zh: '没有这个回执码', en: 'No report has this receipt code' },
  text: {
    zh: '请逐字核对回执码，再查一次。回执码遗失后无法找回，可以重新举报。',
    en: 'Compare it character by character and try again. A lost code cannot be found again; you may send a new report.',
  },
};
const unfit: Words = {
  title: { zh: '内容有误', en: 'Something does not fit' },
  text: {
    zh: '请核对网址和填写的内容，再试一次。',
    en: 'Check the address and what you entered, and try again.',
  },
};
const tooMany: Words = {
  title: { zh: '查询太频繁', en: 'Too many requests' },
  text: {
    zh: '从您的网络来的查询太多。这不说明码有问题，请稍后再试。',
    en: 'Too many came from your network. This says nothing about the code; please try again later.',
  },
};
const away: Words = {
  title: { zh: '服务暂时不可用', en: 'The service is away for the moment' },
  text: {
    zh: '现在无法核验。这不说明码有问题，也不说明没问题，请稍后再试。',
    en: 'The code cannot be checked now. That says nothing for or against it; please try again later.',
  },
};
const failed: Words = {
  title: { zh: '出错了', en: 'Something went wrong' },
  text: {
    zh: '本服务没能完成这次请求。这不说明码有问题，请稍后再试。',
    en: 'The service could not complete the request. This says nothing about the code; please try again later.',
  },
};

/** Pages that people open without a code. */
const withoutCode = /^\/(?:report|recalls|samples|verify-evidence)\b/;

function wordsFor({ status, here }: ProblemView): Words {
  if (status === 404 && here.startsWith('/report/')) return noReport;
  if (status === 404 || status === 405) return notFound;
  if (status === 429) return tooMany;
  if (status === 503 || status === 507) return away;
  if (status >= 500) return failed;
  return withoutCode.test(here) ? unfit : unreadable;
}

/** A whole page for the status; `404`, `429` and `503` have words of their own, and so have pages without a code. */
export function renderProblemPage(view: ProblemView, lang: Lang): string {
  const { title, text } = wordsFor(view);
  const wait =
    view.retryAfter === undefined
      ? null
      : html`<p>${lang === 'zh-CN' ? `请在 ${view.retryAfter} 秒后再试。` : `Try again in ${view.retryAfter} seconds.`}</p>`;
  return renderPage({
    title: inLanguage(title, lang),
    lang,
    here: view.here,
    look: 'problem',
    indexed: false,
    main: html`<section class="plain"><h1>${inLanguage(title, lang)}</h1><p class="lead">${inLanguage(text, lang)}</p>${wait}</section>
<section><ul class="links"><li><a href="${withQuery(view.here, { lang })}">${lang === 'zh-CN' ? '再试一次' : 'Try again'}</a></li><li><a href="${withQuery('/', { lang })}">${lang === 'zh-CN' ? '回到首页' : 'To the home page'}</a></li></ul></section>`,
    foot: `HTTP ${view.status}`,
  });
}

/** The frame that all pages share: head, language switch, footer. Complete HTML, readable without script. */
import { html, Markup } from './html.ts';
import { style } from './style.ts';
import { inLanguage, type Lang, timeParts } from './words.ts';

export interface Page {
  readonly title: string;
  readonly lang: Lang;
  /** Path and query of this page without `lang=`. */
  readonly here: string;
  /** Class of the body. */
  readonly look: string;
  readonly indexed: boolean;
  readonly main: Markup;
  readonly foot: string;
}

/** A link that stays on this host: root-relative, and not `//host` or `/\host` in disguise; otherwise the home page. */
export const local = (path: string): string => (/^\/(?![/\\])/.test(path) ? path : '/');

/** The path with parameters added to whatever query it has. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | null>>): string {
  const added = Object.entries(parameters)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&');
  if (added === '') return local(path);
  return `${local(path)}${path.includes('?') ? '&' : '?'}${added}`;
}

/** A moment, of which neither the clock nor the zone is torn apart by the end of a line. */
export function timeOf(ms: number, lang: Lang): Markup {
  const [time, zone] = timeParts(ms, lang);
  return html`${time}<span class="zone">${zone}</span>`;
}

const styleElement = Markup.trusted(`<style>${style}</style>`);
/** A small dark square with a chain link: as data, so that no browser asks for /favicon.ico. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%230b5f70'/%3E%3Cpath d='M7 5H5a3 3 0 000 6h2M9 5h2a3 3 0 010 6H9M6 8h4' fill='none' stroke='%23fff' stroke-width='1.500'/%3E%3C/svg%3E";

export function renderPage(page: Page): string {
  const other: Lang = page.lang === 'zh-CN' ? 'en' : 'zh-CN';
  const brand = inLanguage({ zh: '溯源', en: 'Suyuan 溯源' }, page.lang);
  return html`<!doctype html>
<html lang="${page.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="format-detection" content="telephone=no">
<meta name="referrer" content="no-referrer">
${page.indexed ? null : html`<meta name="robots" content="noindex">`}
<link rel="icon" href="${icon}">
<title>${page.title}</title>
${styleElement}
</head>
<body class="${page.look}">
<header class="top"><a class="brand" href="${withQuery('/', { lang: page.lang })}">${brand}</a><a href="${withQuery(page.here, { lang: other })}" hreflang="${other}" lang="${other}">${other === 'en' ? 'English' : '中文'}</a></header>
<main>
${page.main}
</main>
<footer>${page.foot}</footer>
</body>
</html>
`.text;
}

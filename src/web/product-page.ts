/** What the address of a product opens: which product it is, and that only the code of a single unit can be verified. */
import { html } from './html.ts';
import { renderPage } from './page.ts';
import { type Bilingual, inLanguage, type Lang } from './words.ts';

export interface ProductPageView {
  readonly gtin: string;
  readonly name: string;
  readonly nameEn: string | null;
  readonly model: string;
  readonly maker: { readonly name: string; readonly nameEn: string | null } | null;
  readonly category: Bilingual | null;
  /** What the maker says stands elsewhere. */
  readonly links: readonly { readonly href: string; readonly title: Bilingual }[];
  /** Path and query of the page, without `lang=`. */
  readonly here: string;
}

export function renderProductPage(view: ProductPageView, lang: Lang): string {
  const say = (zh: string, en: string): string => inLanguage({ zh, en }, lang);
  const named = ({ name, nameEn }: { readonly name: string; readonly nameEn: string | null }): string =>
    say(name, nameEn ?? name);
  const row = (name: string, value: string | null) =>
    value === null ? null : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const links = view.links.map(
    ({ href, title }) =>
      html`<li><a href="${href}" rel="nofollow noreferrer">${inLanguage(title, lang)}</a><span>${new URL(href).host}</span></li>`,
  );
  return renderPage({
    title: `${named(view)} ${view.model}`,
    lang,
    here: view.here,
    look: 'product',
    indexed: true,
    main: html`<section class="plain"><h1>${named(view)}</h1><p class="lead">${say(
      '这个网址说的是一种产品，不是某一件产品。要核验手中的这一件，请扫描它身上的二维码。',
      'This address names a kind of product, not a single unit. To verify the one in your hands, scan the QR code on it.',
    )}</p></section>
<section><h2>${say('产品', 'Product')}</h2><dl>${row(say('型号', 'Model'), view.model)}${row(
      say('生产者', 'Maker'),
      view.maker && named(view.maker),
    )}${row(say('类别', 'Category'), view.category && inLanguage(view.category, lang))}${row('GTIN', view.gtin)}</dl></section>
${
  links.length === 0
    ? null
    : html`<section><h2>${say('生产者提供的链接', 'Links from the manufacturer')}</h2><ul class="links">${links}</ul></section>`
}`,
    foot: say('举报假冒伪劣：12315', 'Report counterfeits in China: 12315'),
  });
}

/**
 * The page a phone opens from the QR. Order of what a reader needs: what is known of the code, what to do, why,
 * whether this is the right site, what to look at on the thing, then the details, then how to report.
 */
import { hopWords } from '../core/events/hop-words.ts';
import { orderWords } from '../core/orders/order.ts';
import { adviceFor, cartonAdvice, isCaution, mismatch, purposeWords, verdictNames } from './advice.ts';
import { cartonChecks, checksFor } from './checks.ts';
import { clip, html, type Markup } from './html.ts';
import { phoneIcon, verdictIcons } from './icons.ts';
import { local, renderPage, timeOf, withQuery } from './page.ts';
import { type CertificateState, purposes, type VerificationView } from './verification-view.ts';
import { type Bilingual, formatCount, formatDate, inLanguage, type Lang } from './words.ts';

/** Longest name shown; and most steps and reasons, so that no record makes a page of more than 30 KB. */
const nameLimit = 120;
const sentenceLimit = 400;
const stepsShown = 20;
const reasonsShown = 8;
const ordersShown = 3;

const certificateWords: Readonly<Record<CertificateState, Bilingual>> = {
  valid: { zh: '有效', en: 'valid' },
  suspended: { zh: '已暂停', en: 'suspended' },
  withdrawn: { zh: '已撤销', en: 'withdrawn' },
  expired: { zh: '已过期', en: 'expired' },
};

/** A whole page, at most 30 KB, to be sent as `text/html; charset=utf-8` with `pageSecurityPolicy`. */
export function renderVerificationPage(view: VerificationView, lang: Lang): string {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const word = inLanguage(verdictNames[view.verdict], lang);
  return renderPage({
    title: `${word} · ${clip(view.code.elementString, nameLimit)}`,
    lang,
    here: withQuery(view.urls.here, { for: view.purpose }),
    look: view.verdict,
    indexed: false,
    main: html`${verdictCard(view, lang, word)}
${orders(view, lang)}
${cautions(view, lang)}
${taps(view, lang)}
${reasons(view, lang)}
${hostCheck(view, lang)}
${checks(view, lang)}
${facts(view, lang)}
${journey(view, lang)}
${scans(view, lang)}
${report(view, lang)}
${proof(view, lang)}`,
    foot: say(
      '本页说的是这个码和它的记录，不是对实物的鉴定。',
      'This page speaks of the code and of its records. It is no examination of the thing.',
    ),
  });
}

function verdictCard(view: VerificationView, lang: Lang, word: string): Markup {
  const label = lang === 'zh-CN' ? '核验结论' : 'What is known of this code';
  const checked = lang === 'zh-CN' ? '核验时间：' : 'Checked: ';
  return html`<section class="verdict">
<header>${verdictIcons[view.verdict]}<div><small>${label}</small><h1>${word}</h1></div></header>
<p>${clip(inLanguage(view.headline, lang), sentenceLimit)}</p>
<p class="when">${checked}${timeOf(view.checkedAt, lang)}</p>
</section>`;
}

/** By whose order the thing is stopped, and what to do with it. */
function orders(view: VerificationView, lang: Lang): Markup | null {
  if (view.orders.length === 0) return null;
  const items = view.orders.slice(0, ordersShown).map(({ type, number, issuer, since, notice }) => {
    const name =
      issuer === null ? null : inLanguage({ zh: issuer.name, en: issuer.nameEn ?? issuer.name }, lang);
    return html`<li><b>${inLanguage(orderWords[type], lang)}</b> ${name === null ? null : html`<bdi>${clip(name, nameLimit)}</bdi>`} · <bdi>${clip(number, nameLimit)}</bdi>
<br><span class="soft">${timeOf(since, lang)}</span>${notice && html`<p class="notice">${clip(inLanguage(notice, lang), sentenceLimit)}</p>`}</li>`;
  });
  return html`<section class="orders"><h2>${lang === 'zh-CN' ? '谁下的令，怎么办' : 'By whose order, and what to do'}</h2><ul>${items}</ul></section>`;
}

const isContainer = ({ code }: VerificationView): boolean => code.elementString.startsWith('(00)');

function taps(view: VerificationView, lang: Lang): Markup {
  if (isContainer(view)) {
    const advice = view.verdict === 'consistent' ? cartonAdvice : adviceFor(view.verdict, null);
    return html`<section><h2>${lang === 'zh-CN' ? '怎么办' : 'What to do'}</h2>
<p class="advice">${inLanguage(advice, lang)}</p></section>`;
  }
  const question = lang === 'zh-CN' ? '您在哪里见到它？' : 'Where do you see it?';
  const careful = mismatch(view);
  const links = purposes.map((purpose) => {
    const current = purpose === view.purpose ? html` aria-current="true"` : null;
    return html`<li><a href="${withQuery(view.urls.here, { for: purpose, lang })}"${current}>${inLanguage(purposeWords[purpose], lang)}</a></li>`;
  });
  return html`<section>
<h2>${question}</h2>
<ul class="taps">${links}</ul>
${careful === null ? null : html`<p class="notice">${inLanguage(careful, lang)}</p>`}
<p class="advice">${inLanguage(adviceFor(view.verdict, view.purpose), lang)}</p>
</section>`;
}

const reasonSentences = (view: VerificationView, lang: Lang, caution: boolean): readonly string[] =>
  view.reasons
    .slice(0, reasonsShown)
    .filter(({ code }) => isCaution(code) === caution)
    .map((reason) => clip(inLanguage(reason, lang), sentenceLimit));

function cautions(view: VerificationView, lang: Lang): Markup | null {
  const sentences = reasonSentences(view, lang, true);
  if (sentences.length === 0) return null;
  return html`<section class="cautions"><h2><span aria-hidden="true">⚠ </span>${lang === 'zh-CN' ? '请注意' : 'Please note'}</h2>
<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;
}

function reasons(view: VerificationView, lang: Lang): Markup | null {
  const sentences = reasonSentences(view, lang, false);
  if (sentences.length === 0) return null;
  const items = sentences.map((sentence) => html`<li>${sentence}</li>`);
  return html`<section><h2>${lang === 'zh-CN' ? '已知情况' : 'What is recorded'}</h2><ul>${items}</ul></section>`;
}

function hostCheck(view: VerificationView, lang: Lang): Markup {
  const [title, before, after] =
    lang === 'zh-CN'
      ? [
          '先看网址，防假冒网站',
          '浏览器地址栏里的网址，和二维码旁边印的网址，都必须是：',
          '只要有一处不同，就是另一个网站，它说的话不能当真。',
        ]
      : [
          'Look at the address: beware of copycat sites',
          'The address bar of your browser and the print beside the QR must both read:',
          'If either differs, you are on another site and cannot trust what it says.',
        ];
  return html`<section><h2>${title}</h2><p>${before}</p><p class="host">${clip(view.host, nameLimit)}</p><p class="soft">${after}</p></section>`;
}

/** Only where the thing may still be used: elsewhere the advice is to leave it alone. */
function checks(view: VerificationView, lang: Lang): Markup | null {
  if (view.verdict !== 'consistent' && view.verdict !== 'conflicted') return null;
  if (view.product === null && !isContainer(view)) return null;
  const list = isContainer(view) ? cartonChecks : checksFor(view.product?.category ?? null);
  const items = list.map((check) => html`<li>${inLanguage(check, lang)}</li>`);
  const title = lang === 'zh-CN' ? '核对实物' : 'Check the real thing';
  return html`<section><h2>${title}</h2><ul class="checks">${items}</ul></section>`;
}

function facts(view: VerificationView, lang: Lang): Markup {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const row = (label: string, value: Markup | string | null | undefined): Markup | null =>
    value === null || value === undefined || value === ''
      ? null
      : html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
  const name = (text: string | undefined): Markup | null =>
    text === undefined || text === '' ? null : html`<bdi>${clip(text, nameLimit)}</bdi>`;
  const named = (it: { readonly name: string; readonly nameEn: string | null } | null): Markup | null =>
    it && name(say(it.name, it.nameEn ?? it.name));
  const { product, manufacturer, certificate } = view;
  const maker =
    manufacturer &&
    html`${named(manufacturer)}${manufacturer.region && html`<br><span class="soft">${clip(inLanguage(manufacturer.region, lang), nameLimit)}</span>`}`;
  const soft = (words: Markup | string) => html`<br><span class="soft">${words}</span>`;
  const whenMade =
    view.certifiedWhenMade === null
      ? null
      : view.certifiedWhenMade
        ? say('生产时有登记的证书有效', 'One on record was valid when it was made')
        : say('登记中没有生产时有效的证书', 'None on record was valid when it was made');
  const paper =
    certificate === null
      ? product &&
        say('登记中没有该产品已生效的证书', 'None of the product that has come into force is on record')
      : html`${name(certificate.number)} · <b>${inLanguage(certificateWords[certificate.state], lang)}</b>${certificate.body && soft(name(certificate.body) ?? '')}${whenMade && soft(whenMade)}`;
  const title =
    product === null && manufacturer === null
      ? say('码上的内容', 'What the code says')
      : isContainer(view)
        ? say('登记的信息', 'As registered')
        : say('登记的产品信息', 'The product as registered');
  // A line may end before each application identifier, rather than within a serial.
  const identity = clip(view.code.elementString, nameLimit)
    .split(/(?=\()/)
    .map((part, i) => (i === 0 ? html`${part}` : html`<wbr>${part}`));
  return html`<section><h2>${title}</h2><dl>
${row(say('产品', 'Product'), named(product))}
${row(say('型号', 'Model'), name(product?.model))}
${row(say('类别', 'Category'), product?.category && clip(inLanguage(product.category, lang), nameLimit))}
${row(say('生产者', 'Maker'), maker)}
${row(say('批号', 'Lot'), name(view.lot ?? undefined))}
${row(say('生产日期', 'Produced on'), view.productionDate && clip(formatDate(view.productionDate, lang), nameLimit))}
${row(say('认证证书', 'Certificate'), paper)}
${row(say('身份标识', 'Identity'), html`<code>${identity}</code>`)}
</dl></section>`;
}

function journey(view: VerificationView, lang: Lang): Markup | null {
  if (view.journey === null) return null;
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const hidden = view.journey.length - stepsShown;
  const steps = view.journey
    .slice(-stepsShown)
    .map(
      ({ step, month, region }) =>
        html`<li><b>${inLanguage(hopWords[step], lang)}</b>${formatDate(month, lang)}${region && html`<span class="soft">${clip(inLanguage(region, lang), nameLimit)}</span>`}</li>`,
    );
  return html`<section><h2>${say('流转记录', 'Its journey')}</h2>
${hidden > 0 ? html`<p class="soft">${say(`更早的 ${hidden} 条未列出。`, `${hidden} earlier steps are not listed.`)}</p>` : null}
${steps.length === 0 ? html`<p>${say('还没有可以公开的记录。', 'Nothing that can be shown has been recorded yet.')}</p>` : html`<ol class="journey">${steps}</ol>`}
</section>`;
}

function scans(view: VerificationView, lang: Lang): Markup | null {
  if (view.scans === null) return null;
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const { count, firstAt } = view.scans;
  // What was typed bears no signature, and was no scan.
  const typed = view.reasons.some(({ code }) => code === 'typed-no-signature');
  const times = say(`${formatCount(count)} 次`, count === 1 ? 'once' : `${formatCount(count)} times`);
  const since = firstAt && html`${say('，首次在 ', ', first on ')}${timeOf(firstAt, lang)}`;
  const before = typed
    ? say(`此前公众查过 ${times}`, `Looked up by the public ${times} before`)
    : say(`此前公众扫描过 ${times}`, `Scanned by the public ${times} before`);
  const never = typed
    ? say('此前没有公众查过这个编号。', 'Nobody of the public has looked this number up before you.')
    : say('这是这个码第一次被公众扫描。', 'Nobody of the public has scanned this code before you.');
  const sentence = count === 0 ? never : html`${before}${since}${say('。', '.')}`;
  return html`<section><h2>${typed ? say('查询情况', 'Look-ups') : say('扫码情况', 'Scans')}</h2><p>${sentence}</p>
<p class="soft">${typed ? say('次数本身不说明真假。', 'The number proves nothing by itself.') : say('次数本身不说明真假；新品若早就有人扫过，请多问一句。', 'The number proves nothing by itself; but if a new product was scanned long ago, ask why.')}</p></section>`;
}

function report({ code }: VerificationView, lang: Lang): Markup {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  return html`<section><h2>${say('发现问题，怎样举报', 'How to report')}</h2>
<a class="button" href="${withQuery('/report', { code: clip(code.elementString, 200), lang })}">${say('在线举报，可匿名', 'Report it here, anonymously if you like')}</a>
<a class="button" href="tel:12315">${phoneIcon}${say('拨打 12315', 'Call 12315')}</a>
<a class="button" href="https://www.12315.cn/" rel="noreferrer">${say('打开 www.12315.cn', 'Open www.12315.cn')}</a>
<p class="soft">${say('全国消费者投诉举报热线，也可拨 12345。请说明：身份标识、在哪里见到或买到，并保留实物照片和票据。', 'China’s hotline for consumer complaints; 12345 takes them too. Give the identity above and where you saw or bought it; keep photos and the receipt.')}</p></section>`;
}

function proof(view: VerificationView, lang: Lang): Markup {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const entry =
    view.proof &&
    html`<div><dt>${say('账本序号', 'Log entry')}</dt><dd>${String(view.proof.seq)}</dd></div>
<div><dt>${say('叶哈希', 'Leaf hash')}</dt><dd><code>${view.proof.leafHash}</code></dd></div>`;
  return html`<details><summary>${say('技术凭据', 'For those who check')}</summary><dl>
<div><dt>${say('扫到的码', 'Code as read')}</dt><dd><code>${clip(view.code.text, 500)}</code></dd></div>
${entry}</dl>
${view.urls.proof === null ? null : html`<ul class="links"><li><a href="${local(view.urls.proof)}">${say('在账本中查看', 'See it in the log')}</a></li></ul>`}
</details>`;
}

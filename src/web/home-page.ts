/** The page at `/`: what this service is, and where to go from here. */
import { html } from './html.ts';
import { renderPage } from './page.ts';
import type { Lang } from './words.ts';

/** A whole page; `host` is the host printed beside our codes. */
export function renderHomePage(view: { readonly host: string }, lang: Lang): string {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const link = (href: string, name: string, what: string) =>
    html`<li><a href="${href}">${name}</a><span>${what}</span></li>`;
  return renderPage({
    title: say('溯源：产品追溯账本与身份码核验', 'Suyuan: product traceability ledger'),
    lang,
    here: '/',
    look: 'home',
    indexed: true,
    main: html`<section class="plain"><h1>${say('一物一码，来源可查，去向可追', 'One code for each thing, its history on record')}</h1>
<p class="lead">${say(
      '溯源给每一件产品一个带签名的身份码，把生产、流通、安装、维修、报废的每一步记入只增不改、环环相扣的账本。',
      'Suyuan gives every product unit a signed identity code and records each step, from production through sale, installation and service to scrapping, in an append-only, hash-chained log.',
    )}</p>
<p>${say(
      '用手机扫产品上的二维码，就能看到此码的核验结论和流转记录。它说明的是码和记录，不代替对实物的检查。',
      'Scan the QR on a product with your phone to see what is known of its code. It tells of the code and its records; it does not replace a look at the thing.',
    )}</p></section>
<section><h2>${say('认准网址', 'Know the address')}</h2><p>${say('本服务的二维码旁边印的网址是：', 'Beside codes of this service you find printed:')}</p><p class="host">${view.host}</p></section>
<section><h2>${say('公众服务', 'For everybody')}</h2><ul class="links">
${link(`/report?lang=${lang}`, say('举报有问题的产品', 'Report a product'), say('可匿名，凭回执码查看进度', 'Anonymously if you like; a receipt code shows what comes of it'))}
${link(`/recalls?lang=${lang}`, say('召回与停售', 'Recalls'), say('产品的召回、停售公告', 'And stops of sale'))}
${link(`/samples?lang=${lang}`, say('监督抽查结果', 'Results of official sampling'), say('按产品、生产者、批号、地区查询', 'By product, maker, lot and region'))}
</ul></section>
<section><h2>${say('给开发者和核查者', 'For developers and auditors')}</h2><ul class="links">
${link('/docs', say('接口文档', 'API documentation'), say('登记批次、记录流转、核验、追溯', 'Register batches, record hops, verify, trace'))}
${link('/.well-known/jwks.json', say('公钥', 'Public keys'), say('离线验证身份码签名', 'Verify the signatures of codes offline'))}
${link('/v1/trust-list', say('信任清单', 'Trust list'), say('哪个密钥可以为哪家的产品签码', 'Which key may sign for whose products'))}
${link(`/verify-evidence?lang=${lang}`, say('核验证据文件', 'Check a file of evidence'), say('在您的浏览器里核验，文件不上传', 'In your browser; the file is not uploaded'))}
${link('/healthz', say('运行状态', 'Health'), say('服务是否在运行', 'Whether the service runs'))}
</ul></section>`,
    foot: say('举报假冒伪劣：12315', 'Report counterfeits in China: 12315'),
  });
}

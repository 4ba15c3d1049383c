/**
 * The page that checks a file of evidence in the reader's browser. The script stands in the page and is allowed by its
 * hash; the policy lets the page connect to nothing, so a file cannot leave the machine, and a saved copy works offline.
 */
import { createHash } from 'node:crypto';
import { html, Markup } from './html.ts';
import { renderPage } from './page.ts';
import { pageSecurityPolicy } from './style.ts';
import type { Lang } from './words.ts';

/** The page with its policy. `script` is ours, bundled, and holds no `</script`. */
export function renderEvidencePage(
  script: string,
  lang: Lang,
): { readonly page: string; readonly policy: string } {
  if (/<\/script/i.test(script)) throw new Error('the script would end early');
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const scriptHash = createHash('sha256').update(script).digest('base64');
  const page = renderPage({
    title: say('核验证据文件', 'Check a file of evidence'),
    lang,
    here: '/verify-evidence',
    look: 'evidence',
    indexed: true,
    main: html`<section class="plain"><h1>${say('核验证据文件', 'Check a file of evidence')}</h1>
<p class="lead">${say(
      '在本机核验：文件不上传，本页不连接任何服务器。打开后断网也能用，也可另存备用。',
      'The check runs on your machine: the file is not uploaded, and this page connects to nothing. Once open it works offline; you may save it for later.',
    )}</p>
<label class="keys" for="file">${say('证据文件', 'The file')}</label>
<input id="file" type="file" accept="application/json,.json">
<label class="keys" for="keys">${say('您从别处得到的账本或见证方公钥（可选，每行一个）', 'Keys of the log or of witnesses that you have from elsewhere (optional, one a line)')}</label>
<textarea id="keys" rows="2" spellcheck="false" autocomplete="off"></textarea></section>
<section id="result" class="outcome" hidden></section>
<noscript><section>${say('核验需要启用脚本，也可用命令 suyuan verify-evidence。', 'The check needs scripts; or use the command suyuan verify-evidence.')}</section></noscript>
${Markup.trusted(`<script type="module">${script}</script>`)}`,
    foot: say(
      '证据格式与命令行工具见使用说明。',
      'The format and the command line tool are described in the manual.',
    ),
  });
  return { page, policy: `${pageSecurityPolicy}; script-src 'sha256-${scriptHash}'` };
}

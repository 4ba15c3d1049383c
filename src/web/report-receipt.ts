/** The page behind a receipt code: how far a report has come, and what the authority says. */
import {
  type ErasablePart,
  erasablePartWords,
  formatReceiptCode,
  parseReceiptCode,
  type ReportCategory,
  type ReportOutcome,
  type ReportState,
  reportOutcomeWords,
  reportStateWords,
  reportWords,
} from '../core/report.ts';
import { html, type Markup } from './html.ts';
import { renderPage, timeOf } from './page.ts';
import { allowingScript, scriptElement } from './script.ts';
import { formSecurityPolicy } from './style.ts';
import { type Bilingual, inLanguage, type Lang } from './words.ts';

export interface ReceiptView {
  readonly receipt: string;
  /** RFC 3339. */
  readonly at: string;
  readonly category: ReportCategory;
  readonly region: Bilingual;
  readonly state: ReportState;
  /** How many there are. */
  readonly photos: number;
  /** How many more may be added. */
  readonly photosLeft: number;
  readonly steps: readonly {
    readonly at: string;
    readonly state: ReportState;
    readonly answer: string | null;
    readonly outcome: ReportOutcome | null;
    readonly authority: string;
  }[];
  readonly erasures: readonly {
    readonly at: string;
    readonly parts: readonly ErasablePart[];
    readonly authority: string;
  }[];
}

/** The page with its policy. `script` is ours: it sends photos, which a page without script cannot do here. */
export function renderReceiptPage(
  { receipt, at, category, region, state, photos, photosLeft, steps, erasures }: ReceiptView,
  script: string,
  lang: Lang,
): { readonly page: string; readonly policy: string } {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const code = parseReceiptCode(receipt);
  const shown = code.ok ? formatReceiptCode(code.value) : receipt;
  const told = steps.map(
    (step) =>
      html`<li><b>${inLanguage(reportStateWords[step.state], lang)}${step.outcome === null ? null : html`${say('：', ': ')}${inLanguage(reportOutcomeWords[step.outcome], lang)}`}</b>${timeOf(Date.parse(step.at), lang)}<span class="soft"><bdi>${step.authority}</bdi></span>${step.answer === null ? null : html`<p class="answer">${step.answer.split(/\r?\n/).map((line) => html`${line}<br>`)}</p>`}</li>`,
  );
  const gone = erasures.map((it) => {
    const parts = it.parts.map((part) => inLanguage(erasablePartWords[part], lang)).join(say('、', ', '));
    return html`<li><b>${say('已删除', 'Erased')}${say('：', ': ')}${parts}</b>${timeOf(Date.parse(it.at), lang)}<span class="soft"><bdi>${it.authority}</bdi></span></li>`;
  });
  const page = renderPage({
    title: say('举报进度', 'How your report stands'),
    lang,
    here: `/report/${receipt}`,
    look: 'report',
    indexed: false,
    main: html`<section class="plain"><h1>${inLanguage(reportStateWords[state], lang)}</h1>
${state === 'received' ? html`<p>${say('等待当地监管部门受理。', 'The regulators of the place have yet to take it up.')}</p>` : null}
<p>${say('您的回执码，请抄下或截图保存：', 'Your receipt code; write it down or keep a picture of this page:')}</p><p class="host">${shown}</p>
<p class="soft">${say('这是再次找到这份举报的唯一办法，谁拿到它都能看到本页，请勿外传。', 'It is the only way back to this report, and whoever has it sees this page. Keep it to yourself.')}</p></section>
<section><h2>${say('进度', 'What has been done')}</h2><ol class="journey">
<li><b>${inLanguage(reportStateWords.received, lang)}</b>${timeOf(Date.parse(at), lang)}<span class="soft">${inLanguage(reportWords[category], lang)} · ${inLanguage(region, lang)}</span></li>
${told}${gone}</ol></section>
${photos === 0 && photosLeft === 0 ? null : photoSection(receipt, { photos, photosLeft }, lang)}${photosLeft === 0 ? null : scriptElement(script)}`,
    foot: say(
      '本页不显示您写的内容。情况紧急请拨打 12315 或 119。',
      'This page does not show what you wrote. If it is urgent, call 12315 or 119.',
    ),
  });
  return {
    page,
    policy:
      photosLeft === 0
        ? formSecurityPolicy
        : `${allowingScript(formSecurityPolicy, script)}; connect-src 'self'`,
  };
}

/** Shown by the script alone. */
function photoSection(
  receipt: string,
  { photos, photosLeft }: Pick<ReceiptView, 'photos' | 'photosLeft'>,
  lang: Lang,
): Markup {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const form = html`<noscript><p>${say('添加照片需要启用浏览器脚本。', 'To add photos, allow this page to run script.')}</p></noscript>
<form id="photos" hidden data-to="/v1/reports/${receipt}/photos" data-sending="${say('正在上传……', 'Sending…')}" data-failed="${say('有照片没有收到。请检查格式和大小，稍后再试。', 'A photo was not taken. Look at its kind and size, or try again later.')}">
<label for="photo">${say(`照片（JPEG、PNG 或 WebP，每张不超过 8 MB，还可添加 ${photosLeft} 张）`, `Photos (JPEG, PNG or WebP, 8 MB each at most; ${photosLeft} more can be added)`)}</label>
<input id="photo" type="file" accept="image/jpeg,image/png,image/webp" multiple required>
<p class="soft">${say('只保留画面，拍摄地点、时间和设备信息会被去除。', 'Only the picture is kept: where, when and by which camera it was taken is removed.')}</p>
<p id="said" role="status"></p><button id="send">${say('上传照片', 'Send the photos')}</button></form>`;
  return html`<section><h2>${say('照片', 'Photos')}</h2><p>${say(`已收到 ${photos} 张。`, `Received: ${photos}.`)}</p>${photosLeft === 0 ? null : form}</section>`;
}

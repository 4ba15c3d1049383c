/** The page behind a receipt code: how far a report has come, and what the authority says. */
import {
  formatReceiptCode,
  parseReceiptCode,
  type ReportCategory,
  type ReportState,
  reportStateWords,
  reportWords,
} from '../core/report.ts';
import { html } from './html.ts';
import { renderPage } from './page.ts';
import { type Bilingual, formatTime, inLanguage, type Lang } from './words.ts';

export interface ReceiptView {
  readonly receipt: string;
  /** RFC 3339. */
  readonly at: string;
  readonly category: ReportCategory;
  readonly region: Bilingual;
  readonly state: ReportState;
  readonly steps: readonly {
    readonly at: string;
    readonly state: ReportState;
    readonly answer: string | null;
    readonly authority: string;
  }[];
}

export function renderReceiptPage(
  { receipt, at, category, region, state, steps }: ReceiptView,
  lang: Lang,
): string {
  const say = (zh: string, en: string): string => (lang === 'zh-CN' ? zh : en);
  const code = parseReceiptCode(receipt);
  const shown = code.ok ? formatReceiptCode(code.value) : receipt;
  const told = steps.map(
    (step) =>
      html`<li><b>${inLanguage(reportStateWords[step.state], lang)}</b>${formatTime(Date.parse(step.at), lang)}<span class="soft"><bdi>${step.authority}</bdi></span>${step.answer === null ? null : html`<p class="answer">${step.answer.split(/\r?\n/).map((line) => html`${line}<br>`)}</p>`}</li>`,
  );
  return renderPage({
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
<li><b>${inLanguage(reportStateWords.received, lang)}</b>${formatTime(Date.parse(at), lang)}<span class="soft">${inLanguage(reportWords[category], lang)} · ${inLanguage(region, lang)}</span></li>
${told}</ol></section>`,
    foot: say(
      '本页不显示您写的内容。情况紧急请拨打 12315 或 119。',
      'This page does not show what you wrote. If it is urgent, call 12315 or 119.',
    ),
  });
}

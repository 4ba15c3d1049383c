/**
 * The page /verify-evidence: reads a file that stays on the machine and shows what it proves. Names come from parties we
 * do not control, so everything is put into the page as text.
 */
import { checkEvidence } from '../../core/evidence/evidence-check.ts';
import { flawWords } from '../../core/evidence/evidence-flaws.ts';
import { reportOf } from '../../core/evidence/evidence-report.ts';
import { parseNoteKey } from '../../core/log/note.ts';
import { visible } from '../html.ts';

const chinese = document.documentElement.lang === 'zh-CN';
const say = (words) => visible(chinese ? words.zh : words.en);
const [picker, keys, result] = ['file', 'keys', 'result'].map((id) => document.getElementById(id));

function element(tag, text, ...children) {
  const made = document.createElement(tag);
  made.append(text, ...children);
  return made;
}

function show(state, title, ...parts) {
  const head = element('h2', title);
  head.tabIndex = -1;
  result.replaceChildren(head, ...parts);
  result.dataset.state = state;
  result.hidden = false;
  head.focus();
}

const numbers = (seqs) => (seqs.length === 0 ? '' : ` [#${seqs.join(' #')}]`);
const section = (title, items) =>
  items.length === 0
    ? []
    : [
        element('h3', title),
        element('ul', '', ...items.map((it) => element('li', say(it) + numbers(it.seqs)))),
      ];

async function verify(publicKey, message, signature) {
  const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, signature, new TextEncoder().encode(message));
}

async function check() {
  const [file] = picker.files;
  if (file === undefined) return;
  const read = keys.value
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : [parseNoteKey(line.trim())]));
  if (read.some(({ ok }) => !ok))
    return show('bad', say({ zh: '密钥格式错误', en: 'A key is malformed' }), element('p', 'name+id+base64'));
  const started = performance.now();
  const checked = await checkEvidence(await file.text(), { verify, keys: read.map(({ value }) => value) });
  const took = Math.ceil(performance.now() - started);
  if (!checked.ok) {
    const flaws = checked.flaws.map(({ flaw, seq, at }) =>
      element(
        'li',
        `${say(flawWords[flaw])} `,
        element('code', visible([flaw, seq === undefined ? '' : `#${seq}`, at ?? ''].join(' ').trim())),
      ),
    );
    return show(
      'bad',
      say({ zh: '证据不成立', en: 'The evidence does not hold' }),
      element('ul', '', ...flaws),
    );
  }
  const report = reportOf(checked.value);
  const product = report.product === null ? '' : ` · ${say(report.product)}`;
  show(
    'good',
    say({ zh: '证据成立', en: 'The evidence holds' }),
    element('p', visible(report.about.join(', ')) + product),
    ...section(say({ zh: '已证实', en: 'Proven' }), report.proven),
    ...section(say({ zh: '疑点', en: 'Findings' }), report.findings),
    ...section(say({ zh: '未证实', en: 'Not proven' }), report.unproven),
    element(
      'p',
      say({ zh: `在本机核验，用时 ${took} 毫秒。`, en: `Checked on this machine in ${took} ms.` }),
    ),
  );
}

const run = () =>
  check().catch(() =>
    show(
      'bad',
      say({ zh: '此浏览器无法核验', en: 'This browser cannot check it' }),
      element(
        'p',
        say({
          zh: '需要支持 Ed25519 的浏览器（较新的 Chrome、Edge、Firefox、Safari），并以 https 打开本页；也可用命令 suyuan verify-evidence。',
          en: 'It takes a browser with Ed25519 (a recent Chrome, Edge, Firefox or Safari) and this page over https; or use the command suyuan verify-evidence.',
        }),
      ),
    ),
  );
picker.addEventListener('change', run);
keys.addEventListener('change', run);

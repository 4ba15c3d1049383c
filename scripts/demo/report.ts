/** What the demo prints when it has been played: codes to open, a carton traced back, and how to ask oneself. */
import { type Client, patiently } from '../api.ts';
import type { Carton } from './chain.ts';
import type { Actor, Maker } from './parties.ts';
import type { Played } from './play.ts';

interface Verification {
  readonly verdict: string;
  readonly sentence: { readonly zh: string; readonly en: string };
}
interface Named {
  readonly id: string;
  readonly name: string;
}
interface Hop {
  readonly seq: number;
  readonly hop: string;
  readonly time: string;
  readonly recorder: Named | null;
  readonly taker: Named | null;
  readonly region: { readonly zh: string } | null;
  readonly via: readonly string[];
}
interface Trace {
  readonly hops: readonly Hop[];
}

/** Codes of each kind with their verdicts, then the way of one carton of a batch back to its source, and how to ask oneself. */
export async function report(url: string, { cast, troubles, measures, carton }: Played): Promise<string> {
  const codes: readonly [title: string, code: string][] = [
    ['consistent 记录一致', troubles.consistent.code],
    ['conflicted 记录有矛盾', troubles.cloned.code],
    ['blocked 已停售', measures.blocked.code],
    ['retired 已注销', troubles.retired.code],
    ['unknown 无法确认', troubles.unknown],
    ['forged 伪造码', troubles.forged],
  ];
  const lines = ['', 'Codes to open (what a phone opens from the QR) 扫码页面', ''];
  for (const [title, code] of codes) {
    const found = await verify(url, code);
    lines.push(
      `  ${title}: verdict ${found.verdict}`,
      `    ${found.sentence.zh}`,
      `    ${found.sentence.en}`,
      `    ${openable(url, code)}`,
      '',
    );
  }
  const { regulator } = cast;
  const [maker] = cast.makers;
  const { dealer } = carton;
  if (maker === undefined || dealer === null) throw new Error('nobody has the carton');
  const credentials = ({ id, secret }: Actor['credentials']): string => `${id}:${secret}`;
  lines.push(
    `A carton of batch ${maker.lot} (${carton.units.length} units) traced from its dealer back to its source 一箱产品由经销商追溯到源头:`,
    '',
    ...sourceTable(await wayBack(regulator.client, carton)),
    '',
    'Open in a browser 用浏览器打开:',
    '',
    ...table([
      ['start page 首页', `${url}/`],
      ['that carton 上述一箱产品', openable(url, carton.code)],
      ['recalls and stops of sale 召回与停售', `${url}/recalls`],
      ['results of sampling 监督抽查', `${url}/samples`],
      ['report a product 举报', `${url}/report`],
      ['API documentation 接口文档', `${url}/docs`],
    ]),
    '',
    'Ask the API, each what it may see 查询接口，各看各的权限范围:',
    '',
    ...table([
      ['REGULATOR', regulator.name, 'regulator 监管部门'],
      ['MAKER', maker.name, 'manufacturer 生产企业'],
      ['DEALER', dealer.name, 'dealer 经销商'],
    ]),
    '',
    "Paste into another terminal: the carton's trace and the batch's flow as drawings (open these files in a browser),",
    'the trace as the dealer may see it, what the rules found, and where to look first',
    '粘贴到另一终端：该箱的溯源图、整批流向图（用浏览器打开这两个文件）、经销商所见的追溯、疑点案件、重点研判',
    '',
    `  REGULATOR=${credentials(regulator.credentials)}`,
    `  MAKER=${credentials(maker.credentials)}`,
    `  DEALER=${credentials(dealer.credentials)}`,
    ...commands(url, maker, carton).map((line) => `  ${line}`),
  );
  return `${lines.join('\n')}\n`;
}

/** For a shell with `REGULATOR`, `MAKER` and `DEALER`: what each prints fits on a screen. */
const commands = (url: string, { gtin, lot }: Maker, { epc }: Carton): string[] => [
  `pick() { node -p "const it = JSON.parse(require('fs').readFileSync(0, 'utf8')); $1"; }`,
  `ask() { curl -sS --fail-with-body "${url}$2" -H "Authorization: Bearer $(curl -sS ${url}/oauth/token -u "$1" -d grant_type=client_credentials | pick it.access_token)"; }`,
  `ask $REGULATOR '${tracePath(epc)}&format=svg' > trace.svg`,
  `ask $MAKER '/v1/batches/${gtin}/${lot}/flow?format=svg' > flow.svg`,
  `ask $DEALER '${tracePath(epc)}' | pick 'it.hops.map(({ time, hop, recorder }) => [time.slice(0, 10), hop, recorder?.name ?? "—"].join("  ")).join("\\n")'`,
  `ask $REGULATOR '/v1/cases?state=open&limit=10' | pick 'it.items.map((of) => [of.rule, of.product?.name, of.party?.name, of.zh].join("  ")).join("\\n")'`,
  `ask $REGULATOR '/v1/insights' | pick 'it.problems.slice(0, 10).map(({ about, cases }) => [cases, about.id, about.zh].join("  ")).join("\\n")'`,
];

export async function verify(url: string, code: string): Promise<Verification> {
  const response = await patiently(`${url}/v1/verify`, () => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  }));
  const answer: Verification = JSON.parse(await response.text());
  if (!response.ok) throw new Error(`verifying answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

/** The printed code with the address under which this machine answers. */
const openable = (url: string, code: string): string => {
  const { pathname, search } = new URL(code);
  return `${url}${pathname}${search}`;
};

const tracePath = (epc: string): string => `/v1/trace?epc=${encodeURIComponent(epc)}&direction=up`;

/** The hops of a carton, newest first, down to the production of what is in it. */
async function wayBack(client: Client, { epc, units }: Carton): Promise<Hop[]> {
  const [unit] = units;
  const [packed, made] = await Promise.all(
    [epc, unit?.epc ?? epc].map((thing) => client.get<Trace>(tracePath(thing))),
  );
  const produced = made?.hops.filter(({ hop }) => hop === 'produce') ?? [];
  return [...produced, ...(packed?.hops ?? [])].reverse();
}

const hopWords: Readonly<Record<string, string>> = {
  produce: '生产',
  pack: '装箱',
  ship: '发货',
  receive: '收货',
  unpack: '拆箱',
};

function sourceTable(hops: readonly Hop[]): string[] {
  const rows = hops.map(({ seq, hop, time, recorder, taker, region, via }) => [
    `#${seq}`,
    time.slice(0, 10),
    `${hop} ${hopWords[hop] ?? ''}`.trim(),
    [recorder, ...(taker !== null && taker.id !== recorder?.id ? [taker] : [])]
      .map((party) => party?.name ?? '—')
      .join(' → '),
    region?.zh ?? '—',
    via.map((container) => `…${container.slice(-6)}`).join(', '),
  ]);
  return headed([
    ['entry 账本条目', 'day 日期', 'hop 环节', 'party 主体', 'region 地区', 'on pallet 所在托盘'],
    ...rows,
  ]);
}

/** A table with a rule under its first row. */
function headed(rows: readonly (readonly string[])[]): string[] {
  const [head = '', ...rest] = table(rows);
  return [head, `  ${'─'.repeat(Math.max(...[head, ...rest].map((line) => widthOf(line) - 2)))}`, ...rest];
}

/** Columns that a text takes on a terminal: a Chinese character takes two. */
const widthOf = (text: string): number =>
  [...text].reduce((width, symbol) => width + (/[\u2e80-\uffef]/.test(symbol) ? 2 : 1), 0);

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (found, row) => row.map((cell, i) => Math.max(found[i] ?? 0, widthOf(cell))),
    [],
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell))).join('  ')}`.trimEnd();
  return rows.map(line);
}

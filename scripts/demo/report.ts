/** What the demo prints when it has been played: codes to open, a carton traced back, and how to ask oneself. */
import type { Client } from '../api.ts';
import type { Carton } from './chain.ts';
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

const openCases = '/v1/cases?state=open';
const lookFirst = '/v1/insights';

/** Codes of each kind with their verdicts, then the way of one carton of a batch back to its source. */
export async function report(url: string, { cast, troubles, carton }: Played): Promise<string> {
  const codes: readonly [title: string, code: string][] = [
    ['consistent 记录一致', troubles.consistent.code],
    ['conflicted 记录有矛盾', troubles.cloned.code],
    ['retired 已注销', troubles.retired.code],
    ['forged 伪造码', troubles.forged],
  ];
  const lines = ['', 'Codes to open (what a phone opens from the QR) 扫码页面', ''];
  for (const [title, code] of codes) {
    const found = await verify(url, code);
    lines.push(
      `  ${title}: verdict ${found.verdict}`,
      `    ${found.sentence.zh}`,
      `    ${openable(url, code)}`,
      '',
    );
  }
  const { regulator } = cast;
  const [maker] = cast.makers;
  const trace = tracePath(carton.epc);
  lines.push(
    `A carton of batch ${maker?.lot} (${carton.units.length} units) traced from its dealer back to its source 一箱产品由经销商追溯到源头:`,
    '',
    ...sourceTable(await wayBack(regulator.client, carton)),
    '',
    'Open what everybody may see of it 公开页面:',
    `  ${openable(url, carton.code)}`,
    'The start page, with recalls, results of sampling, reports and the check of evidence 首页（召回、抽查、举报、核验证据）:',
    `  ${url}/`,
    '',
    'As the regulator, in another terminal: the trace, also as a drawing to open in a browser; the flow of the whole batch;',
    'what the rules found in all of it; what to look at first',
    '以监管身份在另一终端查询：追溯及溯源图（用浏览器打开）、整批流向、疑点案件、重点研判',
    '',
    `  TOKEN=$(curl -s ${url}/oauth/token -u ${regulator.credentials.id}:${regulator.credentials.secret} -d grant_type=client_credentials | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')`,
    `  curl -s -H "Authorization: Bearer $TOKEN" '${url}${trace}'`,
    `  curl -s -H "Authorization: Bearer $TOKEN" '${url}${trace}&format=svg' -o trace.svg`,
    `  curl -s -H "Authorization: Bearer $TOKEN" '${url}/v1/batches/${maker?.gtin}/${maker?.lot}/flow'`,
    `  curl -s -H "Authorization: Bearer $TOKEN" '${url}${openCases}'`,
    `  curl -s -H "Authorization: Bearer $TOKEN" '${url}${lookFirst}'`,
    '',
    `API documentation 接口文档: ${url}/docs`,
  );
  return `${lines.join('\n')}\n`;
}

export async function verify(url: string, code: string): Promise<Verification> {
  const response = await fetch(`${url}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
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
  return table([
    ['entry 账本条目', 'day 日期', 'hop 环节', 'party 主体', 'region 地区', 'on pallet 所在托盘'],
    ...rows,
  ]);
}

/** Columns as wide as their widest cell; a Chinese character takes two columns of a terminal. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (text: string): number =>
    [...text].reduce((width, symbol) => width + (/[\u2e80-\uffef]/.test(symbol) ? 2 : 1), 0);
  const widths = rows.reduce<number[]>(
    (found, row) => row.map((cell, i) => Math.max(found[i] ?? 0, widthOf(cell))),
    [],
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell))).join('  ')}`.trimEnd();
  const [head = [], ...rest] = rows;
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rest.map(line)];
}

/** What the demo prints when it has been played: codes to open, a batch traced back, and how to ask oneself. */
import type { Client } from '../api.ts';
import type { Played } from './play.ts';

interface Verification {
  readonly verdict: string;
  readonly sentence: { readonly zh: string; readonly en: string };
}
interface Party {
  readonly id: string;
  readonly name: string;
}
interface Trace {
  readonly hops: readonly {
    readonly seq: number;
    readonly hop: string;
    readonly time: string;
    readonly recorder: Party | null;
    readonly taker: Party | null;
    readonly via: readonly string[];
  }[];
}

/** Codes of each kind with their verdicts, then the way of one unit back to its source. */
export async function report(url: string, { cast, troubles }: Played): Promise<string> {
  const codes: readonly [title: string, code: string][] = [
    ['consistent 一致', troubles.consistent.code],
    ['conflicted 存疑', troubles.cloned.code],
    ['retired 已报废', troubles.retired.code],
    ['forged 伪造', troubles.forged],
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
  const { epc } = troubles.consistent;
  lines.push(
    `One unit traced from its dealer back to its source 由经销商追溯到源头: ${epc}`,
    '',
    ...(await sourceTable(regulator.client, epc)),
    '',
    'As the regulator, ask yourself 以监管身份自行查询:',
    '',
    `  TOKEN=$(curl -s ${url}/oauth/token -u ${regulator.credentials.id}:${regulator.credentials.secret} -d grant_type=client_credentials | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')`,
    `  curl -s -H "Authorization: Bearer $TOKEN" '${url}/v1/trace?epc=${epc}&direction=up'`,
    `  curl -s -H "Authorization: Bearer $TOKEN" '${url}/v1/batches/${epc.split('/')[1]}/${cast.makers[0]?.lot}/flow'`,
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

/** Hops upstream, newest first. */
async function sourceTable(client: Client, epc: string): Promise<string[]> {
  const { hops } = await client.get<Trace>(`/v1/trace?epc=${encodeURIComponent(epc)}&direction=up`);
  const shown = hops.filter(({ hop }) => ['produce', 'ship', 'receive', 'sell'].includes(hop)).reverse();
  return shown.map(({ seq, hop, time, recorder, taker, via }) => {
    const to = taker && taker.id !== recorder?.id ? ` → ${taker.name}` : '';
    const inside = via.length > 0 ? ` (in ${via.map((id) => `…${id.slice(-6)}`).join(' in ')})` : '';
    return `  #${String(seq).padEnd(6)} ${time.slice(0, 10)}  ${hop.padEnd(8)} ${recorder?.name ?? '—'}${to}${inside}`;
  });
}

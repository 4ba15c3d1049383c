/** The commands of README.md, and those of docs/ that go on from them, run as they stand against a new service. */
import { spawn } from 'node:child_process';
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { newKey, proveKey } from '../examples/sign-hop.ts';
import { freePort } from '../scripts/service-process.ts';
import type { PartyId } from '../src/core/events/hop.ts';
import { outputOf } from './support/output.ts';
import { testOperatorSecret, testService } from './support/service.ts';

const program = fileURLToPath(import.meta.resolve('#root/bin/suyuan.js'));

/** Code in a language under a heading of a document, block by block. */
function blocks(heading: string, language: string, document = 'README.md'): string[] {
  const text = readFileSync(new URL(import.meta.resolve(`#root/${document}`)), 'utf8');
  const from = text.indexOf(`\n${heading}\n`);
  const level = heading.split(' ')[0]?.length ?? 0;
  const rest = text.slice(from + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  const section = end === -1 ? rest : rest.slice(0, end);
  return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, of, code = '']) =>
    of === language ? [code] : [],
  );
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the folder of the project with this on its standard input. */
const run = (command: string, args: readonly string[], input: string, env: Record<string, string>) =>
  new Promise<Ran>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: fileURLToPath(new URL('.', import.meta.resolve('#root/package.json'))),
      env: { PATH: process.env.PATH, ...env },
    });
    const { stdout, stderr } = outputOf(child);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
    child.stdin.end(input);
  });

const fence = '--- block ---';

t.test('the tour and the offline checks', { timeout: 180_000 }, async (t) => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const service = await testService(t, { service: { publicUrl: origin } });
  await service.app.listen({ port, host: '127.0.0.1' });

  const tour = blocks('## From token to trace, with curl', 'sh');
  const evidence = blocks('### Evidence', 'sh').map((it) => it.replaceAll('npx suyuan', `node ${program}`));
  // A command that fails ends the run, also one whose output is read by another.
  const script = [
    'set -euo pipefail',
    ...tour,
    'echo "$CODE"; echo "$RECEIPT"; echo "$FILES"',
    ...evidence,
  ].join(`\necho '${fence}'\n`);
  const played = await run('bash', ['-s'], script, {
    URL: origin,
    OPERATOR_SECRET: testOperatorSecret,
    TMPDIR: t.testdir(),
  });
  t.strictSame([played.code, played.stderr], [0, ''], 'every command succeeds');
  const [
    ,
    ,
    ,
    vetted = '',
    issued = '',
    recorded = '',
    verified = '',
    seen = '',
    entry = '',
    sources = '',
    stopped = '',
    last = '',
    proven = '',
  ] = played.stdout.split(`${fence}\n`);

  t.match(vetted, /^entry \d+\nMFZ\/ABC4\nkey \d{7}\n$/);
  t.match(issued, /^\w+\nHTTPS:\/\/127\.0\.0\.1:\d+\/01\/06901234567892\/21\/[0-9A-Z]+\?S=\d{162}\n$/);
  t.match(recorded, /^entries \d+, \d+, \d+\nentries \d+, \d+, \d+\nentries \d+\nentries \d+\n$/);
  t.match(
    verified,
    /^consistent\nThis code was issued by 江南消防器材有限公司 .*\nrecorded-installed\n<title>.+<\/title>\n$/,
  );
  // Number of the entry, time and leaf differ from run to run; the rest is what the text beside promises.
  const told = seen
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d+ {2}(?:20\S+ {2})?|( {2}[\w-]{43})$/g, ''));
  t.strictSame(told, [
    '2025-07-07T10:00:00.000Z  held',
    'produce  holder',
    'release  holder',
    'pack  holder',
    'ship  holder',
    'receive  counterparty',
    'unpack  holder',
    'sell  holder',
    'install  holder',
    'produce  江南消防器材有限公司',
    'pack  江南消防器材有限公司',
    'ship  江南消防器材有限公司',
    'receive  浦江消防贸易有限公司',
    'unpack  浦江消防贸易有限公司',
    'sell  浦江消防贸易有限公司',
    'install  长宁大酒店',
    'maintain  长宁消防维保有限公司',
    '3 江南消防器材有限公司 → 浦江消防贸易有限公司',
    '1 浦江消防贸易有限公司 → 上海市',
    '2 held 上海市长宁区',
    '1 installed 上海市',
  ]);
  t.match(sources, /^1 {2}.*1 个不良品中有 1 个、2 个良品中有 0 个经过。/);
  t.equal(stopped, 'blocked\nstop-sale  上海市市场监督管理局  请停止使用并联系供货单位\nreleased\n');
  t.match(entry, /^\d+\n\S+Z\n[\w-]{43}\nni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0\n$/);

  const [code = '', receipt = '', folder = ''] = last.split('\n');
  const check = (heading: string, env: Record<string, string>, document?: string): Promise<Ran> =>
    run(process.execPath, ['--input-type=module', '-'], blocks(heading, 'js', document).join(''), {
      URL: origin,
      ...env,
    });
  const one = '### One code, with `jose` alone';
  const good = await check(one, { CODE: code });
  t.match(
    good.stdout,
    /^01\/06901234567892\/21\/[0-9A-Z]+ was issued with key \d{7} of 江南消防器材有限公司\n$/,
  );
  t.strictSame([good.code, good.stderr], [0, '']);
  const altered = await check(one, { CODE: code.replace(/\d$/, (it) => (it === '1' ? '2' : '1')) });
  t.equal(altered.code, 1, 'an altered signature is refused');
  t.match(altered.stderr, /signature verification failed/);
  const other = await check(one, { CODE: code.replace('06901234567892', '06923450657232') });
  t.match([other.code, other.stderr], [1, /may not sign for 06923450657232/]);

  const size = await service.deps.ledger.size();
  t.ok(await service.deps.checkpoints.covering(size - 1, 10_000), 'a checkpoint covers the tour');
  const checking = ['set -euo pipefail', ...blocks('### A checkpoint, with `openssl` alone', 'sh')];
  const signed = await run('bash', ['-s'], checking.join('\n'), { URL: origin, FILES: folder });
  t.strictSame([signed.code, signed.stdout], [0, 'Signature Verified Successfully\n']);
  const forged = await run(
    'bash',
    ['-s'],
    [`cd ${folder}`, 'sed -i.bak s/^[0-9].*/1/ text', checking.at(-1)?.split('\n').at(-3)].join('\n'),
    {},
  );
  t.notSame(forged.code, 0, 'another size is refused');

  t.equal(
    proven.match(/^The evidence holds: 01\/06901234567892\/21\/\S+ · Portable dry powder extinguisher/gm)
      ?.length,
    2,
  );
  t.match(proven, 'The checkpoint is signed by the key that you gave');
  t.notMatch(readFileSync(join(folder, 'redacted.json'), 'utf8'), /MO-1|"salt"/);
  const doubted = await check('## Without our code', { FILES: folder }, 'docs/evidence.md');
  t.strictSame([doubted.code, doubted.stderr], [0, '']);
  t.match(
    doubted.stdout,
    /^key \d{7} signed 01\/06901234567892\/21\/\S+\nkey \d{7} signed \{"digest":"[\w-]{43}","iat":\d+\}\n$/,
  );

  await service.deps.heads.publish();
  const [maker] = await service.db.sql<{ party: PartyId }[]>`
    SELECT party FROM owners WHERE identifier = 'gtin:06901234567892'`;
  if (maker === undefined) throw new Error('nobody owns the GTIN');
  const bearer = service.bearer(['manufacturer'], maker.party);
  const [unit = ''] = /01\/\d{14}\/21\/[^?]+/.exec(code) ?? [];
  const whole = '## The whole history, or none';
  for (const [epc, count] of [
    [unit, 6],
    ['01/06901234567892/21/NEVER', 0],
  ] as const) {
    const counted = await check(whole, { UNIT: epc, TOKEN: bearer.slice('Bearer '.length) }, 'docs/log.md');
    t.match(counted.stdout, new RegExp(`^${count} of the first \\d+ entries name ${epc}\n$`));
    t.strictSame([counted.code, counted.stderr], [0, '']);
  }

  // Any party has a key among those that are published, and can sign what looks like a receipt.
  const own = newKey();
  const registered = await service.app.inject({
    method: 'POST',
    url: '/v1/keys/claims',
    headers: { authorization: bearer },
    payload: { publicKey: own.public, proof: proveKey(own, service.deps.genesis.origin, maker.party) },
  });
  const { kid } = registered.json<{ kid: string }>();
  const base64url = (text: string) => Buffer.from(text).toString('base64url');
  const header = base64url(JSON.stringify({ alg: 'EdDSA', kid, typ: 'suyuan-receipt+jws' }));
  const input = `${header}.${base64url('{"facts":[],"origin":"x"}')}`;
  const madeUp = `${input}.${sign(null, Buffer.from(input), own.private).toString('base64url')}`;
  const refused = await check('### A receipt', { RECEIPT: madeUp });
  t.match([refused.code, refused.stderr], [1, /no applicable key found/], 'a receipt of their own');

  const held = await check('### A receipt', { RECEIPT: receipt });
  const [seq, , leaf] = entry.split('\n');
  t.strictSame(held, {
    code: 0,
    stdout: `${service.deps.genesis.origin} holds entry ${seq} with leaf ${leaf}\n`,
    stderr: '',
  });
});

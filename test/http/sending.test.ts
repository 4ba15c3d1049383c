/** Where messages may be sent, and that they go nowhere else. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { outsideAddresses } from '../../src/http/outside-addresses.ts';
import { createSender, isDelivered } from '../../src/http/sending.ts';
import { receiver } from '../support/receiver.ts';

const loopback = [{ address: '127.0.0.0', prefix: 8 }];
const status = (of: number) => ({ status: of, trouble: null });
const trouble = (of: string) => ({ status: null, trouble: of });

t.test('the public internet, and nothing beside it', async (t) => {
  const { isAllowed, isInHouse } = outsideAddresses([
    { address: '10.1.0.0', prefix: 16 },
    { address: 'fd00:1::', prefix: 32 },
  ]);
  for (const address of [
    '1.1.1.1',
    '223.5.5.5',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
    '10.1.2.3',
    'fd00:1::7',
  ])
    t.ok(isAllowed(address), address);
  t.notOk(isInHouse('1.1.1.1'));
  t.ok(isInHouse('::ffff:10.1.2.3'));
  const refused = [
    ['0.0.0.0', '10.0.0.1', '10.2.0.1', '100.100.100.200', '127.0.0.1', '127.9.9.9', '168.63.129.16'],
    ['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192', '192.168.1.1', '198.18.0.1'],
    ['224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '203.0.113.9'],
    ['::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe', '::ffff:0:1.1.1.1'],
    ['64:ff9b::7f00:1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1'],
    ['2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1'],
  ].flat();
  t.strictSame(refused.filter(isAllowed), []);
});

t.test('addresses that are not taken', async (t) => {
  const names: Record<string, string[]> = {
    'inside.example': ['10.0.0.1'],
    'both.example': ['1.1.1.1', '::1'],
  };
  const { check } = createSender({ networks: loopback, resolve: async (name) => names[name] ?? [] });
  const codes = await Promise.all(
    [
      'https://1.1.1.1/x',
      'http://127.0.0.1:9/x',
      'http://2130706433/x',
      'http://1.1.1.1/x',
      'https://[::1]/x',
      'https://[::ffff:10.0.0.1]/x',
      'https://169.254.169.254/latest/meta-data',
      'https://inside.example/',
      'https://both.example/',
      'https://nowhere.example/',
      'ftp://1.1.1.1/',
      'https://me:secret@1.1.1.1/',
      'https://1.1.1.1/#x',
      'hook',
    ].map(async (url) => {
      const found = await check(url);
      return found.ok ? found.value.href : found.code;
    }),
  );
  t.strictSame(codes, [
    'https://1.1.1.1/x',
    'http://127.0.0.1:9/x',
    'http://127.0.0.1/x',
    ...Array.from({ length: 7 }, () => 'address-not-allowed'),
    ...Array.from({ length: 4 }, () => 'invalid-request'),
  ]);
});

t.test('a name that leads elsewhere when it is sent to', async (t) => {
  const inside = await receiver(t);
  const answers = [['1.1.1.1'], ['127.0.0.1']];
  const { check, post } = createSender({ networks: [], resolve: async () => answers.shift() ?? [] });
  const url = `https://rebinding.example:${inside.port}/`;
  t.ok((await check(url)).ok);
  t.strictSame(await post(url, {}, 'x'), trouble('address-not-allowed'));
  t.strictSame(await post(url, {}, 'x'), trouble('unresolvable'));
  t.equal(inside.received.length, 0);
});

t.test('what is sent, and what comes of it', async (t) => {
  const outside = await receiver(t);
  const { post } = createSender({
    networks: loopback,
    resolve: async () => ['127.0.0.1'],
    timeoutMs: 1_000,
  });
  const url = `http://hooks.example:${outside.port}/a?b=c`;
  t.strictSame(await post(url, { 'content-type': 'text/plain' }, '消防'), status(204));
  t.match(outside.received[0], {
    url: '/a?b=c',
    headers: { host: `hooks.example:${outside.port}`, 'content-length': '6' },
    body: '消防',
  });

  outside.answer = (response) => response.writeHead(302, { location: outside.url }).end();
  t.strictSame(await post(url, {}, ''), status(302));
  t.notOk(isDelivered(status(302)));
  outside.answer = (response) => {
    response.writeHead(200);
    const pour = (): void => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', pour);
    pour();
  };
  t.strictSame(await post(url, {}, ''), status(200), 'an answer without end is cut');
  outside.answer = (response) => response.destroy();
  t.strictSame(await post(url, {}, ''), trouble('unreachable'));
  outside.answer = (response) => response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end();
  t.strictSame(await post(url, {}, ''), trouble('unreachable'));
  const flood =
    (start: string, more: string): typeof outside.answer =>
    ({ socket }) => {
      const pour = (): void => {
        while (socket?.write(more));
      };
      socket?.on('drain', pour).on('error', () => {});
      socket?.write(start);
      pour();
    };
  outside.answer = flood('', 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'.repeat(100));
  t.strictSame(await post(url, {}, ''), trouble('unreachable'), 'what goes before an answer has an end');
  outside.answer = flood('HTTP/1.1 200 OK\r\n', 'x: y\r\n'.repeat(1_000));
  t.strictSame(await post(url, {}, ''), trouble('unreachable'), 'and what is said of it');
  outside.answer = () => {};
  t.strictSame(await post(url, {}, ''), trouble('timeout'));
  t.equal(outside.received.length, 8, 'no redirect was followed');
});

t.test('a certificate that nobody vouches for', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'suyuan-certificate-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=hooks.example', '-addext', 'subjectAltName=DNS:hooks.example'])
      .concat(['-keyout', key, '-out', cert]),
    { stdio: 'ignore' },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { post } = createSender({ networks: loopback, resolve: async () => ['127.0.0.1'] });
  t.strictSame(await post(`https://hooks.example:${port}/`, {}, ''), trouble('certificate'));
});

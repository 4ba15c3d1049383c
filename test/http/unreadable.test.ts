/** What reaches the service over a bare connection and is no request, or half of one. */
import { connect } from 'node:net';
import t from 'tap';
import { testPublicUrl, testService } from '../support/service.ts';

/** Sends bytes as they are; what came back until the service closed, or until it has nothing more to say. */
const exchange = (port: number, text: string, hangUp = false): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text, 'latin1');
      if (hangUp) setTimeout(() => socket.resetAndDestroy(), 50);
    });
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });

t.test('bare connections', async (t) => {
  const service = await testService(t, { deps: { publicRateLimit: 1000 } });
  const port = Number(new URL(await service.listen()).port);
  const verify =
    'POST /v1/verify HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n';

  t.test('what is no HTTP is answered by a problem document', async (t) => {
    const table: [text: string, status: number, code: string, detail: string][] = [
      [
        '\x16\x03\x01\x00\r\n\r\n',
        400,
        'invalid-request',
        'This cannot be read as an HTTP request; send HTTP/1.1.',
      ],
      [
        'FOO / HTTP/1.1\r\nHost: a\r\n\r\n',
        400,
        'invalid-request',
        'This cannot be read as an HTTP request; send HTTP/1.1.',
      ],
      [
        `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
        431,
        'headers-too-large',
        'Send at most 16384 bytes of header fields.',
      ],
    ];
    for (const [text, status, code, detail] of table) {
      const answer = await exchange(port, text);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      t.match(head, `HTTP/1.1 ${status} `);
      t.match(head, /^Content-Type: application\/problem\+json; charset=utf-8\r?$/m);
      const { instance, title: _, ...problem } = JSON.parse(body);
      t.match(instance, /^urn:uuid:/);
      t.strictSame(problem, { type: `${testPublicUrl}/problems/${code}`, status, detail, code });
    }
  });

  t.test('a body that never ends is given up', async (t) => {
    const slow = await testService(t);
    const { server } = slow.app;
    if (!t.ok(server.requestTimeout > 0, 'there is a limit')) return;
    // The same in little: how often Node looks is said before the service listens.
    Object.assign(server, { connectionsCheckingInterval: 50, requestTimeout: 100 });
    const answer = await exchange(
      Number(new URL(await slow.listen()).port),
      `${verify}Content-Length: 20\r\n\r\n{`,
    );
    t.match(answer, /^HTTP\/1\.1 400 /);
    t.match(answer, 'The request took too long to arrive; send it again.');
  });

  t.test('an unknown expectation is passed over', async (t) => {
    const answer = await exchange(port, `${verify}Expect: foo\r\nContent-Length: 2\r\n\r\n{}`);
    t.match(answer, 'HTTP/1.1 400');
    t.match(answer, 'Send either code or codes.');
  });

  t.test('bodies that break off or break HTTP are faults of their sender', async (t) => {
    await exchange(port, `${verify}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    await exchange(port, `${verify}Transfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n`);
    await exchange(port, `${verify}Content-Length: 100\r\n\r\n{"code":`, true);
    t.equal((await service.app.inject('/healthz')).statusCode, 200);
    t.strictSame(service.logged, [], 'nothing is logged as a fault of ours or of the database');
  });
});

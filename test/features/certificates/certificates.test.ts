import t from 'tap';
import { dateOf } from '../../../src/core/china-dates.ts';
import type { CertificateFact } from '../../../src/core/log/fact.ts';
import { createMasters } from '../../../src/features/events/masters.ts';
import { operatorOf, refusal, register, testGtin } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

interface Certificate {
  readonly id: string;
  readonly state: string;
  readonly history: readonly { status: string; since: string; reason?: string; seq: number }[];
}

t.test('certificates', async (t) => {
  const service = await testService(t, { service: { now: () => Date.parse('2026-06-15T12:00:00Z') } });
  const operator = operatorOf(service);
  const body = await register(service, '消防认证中心', ['certification-body']);
  const rival = await register(service, '另一认证机构', ['certification-body']);
  const maker = await register(service, '甲厂', ['manufacturer']);
  const factory = (
    await maker.send('POST', '/v1/places', { type: 'factory', name: '甲厂', region: '330106' })
  ).json<{ id: string }>().id;
  const wanted = {
    number: '2025081801000001',
    holder: maker.creditCode,
    scheme: 'CCC',
    gtins: [testGtin(2), testGtin(1)],
    models: ['MFZ/ABC4', 'MFZ/ABC5'],
    factories: [factory],
    validFrom: '2025-01-01',
    validUntil: '2029-12-31',
  };
  const made = await body.send('POST', '/v1/certificates', wanted);
  const { id } = made.json<Certificate>();
  const url = `/v1/certificates/${id}`;

  t.test('their body records them; everybody with an account reads them', async (t) => {
    t.equal(made.statusCode, 201);
    t.equal(made.headers.location, url);
    const { history, ...rest } = made.json<Certificate>();
    t.strictSame(rest, {
      id,
      ...wanted,
      issuer: body.id,
      holder: maker.id,
      gtins: [testGtin(1), testGtin(2)],
      state: 'valid',
    });
    t.match(history, [{ status: 'issued', since: '2025-01-01' }]);
    const list = { items: [made.json()], next: null };
    t.strictSame(
      [
        (await maker.send('GET', url)).json(),
        (await maker.send('GET', '/v1/certificates')).json(),
        (await body.send('GET', '/v1/certificates')).json(),
        (await rival.send('GET', `/v1/certificates?party=${maker.id}`)).json(),
        (await rival.send('GET', `/v1/certificates?gtin=${testGtin(2)}`)).json(),
        (await rival.send('GET', '/v1/certificates')).json(),
        (await rival.send('GET', `/v1/certificates?gtin=${testGtin(3)}`)).json(),
      ],
      [made.json(), list, list, list, list, { items: [], next: null }, { items: [], next: null }],
    );
  });

  t.test('its status has a history that nothing leaves', async (t) => {
    const change = (status: string, since: string, reason: string, by: { send: typeof body.send } = body) =>
      by.send('POST', `${url}/status`, { status, since, reason });
    const states = [
      await change('suspended', '2026-06-01', '跟踪检查不符合'),
      await change('issued', '2026-07-01', '整改完成'),
      await change('withdrawn', '2026-06-15', '虚假材料'),
    ].map((answer) => answer.json<Certificate>().state);
    t.strictSame(states, ['suspended', 'suspended', 'withdrawn']);
    const { history } = (await maker.send('GET', url)).json<Certificate>();
    t.strictSame(
      history.map(({ status, since, reason }) => [status, since, reason]),
      [
        ['issued', '2025-01-01', undefined],
        ['suspended', '2026-06-01', '跟踪检查不符合'],
        ['issued', '2026-07-01', '整改完成'],
        ['withdrawn', '2026-06-15', '虚假材料'],
      ],
    );
    t.match(refusal(await change('issued', '2026-08-01', 'x')), [
      409,
      'state-conflict',
      'The certificate is withdrawn for good; record a new one.',
    ]);
  });

  t.test('the operator records those of bodies without a system of their own', async (t) => {
    const by = await operator.send('POST', '/v1/certificates', { ...wanted, number: '2', issuer: rival.id });
    t.match(by.json(), { issuer: rival.id, number: '2' });
    const changed = await operator.send('POST', `/v1/certificates/${by.json<Certificate>().id}/status`, {
      status: 'suspended',
      since: '2026-01-01',
      reason: 'x',
    });
    t.match(changed.json(), { state: 'suspended' });
    t.equal(
      (await rival.send('POST', '/v1/certificates', wanted)).statusCode,
      201,
      'another body, same number',
    );
  });

  t.test('refusals', async (t) => {
    const next = { ...wanted, number: '3' };
    const third = (await body.send('POST', '/v1/certificates', next)).json<Certificate>();
    const status = { status: 'suspended', since: '2026-01-01', reason: 'x' };
    const size = await service.deps.ledger.size();
    const answers = [
      await body.send('POST', '/v1/certificates', wanted),
      await operator.send('POST', '/v1/certificates', { ...wanted, issuer: body.id }),
      await maker.send('POST', '/v1/certificates', next),
      await rival.send('POST', '/v1/certificates', { ...next, issuer: body.id }),
      await operator.send('POST', '/v1/certificates', next),
      await operator.send('POST', '/v1/certificates', { ...next, issuer: maker.id }),
      await body.send('POST', '/v1/certificates', { ...next, number: '4', holder: '0123456789ABCDEF' }),
      await body.send('POST', '/v1/certificates', { ...next, number: '4', gtins: ['06901234567890'] }),
      await body.send('POST', '/v1/certificates', { ...next, number: '4', gtins: [] }),
      await body.send('POST', '/v1/certificates', { ...next, number: '4', factories: ['nowhere'] }),
      await body.send('POST', '/v1/certificates', { ...next, number: '4', validUntil: '2024-12-31' }),
      await body.send('POST', '/v1/certificates', { ...next, number: '4', validFrom: '2025-02-29' }),
      await body.send('POST', '/v1/certificates', { ...next, number: '4', validFrom: '1 Jan 2025' }),
      await rival.send('POST', `/v1/certificates/${third.id}/status`, status),
      await body.send('POST', `/v1/certificates/${third.id}/status`, { ...status, status: 'issued' }),
      await body.send('POST', `/v1/certificates/${third.id}/status`, { ...status, since: '2026-13-01' }),
      await body.send('POST', `/v1/certificates/${third.id}/status`, { ...status, status: 'lost' }),
      await body.send('POST', '/v1/certificates/nothing/status', status),
      await maker.send('GET', '/v1/certificates/nothing'),
    ];
    t.strictSame(answers.map(refusal), [
      [409, 'already-exists', '/number Certificate 2025081801000001 of this body is recorded already.'],
      [409, 'already-exists', '/number Certificate 2025081801000001 of this body is recorded already.'],
      [403, 'forbidden', 'This is for parties with the role certification-body or operator.'],
      [403, 'forbidden', '/issuer Only the operator records certificates of others.'],
      [400, 'invalid-request', '/issuer Name the certification body that issued it.'],
      [409, 'state-conflict', '/issuer This party is not registered as a certification body.'],
      [422, 'unknown-party', '/holder No party has this id; look it up by GLN or credit code.'],
      [
        422,
        'invalid-check-digit',
        '/gtins/0 The check digit of GTIN 06901234567890 does not fit (it would be 2): look for a mistyped digit.',
      ],
      [400, 'invalid-request', '/gtins At least 1 items.'],
      [422, 'invalid-identifier', refusal(answers[9] ?? made)[2]],
      [422, 'invalid-time', '/validUntil The certificate ends before it begins; mend one of the two.'],
      [
        422,
        'invalid-time',
        '/validFrom Write the date as 2025-07-01, a day between the years 1970 and 9999.',
      ],
      [400, 'invalid-request', '/validFrom Must match ^\\d{4}-\\d{2}-\\d{2}$.'],
      [403, 'forbidden', 'Only the body that issued a certificate changes its status.'],
      [409, 'state-conflict', 'The certificate is issued already.'],
      [422, 'invalid-time', '/since Write the date as 2025-07-01, a day between the years 1970 and 9999.'],
      [400, 'invalid-request', '/status Must be one of "issued", "suspended", "withdrawn".'],
      [404, 'not-found', 'There is no such certificate.'],
      [404, 'not-found', 'There is no such certificate.'],
    ]);
    t.equal(await service.deps.ledger.size(), size, 'nothing of it is in the log');
  });

  t.test('of a suspension and a withdrawal at once, the withdrawal stays', async (t) => {
    const { sql } = service.db;
    const only = testGtin(9);
    const sixth = { ...wanted, number: '6', gtins: [only] };
    const { id } = (await body.send('POST', '/v1/certificates', sixth)).json<Certificate>();
    const status = `/v1/certificates/${id}/status`;
    const say = (word: string, since: string) =>
      body.send('POST', status, { status: word, since, reason: 'r' });
    const periods = async () => {
      const masters = createMasters(sql);
      await masters.catchUp();
      const known = masters.certificates(only, Number.MAX_SAFE_INTEGER) ?? [];
      return known.map(({ from, until }) => [dateOf(from), dateOf(until)]);
    };
    await say('suspended', '2026-02-01');
    await say('issued', '2026-03-01');
    t.strictSame(await periods(), [
      ['2025-01-01', '2026-01-31'],
      ['2026-03-01', '2029-12-31'],
    ]);
    await say('withdrawn', '2025-06-01');
    t.strictSame(await periods(), [['2025-01-01', '2025-05-31']], 'later words reach back');
    // What another process records that saw the certificate before it was withdrawn.
    const [{ fact } = {}] = await sql<{ fact?: CertificateFact }[]>`
      SELECT body AS fact FROM certificates WHERE id = ${id} ORDER BY seq LIMIT 1`;
    if (fact === undefined) throw new Error('the certificate is not recorded');
    const late = ['suspended', 'issued'] as const;
    await service.deps.ledger.append(
      late.map((status) => ({ fact: { ...fact, status, since: '2025-03-01', reason: 'r' } })),
    );
    const { state, history } = (await maker.send('GET', `/v1/certificates/${id}`)).json<Certificate>();
    t.strictSame([state, history.length], ['withdrawn', 6], 'recorded, and of no effect');
    t.strictSame(await periods(), [['2025-01-01', '2025-05-31']]);
    t.match(refusal(await say('suspended', '2026-08-01')), [409, 'state-conflict']);
  });

  t.test('of two records of one number at once, one stands', async (t) => {
    const answers = await Promise.all(
      [1, 2].map(() => body.send('POST', '/v1/certificates', { ...wanted, number: '5' })),
    );
    t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 409]);
  });
});

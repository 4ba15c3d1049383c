import t from 'tap';
import {
  actorOf,
  operatorOf,
  problem,
  refusal,
  register,
  testCreditCode,
  testGln,
} from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

interface Party {
  readonly id: string;
  readonly seq: number;
}

t.test('parties', async (t) => {
  const service = await testService(t);
  const operator = operatorOf(service);
  const maker = await register(service, '甲消防器材厂', ['manufacturer']);
  const body = {
    name: '乙消防科技有限公司',
    nameEn: 'Yi Fire Technology',
    gln: testGln(1),
    creditCode: testCreditCode('乙').toLowerCase(),
    roles: ['manufacturer', 'importer'],
    region: '330106',
    address: '文三路 1 号',
    contact: { name: '张三', phone: '0571-1', email: 'zhang@example.cn' },
  };

  t.test('the operator registers them; each reader sees its part', async (t) => {
    const made = await operator.send('POST', '/v1/parties', body);
    t.equal(made.statusCode, 201);
    const whole = made.json<Party>();
    const { id, seq } = whole;
    t.equal(made.headers.location, `/v1/parties/${id}`);
    const known = {
      id,
      name: body.name,
      nameEn: body.nameEn,
      region: '330106',
      regionName: { zh: '浙江省杭州市西湖区', en: 'Zhejiang, Hangzhou, 西湖区' },
      roles: body.roles,
      stub: false,
      seq,
    };
    const all = {
      ...known,
      gln: body.gln,
      creditCode: testCreditCode('乙'),
      address: body.address,
      contact: body.contact,
    };
    const local = await register(service, '浙江省局', ['regulator'], {
      jurisdiction: { regions: ['330000'] },
    });
    const foreign = await register(service, '北京市局', ['regulator'], {
      jurisdiction: { regions: ['110000'] },
    });
    t.strictSame(
      [
        whole,
        (await operator.send('GET', `/v1/parties/${id}`)).json(),
        (await actorOf(service, id, []).send('GET', `/v1/parties/${id}`)).json(),
        (await local.send('GET', `/v1/parties/${id}`)).json(),
        (await foreign.send('GET', `/v1/parties/${id}`)).json(),
        (await maker.send('GET', `/v1/parties/${id.toLowerCase()}`)).json(),
      ],
      [all, all, all, all, known, known],
    );
    const [fact] = await service.deps.ledger.read(seq, seq + 1);
    t.match(fact?.fact, { kind: 'party', by: operator.id, stub: false, creditCode: testCreditCode('乙') });
    t.notMatch(JSON.stringify(fact), '张三', 'people stand apart from the fact');
  });

  t.test('reading all of another is noted', async (t) => {
    await service.deps.audit.flush();
    const rows = await service.owner.sql`SELECT party, client, route, subject FROM read_audit ORDER BY id`;
    t.match(rows[0], { party: operator.id, client: 'test', route: 'GET /v1/parties/:id' });
    t.equal(rows.length, 2, 'by the operator and the regulator in charge');
  });

  t.test('refusals', async (t) => {
    const { contact: _, ...plain } = body;
    const other = { ...plain, gln: testGln(2), creditCode: testCreditCode('丙') };
    const cases: object[] = [
      body,
      { ...other, gln: testGln(1) },
      { ...other, gln: '6901000000020' },
      { ...other, gln: '69010000000' },
      {
        ...other,
        creditCode: `${testCreditCode('丙').slice(0, 17)}${testCreditCode('丙').endsWith('0') ? '1' : '0'}`,
      },
      { ...other, creditCode: '9135010OM000100Y43' },
      { name: 'x', roles: ['seller'], region: '330106' },
      { ...other, region: '330199' },
      { ...other, region: 330106 },
      { ...other, roles: ['operator'] },
      { ...other, roles: [] },
      { ...other, roles: ['seller', 'seller'] },
      { ...other, jurisdiction: { regions: ['330000'] } },
      { ...other, roles: ['regulator'], jurisdiction: { regions: ['330000', '999999'] } },
      { ...other, roles: ['regulator'], jurisdiction: { regions: [], places: ['place/0123456789ABCDEF'] } },
      { ...other, takesOver: '0123456789ABCDEF' },
      { ...other, takesOver: maker.id },
      { ...other, name: ' ' },
      { ...other, id: maker.id },
    ];
    const size = await service.deps.ledger.size();
    const found = [];
    for (const payload of cases) found.push(refusal(await operator.send('POST', '/v1/parties', payload)));
    const ours = (await operator.send('GET', `/v1/parties?identifier=${body.gln}`)).json<{
      items: Party[];
    }>();
    t.strictSame(
      found,
      [
        [
          409,
          'already-exists',
          `The party ${ours.items[0]?.id} is registered with this GLN or credit code already.`,
        ],
        [
          409,
          'already-exists',
          `The party ${ours.items[0]?.id} is registered with this GLN or credit code already.`,
        ],
        [
          422,
          'invalid-check-digit',
          '/gln The check digit of GLN 6901000000020 does not fit (it would be 8): look for a mistyped digit.',
        ],
        [422, 'invalid-identifier', '/gln A valid GLN has 13 digits and nothing else; give all of them.'],
        [
          422,
          'invalid-credit-code',
          '/creditCode The check character of credit code X does not fit: look for a mistyped symbol.',
        ],
        [
          422,
          'invalid-credit-code',
          '/creditCode A unified social credit code has 18 digits and capital letters without I, O, S, V, Z, the third to eighth being digits.',
        ],
        [400, 'invalid-request', 'Give the GLN or the unified social credit code of the party, or both.'],
        [422, 'invalid-region', '/region 330199 is no code of GB/T 2260; see GET /v1/policies/regions.'],
        [400, 'invalid-request', '/region Must be string.'],
        [
          400,
          'invalid-request',
          '/roles/0 Must be one of "manufacturer", "importer", "distributor", "seller", "platform", "installer", "using-unit", "maintenance-firm", "certification-body", "laboratory", "regulator".',
        ],
        [400, 'invalid-request', '/roles At least 1 items.'],
        [400, 'invalid-request', '/roles Items 1 and 0 are the same; send each once.'],
        [400, 'invalid-request', '/jurisdiction Only a regulator has a jurisdiction; remove it.'],
        [
          422,
          'invalid-region',
          '/jurisdiction/regions/1 999999 is no code of GB/T 2260; see GET /v1/policies/regions.',
        ],
        [
          422,
          'unknown-place',
          '/jurisdiction/places/0 There is no place place/0123456789ABCDEF; register it first.',
        ],
        [422, 'unknown-party', '/takesOver There is no party with this id.'],
        [409, 'state-conflict', '/takesOver This party has an account already.'],
        [400, 'invalid-request', '/name Must match \\S.'],
        [400, 'unknown-member', '/id This member is not known here; remove it.'],
      ].map(([status, code, text]) => [
        status,
        code,
        String(text).replace(
          'code X',
          `code ${cases[4] && 'creditCode' in cases[4] ? cases[4].creditCode : ''}`,
        ),
      ]),
    );
    t.equal(await service.deps.ledger.size(), size, 'nothing of it is in the log');
  });

  t.test('a new version says everything anew', async (t) => {
    const made = (
      await operator.send('POST', '/v1/parties', {
        ...body,
        gln: testGln(5),
        creditCode: testCreditCode('戊'),
      })
    ).json<Party>();
    const url = `/v1/parties/${made.id}`;
    const next = { name: '戊公司', gln: testGln(6), roles: ['seller'], region: '110101' };
    const changed = await operator.send('PUT', url, next);
    t.equal(changed.statusCode, 200);
    t.strictSame((await operator.send('GET', url)).json(), changed.json());
    t.match(changed.json(), { id: made.id, name: '戊公司', roles: ['seller'], stub: false });
    t.notOk('contact' in changed.json<object>());
    const lookup = async (text: string) =>
      (await maker.send('GET', `/v1/parties?identifier=${encodeURIComponent(text)}`)).json<{
        items: Party[];
      }>().items[0]?.id;
    t.strictSame(
      [
        await lookup(testGln(5)),
        await lookup(testGln(6)),
        await lookup(`417/${testGln(6)}`),
        await lookup(testCreditCode('戊').toLowerCase()),
        await lookup(`https://id.example.cn/party/${made.id}`),
        await lookup(testGln(7)),
      ],
      [made.id, made.id, made.id, made.id, made.id, undefined],
      'old identifiers stay its own',
    );
    t.strictSame(
      [
        await operator.send('PUT', url, { ...next, gln: testGln(1) }),
        await operator.send('PUT', '/v1/parties/0123456789ABCDEF', next),
        await operator.send('PUT', `/v1/parties/${operator.id}`, next),
        await operator.send('PUT', url, { ...next, takesOver: maker.id }),
        await maker.send('PUT', `/v1/parties/${maker.id}`, next),
      ].map((answer) => refusal(answer).slice(0, 2)),
      [
        [409, 'already-exists'],
        [404, 'not-found'],
        [403, 'forbidden'],
        [400, 'unknown-member'],
        [403, 'forbidden'],
      ],
    );
  });

  t.test('lists', async (t) => {
    const national = await register(service, '总局', ['regulator'], {
      jurisdiction: { regions: ['000000'] },
    });
    const walk = async (query: string): Promise<Party[]> => {
      const seen: Party[] = [];
      for (let cursor = ''; ; ) {
        const answer = await national.send('GET', `/v1/parties?limit=2${query}${cursor}`);
        const { items, next } = answer.json<{ items: Party[]; next: string | null }>();
        seen.push(...items);
        if (next === null) return seen;
        cursor = `&cursor=${next}`;
      }
    };
    const ids = (await walk('')).map(({ id }) => id);
    t.strictSame(ids, [...new Set(ids)].sort());
    t.ok(ids.includes(maker.id) && ids.includes(operator.id));
    t.strictSame(
      (await walk('&role=operator')).map(({ id }) => id),
      [operator.id],
    );
    t.strictSame(await walk('&stub=true'), []);
    t.match((await walk('&role=manufacturer'))[0], { creditCode: /^9133/ });
    t.strictSame(refusal(await maker.send('GET', '/v1/parties')), [
      403,
      'forbidden',
      'Only the operator and regulators list parties; ask with ?identifier=.',
    ]);
  });

  t.test('an Idempotency-Key makes a request count once', async (t) => {
    const key = { 'idempotency-key': 'k1' };
    const once = { ...body, gln: testGln(8), creditCode: testCreditCode('辛') };
    const [one, two] = await Promise.all([
      operator.send('POST', '/v1/parties', once, key),
      operator.send('POST', '/v1/parties', once, key),
    ]);
    const three = await operator.send('POST', '/v1/parties', once, key);
    t.strictSame([two?.statusCode, two?.json(), three.json()], [201, one?.json(), one?.json()]);
    t.strictSame(problem(await operator.send('POST', '/v1/parties', { ...once, name: '他' }, key)), {
      status: 409,
      detail:
        'This Idempotency-Key was used for another request; repeat the very same request or choose a new key.',
      code: 'idempotency-conflict',
    });
  });
});

t.test('two registrations at once with one GLN: one wins', async (t) => {
  const service = await testService(t);
  const operator = operatorOf(service);
  const body = { name: '甲', gln: testGln(1), roles: ['seller'], region: '330106' };
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) => operator.send('POST', '/v1/parties', { ...body, name: `甲${n}` })),
  );
  t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409]);
  const rows = await service.owner.sql`SELECT 1 FROM parties WHERE body ->> 'gln' = ${testGln(1)}`;
  t.equal(rows.length, 1);
});

import t from 'tap';
import { resolveParties } from '../../../src/features/parties/references.ts';
import { operatorOf, refusal, register, testCreditCode, testGln } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

interface Party {
  readonly id: string;
  readonly stub: boolean;
}

t.test('stubs', async (t) => {
  const service = await testService(t);
  const { deps } = service;
  const operator = operatorOf(service);
  const maker = await register(service, '甲厂', ['manufacturer']);
  const seller = await register(service, '乙店', ['seller'], { gln: testGln(1) });
  const resolve = (references: Parameters<typeof resolveParties>[2], by = maker.id) =>
    resolveParties(deps.db.sql, deps.policies, references, by);

  t.test('every name of a party is read, and a newcomer is named once', async (t) => {
    const newcomer = { name: '丙店', region: '330112', creditCode: testCreditCode('丙店') };
    const { parties, drafts, faults } = await resolve([
      seller.id,
      seller.id.toLowerCase(),
      `party/${seller.id}`,
      `https://any.host/party/${seller.id}`,
      testGln(1),
      `417/${testGln(1)}`,
      `(417)${testGln(1)}`,
      ` ${seller.creditCode.toLowerCase()} `,
      { name: '任何', creditCode: seller.creditCode },
      newcomer,
      { ...newcomer, name: '丙小店' },
    ]);
    t.strictSame(parties.slice(0, 9), Array(9).fill(seller.id));
    t.equal(parties[9], parties[10]);
    t.strictSame(faults, []);
    t.strictSame(
      drafts.map(({ fact }) => fact),
      [{ kind: 'party', by: maker.id, stub: true, roles: [], ...newcomer, id: parties[9] }],
    );
  });

  t.test('what names nobody', async (t) => {
    const { parties, drafts, faults } = await resolve([
      '0123456789ABCDEF',
      testGln(9),
      testCreditCode('无人'),
      '6901000000020',
      '01/06901234567892',
      '源',
      { name: 'x' },
      { name: 'x', region: '330199' },
      { name: 'x', gln: testGln(1), creditCode: maker.creditCode },
      { name: 'x', gln: '1' },
    ]);
    t.strictSame(parties, Array(10).fill(null));
    t.strictSame(drafts, []);
    t.strictSame(
      faults.map(({ index, code }) => [index, code]),
      [
        [0, 'unknown-party'],
        [1, 'unknown-party'],
        [2, 'unknown-party'],
        [3, 'invalid-check-digit'],
        [4, 'invalid-identifier'],
        [5, 'invalid-identifier'],
        [6, 'invalid-request'],
        [7, 'invalid-region'],
        [8, 'state-conflict'],
        [9, 'invalid-identifier'],
      ],
    );
  });

  t.test('a name without identifiers is its namer’s own', async (t) => {
    const stub = { name: '丁店', region: '330112' };
    const first = await maker.send('POST', '/v1/parties/stubs', stub);
    t.equal(first.statusCode, 200);
    const { id, ...seen } = first.json<Party & { seq: number }>();
    t.match(seen, { ...stub, roles: [], stub: true, regionName: { zh: '浙江省杭州市临安区' } });
    const again = await maker.send('POST', '/v1/parties/stubs', { ...stub, name: ' 丁店 ' });
    const others = await seller.send('POST', '/v1/parties/stubs', stub);
    t.equal(again.json<Party>().id, id);
    t.not(others.json<Party>().id, id);
    t.strictSame(refusal(await maker.send('POST', '/v1/parties/stubs', { name: '丁店' })), [
      400,
      'invalid-request',
      'A party without GLN and credit code is told apart by its region; add it.',
    ]);
  });

  t.test('registration takes over the stub with its credit code', async (t) => {
    const creditCode = testCreditCode('戊店');
    const stub = (await maker.send('POST', '/v1/parties/stubs', { name: '戊', creditCode })).json<Party>();
    const registered = await register(service, '戊店', ['seller']);
    t.equal(registered.id, stub.id);
    t.match((await maker.send('GET', `/v1/parties/${stub.id}`)).json(), { name: '戊店', stub: false });
    t.match((await maker.send('POST', '/v1/parties/stubs', { name: '戊', creditCode })).json(), {
      id: stub.id,
      stub: false,
    });
  });

  t.test('whoever names a newcomer does not tie the identifiers of two to each other', async (t) => {
    const [gln, creditCode] = [testGln(4711), testCreditCode('辛店')];
    const stub = (
      await maker.send('POST', '/v1/parties/stubs', { name: '辛', creditCode, gln })
    ).json<Party>();
    const other = await register(service, '壬店', ['seller'], { gln });
    t.not(other.id, stub.id, 'who really has the GLN does not become the one with the credit code');
    const real = await register(service, '辛店', ['seller']);
    t.equal(real.id, stub.id, 'and who has the credit code becomes what was recorded about it');
    t.strictSame((await resolve([gln, creditCode])).parties, [other.id, real.id]);
    const { parties, faults } = await resolve([
      { name: '癸', creditCode: testCreditCode('癸店'), gln: testGln(4712) },
      testGln(4712),
    ]);
    t.ok(parties[0]);
    t.strictSame(
      faults.map(({ index, code }) => [index, code]),
      [[1, 'unknown-party']],
      'in one request neither',
    );
  });

  t.test('and the operator says of which name a newcomer is', async (t) => {
    const stub = (
      await maker.send('POST', '/v1/parties/stubs', { name: '己', region: '330106' })
    ).json<Party>();
    const registered = await register(service, '己店', ['seller'], { takesOver: stub.id });
    t.equal(registered.id, stub.id);
    const renamed = await maker.send('POST', '/v1/parties/stubs', { name: '己', region: '330106' });
    t.equal(renamed.json<Party>().id, stub.id, 'its namer still means it');
    const another = (
      await maker.send('POST', '/v1/parties/stubs', { name: '庚', region: '330106' })
    ).json<Party>();
    const both = await operator.send('POST', '/v1/parties', {
      name: '庚店',
      creditCode: registered.creditCode,
      roles: ['seller'],
      region: '330106',
      takesOver: another.id,
    });
    t.strictSame(refusal(both), [
      409,
      'state-conflict',
      'GLN, credit code and takesOver name different parties; register with those of one of them.',
    ]);
    t.strictSame(
      refusal(
        await operator.send('PUT', `/v1/parties/${another.id}`, {
          name: '庚',
          gln: testGln(3),
          roles: ['seller'],
          region: '330106',
        }),
      ),
      [409, 'state-conflict', 'A stub has no account; register it with takesOver.'],
    );
  });

  t.test('of two that name the same newcomer at once, both find the same', async (t) => {
    const newcomer = { name: '辛店', creditCode: testCreditCode('辛店') };
    const answers = await Promise.all(
      [maker, seller].map((party) => party.send('POST', '/v1/parties/stubs', newcomer)),
    );
    const again = await Promise.all(
      [maker, seller].map((party) => party.send('POST', '/v1/parties/stubs', newcomer)),
    );
    t.ok(
      answers.every(({ statusCode }) => statusCode === 200),
      'the route looks again by itself',
    );
    t.equal(new Set([...answers, ...again].map((answer) => answer.json<Party>().id)).size, 1);
  });
});

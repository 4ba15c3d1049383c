import t from 'tap';
import { delegationsFor } from '../../../src/features/delegations/queries.ts';
import { operatorOf, refusal, register, testGtin } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

interface Delegation {
  readonly id: string;
  readonly seq: number;
}
const vetting = { evidence: 'x', vettedBy: 'x', vettedAt: '2026-01-05' };

t.test('delegations', async (t) => {
  const service = await testService(t, { service: { now: () => Date.parse('2026-06-15T12:00:00Z') } });
  const operator = operatorOf(service);
  const owner = await register(service, '甲品牌', ['manufacturer']);
  const factory = await register(service, '乙代工厂', ['manufacturer']);
  const other = await register(service, '丙厂', ['manufacturer']);
  const seller = await register(service, '丁店', ['seller']);
  await operator.send('POST', '/v1/gtins', {
    party: owner.id,
    gtins: [testGtin(1), testGtin(2)],
    ...vetting,
  });
  await operator.send('POST', '/v1/gtins', { party: other.id, gtins: [testGtin(3)], ...vetting });
  const plant = (
    await factory.send('POST', '/v1/places', { type: 'factory', name: '乙厂一车间', region: '330106' })
  ).json<{ id: string }>().id;
  const body = {
    to: factory.creditCode,
    gtins: [testGtin(2), testGtin(1)],
    places: [plant],
    acts: ['produce', 'issue'],
    validFrom: '2026-01-01',
    validUntil: '2026-12-31',
  };
  const given = {
    from: owner.id,
    to: factory.id,
    gtins: [testGtin(1), testGtin(2)],
    places: [plant],
    acts: ['issue', 'produce'],
    validFrom: '2025-12-31T16:00:00.000Z',
    validUntil: '2026-12-31T15:59:59.999Z',
    revoked: false,
  };
  const made = await owner.send('POST', '/v1/delegations', body);
  const { id, seq } = made.json<Delegation>();
  const url = `/v1/delegations/${id}`;

  t.test('the owner gives them; days are those of China; both sides and the operator see them', async (t) => {
    t.equal(made.statusCode, 201);
    t.equal(made.headers.location, url);
    const seen = { id, seq, ...given };
    t.strictSame(made.json(), seen);
    t.strictSame(
      [
        (await owner.send('GET', url)).json(),
        (await factory.send('GET', url)).json(),
        (await operator.send('GET', url)).json(),
        (await owner.send('GET', '/v1/delegations')).json(),
        (await factory.send('GET', '/v1/delegations')).json(),
        (await factory.send('GET', '/v1/delegations?inForce=true')).json(),
        (await owner.send('GET', '/v1/delegations?inForce=true')).json(),
        (await other.send('GET', '/v1/delegations')).json(),
      ],
      [
        seen,
        seen,
        seen,
        { items: [seen], next: null },
        { items: [seen], next: null },
        { items: [seen], next: null },
        { items: [], next: null },
        { items: [], next: null },
      ],
    );
  });

  t.test('a delegation is in force from its first to its last moment', async (t) => {
    const inForce = async (at: string) =>
      (await delegationsFor(service.db.sql, factory.id, Date.parse(at))).length === 1;
    t.strictSame(
      [
        await inForce('2025-12-31T15:59:59.999Z'),
        await inForce('2025-12-31T16:00:00.000Z'),
        await inForce('2026-12-31T15:59:59.999Z'),
        await inForce('2026-12-31T16:00:00.000Z'),
      ],
      [false, true, true, false],
    );
  });

  t.test('refusals', async (t) => {
    const stub = (await owner.send('POST', '/v1/parties/stubs', { name: '戊', region: '330106' })).json<{
      id: string;
    }>();
    const size = await service.deps.ledger.size();
    const answers = [
      await owner.send('POST', '/v1/delegations', { ...body, gtins: [testGtin(1), testGtin(3)] }),
      await factory.send('POST', '/v1/delegations', { ...body, to: seller.id }),
      await owner.send('POST', '/v1/delegations', { ...body, gtins: [] }),
      await owner.send('POST', '/v1/delegations', { ...body, gtins: ['06901234567890'] }),
      await owner.send('POST', '/v1/delegations', { ...body, to: owner.id }),
      await owner.send('POST', '/v1/delegations', { ...body, to: '0123456789ABCDEF' }),
      await owner.send('POST', '/v1/delegations', { ...body, to: stub.id }),
      await owner.send('POST', '/v1/delegations', { ...body, places: ['place/0123456789ABCDEF'] }),
      await owner.send('POST', '/v1/delegations', { ...body, acts: ['fly'] }),
      await owner.send('POST', '/v1/delegations', { ...body, validUntil: '2025-12-31' }),
      // It is the year 10000 in UTC: whoever was given that could issue nothing any more, nor be told in the trust list.
      await owner.send('POST', '/v1/delegations', { ...body, validUntil: '9999-12-31T23:59:59-12:00' }),
      await owner.send('POST', '/v1/delegations', { ...body, validFrom: '2026-02-29' }),
      await owner.send('POST', '/v1/delegations', { ...body, validFrom: '2026-01-01T00:00:00' }),
      await owner.send('POST', '/v1/delegations', { ...body, from: other.id }),
      await seller.send('POST', '/v1/delegations', body),
      await other.send('GET', url),
      await owner.send('GET', '/v1/delegations/nothing'),
      await other.send('DELETE', url),
      await factory.send('DELETE', url),
      await operator.send('DELETE', url),
    ];
    t.strictSame(answers.map(refusal), [
      [403, 'gtin-not-owned', `/gtins/1 ${testGtin(3)} is not yours; only its owner can delegate it.`],
      [403, 'gtin-not-owned', `/gtins/0 ${testGtin(2)} is not yours; only its owner can delegate it.`],
      [400, 'invalid-request', '/gtins At least 1 items.'],
      [
        422,
        'invalid-check-digit',
        '/gtins/0 The check digit of GTIN 06901234567890 does not fit (it would be 2): look for a mistyped digit.',
      ],
      [400, 'invalid-request', '/to A party needs no delegation of its own.'],
      [422, 'unknown-party', '/to No party has this id; look it up by GLN or credit code.'],
      [409, 'state-conflict', '/to This party has no account; the operator must register it first.'],
      [422, 'unknown-place', '/places/0 There is no place place/0123456789ABCDEF; register it first.'],
      [400, 'invalid-request', refusal(answers[8] ?? made)[2]],
      [422, 'invalid-time', '/validUntil The delegation ends before it begins; mend one of the two.'],
      [422, 'invalid-time', '/validUntil There is no such day between the years 1970 and 9999.'],
      [422, 'invalid-time', '/validFrom There is no such day between the years 1970 and 9999.'],
      [422, 'invalid-time', '/validFrom Write the time as 2025-07-01T10:30:00+08:00, with its zone.'],
      [400, 'unknown-member', '/from This member is not known here; remove it.'],
      [403, 'forbidden', 'This is for parties with the role manufacturer or importer.'],
      [404, 'not-found', 'There is no such delegation of yours.'],
      [404, 'not-found', 'There is no such delegation of yours.'],
      [404, 'not-found', 'There is no such delegation of yours.'],
      [403, 'forbidden', 'Only the party that gave it revokes a delegation.'],
      [403, 'forbidden', 'Only the party that gave it revokes a delegation.'],
    ]);
    t.equal(await service.deps.ledger.size(), size, 'nothing of it is in the log');
  });

  t.test('its giver revokes it, once', async (t) => {
    t.equal((await owner.send('DELETE', url)).statusCode, 204);
    const size = await service.deps.ledger.size();
    t.equal((await owner.send('DELETE', url)).statusCode, 204);
    t.equal(await service.deps.ledger.size(), size);
    t.match((await factory.send('GET', url)).json(), { id, revoked: true });
    t.match((await factory.send('GET', '/v1/delegations?inForce=true')).json(), { items: [] });
  });
});

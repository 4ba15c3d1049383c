import t from 'tap';
import { isLocalGtin, parseGtin } from '../../../src/core/gs1/identifiers.ts';
import { required } from '../../../src/errors.ts';
import { operatorOf, refusal, register, testGtin } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

interface Product {
  readonly gtin: string;
  readonly seq: number;
}

const extinguisher = {
  name: '手提式干粉灭火器',
  nameEn: 'Portable dry powder extinguisher',
  model: 'MFZ/ABC4',
  category: 'portable-extinguishers',
  uom: 'H87',
  serviceLifeMonths: 120,
  maintenanceMonths: 60,
  standard: 'GB 4351-2023',
};
const vetting = { evidence: '中国物品编码中心系统成员证书', vettedBy: '李四', vettedAt: '2026-01-05' };

t.test('products and GTINs', async (t) => {
  const service = await testService(t);
  const operator = operatorOf(service);
  const maker = await register(service, '甲厂', ['manufacturer']);
  const other = await register(service, '乙进口商', ['importer']);
  const seller = await register(service, '丙店', ['seller']);
  const regulator = await register(service, '总局', ['regulator'], { jurisdiction: { regions: ['000000'] } });

  t.test('the operator binds GTINs to whom it has vetted', async (t) => {
    const made = await operator.send('POST', '/v1/gtins', {
      party: maker.creditCode,
      gtins: [testGtin(1), testGtin(2).slice(1)],
      ...vetting,
    });
    t.equal(made.statusCode, 201);
    const { items } = made.json<{ items: Product[] }>();
    t.match(items, [
      { gtin: testGtin(1), party: maker.id, local: false, ...vetting },
      { gtin: testGtin(2), party: maker.id, local: false, ...vetting },
    ]);
    const [first] = items;
    const owner = { gtin: testGtin(1), party: maker.id, local: false, seq: first?.seq };
    t.strictSame(
      [
        (await maker.send('GET', `/v1/gtins/${testGtin(1)}`)).json(),
        (await regulator.send('GET', `/v1/gtins/${testGtin(1)}`)).json(),
        (await operator.send('GET', `/v1/gtins/${testGtin(1)}`)).json(),
        (await other.send('GET', `/v1/gtins/${testGtin(1)}`)).json(),
      ],
      [{ ...owner, ...vetting }, { ...owner, ...vetting }, { ...owner, ...vetting }, owner],
    );
    t.strictSame(
      (await maker.send('GET', '/v1/gtins')).json<{ items: Product[] }>().items.map(({ gtin }) => gtin),
      [testGtin(1), testGtin(2)],
    );
    const page = (await other.send('GET', `/v1/gtins?party=${maker.id}&limit=1`)).json<{ next: string }>();
    const rest = await other.send('GET', `/v1/gtins?party=${maker.id}&limit=1&cursor=${page.next}`);
    t.match(rest.json(), { items: [{ gtin: testGtin(2) }], next: null });
    const again = await operator.send('POST', '/v1/gtins', {
      party: maker.id,
      gtins: [testGtin(1)],
      ...vetting,
    });
    t.equal(again.statusCode, 201, 'it may be vetted again');
    t.equal((await maker.send('GET', `/v1/gtins/${testGtin(1)}`)).json<Product>().seq, first?.seq);
  });

  t.test('its maker registers a product of it', async (t) => {
    const made = await maker.send('POST', '/v1/products', { gtin: testGtin(1).slice(1), ...extinguisher });
    t.equal(made.statusCode, 201);
    t.equal(made.headers.location, `/v1/products/${testGtin(1)}`);
    const { seq, ...product } = made.json<Product>();
    t.strictSame(product, {
      gtin: testGtin(1),
      party: maker.id,
      local: false,
      ...extinguisher,
      categoryName: { zh: '手提式灭火器', en: 'Portable fire extinguishers' },
    });
    t.strictSame((await seller.send('GET', `/v1/products/${testGtin(1)}`)).json(), { ...product, seq });
    const changed = await maker.send('PUT', `/v1/products/${testGtin(1)}`, {
      ...extinguisher,
      model: 'MFZ/ABC5',
      content: { quantity: '5', uom: 'KGM' },
    });
    t.match(changed.json(), { gtin: testGtin(1), model: 'MFZ/ABC5', content: { quantity: '5', uom: 'KGM' } });
    t.strictSame((await seller.send('GET', `/v1/products/${testGtin(1)}`)).json(), changed.json());
    const listed = await seller.send('GET', `/v1/products?party=${maker.id}`);
    t.strictSame(listed.json(), { items: [changed.json()], next: null });
  });

  t.test('without a GTIN it gets a local number, its own from then on', async (t) => {
    const made = (await maker.send('POST', '/v1/products', extinguisher)).json<Product>();
    t.match(made, { local: true, party: maker.id });
    t.ok(isLocalGtin(required(parseGtin(made.gtin))));
    t.match((await maker.send('GET', `/v1/gtins/${made.gtin}`)).json(), { party: maker.id, local: true });
    t.equal((await maker.send('PUT', `/v1/products/${made.gtin}`, extinguisher)).statusCode, 200);
    t.match(refusal(await other.send('PUT', `/v1/products/${made.gtin}`, extinguisher)), [
      403,
      'gtin-not-owned',
    ]);
    const byOperator = await operator.send('POST', '/v1/products', { ...extinguisher, party: other.id });
    t.match(byOperator.json(), { local: true, party: other.id });
    const twice = await Promise.all(
      [1, 2].map(() => maker.send('POST', '/v1/products', extinguisher, { 'idempotency-key': 'p' })),
    );
    t.strictSame(twice[0]?.json(), twice[1]?.json(), 'and one key gets one number');
  });

  t.test('refusals', async (t) => {
    const free = { gtin: testGtin(2), ...extinguisher };
    const size = await service.deps.ledger.size();
    const answers = [
      await maker.send('POST', '/v1/products', { gtin: testGtin(1), ...extinguisher }),
      await other.send('POST', '/v1/products', free),
      await maker.send('POST', '/v1/products', { ...free, gtin: testGtin(3) }),
      await maker.send('POST', '/v1/products', { ...free, gtin: '06901234567890' }),
      await maker.send('POST', '/v1/products', { ...free, gtin: '123' }),
      await maker.send('POST', '/v1/products', { ...free, category: 'unicorns' }),
      await maker.send('POST', '/v1/products', { ...free, uom: 'XYZ' }),
      await maker.send('POST', '/v1/products', { ...free, content: { quantity: '0', uom: 'KGM' } }),
      await maker.send('POST', '/v1/products', { ...free, serviceLifeMonths: 1.5 }),
      await maker.send('POST', '/v1/products', { ...free, party: other.id }),
      await operator.send('POST', '/v1/products', extinguisher),
      await seller.send('POST', '/v1/products', extinguisher),
      await maker.send('PUT', `/v1/products/${testGtin(2)}`, extinguisher),
      await maker.send('GET', `/v1/products/${testGtin(2)}`),
      await maker.send('GET', '/v1/products/06901234567890'),
      await maker.send('GET', `/v1/gtins/${testGtin(3)}`),
      await maker.send('POST', '/v1/gtins', { party: maker.id, gtins: [testGtin(3)], ...vetting }),
      await operator.send('POST', '/v1/gtins', {
        party: other.id,
        gtins: [testGtin(3), testGtin(1)],
        ...vetting,
      }),
      await operator.send('POST', '/v1/gtins', {
        party: maker.id,
        gtins: [testGtin(3), testGtin(3)],
        ...vetting,
      }),
      await operator.send('POST', '/v1/gtins', { party: maker.id, gtins: ['02900000000002'], ...vetting }),
      await operator.send('POST', '/v1/gtins', { party: maker.id, gtins: ['02900000000018'], ...vetting }),
      await operator.send('POST', '/v1/gtins', { party: seller.id, gtins: [testGtin(3)], ...vetting }),
      await operator.send('POST', '/v1/gtins', {
        party: maker.id,
        gtins: [testGtin(3)],
        ...vetting,
        vettedAt: '2025-02-29',
      }),
      await operator.send('POST', '/v1/gtins', { party: maker.id, gtins: [], ...vetting }),
    ];
    t.strictSame(answers.map(refusal), [
      [409, 'already-exists', `/gtin ${testGtin(1)} is registered already; change it with PUT.`],
      [
        403,
        'gtin-not-owned',
        `/gtin ${testGtin(2)} is not bound to this maker; the operator binds it after vetting, or leave gtin out.`,
      ],
      [
        403,
        'gtin-not-owned',
        `/gtin ${testGtin(3)} is not bound to this maker; the operator binds it after vetting, or leave gtin out.`,
      ],
      [
        422,
        'invalid-check-digit',
        '/gtin The check digit of GTIN 06901234567890 does not fit (it would be 2): look for a mistyped digit.',
      ],
      [400, 'invalid-request', '/gtin At least 8 characters.'],
      [400, 'invalid-request', '/category There is no category unicorns; see GET /v1/policies/categories.'],
      [
        400,
        'invalid-request',
        '/uom Must be one of "H87", "MMT", "CMT", "MTR", "KMT", "CMK", "MTK", "GRM", "KGM", "TNE", "MLT", "LTR", "MTQ".',
      ],
      [422, 'invalid-quantity', '/content/quantity A quantity is more than 0 and at most 1000000000000.'],
      [400, 'invalid-request', '/serviceLifeMonths Must be integer.'],
      [403, 'forbidden', '/party Only the operator registers products of others.'],
      [400, 'invalid-request', '/party The operator makes nothing; name the maker.'],
      [403, 'forbidden', 'This is for parties with the role manufacturer or importer or operator.'],
      [404, 'not-found', 'There is no product with this GTIN.'],
      [404, 'not-found', 'There is no product with this GTIN.'],
      [
        422,
        'invalid-check-digit',
        'The check digit of GTIN 06901234567890 does not fit (it would be 2): look for a mistyped digit.',
      ],
      [404, 'not-found', 'Nobody has been vetted as the owner of this GTIN.'],
      [403, 'forbidden', 'This is for parties with the role operator.'],
      [409, 'already-exists', `/gtins/1 ${testGtin(1)} is bound to the party ${maker.id}.`],
      [400, 'invalid-request', `/gtins/1 ${testGtin(3)} stands twice; send it once.`],
      [
        422,
        'invalid-check-digit',
        '/gtins/0 The check digit of GTIN 02900000000002 does not fit (it would be 1): look for a mistyped digit.',
      ],
      [
        422,
        'invalid-identifier',
        '/gtins/0 02900000000018 is a restricted circulation number, which nobody owns; register the product without gtin.',
      ],
      [409, 'state-conflict', '/party GTINs are bound to registered manufacturers and importers.'],
      [422, 'invalid-time', '/vettedAt Write the date as 2025-07-01, a day between the years 1970 and 9999.'],
      [400, 'invalid-request', '/gtins At least 1 items.'],
    ]);
    t.equal(await service.deps.ledger.size(), size, 'nothing of it is in the log');
  });

  t.test('of two vettings of one GTIN at once, one stands', async (t) => {
    const bind = (party: string) =>
      operator.send('POST', '/v1/gtins', { party, gtins: [testGtin(50), testGtin(51)], ...vetting });
    const answers = await Promise.all([bind(maker.id), bind(other.id), bind(maker.id), bind(other.id)]);
    const statuses = answers.map(({ statusCode }) => statusCode);
    t.ok(
      statuses.includes(201) &&
        statuses.includes(409) &&
        statuses.every((status) => status === 201 || status === 409),
    );
    const parties = new Set(
      answers
        .flatMap((answer) =>
          answer.statusCode === 201 ? answer.json<{ items: { party: string }[] }>().items : [],
        )
        .map(({ party }) => party),
    );
    t.equal(parties.size, 1);
  });
});

import t from 'tap';
import { operatorOf, refusal, register, testGln } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

interface Place {
  readonly id: string;
  readonly seq: number;
}
const at = (id: string) => `/v1/places/${encodeURIComponent(id)}`;

t.test('places', async (t) => {
  const service = await testService(t);
  const operator = operatorOf(service);
  const maker = await register(service, '甲厂', ['manufacturer']);
  const other = await register(service, '乙店', ['seller']);
  const local = await register(service, '浙江省局', ['regulator'], { jurisdiction: { regions: ['330000'] } });
  const warehouse = { type: 'warehouse', name: '一号库', region: '330106' };

  t.test('with a GLN, with an extension, or with an id of ours', async (t) => {
    const ids = [];
    for (const id of [
      testGln(1),
      `(414)${testGln(1)}(254)A/1`,
      undefined,
      `https://any.host/414/${testGln(2)}`,
    ]) {
      const made = await maker.send('POST', '/v1/places', { ...warehouse, ...(id && { id }) });
      t.equal(made.statusCode, 201);
      const place = made.json<Place>();
      t.equal(made.headers.location, at(place.id));
      t.strictSame((await maker.send('GET', at(place.id))).json(), place, place.id);
      ids.push(place.id);
    }
    t.match(ids, [
      `414/${testGln(1)}`,
      `414/${testGln(1)}/254/A%2F1`,
      /^place\/[0-9A-HJKMNP-TV-Z]{16}$/,
      `414/${testGln(2)}`,
    ]);
    const { items } = (await maker.send('GET', '/v1/places')).json<{ items: Place[] }>();
    t.strictSame(
      items.map(({ id }) => id),
      [...ids].sort(),
    );
    t.strictSame((await other.send('GET', '/v1/places')).json(), { items: [], next: null });
    t.equal(
      (await other.send('GET', `/v1/places?party=${maker.creditCode}`)).json<{ items: Place[] }>().items
        .length,
      4,
    );
  });

  t.test('a project has a permit and a design list; others see name and region only', async (t) => {
    const project = {
      type: 'project',
      name: '滨江中心',
      region: '330108',
      address: '江南大道 1 号',
      permit: '330108202601010101',
      position: { latitude: '30.2084', longitude: '120.2121', radius: 50 },
      design: [
        { category: 'portable-extinguishers', quantity: '400', uom: 'H87' },
        { category: 'fire-hoses', quantity: '1250.5', uom: 'MTR' },
      ],
    };
    const made = (await maker.send('POST', '/v1/places', project)).json<Place>();
    const building = await maker.send('POST', '/v1/places', {
      type: 'building',
      name: '一号楼',
      region: '330108',
      within: made.id,
    });
    t.match(building.json(), { within: made.id, type: 'building' });
    const { address: _, permit: __, position: ___, design: ____, ...outside } = project;
    const known = {
      ...outside,
      id: made.id,
      party: maker.id,
      seq: made.seq,
      regionName: { zh: '浙江省杭州市滨江区', en: 'Zhejiang, Hangzhou, 滨江区' },
    };
    t.strictSame(
      [
        (await maker.send('GET', at(made.id))).json(),
        (await local.send('GET', at(made.id))).json(),
        (await operator.send('GET', at(made.id))).json(),
        (await other.send('GET', at(made.id))).json(),
      ],
      [{ ...known, ...project }, { ...known, ...project }, { ...known, ...project }, known],
    );
    await service.deps.audit.flush();
    const notes = await service.owner
      .sql`SELECT party FROM read_audit WHERE subject = ${made.id} ORDER BY id`;
    t.strictSame(
      notes.map(({ party }) => party),
      [local.id, operator.id],
    );
  });

  t.test('the operator registers for others; a new version says everything anew', async (t) => {
    const made = (
      await operator.send('POST', '/v1/places', { ...warehouse, party: other.id, address: '旧址' })
    ).json<Place & { party: string }>();
    t.equal(made.party, other.id);
    const changed = await other.send('PUT', at(made.id), { ...warehouse, name: '新库' });
    t.match(changed.json(), { id: made.id, party: other.id, name: '新库' });
    t.notOk('address' in changed.json<object>());
    t.strictSame((await other.send('GET', at(made.id))).json(), changed.json());
    t.strictSame(refusal(await maker.send('PUT', at(made.id), warehouse)), [
      403,
      'forbidden',
      'Only the party whose place it is changes it.',
    ]);
  });

  t.test('refusals', async (t) => {
    const project = { type: 'project', name: 'x', region: '330106' };
    const cases: object[] = [
      { ...warehouse, id: testGln(1) },
      { ...warehouse, id: 'place/0123456789ABCDEF' },
      { ...warehouse, id: '01/06901234567892' },
      { ...warehouse, id: '6901000000020' },
      { ...warehouse, party: other.id },
      { ...warehouse, party: '0123456789ABCDEF' },
      { ...warehouse, region: '330199' },
      { ...warehouse, type: 'ship' },
      { ...warehouse, within: 'place/0123456789ABCDEF' },
      { ...warehouse, permit: '1' },
      { ...warehouse, design: [{ category: 'fire-doors', quantity: '1', uom: 'H87' }] },
      { ...project, design: [{ category: 'nonsense', quantity: '1', uom: 'H87' }] },
      { ...project, design: [{ category: '__proto__', quantity: '1', uom: 'H87' }] },
      { ...project, design: [{ category: 'fire-doors', quantity: '1.5', uom: 'H87' }] },
      { ...project, position: { latitude: '91', longitude: '0', radius: 1 } },
      { ...project, position: { latitude: '0', longitude: '-180.1', radius: 1 } },
      { ...project, position: { latitude: 0, longitude: '0', radius: 1 } },
      { ...warehouse, colour: 'red' },
    ];
    const size = await service.deps.ledger.size();
    const found = [];
    for (const payload of cases) found.push(refusal(await maker.send('POST', '/v1/places', payload)));
    found.push(refusal(await other.send('POST', '/v1/places', { ...warehouse, id: testGln(1) })));
    found.push(refusal(await maker.send('GET', at('place/0123456789ABCDEF'))));
    found.push(refusal(await maker.send('GET', at('nonsense'))));
    found.push(refusal(await maker.send('PUT', at(testGln(1)), { ...warehouse, within: testGln(1) })));
    t.strictSame(found, [
      [409, 'already-exists', `/id 414/${testGln(1)} is registered already; its party changes it with PUT.`],
      [422, 'invalid-identifier', '/id Ids of ours are given, not chosen; leave id out, or send a GLN.'],
      [422, 'invalid-identifier', '/id Name a place by its GLN (414/…) or by the id it was given (place/…).'],
      [
        422,
        'invalid-check-digit',
        '/id The check digit of GLN 6901000000020 does not fit (it would be 8): look for a mistyped digit.',
      ],
      [403, 'forbidden', '/party Only the operator registers places of others.'],
      [422, 'unknown-party', '/party No party has this id; look it up by GLN or credit code.'],
      [422, 'invalid-region', '/region 330199 is no code of GB/T 2260; see GET /v1/policies/regions.'],
      [
        400,
        'invalid-request',
        '/type Must be one of "factory", "warehouse", "market", "shop", "project", "building", "workshop", "other".',
      ],
      [422, 'unknown-place', '/within There is no place place/0123456789ABCDEF; register it first.'],
      [400, 'invalid-request', '/permit Only a project has a permit and a design list.'],
      [400, 'invalid-request', '/design Only a project has a permit and a design list.'],
      [
        400,
        'invalid-request',
        '/design/0/category There is no category nonsense; see GET /v1/policies/categories.',
      ],
      [
        400,
        'invalid-request',
        '/design/0/category There is no category __proto__; see GET /v1/policies/categories.',
      ],
      [
        422,
        'invalid-quantity',
        '/design/0/quantity Pieces are whole; give a whole number or another unit of measure.',
      ],
      [400, 'invalid-request', '/position/latitude The latitude is at most 90 degrees.'],
      [400, 'invalid-request', '/position/longitude The longitude is at most 180 degrees.'],
      [400, 'invalid-request', '/position/latitude Must be string.'],
      [400, 'unknown-member', '/colour This member is not known here; remove it.'],
      [409, 'already-exists', `/id 414/${testGln(1)} is registered already; its party changes it with PUT.`],
      [404, 'not-found', 'There is no such place.'],
      [404, 'not-found', 'There is no such place.'],
      [400, 'invalid-request', '/within A place does not lie in itself.'],
    ]);
    t.equal(await service.deps.ledger.size(), size, 'nothing of it is in the log');
  });

  t.test('of two that claim one GLN at once, one gets it', async (t) => {
    const answers = await Promise.all(
      [maker, other, maker, other].map((party) =>
        party.send('POST', '/v1/places', { ...warehouse, id: testGln(77) }),
      ),
    );
    const owners = new Set(
      answers.flatMap((answer) =>
        answer.statusCode === 201 ? [answer.json<{ party: string }>().party] : [],
      ),
    );
    t.equal(owners.size, 1);
    t.ok(answers.every(({ statusCode }) => statusCode === 201 || statusCode === 409));
  });
});

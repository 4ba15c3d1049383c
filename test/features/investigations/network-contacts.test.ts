import t from 'tap';
import { type NetworkAnswer, sharersMax } from '../../../src/features/investigations/network/schemas.ts';
import { operatorOf, register } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

t.test('parties that registered the same contact are linked, and nobody is told which it is', async (t) => {
  const service = await testService(t);
  const operator = operatorOf(service);
  const regulator = (name: string, region: string) =>
    register(service, name, ['regulator'], { jurisdiction: { regions: [region] } });
  const [office, elsewhere] = [await regulator('省局', '330000'), await regulator('外省局', '440000')];
  const firm = (name: string, contact: object, more: object = {}) =>
    register(service, name, ['seller'], { contact, ...more });
  const phone = '0571-8888 6666';
  const a = await firm('甲消防店', { name: '王某', phone, email: 'shop@example.com' });
  const b = await firm('乙消防店', { name: '李某', phone: '+86 571 88886666' });
  const c = await firm('丙消防店', { name: '王 某', email: 'SHOP@example.com' });
  const namesake = await firm('丁消防店', { name: '王某', phone: '13800138000' });
  const far = await firm('粤消防店', { name: '赵某', phone }, { region: '440106' });

  const ask = async (payload: object, query = '', who = office) => {
    const answer = await who.send('POST', `/v1/investigations/network${query}`, payload);
    return { status: answer.statusCode, text: answer.body };
  };
  const linked = async (payload: object, who = office) => {
    const { text } = await ask(payload, '', who);
    const { links = [] }: Partial<NetworkAnswer> = JSON.parse(text);
    return links.map(({ kind, from, to, entries }) => [kind, ...[from, to].sort(), entries].join(' ')).sort();
  };
  const link = (kind: string, one: { id: string }, other: { id: string }) =>
    [kind, ...[one.id, other.id].sort(), 2].join(' ');

  const found = await ask({ parties: [a.id] });
  t.equal(found.status, 200, found.text);
  t.strictSame(
    await linked({ parties: [a.id] }),
    [link('phone', a, b), link('email', a, c), link('person', a, c)].sort(),
    'a name brings in nobody, and what the reader may not read of a party links it with nobody',
  );
  t.strictSame(await linked({ parties: [a.id, namesake.id], kinds: ['person'] }), [
    link('person', a, namesake),
  ]);
  t.strictSame(
    await linked({ parties: [far.id], kinds: ['phone'] }),
    [],
    'nor do contacts of those elsewhere',
  );
  t.strictSame(await linked({ parties: [a.id], kinds: ['phone'] }, elsewhere), []);
  const csv = await ask({ parties: [a.id], kinds: ['phone'] }, '?format=csv');
  t.match(csv.text, /\r\nphone,/);
  const graph = await ask({ parties: [a.id] }, '?format=graphml');
  t.match(graph.text, />phone</);
  const [table] = await service.owner.sql<
    { all: string }[]
  >`SELECT string_agg(c::text, ' ') AS all FROM contacts c`;
  for (const text of [found.text, csv.text, graph.text, table?.all ?? ''])
    t.notMatch(text, /8888 ?6666|example\.com|王 ?某/i, 'no contact is told or kept as text');
  const [key] = await service.owner.sql<{ key: Buffer }[]>`SELECT key FROM contacts LIMIT 1`;
  t.notMatch(found.text, key?.key.toString('hex') ?? '', 'nor what it is compared by');
  t.match(await ask({ parties: [a.id] }, '', a), { status: 403 });
  await service.deps.audit.flush();
  const audited = await service.owner.sql`
    SELECT FROM read_audit WHERE party = ${office.id} AND subject = ${`network behind 0 units and of ${a.id}`}`;
  t.ok(audited.length > 0, 'whose network was read stands in the audit');

  // What changes is compared anew; what is erased links nobody any more, at once.
  const { id, name, creditCode } = b;
  const next = { name, creditCode, roles: ['seller'], region: '330106', contact: { name: '李某' } };
  t.equal((await operator.send('PUT', `/v1/parties/${id}`, next)).statusCode, 200);
  t.strictSame(await linked({ parties: [a.id], kinds: ['phone'] }), []);
  const { seq } = (await operator.send('GET', `/v1/parties/${c.id}`)).json<{ seq: number }>();
  const erasure = { entries: [seq], ground: '个人信息保护法第四十七条' };
  t.equal((await operator.send('POST', '/v1/erasures', erasure)).statusCode, 201);
  t.strictSame(await linked({ parties: [a.id] }), []);
  const rows = await service.owner.sql`SELECT FROM contacts WHERE party = ${c.id}`;
  t.equal(rows.length, 0, 'and nothing of it is kept');

  // The phone of an agency is shared by all that it registered.
  const agency = { name: '代理', phone: '0571-11112222' };
  const firms = [];
  for (let i = 0; i < sharersMax; i++) firms.push(await firm(`代办${i}号`, agency));
  const [first = a] = firms;
  const crowd = sharersMax * (sharersMax - 1);
  t.equal((await linked({ parties: [first.id], kinds: ['phone'] })).length, crowd / 2, 'each with each');
  await firm('代办末号', agency);
  t.match(JSON.parse((await ask({ parties: firms.map(({ id }) => id) })).text), { code: 'not-found' });
  await firm('代办对门', { name: '孙某', phone: '13900139000' });
  const last = await firm('代办隔壁', { name: '孙某', phone: '0571-11112222/13900139000' });
  t.match(JSON.parse((await ask({ parties: [last.id] })).text), {
    crowdedContacts: 1,
    links: [{ kind: 'phone' }],
  });
});

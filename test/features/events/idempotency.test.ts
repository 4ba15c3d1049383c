import t from 'tap';
import { testService } from '../../support/service.ts';
import { act, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, seller } = chain;
const key = (name: string) => ({ 'idempotency-key': name });

t.test('the same key with the same request gives the same bytes, and records nothing', async (t) => {
  const hops = [
    { hop: 'produce', ...act(), epcs: [unit('A1')] },
    { hop: 'sell', ...act(), epcs: [unit('A1')], to: { name: '五金店', region: '330112' } },
    {
      hop: 'replace',
      ...act(),
      place: maker.place,
      removed: { epcs: [unit('A1')] },
      installed: { epcs: [unit('A2')] },
    },
  ];
  const first = await chain.post(maker, hops, key('a'));
  const size = await chain.size();
  const again = await chain.post(maker, hops, key('a'));
  t.equal(first.status, 201, first.text);
  t.equal(first.headers['idempotency-replayed'], undefined);
  t.strictSame([again.status, again.headers['idempotency-replayed']], [201, 'true']);
  t.equal(again.text, first.text, 'to the last byte, the newly named party included');
  t.strictSame(
    again.body.facts.map((it: { hop: number | null }) => it.hop),
    [null, 0, 1, 2, 2],
  );
  t.equal(await chain.size(), size);
});

t.test('another request under the key is a conflict', async (t) => {
  const hop = { hop: 'inspect', ...act(), epcs: [unit('B1')] };
  await chain.post(maker, [hop], key('b'));
  const size = await chain.size();
  const other = await chain.post(maker, [{ ...hop, ref: 'other' }], key('b'));
  t.match(other.body, {
    status: 409,
    code: 'idempotency-conflict',
    detail:
      'This Idempotency-Key was used for another request; repeat the very same request or choose a new key.',
  });
  t.equal(await chain.size(), size);
  t.equal(
    (await chain.post(seller, [{ ...hop, ref: 'x' }], key('b'))).status,
    201,
    'keys are the party’s own',
  );
});

t.test('many at once under one key are recorded once', async (t) => {
  const hop = { hop: 'inspect', ...act(), epcs: [unit('C1')] };
  const size = await chain.size();
  const answers = await Promise.all(Array.from({ length: 8 }, () => chain.post(maker, [hop], key('c'))));
  t.strictSame(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
  t.equal(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1);
  t.equal(await chain.size(), size + 1);
});

t.test('what was recorded is answered even when it would be refused today', async (t) => {
  const made = await chain.post(maker, [{ hop: 'inspect', ...act(), epcs: [unit('D1')] }]);
  const hops = [{ hop: 'void', ...act(), event: made.body.facts[0].id, reason: 'r' }];
  const first = await chain.post(maker, hops, key('d'));
  const { now } = service.deps;
  // A clock set back makes every time lie in the future.
  Object.assign(service.deps, { now: () => 0 });
  const late = await chain.post(maker, hops, key('d'));
  Object.assign(service.deps, { now });
  t.equal(late.text, first.text);
});

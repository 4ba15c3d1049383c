/** The connection to the database breaks while a commit is under way: nobody can tell whether it counts. */
import { decodeJwt } from 'jose';
import t, { type Test } from 'tap';
import { type Cable, layCable } from '../../support/cable.ts';
import { testPublicUrl, testService } from '../../support/service.ts';
import { act, supplyChain, unit } from '../../support/supply-chain.ts';

/** A request whose commit, or the answer to it, is lost on the way; and what the same request is told next. */
async function story(t: Test, what: 'commit' | 'answer') {
  let cable: Cable | undefined;
  const service = await testService(t, {
    through: async (url) => {
      cable = await layCable(t, url);
      return cable.url;
    },
  });
  const chain = await supplyChain(service);
  const key = { 'idempotency-key': 'once' };
  const hops = [
    { hop: 'produce', ...act(), epcs: [unit('A1'), unit('A2')] },
    { hop: 'inspect', ...act(), epcs: [unit('A1')] },
  ];
  const entries = async () => {
    const rows = await service.owner.sql<{ seq: number; leaf: Buffer }[]>`
      SELECT seq, leaf FROM entries WHERE seq >= ${before} ORDER BY seq`;
    return rows.map(({ seq, leaf }) => ({ seq, leaf: leaf.toString('base64url') }));
  };
  const before = await chain.size();
  const lost = cable?.lose(what, /UPDATE head/);
  const told = await chain.post(chain.maker, hops, key);
  await lost;
  const { instance, ...document } = told.body;
  t.match(instance, /^urn:uuid:/);
  t.strictSame(
    [told.status, told.headers['content-type'], told.headers['retry-after'], document],
    [
      503,
      'application/problem+json; charset=utf-8',
      '1',
      {
        type: `${testPublicUrl}/problems/outcome-unknown`,
        title: 'Outcome is not known yet',
        status: 503,
        detail:
          'The database did not say whether the request was recorded; send it again with the same Idempotency-Key to learn it.',
        code: 'outcome-unknown',
      },
    ],
  );
  const meanwhile = await entries();
  const send = () => chain.post(chain.maker, hops, key);
  const again = await send();
  const later = await send();
  t.strictSame([again.status, later.status], [201, 201]);
  t.equal(later.headers['idempotency-replayed'], 'true');
  t.equal(later.text, again.text, 'from then on the answer is the same');
  const recorded = await entries();
  t.strictSame(
    again.body.facts.map(({ seq, leaf }: { seq: number; leaf: string }) => ({ seq, leaf })),
    recorded,
    'what is told stands in the log, once',
  );
  const receipt = decodeJwt<{ facts: { seq: number; leaf: string }[] }>(again.body.receipt);
  t.strictSame(
    receipt.facts.map(({ seq, leaf }) => ({ seq, leaf })),
    recorded,
    'and so says the receipt',
  );
  t.strictSame(
    recorded.map(({ seq }) => seq),
    [before, before + 1],
  );
  t.equal(await chain.size(), before + 2);
  return { meanwhile, recorded, replayed: again.headers['idempotency-replayed'] };
}

t.test('it was committed, and the answer was lost: the key gives what was recorded then', async (t) => {
  const { meanwhile, recorded, replayed } = await story(t, 'answer');
  t.equal(replayed, 'true');
  t.strictSame(meanwhile, recorded, 'it stood in the log before it was asked for again');
});

t.test('the commit never arrived: the key records it now', async (t) => {
  const { meanwhile, replayed } = await story(t, 'commit');
  t.strictSame(meanwhile, [], 'nothing had been recorded');
  t.equal(replayed, undefined);
});

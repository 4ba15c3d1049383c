/** What is refused of an order for codes, to the letter. */
import t from 'tap';
import { document, told } from '../../support/documents.ts';
import { testService } from '../../support/service.ts';
import { maker, record } from './makers.ts';

t.test('codes of what there is not, or is not yours', async (t) => {
  const service = await testService(t);
  const [mine, theirs, unregistered] = ['06901234567892', '06901234567915', '06901234567922'];
  const { token, party } = await maker(service, { gtins: [mine] });
  const vetted = { evidence: 'GS1 China', vettedBy: 'Li', vettedAt: '2025-01-02' };
  await record(service, {
    kind: 'gtin',
    by: service.deps.genesis.operator,
    gtin: unregistered,
    party,
    ...vetted,
  });
  await maker(service, { gtins: [theirs] });
  const unknown = {
    title: 'Product is not known',
    detail: `There is no product ${unregistered}; register it with POST /v1/products.`,
  };
  const notOwned = document(403, 'gtin-not-owned', {
    title: 'GTIN is neither owned nor delegated',
    detail: `${theirs} is not yours: have the operator bind it to you, or its owner delegate \`issue\` to you.`,
  });
  const batch = (gtin: string) => ['/v1/batches', { gtin, lot: 'L1', quantity: 1 }] as const;
  const lot = (gtin: string) => [`/v1/lots/${gtin}/L1/code`, {}] as const;
  const table = [
    [batch(unregistered), document(422, 'unknown-product', { ...unknown, pointer: '/gtin' })],
    [lot(unregistered), document(422, 'unknown-product', unknown)],
    [batch(theirs), notOwned],
    [lot(theirs), notOwned],
  ] as const;
  const post = ([url, payload]: readonly [string, object], key: string) =>
    service.app.inject({
      method: 'POST',
      url,
      headers: { authorization: token, 'idempotency-key': key, prefer: 'wait' },
      payload,
    });
  const size = await service.deps.ledger.size();
  const answers = [];
  for (const [i, [request]] of table.entries()) answers.push(told(await post(request, `k${i}`)));
  t.strictSame(
    answers,
    table.map(([, expected]) => expected),
  );
  const [jobs] = await service.owner.sql<{ count: number }[]>`SELECT count(*) FROM batch_jobs`;
  t.equal(jobs?.count, 0, 'nor is anything waiting to be done');
  t.equal(await service.deps.ledger.size(), size, 'nothing is left in the log');
  const issued = [await post(batch(mine), 'k8'), await post(lot(mine), 'k9')];
  t.strictSame(
    issued.map(({ statusCode }) => statusCode),
    [201, 200],
    'one’s own are issued',
  );
});

/** Master data of every kind, recorded by many at once, follow from the log alone. */
import t from 'tap';
import { projections } from '../../src/features/projections.ts';
import { rebuild } from '../../src/ledger/rebuild.ts';
import { operatorOf, register, testGln, testGtin } from '../support/actors.ts';
import { testService } from '../support/service.ts';

t.test('rebuilding from the log gives the same rows', async (t) => {
  const service = await testService(t);
  const operator = operatorOf(service);
  const vetting = { evidence: 'x', vettedBy: 'x', vettedAt: '2026-01-05' };
  const makers = await Promise.all(
    [1, 2, 3, 4].map((n) => register(service, `厂${n}`, ['manufacturer'], { gln: testGln(n) })),
  );
  const body = await register(service, '认证中心', ['certification-body']);
  await Promise.all(
    makers.flatMap((maker, n) => [
      operator.send('POST', '/v1/gtins', { party: maker.id, gtins: [testGtin(n), testGtin(99)], ...vetting }),
      operator.send('POST', '/v1/gtins', { party: maker.id, gtins: [testGtin(n)], ...vetting }),
      maker.send('POST', '/v1/places', { type: 'factory', name: '厂', region: '330106', id: testGln(n % 2) }),
      maker.send('POST', '/v1/parties/stubs', { name: `店${n % 2}`, gln: testGln(50 + (n % 2)) }),
      maker.send('POST', `/v1/parties/${maker.id}/clients`, { label: 'x' }),
      maker.send('POST', '/v1/products', { name: 'x', model: 'x', category: 'fire-doors', uom: 'H87' }),
    ]),
  );
  await Promise.all(
    makers.map((maker, n) =>
      maker.send('POST', '/v1/delegations', {
        to: makers[(n + 1) % 4]?.id,
        gtins: [testGtin(n)],
        acts: ['issue'],
        validFrom: '2026-01-01',
        validUntil: '2026-12-31',
      }),
    ),
  );
  await Promise.all(
    [1, 1, 2].map((number) =>
      body.send('POST', '/v1/certificates', {
        number: String(number),
        holder: makers[0]?.id,
        scheme: 'CCC',
        gtins: [testGtin(1)],
        validFrom: '2026-01-01',
        validUntil: '2026-12-31',
      }),
    ),
  );
  const { rows, mismatch, entries } = await rebuild(service.owner, { projections, followers: [] });
  t.equal(mismatch, null);
  t.equal(entries, await service.deps.ledger.size());
  t.match(rows, { policies: 3, clients: 4, delegations: 4, certificates: 2, products: 4 });
  t.ok((rows.owners ?? 0) > 20);
});

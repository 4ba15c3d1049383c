import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { PartyId } from '../../../src/core/events/hop.ts';
import { type EventFact, namedIdentifiers } from '../../../src/core/log/fact.ts';
import { firstLink, nextLink } from '../../../src/core/log/unit-chain.ts';
import { type NaiveJson, naiveLinks, naiveNames } from '../../support/naive-log.ts';

t.test('the worked example of unit-chain.ts', async (t) => {
  const link0 = firstLink('00/106141412345678908');
  t.equal(link0.toString('base64url'), 'H7SkfkeCHkI2fZ1IPs5-dCAMDGsEPgmg4Qb1Dj9LVV0');
  const leaf = Buffer.from('hiIBpNyiMANRargOWnUjFuQb_JEOtym_mfYJzHhnRVg', 'base64url');
  const link1 = nextLink(link0, leaf);
  t.equal(link1.toString('base64url'), 'no7t0JEyHE4vp6IwWx9X5WF4ArWl4zGeZbRsP6MUDqA');
  t.equal(link0.toString('base64url'), 'H7SkfkeCHkI2fZ1IPs5-dCAMDGsEPgmg4Qb1Dj9LVV0', 'and stays as it was');
});

const epc = fc.integer({ min: 1, max: 6 }).map((n) => `01/06901234567892/21/${n}`);
const epcs = fc.uniqueArray(epc, { minLength: 1 });
const lots = fc.uniqueArray(
  fc.integer({ min: 1, max: 3 }).map((n) => `01/06901234567892/10/${n}`),
  { minLength: 1 },
);
const quantities = lots.map((list) => list.map((epcClass) => ({ epcClass, quantity: '1' })));
const what = fc.record(
  {
    epcList: epcs,
    childEPCs: epcs,
    inputEPCList: epcs,
    outputEPCList: epcs,
    parentID: fc.oneof(epc, fc.constant('00/106141412345678908')),
    quantityList: quantities,
    childQuantityList: quantities,
    inputQuantityList: quantities,
    outputQuantityList: quantities,
  },
  { requiredKeys: [] },
);
const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 });

t.test('chains are what they are by definition, one link for each identifier of an entry', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.record({ what, leaf }), { maxLength: 12 }), (entries) => {
      const chains = new Map<string, Buffer[]>();
      for (const { what, leaf } of entries) {
        const fact: EventFact = {
          kind: 'event',
          by: 'A' as PartyId,
          type: 'ObjectEvent',
          eventID: 'urn:x',
          ...what,
        };
        for (const { epc } of namedIdentifiers(fact)) {
          const chain = chains.get(epc) ?? [firstLink(epc)];
          chains.set(epc, [...chain, nextLink(chain.at(-1) ?? Buffer.alloc(0), leaf)]);
        }
      }
      const naive = naiveLinks(
        entries.map(({ what, leaf }) => ({
          leaf,
          names: naiveNames(what as { readonly [name: string]: NaiveJson }),
        })),
      );
      assert.deepEqual(chains, naive);
    }),
  );
  t.pass('100 random logs');
});

import t from 'tap';
import { codesSay } from '../../../src/core/evidence/evidence-codes.ts';
import type { CheckedEntry } from '../../../src/core/evidence/evidence-fact.ts';
import type { ToldKey } from '../../../src/core/evidence/evidence-keys.ts';

const epc = '00/106141412345678908';
const issue: CheckedEntry = {
  seq: 20,
  at: '2026-01-01T00:00:00.000Z',
  leaf: Buffer.alloc(32),
  fact: {
    members: { kind: 'issue', by: 'maker' },
    lists: new Map(),
    withheld: 0,
    named: new Set([epc]),
    isWhole: true,
  },
};
const masters = { product: null, nameOf: new Map(), events: new Map(), owners: new Map() };

/** What is said of the code, after whose key signed it. */
function saidWith(key: Pick<ToldKey, 'status' | 'distrustedFrom'>): string | undefined {
  const told = {
    ...{ kid: '0000001', purpose: 'issuing', party: 'maker', publicKey: Buffer.alloc(32) },
    ...{ custody: 'operator', seq: 9, ...key },
  } satisfies ToldKey;
  const { proven } = codesSay({ codes: [{ epc, key: told }], entries: [issue] }, masters);
  return proven[0]?.en.replace(`The code of ${epc} is signed by key 0000001 of maker`, '');
}

t.test('what the signature of a code counts for', async (t) => {
  t.equal(saidWith({ status: 'active', distrustedFrom: null }), '.');
  t.equal(saidWith({ status: 'retired', distrustedFrom: null }), '.');
  t.equal(
    saidWith({ status: 'compromised', distrustedFrom: 20 }),
    '; but that key was compromised, so the signature counts for nothing.',
  );
  t.equal(
    saidWith({ status: 'compromised', distrustedFrom: 21 }),
    '; that key was reported as compromised later, so the signature counts only if a checkpoint over the issue was cosigned by a witness before.',
  );
});

/** Proofs of completeness as a party gets and checks them: with nothing but the core. */
import t from 'tap';
import { parseCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { prepareFact } from '../../../src/core/log/digest.ts';
import { base64url } from '../../../src/core/log/entry.ts';
import { checkHeadProof } from '../../../src/core/log/heads.ts';
import { leafHash } from '../../../src/core/log/merkle.ts';
import { provesInclusion } from '../../../src/core/log/merkle-proof.ts';
import { isSignedBy, parseNote, parseNoteKey } from '../../../src/core/log/note.ts';
import { firstLink, nextLink } from '../../../src/core/log/unit-chain.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, container, gtin, lot, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, seller, user, stranger } = chain;
const inspector = await chain.actor(['regulator']);
await service.deps.ledger.append([
  {
    fact: {
      kind: 'party',
      by: service.deps.genesis.operator,
      id: inspector.id,
      stub: false,
      name: 'Regulator',
      roles: ['regulator'],
      region: '330100',
      jurisdiction: { regions: ['330100'], places: [] },
    },
  },
]);
const operator = service.bearer(['operator'], service.deps.genesis.operator);

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
const read = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};
const ask = async (who: Pick<Actor, 'bearer'>, epc: string) => {
  const response = await service.app.inject({
    url: `/v1/log/heads/proof?epc=${encodeURIComponent(epc)}`,
    headers: { authorization: who.bearer },
  });
  return { status: response.statusCode, body: response.json() };
};
const publish = async () => {
  const response = await service.app.inject({
    method: 'POST',
    url: '/v1/log/heads',
    headers: { authorization: operator },
  });
  t.equal(response.statusCode, 200);
  return response.json();
};

interface Answer {
  readonly proof: string;
  readonly payload: string;
  readonly salt: string;
  readonly entry: string;
  readonly inclusion: { readonly hashes: readonly string[]; readonly checkpoint: string };
}

/** What an answer proves to somebody who holds the log's public key and nothing else of it. */
async function proven({ proof, payload, salt, entry, inclusion }: Answer, epc: string) {
  const [line = ''] = (await service.app.inject({ url: '/log/key' })).body.split('\n');
  const note = read(parseNote(inclusion.checkpoint));
  t.ok(isSignedBy(note, read(parseNoteKey(line))), 'the checkpoint is signed');
  const { size, root } = read(parseCheckpoint(note.text));
  const { seq, digest } = JSON.parse(entry);
  const hashes = inclusion.hashes.map(bytes);
  t.ok(provesInclusion(leafHash(entry), seq, size, hashes, root), 'the entry is under it');
  const fact = JSON.parse(payload);
  t.equal(base64url(prepareFact(fact, bytes(salt)).digest), digest, 'the entry says what the fact says');
  t.match(fact, { kind: 'heads', version: 1 });
  return { told: read(checkHeadProof(epc, bytes(proof), bytes(fact.root))), size: fact.size };
}

const sale = (from: Actor, to: Actor, epcs: string[]) => ({
  hop: 'ship',
  ...act(),
  epcs,
  place: from.place,
  to: to.id,
  toPlace: to.place,
  transfer: 'sale',
});
const receipt = (from: Actor, to: Actor, epcs: string[]) => ({
  hop: 'receive',
  ...act(),
  epcs,
  from: from.id,
  place: to.place,
});

await chain.post(maker, [
  { hop: 'produce', ...act(), epcs: [unit('A'), unit('B')], lot: 'L1', place: maker.place },
  { hop: 'release', ...act(), lots: [{ lot: lot('L1') }], place: maker.place, outcome: 'conformant' },
  { hop: 'pack', ...act(), container: container(1), epcs: [unit('A')], place: maker.place },
  sale(maker, distributor, [container(1)]),
]);
await chain.post(distributor, [
  receipt(maker, distributor, [container(1)]),
  { hop: 'unpack', ...act(), container: container(1), epcs: [unit('A')], place: distributor.place },
  sale(distributor, seller, [unit('A')]),
]);
await chain.post(seller, [
  receipt(distributor, seller, [unit('A')]),
  { hop: 'sell', ...act(), epcs: [unit('A')], place: seller.place, to: user.id },
]);

t.test('before the first entry nothing can be proven', async (t) => {
  t.match(await ask(maker, unit('A')), { status: 404, body: { code: 'not-published' } });
  t.match((await service.app.inject({ url: '/v1/log/heads' })).json(), { code: 'not-published' });
});

t.test('the whole history, proven from the public key on', async (t) => {
  const heads = await publish();
  t.strictSame((await service.app.inject({ url: '/v1/log/heads' })).json(), heads);
  t.strictSame(await publish(), heads, 'nothing happened since');
  const rows = await service.db.sql<{ leaf: Buffer }[]>`
    SELECT leaf FROM unit_chain JOIN epcs USING (unit) JOIN entries USING (seq) WHERE epc = ${unit('A')} ORDER BY n`;
  const link = rows.reduce((before, { leaf }) => nextLink(before, leaf), firstLink(unit('A')));
  for (const epc of [unit('A'), `https://any.example/01/${gtin}/21/A`]) {
    const { status, body } = await ask(maker, epc);
    t.equal(status, 200);
    t.match(body, { epc: unit('A'), entries: rows.length, link: base64url(link), heads });
    const { told, size } = await proven(body, unit('A'));
    t.same(told, { count: rows.length, link });
    t.equal(size, heads.size);
  }
  for (const epc of [container(1), lot('L1')]) {
    const { body } = await ask(maker, epc);
    t.same((await proven(body, epc)).told?.count, body.entries, epc);
    t.ok(body.entries > 0);
  }
  const fact = (await service.app.inject({ url: `/log/payload/${heads.seq}` })).json();
  t.match(JSON.parse(fact.payload), { kind: 'heads', size: heads.size, root: heads.root });
});

t.test('that nothing names an identifier is told to every party', async (t) => {
  const heads = (await service.app.inject({ url: '/v1/log/heads' })).json();
  for (const epc of [unit('NEVER'), container(77), lot('L2')]) {
    const { status, body } = await ask(stranger, epc);
    t.equal(status, 200);
    t.match(body, { epc, entries: null, link: null, heads });
    t.equal((await proven(body, epc)).told, null);
    t.notOk(
      checkHeadProof(unit('A'), bytes(body.proof), bytes(heads.root)).ok,
      'of another it proves nothing',
    );
  }
  // What was named later is not named yet.
  await chain.post(maker, [{ hop: 'produce', ...act(), epcs: [unit('LATER')], place: maker.place }]);
  t.match((await ask(maker, unit('LATER'))).body, { entries: null, heads });
  const next = await publish();
  t.ok(next.seq > heads.seq);
  t.match((await ask(maker, unit('LATER'))).body, { entries: 1, heads: next });
});

t.test('how a history ends is told to whom none of it is hidden', async (t) => {
  const status = async (who: Pick<Actor, 'bearer'>, epc: string) => (await ask(who, epc)).status;
  t.strictSame(
    [
      await status(maker, unit('A')),
      await status(inspector, unit('A')),
      await status(distributor, unit('A')),
      await status(seller, unit('A')),
      await status(stranger, unit('A')),
      await status({ bearer: operator }, unit('A')),
      await status(distributor, container(1)),
      await status(seller, lot('L1')),
    ],
    [200, 200, 200, 403, 403, 403, 200, 403],
  );
  t.match((await ask(seller, unit('A'))).body, { code: 'forbidden', detail: /some of this one is hidden/ });
});

t.test('what is no identifier is refused', async (t) => {
  t.match(await ask(maker, 'x'), { status: 422, body: { code: 'invalid-identifier' } });
  t.match(await ask(maker, `01/${gtin.slice(0, 13)}0/21/A`), {
    status: 422,
    body: { code: 'invalid-check-digit' },
  });
});

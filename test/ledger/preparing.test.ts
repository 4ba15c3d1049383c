import { createHash } from 'node:crypto';
import t from 'tap';
import { prepareFact } from '../../src/core/log/digest.ts';
import { factJson, namedIdentifiers } from '../../src/core/log/fact.ts';
import { createPreparing } from '../../src/ledger/preparing.ts';
import { newParty, note, sighting } from '../support/log.ts';

/** The same bytes each time it is made anew. */
function repeatable() {
  let n = 0;
  return (bytes: number): Buffer =>
    createHash('shake256', { outputLength: bytes }).update(String(n++)).digest();
}

t.test('facts made ready in the thread are those made ready in place', async (t) => {
  const by = newParty();
  const drafts = Array.from({ length: 500 }, (_, i) =>
    i % 2 === 0
      ? note(by, `消防 ${i} \u{1F9EF}`)
      : sighting(by, [`01/06901234567892/21/A${i}`, `01/06901234567892/21/B${i}`]),
  );
  const preparing = createPreparing(repeatable());
  const ready = await preparing.prepare(drafts);
  const salts = repeatable()(drafts.length * 16);
  t.strictSame(
    ready,
    drafts.map(({ fact }, i) => ({
      fact,
      prepared: prepareFact(factJson(fact), salts.subarray(i * 16, i * 16 + 16)),
      named: namedIdentifiers(fact),
    })),
  );
  await preparing.close();
});

t.test('many requests at once each get their own, wherever they were made ready', async (t) => {
  const by = newParty();
  const preparing = createPreparing(repeatable());
  const requests = Array.from({ length: 12 }, (_, r) =>
    Array.from({ length: r === 5 ? 3 : 400 }, (_, i) => note(by, `${r}/${i}`)),
  );
  const ready = await Promise.all(requests.map((drafts) => preparing.prepare(drafts)));
  t.strictSame(
    ready.map((list) => list.map(({ fact, prepared }) => [fact, JSON.parse(prepared.payload)])),
    requests.map((drafts) => drafts.map(({ fact }) => [fact, fact])),
  );
  await preparing.close();
});

t.test('personal data are hidden under a salt of their own', async (t) => {
  const preparing = createPreparing(repeatable());
  const drafts = Array.from({ length: 200 }, (_, i) => ({
    ...note(newParty(), String(i)),
    ...(i === 7 ? { private: { phone: '13800000000' } } : {}),
  }));
  const ready = await preparing.prepare(drafts);
  t.equal(ready[7]?.prepared.private?.value, '{"phone":"13800000000"}');
  t.equal(ready[7]?.prepared.private?.salt.length, 18);
  t.equal(ready.filter(({ prepared }) => prepared.private !== null).length, 1);
  await preparing.close();
});

t.test('who waits for a thread that ends is told', async (t) => {
  const preparing = createPreparing(repeatable());
  const waiting = preparing.prepare(Array.from({ length: 400 }, (_, i) => note(newParty(), String(i))));
  await Promise.all([t.rejects(waiting, { code: 'unavailable', retryAfter: 1 }), preparing.close()]);
  const alone = { ...note(newParty(), 'of very many words'), large: true };
  const large = preparing.prepare([alone]);
  await Promise.all([
    t.rejects(large, { code: 'unavailable' }, 'one large fact waits too'),
    preparing.close(),
  ]);
});

t.test('no two facts have the same salt, however many requests there are', async (t) => {
  const preparing = createPreparing(repeatable());
  const requests = Array.from({ length: 400 }, (_, i) => (i === 100 ? 300 : 1 + (i % 3)));
  const ready = await Promise.all(
    requests.map((facts) =>
      preparing.prepare(Array.from({ length: facts }, (_, i) => note(newParty(), `${i}`))),
    ),
  );
  const salts = ready.flat().map(({ prepared }) => Buffer.from(prepared.salt).toString('hex'));
  t.ok(salts.every((it) => it.length === 32));
  t.equal(new Set(salts).size, salts.length);
  await preparing.close();
});

import { createPublicKey, verify } from 'node:crypto';
import t from 'tap';
import { StartupError } from '../../../src/errors.ts';
import { openKeystore, rewrap } from '../../../src/features/keys/keystore.ts';
import { unwrap, wrap, wrappingKey } from '../../../src/features/keys/wrapping.ts';
import { testDatabase } from '../../support/postgres.ts';

const masterKey = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);
const publicKey = (x: string) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });

t.test('wrapping opens only with the same key and name, and bears no change', async (t) => {
  const key = wrappingKey(masterKey);
  const secret = Buffer.alloc(32, 7);
  const wrapped = wrap(key, '0000001', secret);
  t.equal(wrapped.length, 12 + 32 + 16);
  t.strictSame(unwrap(key, '0000001', wrapped), secret);
  t.equal(unwrap(key, '0000002', wrapped), null, 'another name');
  t.equal(unwrap(wrappingKey(otherKey), '0000001', wrapped), null, 'another key');
  const opened = Array.from(wrapped, (_, i) => {
    const changed = Buffer.from(wrapped);
    changed[i] = (changed[i] ?? 0) ^ 1;
    return unwrap(key, '0000001', changed);
  });
  t.strictSame(
    opened,
    opened.map(() => null),
    'every byte changed',
  );
  t.equal(unwrap(key, '0000001', wrapped.subarray(0, 27)), null, 'cut short');
});

t.test('a key that has very much to sign keeps no other waiting', async (t) => {
  const { db } = await testDatabase(t);
  const keystore = await openKeystore(db, masterKey);
  for (const kid of ['0000001', '0000002']) {
    await keystore.create(kid);
    await keystore.sign(kid, 'opened');
  }
  const texts = Array.from({ length: 1000 }, (_, i) => `text ${i}`);
  const done: string[] = [];
  const sign = (kid: string): Promise<void> => keystore.signMany(kid, texts).then(() => void done.push(kid));
  const much = Array.from({ length: 40 }, () => sign('0000001'));
  await Promise.all([...much, sign('0000002')]);
  t.equal(done.length, 41);
  t.ok(done.indexOf('0000002') < 20, `it came as number ${done.indexOf('0000002')} of ${done.length}`);
});

t.test('keys sign, alike in every process', async (t) => {
  const { db } = await testDatabase(t);
  const keystore = await openKeystore(db, masterKey);
  const x = await keystore.create('0000001');
  const signature = await keystore.sign('0000001', 'text');
  t.equal(verify(null, Buffer.from('text'), publicKey(x), signature), true);
  // Few go through the pool of threads, many to threads of their own, which share them unevenly.
  for (const count of [50, 501, 1201]) {
    const texts = Array.from({ length: count }, (_, i) => `文字 ${i}`);
    const signatures = await keystore.signMany('0000001', texts);
    t.strictSame(
      texts.map((text, i) => verify(null, Buffer.from(text), publicKey(x), signatures[i] ?? Buffer.of())),
      texts.map(() => true),
      `${count} in order`,
    );
  }

  const elsewhere = await openKeystore(db, masterKey);
  t.strictSame(await elsewhere.sign('0000001', Buffer.from('text')), signature, 'Ed25519 is deterministic');
  await t.rejects(elsewhere.create('0000001'), { code: 'state-conflict' });
  await t.rejects(keystore.sign('0000002', 'text'), { code: 'unknown-key' });
  await keystore.create('0000002');
  t.equal((await keystore.sign('0000002', 'text')).length, 64, 'a failure is not remembered');
  await keystore.delete('0000002');
  await t.rejects(keystore.sign('0000002', 'text'), { code: 'unknown-key' });
  await t.rejects(keystore.secret('0000001'), TypeError);
  await t.rejects(keystore.create('word'), TypeError);
});

t.test('a secret is made once, however many ask at once', async (t) => {
  const { db } = await testDatabase(t);
  const stores = await Promise.all([1, 2, 3].map(() => openKeystore(db, masterKey)));
  const secrets = await Promise.all(stores.flatMap((store) => [store.secret('one'), store.secret('one')]));
  t.equal(new Set(secrets.map((secret) => secret.toString('hex'))).size, 1);
  t.equal(secrets[0]?.length, 32);
  const two = await stores[0]?.secret('two');
  t.notSame(two, secrets[0]);
});

t.test('a wrong master key is refused at start', async (t) => {
  const { db } = await testDatabase(t);
  await openKeystore(db, masterKey);
  await t.rejects(openKeystore(db, otherKey), { name: 'StartupError', message: /MASTER_KEY is not the one/ });
});

t.test('rewrapping changes the master key and nothing else', async (t) => {
  const { db } = await testDatabase(t);
  const before = await openKeystore(db, masterKey);
  const x = await before.create('0000001');
  const secret = await before.secret('one');
  await t.rejects(rewrap(db, otherKey, masterKey), StartupError, 'the old key must be the right one');
  t.equal(await rewrap(db, masterKey, otherKey), 2);
  await t.rejects(openKeystore(db, masterKey), StartupError);
  const after = await openKeystore(db, otherKey);
  t.strictSame(await after.secret('one'), secret);
  t.equal(verify(null, Buffer.from('a'), publicKey(x), await after.sign('0000001', 'a')), true);

  // A process that still runs under the old key goes on with what it knows, and can add nothing.
  t.strictSame(await before.secret('one'), secret);
  await t.rejects(before.create('0000003'), { code: 'unavailable' });
  await t.rejects(before.secret('two'), { code: 'unavailable' });
  await t.rejects(before.sign('0000001', 'a'), { code: 'unavailable' });
});

t.test('a row that was changed or moved fails the whole rewrapping', async (t) => {
  const { db } = await testDatabase(t);
  const keystore = await openKeystore(db, masterKey);
  await keystore.create('0000001');
  await keystore.create('0000002');
  await db.sql`UPDATE private_keys SET wrapped = (SELECT wrapped FROM private_keys WHERE kid = '0000001') WHERE kid = '0000002'`;
  await t.rejects(rewrap(db, masterKey, otherKey), { message: /Key 0000002 does not open/ });
  await t.resolves(openKeystore(db, masterKey), 'nothing was changed');
});

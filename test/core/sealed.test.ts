import { CompactEncrypt, importJWK } from 'jose';
import t from 'tap';
import { checkSealingKey, parseSealed, sealingKeyId } from '../../src/core/sealed.ts';
import { required } from '../../src/errors.ts';

const key = {
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};
const kid = 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s';

t.test('a key and its thumbprint', async (t) => {
  t.equal(sealingKeyId(key), kid);
  t.strictSame(required(checkSealingKey(key)), key);
  const wrong = [
    { ...key, y: key.x },
    { ...key, x: `${key.x}=` },
    { x: 'A'.repeat(43), y: 'A'.repeat(43) },
    { x: '', y: '' },
  ];
  for (const each of wrong) t.notOk(checkSealingKey(each).ok, JSON.stringify(each));
});

t.test('what a JOSE library seals is read, and nothing else', async (t) => {
  const seal = async (header: object): Promise<string> =>
    new CompactEncrypt(Buffer.from('{"name":"王"}'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', ...header })
      .encrypt(await importJWK({ kty: 'EC', crv: 'P-256', ...key }, 'ECDH-ES'));
  const text = await seal({ kid });
  t.strictSame(required(parseSealed(text)), { kid });
  const parts = text.split('.');
  const header = (said: object): string =>
    [Buffer.from(JSON.stringify(said)).toString('base64url'), ...parts.slice(1)].join('.');
  const good = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString());
  t.ok(parseSealed(header(good)).ok);
  const wrong = [
    '',
    'x',
    await seal({}),
    await seal({ kid, enc: 'A128GCM' }),
    await seal({ kid, alg: 'ECDH-ES+A256KW' }),
    header({ ...good, epk: { ...good.epk, y: good.epk.x } }),
    header({ ...good, epk: null }),
    header({ ...good, kid: 'x' }),
    header([]),
    `${text}.`,
    text.replace(/[^.]+$/, ''),
  ];
  t.strictSame(
    wrong.filter((each) => parseSealed(each).ok),
    [],
  );
});

import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { parsePublicKey } from '../../src/core/ed25519-key.ts';

const encode = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
const code = (x: string): string => {
  const key = parsePublicKey(x);
  return key.ok ? 'ok' : key.code;
};

t.test('the keys of RFC 8032 §7.1 pass', async (t) => {
  t.strictSame(
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      '278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e',
    ].map((hex) => code(encode(hex))),
    ['ok', 'ok', 'ok', 'ok'],
  );
});

t.test('keys that Node makes pass', async (t) => {
  const keys = Array.from(
    { length: 20 },
    () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x,
  );
  t.strictSame(new Set(keys.map((x) => code(x ?? ''))), new Set(['ok']));
});

t.test('points of small order are refused, in every spelling', async (t) => {
  const small = [
    '0100000000000000000000000000000000000000000000000000000000000000', // order 1
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // 2
    '0000000000000000000000000000000000000000000000000000000000000000', // 4
    '0000000000000000000000000000000000000000000000000000000000000080', // 4
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // 8
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85', // 8
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', // 8
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa', // 8
    '0100000000000000000000000000000000000000000000000000000000000080', // −0
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', // −0
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = p, another 0
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = p + 1, another 1
  ];
  t.strictSame(
    small.map((hex) => code(encode(hex))),
    small.map(() => 'invalid-key'),
  );
});

t.test('what is no point, mixed with a small one, or spelled loosely is refused', async (t) => {
  const good = encode('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const bad = [
    encode('0200000000000000000000000000000000000000000000000000000000000000'), // no x fits y = 2
    // The point of test 1 with that of order 2 added: (−x, −y), so y becomes p − y and the sign of x flips.
    encode('16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5'),
    `${good}=`,
    ` ${good}`,
    good.slice(0, -1),
    `${good.slice(0, -1)}p`, // differs in the two bits that encode nothing
    '',
    'A'.repeat(44),
  ];
  t.strictSame(
    bad.map(code),
    bad.map(() => 'invalid-key'),
  );
});

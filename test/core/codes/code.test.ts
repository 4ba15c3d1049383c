import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify } from 'jose';
import t from 'tap';
import {
  codePayload,
  formatCode,
  fromCompactJws,
  parseCode,
  protectedHeader,
  type SignedCode,
  signatureFromDigits,
  signatureToDigits,
  signingInput,
  toCompactJws,
  verifySignature,
} from '../../../src/core/codes/code.ts';
import type { Epc } from '../../../src/core/events/hop.ts';
import {
  formatContainer,
  formatLot,
  formatUnit,
  localGtin,
  parseIdentifier,
  parseLot,
  parseSerial,
  parseSscc,
} from '../../../src/core/gs1/identifiers.ts';
import { required } from '../../../src/errors.ts';
import { rfc8032 as example } from '../../support/seeds.ts';

const { privateKey: rfc8032, publicKey: rfc8032Public } = example;

const epcOf = (text: string): Epc => {
  const { epc, type } = required(parseIdentifier(text));
  if (type === 'place') throw new Error('a place is not signed');
  return epc;
};
const signed = (key: KeyObject, epc: Epc, kid = '0000001'): SignedCode => ({
  epc,
  kid,
  signature: sign(null, signingInput(kid, epc), key),
});
const unitEpc = epcOf('01/06901234567892/21/7ZK3QW9D5TB1Q');
const workedDigits =
  '07648484780577968770990179876198346055111515462072949609906497896502200930611399053560423228153411493672368111811609179146059751618889063325780549800685324';
const workedCode = `HTTPS://EXAMPLE.COM/01/06901234567892/21/7ZK3QW9D5TB1Q?S=0000001${workedDigits}`;

t.test('the key of RFC 8032 §7.1 test 1 signs the empty message as the RFC says', async (t) => {
  t.equal(
    rfc8032Public.export({ format: 'jwk' }).x,
    Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString(
      'base64url',
    ),
  );
  t.equal(
    sign(null, Buffer.alloc(0), rfc8032).toString('hex'),
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  );
});

t.test('the worked example', async (t) => {
  const code = signed(rfc8032, unitEpc);
  t.equal(codePayload(unitEpc), '01/06901234567892/21/7ZK3QW9D5TB1Q');
  t.equal(protectedHeader('0000001'), '{"alg":"EdDSA","kid":"0000001"}');
  t.equal(
    Buffer.from(signingInput('0000001', unitEpc)).toString(),
    'eyJhbGciOiJFZERTQSIsImtpZCI6IjAwMDAwMDEifQ.MDEvMDY5MDEyMzQ1Njc4OTIvMjEvN1pLM1FXOUQ1VEIxUQ',
  );
  t.equal(formatCode({ host: 'example.com', ...code }), workedCode);
  const parsed = required(parseCode(workedCode));
  t.strictSame(parsed, {
    scheme: 'https',
    host: 'example.com',
    identifier: { type: 'unit', gtin: '06901234567892', serial: '7ZK3QW9D5TB1Q', epc: unitEpc },
    epc: unitEpc,
    signed: { kid: '0000001', signature: code.signature },
  });
  t.equal(verifySignature(rfc8032Public, code), true);
});

t.test('unit, lot and container verify in jose, and what jose signs verifies here', async (t) => {
  const epcs = [
    unitEpc,
    epcOf('01/06901234567892/10/L2025-07'),
    epcOf('00/069012345678900019'),
    epcOf('01/06901234567892/21/%2Fa%22'),
  ];
  for (const epc of epcs) {
    const jws = toCompactJws(signed(rfc8032, epc, '1234567'));
    const { payload, protectedHeader: header } = await compactVerify(jws, rfc8032Public, {
      algorithms: ['EdDSA'],
    });
    t.strictSame([Buffer.from(payload).toString(), header], [epc, { alg: 'EdDSA', kid: '1234567' }]);
    const theirs = await new CompactSign(Buffer.from(epc))
      .setProtectedHeader({ alg: 'EdDSA', kid: '1234567' })
      .sign(rfc8032);
    t.equal(theirs, jws, 'Ed25519 is deterministic, so both make the same bytes');
    const code = required(fromCompactJws(theirs));
    t.equal(verifySignature(rfc8032Public, code), true);
  }
});

t.test('every altered character is refused', async (t) => {
  const authentic = (text: string) => {
    const parsed = parseCode(text);
    if (!parsed.ok || parsed.value.signed === null) return false;
    return verifySignature(rfc8032Public, { epc: parsed.value.epc, ...parsed.value.signed });
  };
  const from = workedCode.indexOf('/01/');
  t.equal(authentic(workedCode), true);
  const survivors: string[] = [];
  for (let at = from; at < workedCode.length; at++) {
    const digit = at >= workedCode.length - 162;
    for (const other of digit ? '0123456789A?&' : '09AZa-%/?#&= ') {
      const altered = workedCode.slice(0, at) + other + workedCode.slice(at + 1);
      if (altered !== workedCode && authentic(altered)) survivors.push(altered);
    }
    if (authentic(workedCode.slice(0, at) + workedCode.slice(at + 1))) survivors.push(`without ${at}`);
    if (authentic(`${workedCode.slice(0, at + 1)}0${workedCode.slice(at + 1)}`))
      survivors.push(`0 after ${at}`);
  }
  t.strictSame(survivors, []);
  const { publicKey } = generateKeyPairSync('ed25519');
  t.equal(verifySignature(publicKey, signed(rfc8032, unitEpc)), false, 'another key');
});

t.test('a signature holds for one spelling of itself', async (t) => {
  const code = signed(rfc8032, unitEpc);
  // RFC 8032 §5.1.7: S must be below the order L; S + L would verify in a careless library
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(code.signature.subarray(32)).reverse().toString('hex')}`) + order;
  const larger = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  const malleable = Buffer.concat([code.signature.subarray(0, 32), larger]);
  t.equal(verifySignature(rfc8032Public, { ...code, signature: malleable }), false);
  t.equal(verifySignature(rfc8032Public, { ...code, signature: code.signature.subarray(1) }), false);
  t.equal(verifySignature(rfc8032Public, { ...code, kid: '1' }), false);
  // an RSA key of 512 bits also signs in 64 bytes
  const rsa = generateKeyPairSync('rsa', { modulusLength: 512 });
  const foreign = signed(rsa.privateKey, unitEpc);
  t.equal(foreign.signature.length, 64);
  t.equal(verifySignature(rsa.publicKey, foreign), false);
});

t.test('scheme, host and other parameters do not matter to the signature', async (t) => {
  const tail = workedCode.slice('HTTPS://EXAMPLE.COM'.length);
  const variants = [
    `hTtPs://ExAmPlE.cOm${tail}`,
    `http://other.host:8080/some/path${tail}&linkType=all`,
    `https://example.com${tail.replace('?', '?17=270101&s=1&')}`,
    ` ${workedCode}\n`,
    tail,
  ];
  t.strictSame(
    variants.map((text) => {
      const { scheme, host, epc, signed } = required(parseCode(text));
      const verified = signed !== null && verifySignature(rfc8032Public, { epc, ...signed });
      return [scheme, host, verified];
    }),
    [
      ['https', 'example.com', true],
      ['http', 'other.host:8080', true],
      ['https', 'example.com', true],
      ['https', 'example.com', true],
      [null, null, true],
    ],
  );
});

t.test('what a person types has no signature', async (t) => {
  const typed = [
    '01/06901234567892/21/7ZK3QW9D5TB1Q',
    '(01)06901234567892(21)7ZK3QW9D5TB1Q',
    'https://a.cn/00/069012345678900019',
  ];
  t.strictSame(
    typed.map((text) => required(parseCode(text)).signed),
    [null, null, null],
  );
});

t.test('malformed codes are refused with their reason', async (t) => {
  const base = 'HTTPS://EXAMPLE.COM/01/06901234567892/21/7ZK3QW9D5TB1Q';
  const overflow = (2n ** 512n).toString();
  const rows: [string, string][] = [
    [`${base}?S=`, 'invalid-code'],
    [`${base}?S`, 'invalid-code'],
    [`${base}?S=0000001${overflow}`, 'invalid-code'],
    [`${base}?S=0000001${'9'.repeat(155)}`, 'invalid-code'],
    [`${base}?S=0000001${workedDigits.slice(1)}`, 'invalid-code'],
    [`${base}?S=0000001${workedDigits}0`, 'invalid-code'],
    [`${base}?S=0000001${workedDigits.replace('7', '７')}`, 'invalid-code'],
    [`${base}?S=0000001${workedDigits.replace('7', '%37')}`, 'invalid-code'],
    [`${base}?S=0000001${workedDigits}&S=0000001${workedDigits}`, 'invalid-code'],
    [`HTTPS://EXAMPLE.COM/01/06901234567892?S=0000001${workedDigits}`, 'invalid-code'],
    ['414/6901234567892', 'invalid-code'],
    ['417/6901234567892', 'invalid-code'],
    ['place/7ZK3QW9D5TB1M0AB', 'invalid-code'],
    [workedCode.replace('/01/0', '/01/'), 'invalid-code'],
    [workedCode.replace('7ZK3', '%37ZK3'), 'invalid-code'],
    [workedCode.replace('/21/', '/10/L1/21/'), 'invalid-code'],
    [workedCode.replace('/21/7ZK3QW9D5TB1Q?', '?21=7ZK3QW9D5TB1Q&'), 'invalid-code'],
    [workedCode.replace('?', '/?'), 'ok'],
    [workedCode.replace('7892/', '7891/'), 'invalid-check-digit'],
    ['hello', 'invalid-identifier'],
    [`${base}?x=${'1'.repeat(2048)}`, 'invalid-identifier'],
  ];
  t.strictSame(
    rows.map(([text]) => {
      const parsed = parseCode(text);
      return [text.slice(0, 80), parsed.ok ? 'ok' : parsed.code];
    }),
    rows.map(([text, code]) => [text.slice(0, 80), code]),
  );
  t.equal(overflow.length, 155, 'the overflow is found by value, not by length');
  t.ok(parseCode(`${base}?S=0000001${2n ** 512n - 1n}`).ok);
});

t.test('a JWS that is not byte for byte a code is refused', async (t) => {
  const jws = toCompactJws(signed(rfc8032, unitEpc));
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const b64 = (text: string) => Buffer.from(text).toString('base64url');
  const loose = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // 64 bytes leave four unused bits in the last of 86 symbols: the next symbol decodes to the same bytes
  const slack = loose.charAt(loose.indexOf(signature.slice(-1)) + 1);
  const foreign = [
    '',
    '..',
    `${jws}.`,
    `${header}.${payload}`,
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -1)}${slack}`,
    `${header}.${payload}.${signature.slice(0, -2)}`,
    `${b64('{"kid":"0000001","alg":"EdDSA"}')}.${payload}.${signature}`,
    `${b64('{"alg":"EdDSA","kid":"000001"}')}.${payload}.${signature}`,
    `${b64('{"alg":"none","kid":"0000001"}')}.${payload}.${signature}`,
    `${b64('{"alg":"EdDSA", "kid":"0000001"}')}.${payload}.${signature}`,
    `${header}.${b64('01/6901234567892/21/7ZK3QW9D5TB1Q')}.${signature}`,
    `${header}.${b64('01/06901234567892')}.${signature}`,
    `${header}.${b64('414/6901234567892')}.${signature}`,
    `${header}.${b64(' 01/06901234567892/21/7ZK3QW9D5TB1Q')}.${signature}`,
    `${header}.${payload}.${signature}${'A'.repeat(2048)}`,
  ];
  t.strictSame(
    foreign.map((text) => fromCompactJws(text)).map((result) => (result.ok ? 'ok' : result.code)),
    foreign.map(() => 'invalid-code'),
  );
});

t.test('what is ours and malformed is thrown', async (t) => {
  const code = signed(rfc8032, unitEpc);
  for (const host of ['', 'a b', 'a/b', 'user@a.cn', 'a.cn:x', '溯源.cn', 'a?b']) {
    t.throws(() => formatCode({ ...code, host }), TypeError, host);
  }
  t.throws(() => formatCode({ ...code, host: 'a.cn', kid: '1' }), TypeError);
  t.throws(() => formatCode({ ...code, host: 'a.cn', signature: code.signature.subarray(1) }), RangeError);
  t.throws(() => protectedHeader('00000001'), TypeError);
});

const charset82 = '!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const text20 = fc.string({ unit: fc.constantFrom(...charset82), minLength: 1, maxLength: 20 });
const gtin = fc.nat(9_999_999_999).map(localGtin);
const anyEpc = fc.oneof(
  fc.tuple(gtin, text20).map(([g, s]) => formatUnit(g, required(parseSerial(s)))),
  fc.tuple(gtin, text20).map(([g, l]) => formatLot(g, required(parseLot(l)))),
  fc
    .constantFrom('069012345678900019', '106141412345678908')
    .map((s) => formatContainer(required(parseSscc(s)))),
);
const anyCode = fc.record({
  epc: anyEpc,
  kid: fc.nat(9_999_999).map((n) => String(n).padStart(7, '0')),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  host: fc.constantFrom('example.com', 'localhost:8080', 'x--1.cn', '[::1]:3000', '10.0.0.1'),
});

t.test('code and JWS turn into each other without loss', async () => {
  fc.assert(
    fc.property(anyCode, ({ host, ...code }) => {
      const parsed = required(parseCode(formatCode({ host, ...code })));
      const fromJws = required(fromCompactJws(toCompactJws({ ...code, epc: parsed.epc })));
      return (
        parsed.host === host &&
        parsed.epc === code.epc &&
        parsed.signed?.kid === code.kid &&
        Buffer.compare(parsed.signed.signature, code.signature) === 0 &&
        formatCode({ host, ...fromJws }) === formatCode({ host, ...code })
      );
    }),
    { numRuns: 500 },
  );
});

t.test('signature digits are exact for every 64 bytes, extremes included', async (t) => {
  const extremes = [new Uint8Array(64), new Uint8Array(64).fill(255), new Uint8Array(64).fill(1, 63)];
  t.strictSame(
    extremes.map(signatureToDigits).map((digits) => digits.length),
    [155, 155, 155],
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) =>
      Buffer.from(bytes).equals(required(signatureFromDigits(signatureToDigits(bytes)))),
    ),
    { examples: extremes.map((bytes): [Uint8Array<ArrayBuffer>] => [bytes]) },
  );
});

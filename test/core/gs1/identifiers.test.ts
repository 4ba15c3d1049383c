import fc from 'fast-check';
import t from 'tap';
import {
  elementString,
  formatContainer,
  formatLot,
  formatPlace,
  formatUnit,
  gs1CheckDigit,
  parseExtension,
  parseGln,
  parseGtin,
  parseIdentifier,
  parseLot,
  parseSerial,
  parseSscc,
} from '../../../src/core/gs1/identifiers.ts';
import type { Result } from '../../../src/errors.ts';

const read = (text: string): string => {
  const result = parseIdentifier(text);
  return result.ok ? `${result.value.type} ${result.value.epc}` : result.code;
};
const the = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.detail);
  return result.value;
};

const digits = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length })
    .map((body) => body + gs1CheckDigit(body));
const charset82 = '!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const text20 = fc.string({ unit: fc.constantFrom(...charset82), minLength: 1, maxLength: 20 });
const gtin = digits(13).map((x) => the(parseGtin(x)));
const gln = digits(12).map((x) => the(parseGln(x)));
const sscc = digits(17).map((x) => the(parseSscc(x)));
const anyEpc = fc.oneof(
  fc.tuple(gtin, text20).map(([g, s]) => formatUnit(g, the(parseSerial(s)))),
  fc.tuple(gtin, text20).map(([g, l]) => formatLot(g, the(parseLot(l)))),
  fc.tuple(gln, text20).map(([g, e]) => formatPlace(g, the(parseExtension(e)))),
  sscc.map((s) => formatContainer(s)),
  gtin.map((g) => `01/${g}`),
  gln.map((g) => `417/${g}`),
);

t.test('every spelling of one unit is one identifier', async (t) => {
  const spellings = [
    '01/06901234567892/21/A7',
    '/01/06901234567892/21/A7/',
    ' 01/06901234567892/21/A7\n',
    '01/6901234567892/21/A7',
    '01/06901234567892/21/%41%37',
    '01/06901234567892/22/2A/10/L1/21/A7',
    '01/06901234567892/21/A7/10/L1',
    'https://id.gs1.org/01/06901234567892/21/A7',
    'HTTPS://LOCALHOST:8080/01/06901234567892/21/A7?S=00000010',
    'hTTp://溯源.example.cn/some/01/path/here/01/06901234567892/10/L1/21/A7?17=270101&linkType=all#top',
    'https://[::1]:8080/01/06901234567892/21/A7',
    'https://a.cn/x/01/06901234567892/21/A7',
    'https://a.cn/01/06901234567892?10=L1&21=A7',
    'https://a.cn/01/06901234567892/21/A7?21=OTHER',
    'https://a.cn/01/06901234567892/10/L1?21=A7',
    '(01)06901234567892(21)A7',
    '(10)L1(17)270101(01) 06901234567892 (21) A7',
    '(01)6901234567892(21)A7',
    'urn:epc:id:sgtin:69012345.06789.A7',
    'URN:EPC:ID:SGTIN:690123456789.0.A7',
  ];
  t.strictSame(
    spellings.map(read),
    spellings.map(() => 'unit 01/06901234567892/21/A7'),
  );
});

t.test('the other kinds, in their spellings', async (t) => {
  const rows: [string, string][] = [
    ['01/06901234567892/10/A%2f1(b)', 'lot 01/06901234567892/10/A%2F1%28b%29'],
    ['https://a.cn/01/06901234567892/10/L1', 'lot 01/06901234567892/10/L1'],
    ['(01)06901234567892(10)L1', 'lot 01/06901234567892/10/L1'],
    ['urn:epc:class:lgtin:69012345.06789.L%2F.1', 'lot 01/06901234567892/10/L%2F.1'],
    ['01/06901234567892', 'product 01/06901234567892'],
    ['01/96385074', 'product 01/00000096385074'],
    ['(01)06901234567892(17)270101', 'product 01/06901234567892'],
    ['urn:epc:idpat:sgtin:69012345.06789.*', 'product 01/06901234567892'],
    ['00/069012345678900019', 'container 00/069012345678900019'],
    ['(00) 069012345678900019', 'container 00/069012345678900019'],
    ['https://a.cn/p/00/106141412345678908?S=1', 'container 00/106141412345678908'],
    ['urn:epc:id:sscc:0614141.1234567890', 'container 00/106141412345678908'],
    ['414/6901234567892', 'place 414/6901234567892'],
    ['https://a.cn/414/6901234567892/254/W2', 'place 414/6901234567892/254/W2'],
    ['(414)6901234567892(254)W2', 'place 414/6901234567892/254/W2'],
    ['urn:epc:id:sgln:69012345.6789.0', 'place 414/6901234567892'],
    ['urn:epc:id:sgln:690123456789..W%2F2', 'place 414/6901234567892/254/W%2F2'],
    ['https://any.host/place/7zk3qw9d5tb1m0ab', 'place place/7ZK3QW9D5TB1M0AB'],
    ['place/7ZK3QW9D5TB1M0AB', 'place place/7ZK3QW9D5TB1M0AB'],
    ['417/6901234567892', 'party 417/6901234567892'],
    ['(417)6901234567892', 'party 417/6901234567892'],
    ['urn:epc:id:pgln:69012345.6789', 'party 417/6901234567892'],
  ];
  t.strictSame(
    rows.map(([text]) => read(text)),
    rows.map(([, canonical]) => canonical),
  );
});

t.test('what names nothing is refused with its reason', async (t) => {
  const rows: [string, string][] = [
    ['', 'invalid-identifier'],
    ['hello', 'invalid-identifier'],
    ['6901234567892', 'invalid-identifier'],
    ['01/06901234567891/21/A7', 'invalid-check-digit'],
    ['(00)069012345678900018', 'invalid-check-digit'],
    ['01/06901234567892/21/', 'invalid-identifier'],
    ['01/06901234567892/21/A B', 'invalid-serial'],
    ['01/06901234567892/21/%00', 'invalid-serial'],
    ['01/06901234567892/21/%E6%BA%AF', 'invalid-serial'],
    ['01/06901234567892/21/%C3', 'invalid-identifier'],
    ['01/06901234567892/21/A%', 'invalid-identifier'],
    ['01/06901234567892/21/ABCDEFGHIJKLMNOPQRSTU', 'invalid-serial'],
    ['01/06901234567892/21/A/21/B', 'invalid-identifier'],
    ['01/06901234567892/21/A/page/2', 'invalid-identifier'],
    ['01/06901234567892/10/L 1', 'invalid-identifier'],
    ['prefix/x/01/06901234567892', 'invalid-identifier'],
    ['21/A7', 'invalid-identifier'],
    ['https://a.cn', 'invalid-identifier'],
    ['https://a.cn/', 'invalid-identifier'],
    ['https://', 'invalid-identifier'],
    ['https://good.cn@evil.cn/01/06901234567892', 'invalid-identifier'],
    ['https://good.cn\\01/06901234567892', 'invalid-identifier'],
    ['ftp://a.cn/01/06901234567892', 'invalid-identifier'],
    ['(01)06901234567892(01)06901234567892', 'invalid-identifier'],
    ['(01)06901234567892(00)069012345678900019', 'invalid-identifier'],
    ['(21)A7', 'invalid-identifier'],
    ['(', 'invalid-identifier'],
    ['(01)', 'invalid-identifier'],
    ['(x)(01)06901234567892', 'invalid-identifier'],
    ['place/7ZK3QW9D5TB1M0A', 'invalid-identifier'],
    ['place/7ZK3QW9D5TB1M0AU', 'invalid-identifier'],
    ['urn:epc:id:sgtin:69012345.6789.A7', 'invalid-identifier'],
    ['urn:epc:id:sgtin:69012345.06789', 'invalid-serial'],
    ['urn:epc:id:sgtin:69012345.06789.A%2', 'invalid-identifier'],
    ['urn:epc:id:sgtin:12345.067890123.A7', 'invalid-identifier'],
    ['urn:epc:idpat:sgtin:69012345.06789.A7', 'invalid-identifier'],
    ['urn:epc:id:sscc:0614141.123456789', 'invalid-identifier'],
    ['urn:epc:id:sscc:0614141.1234567890.1', 'invalid-identifier'],
    ['urn:epc:id:sgln:69012345.678.0', 'invalid-identifier'],
    ['urn:epc:id:pgln:69012345.6789.0', 'invalid-identifier'],
    ['urn:epc:id:grai:69012345.6789.0', 'invalid-identifier'],
    ['urn:epc:', 'invalid-identifier'],
    [`https://a.cn/01/06901234567892?x=${'1'.repeat(2048)}`, 'invalid-identifier'],
  ];
  t.strictSame(
    rows.map(([text]) => [text.slice(0, 60), read(text)]),
    rows.map(([text, code]) => [text.slice(0, 60), code]),
  );
});

t.test('canonical paths round-trip, under any host and path too', async () => {
  fc.assert(
    fc.property(anyEpc, (epc) => {
      const plain = parseIdentifier(epc);
      const linked = parseIdentifier(`https://host.example:8443/a/01/${epc}?x=1`);
      return (
        plain.ok &&
        linked.ok &&
        plain.value.epc === epc &&
        linked.value.epc === epc &&
        /^[0-9A-Za-z\-._~/%]+$/.test(epc)
      );
    }),
  );
});

t.test('element strings round-trip, but for values that look like elements themselves', async () => {
  fc.assert(
    fc.property(anyEpc, (epc) => {
      const identifier = the(parseIdentifier(epc));
      const written = elementString(identifier);
      fc.pre(!/\([0-9]{2,4}\)/.test(written.replace(/^\([0-9]{2,3}\)[0-9]+(\((?:10|21|254)\))?/, '')));
      return read(written) === `${identifier.type} ${epc}`;
    }),
  );
});

t.test('element strings are read as scanners send them', async (t) => {
  const gs = '\u001d';
  const unit = 'unit 01/06901234567892/21/A7';
  for (const [text, expected] of [
    ['010690123456789221A7', unit],
    [']d2010690123456789221A7', unit],
    [`]C1${gs}010690123456789221A7`, unit],
    [`${gs}010690123456789221A7`, unit],
    ['01069012345678921727010121A7', unit],
    [`010690123456789210L1${gs}21A7`, unit],
    [`10L1${gs}01069012345678923103000500`, 'lot 01/06901234567892/10/L1'],
    [`01069012345678928005123456${gs}21A7`, unit],
    ['0106901234567892', 'product 01/06901234567892'],
    ['00106141412345678908', 'container 00/106141412345678908'],
    [`4146901234567892254W2`, 'place 414/6901234567892/254/W2'],
    ['4176901234567892', 'party 417/6901234567892'],
    ['010690123456789221(21)A', 'unit 01/06901234567892/21/%2821%29A'],
  ] as const)
    t.equal(read(`${text.startsWith('1') ? ']e0' : ''}${text}`), expected, JSON.stringify(text));
  for (const [text, code] of [
    ['010690123456789121A7', 'invalid-check-digit'],
    ['0106901234567892010690123456789221A7', 'invalid-identifier'],
    ['010690123456789268X', 'invalid-identifier'],
    ['0106901234567892 21A7', 'invalid-identifier'],
    [']d2', 'invalid-identifier'],
    [gs, 'invalid-identifier'],
    ['6901234567892', 'invalid-identifier'],
    ['69012345678926901234567892', 'invalid-identifier'],
    ['00690123456789012', 'invalid-identifier'],
    [`010690123456789221A7${gs}3`, 'invalid-identifier'],
  ] as const) {
    const parsed = parseIdentifier(text);
    t.equal(parsed.ok ? 'read' : parsed.code, code, JSON.stringify(text));
  }
});

t.test('a place of ours has no element string and keeps its path', async (t) => {
  t.equal(elementString(the(parseIdentifier('place/7ZK3QW9D5TB1M0AB'))), 'place/7ZK3QW9D5TB1M0AB');
});

t.test('any text is answered, never thrown at', async () => {
  const scraps = fc.constantFrom(
    '01',
    '21',
    '10',
    '/',
    '%',
    '(',
    ')',
    '?',
    '=',
    '&',
    '#',
    ':',
    '.',
    'urn:epc:id:',
    'https://',
    'place',
    '06901234567892',
    'A7',
    ' ',
    '\0',
    '溯',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(scraps, { maxLength: 12 }).map((x) => x.join('')),
      ),
      (text) => {
        const result = parseIdentifier(text);
        // whatever is accepted has a canonical path that names the same again
        return !result.ok || read(result.value.epc) === `${result.value.type} ${result.value.epc}`;
      },
    ),
    { numRuns: 500 },
  );
});

t.test('the longest texts made to make a reader retrace its steps are refused', async (t) => {
  const scraps = ['(01)', '/', 'https://', 'urn:epc:id:sgtin:', '(', '01/', '%41', '&', '.', '(01)('];
  t.strictSame(
    scraps.map((scrap) => read(scrap.repeat(2048 / scrap.length))),
    scraps.map(() => 'invalid-identifier'),
  );
});

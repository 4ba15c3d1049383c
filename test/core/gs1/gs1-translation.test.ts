import fc from 'fast-check';
import t from 'tap';
import { characterSets, type Form, forms, shortNames } from '../../../src/core/gs1/gs1-forms.ts';
import { gs1CheckDigit } from '../../../src/core/gs1/gs1-keys.ts';
import {
  canonicalUri,
  companyPrefix,
  companyPrefixes,
  formatElements,
  formatUrn,
  isKeyPath,
  pathOfElements,
  pathOfValues,
  possiblePrefixes,
  prefixedDigits,
  urnByPrefix,
} from '../../../src/core/gs1/gs1-translation.ts';
import { host } from '../../support/hop-samples.ts';

const path = (text: string): string => {
  const read = canonicalUri(text, host);
  return read.ok ? read.value : read.code;
};

/** URN, digits of its company prefix, canonical path. */
const examples = [
  ['urn:epc:id:sgtin:69012345.06789.A7', 8, '01/06901234567892/21/A7'],
  ['urn:epc:id:sgtin:69012345.36789.a%2Fb-(1)', 8, '01/36901234567893/21/a%2Fb-%281%29'],
  ['urn:epc:id:upui:690123.0456789.t%25p.1', 6, '01/06901234567892/235/t%25p.1'],
  ['urn:epc:class:lgtin:690123456789.0.L.2', 12, '01/06901234567892/10/L.2'],
  ['urn:epc:idpat:sgtin:69012345.06789.*', 8, '01/06901234567892'],
  ['urn:epc:id:sscc:69012345.100000001', 8, '00/169012345000000018'],
  ['urn:epc:id:sgln:690123456.789.W%2F2', 9, '414/6901234567892/254/W%2F2'],
  ['urn:epc:id:sgln:690123456789..0', 12, '414/6901234567892'],
  ['urn:epc:id:pgln:690123456789.', 12, '417/6901234567892'],
  ['urn:epc:id:pgln:690123.456789', 6, '417/6901234567892'],
  ['urn:epc:id:grai:690123456.789.12AB', 9, '8003/0690123456789212AB'],
  ['urn:epc:idpat:grai:690123456.789.*', 9, '8003/06901234567892'],
  ['urn:epc:id:giai:690123456.7.8%22x', 9, '8004/6901234567.8%22x'],
  ['urn:epc:id:gsrn:690123456.00000007', 9, '8018/690123456000000077'],
  ['urn:epc:id:gsrnp:690123456.00000007', 9, '8017/690123456000000077'],
  ['urn:epc:id:gdti:690123456.789.PO-1', 9, '253/6901234567892PO-1'],
  ['urn:epc:idpat:gdti:690123456.789.*', 9, '253/6901234567892'],
  ['urn:epc:id:sgcn:690123456.789.0044', 9, '255/69012345678920044'],
  ['urn:epc:idpat:sgcn:690123456.789.*', 9, '255/6901234567892'],
  ['urn:epc:id:cpi:690123456.P7-%23%2F.12', 9, '8010/690123456P7-%23%2F/8011/12'],
  ['urn:epc:idpat:cpi:690123456.P7.*', 9, '8010/690123456P7'],
  ['urn:epc:id:ginc:690123456.xyz47%2F11', 9, '401/690123456xyz47%2F11'],
  ['urn:epc:id:gsin:690123456.7890123', 9, '402/69012345678901238'],
  ['urn:epc:id:itip:69012345.06789.01.02.A7', 8, '8006/069012345678920102/21/A7'],
  ['urn:epc:idpat:itip:69012345.06789.01.02.*', 8, '8006/069012345678920102'],
] as const;

t.test('every scheme, to its path and back', async (t) => {
  for (const [urn, digits, canonical] of examples) {
    t.equal(path(urn), canonical);
    t.equal(formatUrn(canonical, digits), urn);
    t.equal(path(`https://id.gs1.org/${canonical}`), canonical, 'as a link');
    t.equal(path(`http://shop.example/a/${canonical}?x=1#y`), canonical, 'as a link on any host');
    t.equal(urnByPrefix(canonical, companyPrefixes(['123456', companyPrefix(urn) ?? ''])), urn);
    t.ok(isKeyPath(canonical));
    t.strictSame(pathOfElements(formatElements(canonical) ?? ''), { ok: true, value: canonical });
  }
  const schemes = new Set(examples.map(([urn]) => urn.split(':').slice(2, 4).join(':')));
  t.strictSame(
    forms.map(({ urn }) => urn).filter((urn) => !schemes.has(urn)),
    ['idpat:upui'],
    'a pattern of such is the pattern of its GTIN',
  );
});

t.test('what is said beside the key', async (t) => {
  const unit = '01/06901234567892/21/A7';
  t.equal(path('https://x.example/gtin/6901234567892/cpv/2A/lot/L1/ser/A7?17=270101'), unit);
  t.equal(path('https://x.example/01/06901234567892/10/L1'), '01/06901234567892/10/L1');
  t.equal(path('https://x.example/8006/069012345678920102/10/L1'), '8006/069012345678920102/10/L1');
  t.equal(path('https://x.example/414/6901234567892/254/0'), '414/6901234567892', 'no extension');
  t.equal(formatUrn('8006/069012345678920102/10/L1', 8), null, 'URNs know no lots of pieces');
  t.equal(path(`https://${host}/place/7ZK3QW9D5TB1M0AB`), 'place/7ZK3QW9D5TB1M0AB');
  t.equal(path(`https://${host}/party/P/po/1%2F2`), 'party/P/po/1%2F2');
  t.equal(formatElements('8006/069012345678920102/21/A%2F7'), '(8006)069012345678920102(21)A/7');
  t.equal(formatElements('party/P'), null);
  t.strictSame(
    Object.values(shortNames).filter((ai) => !/^[0-9]{2,4}$/.test(ai)),
    [],
  );
});

t.test('what is no GS1 key passes untouched', async (t) => {
  for (const text of [
    'urn:epc:id:gid:95100000.12345.400',
    'urn:epcglobal:cbv:bt:6901234567892:1152',
    'urn:uuid:6926712e-599f-4c4e-b6e9-8dd888c906bd',
    'https://transaction.acme.example/po/12345678',
    'https://other.example/place/7ZK3QW9D5TB1M0AB',
    'https://acme.example/00/1',
    'https://acme.example/01/%',
    'https://[/01/06901234567892',
    'geo:22.300,-118.44',
    '',
  ])
    t.equal(path(text), text);
});

t.test('what claims to be a GS1 key and is none is refused', async (t) => {
  for (const text of [
    'urn:epc:id:sgtin:69012345.06789',
    'urn:epc:id:sgtin:69012345.06789.',
    'urn:epc:id:sgtin:69012345.6789.A7',
    'urn:epc:id:sgtin:69012.06789123.A7',
    'urn:epc:id:sgtin:69012345.06789.A 7',
    'urn:epc:id:sgtin:69012345.06789.%zz',
    'urn:epc:id:sgtin:69012345.06789.123456789012345678901',
    'urn:epc:idpat:sgtin:69012345.06789.A7',
    'urn:epc:id:sscc:69012345.100000001.1',
    'urn:epc:id:cpi:690123456.p7.12',
    'urn:epc:id:sgcn:690123456.789.A',
    'urn:epc:id:giai:690123456.',
    'urn:epc:id:itip:69012345.06789.1.02.A7',
    'https://id.gs1.org/01/0690123',
    'https://id.gs1.org/8003/16901234567892',
    'https://id.gs1.org/00/16901234500000001',
  ])
    t.equal(path(text), 'invalid-identifier', text);
  t.equal(path('https://x.example/01/06901234567893/21/A7'), 'invalid-check-digit');
  t.equal(path('https://x.example/414/6901234567890'), 'invalid-check-digit');
  t.notOk(pathOfValues('9999', '1', new Map()).ok);
  for (const odd of ['01/06901234567892/21/A7/10/L', 'place/X', '01/%/21/A', 'urn:x:y'])
    t.equal(formatUrn(odd, 8), null);
  t.equal(formatUrn('01/06901234567892/21/A7', 5), null);
  t.equal(companyPrefix('urn:epc:id:gid:95100000.12345.400'), null);
});

const alphabets = { text: '!"%&\'()*+,-./09:;<=>?AZ_az', component: '#-/09AZ', number: '0123456789' };
const word = (set: keyof typeof alphabets, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabets[set]), minLength, maxLength });
const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabets.number), minLength: length, maxLength: length });

/** Canonical paths of a form, with the length of their company prefix. */
function paths(form: Form): fc.Arbitrary<readonly [string, number]> {
  const end = form.tail === null ? fc.constant('') : word(form.tail.set, 1, form.tail.max);
  return fc.integer({ min: 6, max: 12 }).chain((prefix) => {
    const body =
      form.digits === null
        ? fc
            .tuple(digits(prefix), word(form.text?.set ?? 'text', 1, (form.text?.max ?? 30) - prefix))
            .map(([a, b]) => a + b)
        : fc
            .tuple(digits(form.digits), form.pieces ? digits(4) : fc.constant(''))
            .map(([key, pieces]) => form.lead + key + gs1CheckDigit(form.lead + key) + pieces);
    return fc.tuple(body, end).map(([value, tail]) => {
      const ai = form.tail?.ai;
      const read =
        ai === undefined || ai === null
          ? pathOfValues(form.key, value + (form.pattern ? '' : tail), new Map())
          : pathOfValues(form.key, value, new Map([[ai, tail]]));
      if (!read.ok) throw new Error(`${form.urn}: ${value} ${tail}: ${read.detail}`);
      return [read.value, prefix] as const;
    });
  });
}

t.test('to URN and back nothing is lost, whatever the key, its characters and its prefix', async () => {
  for (const form of forms) {
    fc.assert(
      fc.property(paths(form), ([canonical, prefix]) => {
        const urn = formatUrn(canonical, prefix);
        return (
          urn !== null && path(urn) === canonical && path(`https://x.example/${canonical}`) === canonical
        );
      }),
      { numRuns: 60 },
    );
  }
});

t.test('the alphabets of the property are those of the table', async (t) => {
  for (const [set, alphabet] of Object.entries(alphabets))
    t.match(alphabet, characterSets[set as keyof typeof alphabets]);
});

t.test('the company prefix of every key is among what its digits may begin with', (t) => {
  for (const [urn, digits] of examples) {
    const possible = possiblePrefixes(prefixedDigits(path(urn)) ?? '');
    t.equal(
      possible.find(({ length }) => length === digits),
      companyPrefix(urn),
      urn,
    );
    t.ok(possible.every(({ length }) => length >= 6 && length <= 12));
  }
  t.equal(prefixedDigits('party/7ZK3QW9D5TB1M0AB'), null);
  t.equal(prefixedDigits('8004/ab-12'), null);
  t.end();
});

import t from 'tap';
import { parseEpcPattern } from '../../../src/core/gs1/gs1-patterns.ts';
import { canonicalUri } from '../../../src/core/gs1/gs1-translation.ts';
import { required } from '../../../src/errors.ts';

const path = (urn: string): string => required(canonicalUri(urn, 'id.example.cn'));

t.test('a pattern names what has its fields, of every scheme', async (t) => {
  const cases: readonly (readonly [scheme: string, pattern: string, fits: string, fitsNot: string])[] = [
    ['sgtin', '6901234.*.*', 'id:sgtin:6901234.056789.A7', 'id:sgtin:6901235.056789.A7'],
    ['sgtin', '6901234.156789.*', 'class:lgtin:6901234.156789.L1', 'id:sgtin:6901234.056789.A7'],
    ['sgtin', '*.*.*', 'id:sgtin:6901234.056789.A7', 'id:sscc:6901234.0567891234'],
    ['lgtin', '6901234.056789.*', 'class:lgtin:6901234.056789.L1', 'id:sgtin:6901234.056789.A7'],
    ['sscc', '6901234.*', 'id:sscc:6901234.3567891234', 'id:sscc:6901235.3567891234'],
    ['sgln', '6901234.00001.*', 'id:sgln:6901234.00001.7', 'id:sgln:6901234.00002.7'],
    ['sgln', '6901234.*.*', 'id:sgln:6901234.00002.0', 'id:pgln:6901234.00002'],
    ['pgln', '6901234.*', 'id:pgln:6901234.00002', 'id:pgln:6901235.00002'],
    ['grai', '6901234.00022.*', 'id:grai:6901234.00022.33', 'id:grai:6901234.00023.33'],
    ['grai', '6901234.*.*', 'id:grai:6901234.00023.33', 'id:giai:6901234.00023'],
    ['giai', '6901234.*', 'id:giai:6901234.A/%2F', 'id:giai:6901235.A'],
    ['gsrn', '6901234.*', 'id:gsrn:6901234.0000000001', 'id:gsrnp:6901234.0000000001'],
    ['gdti', '6901234.00001.*', 'id:gdti:6901234.00001.9', 'id:gdti:6901234.00002.9'],
    ['cpi', '6901234.AB-1.*', 'id:cpi:6901234.AB-1.5', 'id:cpi:6901234.AB-12.5'],
    ['cpi', '6901234.*.*', 'id:cpi:6901234.AB-12.5', 'id:giai:6901234.AB'],
    ['itip', '6901234.056789.01.*.*', 'id:itip:6901234.056789.01.02.S', 'id:itip:6901234.056789.02.02.S'],
    ['itip', '6901234.*.*.*.*', 'id:itip:6901234.056789.01.02.S', 'id:sgtin:6901234.056789.S'],
  ];
  for (const [scheme, pattern, fits, fitsNot] of cases) {
    const test = required(parseEpcPattern(`urn:epc:idpat:${scheme}:${pattern}`));
    t.ok(test(path(`urn:epc:${fits}`)), `${pattern} names ${fits}`);
    t.notOk(test(path(`urn:epc:${fitsNot}`)), `${pattern} does not name ${fitsNot}`);
  }
});

t.test('what is no pattern is refused', async (t) => {
  for (const text of [
    '*',
    'urn:epc:idpat:gid:95100000.*.*',
    'urn:epc:idpat:sgtin:6901234.056789.A7',
    'urn:epc:idpat:sgtin:6901234.*',
    'urn:epc:idpat:sgtin:6901234.*.A7',
    'urn:epc:idpat:sgtin:6901234.05678*.*',
    'urn:epc:idpat:sgtin:690.*.*',
    'urn:epc:idpat:sgtin:6901234.056.*',
    'urn:epc:idpat:giai:6901234..*',
    'urn:epc:idpat:itip:6901234.056789.x.*.*',
    'urn:epc:id:sgtin:6901234.*.*',
  ])
    t.match(parseEpcPattern(text), { ok: false, code: 'invalid-identifier' }, text);
});

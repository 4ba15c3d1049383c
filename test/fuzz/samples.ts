/** Inputs that parsers take: the worked examples of the core's files, and more made from known keys. */
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CodedIdentifier } from '../../src/core/codes/code.ts';
import { formatCode, signingInput, toCompactJws } from '../../src/core/codes/code.ts';
import { buildTrustList, trustListSigningInput } from '../../src/core/codes/trust-list.ts';
import type { ToldKey } from '../../src/core/evidence/evidence-keys.ts';
import { parseIdentifier } from '../../src/core/gs1/identifiers.ts';
import { claimText, formatClaimSignature } from '../../src/core/log/claim.ts';
import { digestOf, disclose, listLeaves } from '../../src/core/log/digest.ts';
import { base64url } from '../../src/core/log/entry.ts';
import { sha256 } from '../../src/core/log/merkle.ts';
import { formatNoteKey, type NoteKey, signatureTypes } from '../../src/core/log/note.ts';
import { formatLogProof } from '../../src/core/log/tlog-proof.ts';
import { canonical, type JsonObject } from '../../src/core/text/canonical.ts';
import { required } from '../../src/errors.ts';
import { rfc8032, seedKey } from '../support/seeds.ts';

export const paths = [
  '01/06901234567892/21/A7',
  '01/06901234567892/10/A%2F1%28b%29',
  '01/06901234567892',
  '00/106141412345678908',
  '414/6901234567892/254/B-2',
  '417/6901234567892',
  'place/7ZK3QW9D5TB1M0AB',
];
export const links = [
  'https://dl.example.cn/cn/01/06901234567892/10/L1/21/A%2F7?17=270101',
  'http://[2001:db8::1]:8080/00/106141412345678908',
  'https://溯源.example/01/06901234567892?21=A7&10=L1#x',
  'https://any.host/place/7zk3qw9d5tb1m0ab',
];
export const elementStrings = [
  '(01)06901234567892(17)270101(21)A7',
  '(01) 6901234567892 (10) L1',
  '(00)106141412345678908',
  '(414)6901234567892(254)1',
  ']d201069012345678921727010121A7',
  '010690123456789210L1\u001d21A7',
];
export const urns = [
  'urn:epc:id:sgtin:69012345.06789.A7',
  'urn:epc:class:lgtin:69012345.06789.A%2F1',
  'urn:epc:idpat:sgtin:69012345.06789.*',
  'urn:epc:id:sscc:0614141.1234567890',
  'urn:epc:id:sgln:690123456.789.0',
  'urn:epc:id:pgln:690123456.789',
];

const coded = required(parseIdentifier(paths[0] ?? '')) as CodedIdentifier;
const signedCode = {
  epc: coded.epc,
  kid: '0000001',
  signature: sign(null, signingInput('0000001', coded.epc), rfc8032.privateKey),
};
export const code = formatCode({ ...signedCode, host: 'example.com' });
export const codeJws = toCompactJws(signedCode);

export const json = [
  '{"a":[1.50,"\\u00e9"],"b":{"a":0}}',
  '[-1.5e-7,123456789012345,true,null,"\\\\\\""]',
  ' {"hops":[{"hop":"ship","epcs":["01/06901234567892/21/A7"],"quantity":"12.5"}]} ',
  `${'['.repeat(32)}${']'.repeat(32)}`,
];

export const epcisEvents = [
  '{"type":"ObjectEvent","eventTime":"2025-07-01T10:30:00+08:00","eventTimeZoneOffset":"+08:00","action":"ADD","epcList":["urn:epc:id:sgtin:69012345.06789.A7"],"bizStep":"commissioning","ilmd":{"cbvmda:lotNumber":"L1"}}',
  '{"@context":{"a":"urn:a:"},"type":"TransformationEvent","eventTime":"2025-07-01T10:30:00Z","eventTimeZoneOffset":"+00:00","transformationID":"urn:x:1","a:b":[{"a:c":1}],"sensorElementList":[{"sensorReport":[{"type":"Temperature","value":1.5}]}]}',
];

export const times = ['2025-07-01T10:30:00+08:00', '2025-07-01T10:30:00.123456789Z', '2025-07-01+08:00'];

export const otherKey = seedKey(Buffer.alloc(32, 5)).x;
const noteKey = (name: string, type: number): string => {
  const key: NoteKey = { name, type, publicKey: Buffer.from(rfc8032.x, 'base64url') };
  return formatNoteKey(key);
};
export const logKey = noteKey('example.org/log', signatureTypes.ed25519);
export const witnessKey = noteKey('witness.example/w1', signatureTypes.cosignature);

const claim: JsonObject = { epcs: ['01/06901234567892/21/A7'], hop: 'inspect', ref: 'WO-7' };
export const claimSignature = formatClaimSignature({
  kid: '4711001',
  signature: sign(null, Buffer.from(claimText(claim, '4711001')), rfc8032.privateKey),
});
export const claims = [
  `${canonical(claim)}\n${claimSignature}`,
  `{"hop":"inspect","nested":${'['.repeat(30)}${']'.repeat(30)}}\n${claimSignature}`,
];
export const claimKeys: ReadonlyMap<string, ToldKey> = new Map([
  [
    '4711001',
    {
      ...{ kid: '4711001', purpose: 'claims', party: 'B', custody: 'party', status: 'active' },
      ...{ publicKey: Buffer.from(rfc8032.x, 'base64url'), distrustedFrom: null, seq: 3 },
    },
  ],
]);

export const checkpoints = [
  'example.org/log\n1\nhiIBpNyiMANRargOWnUjFuQb/JEOtym/mfYJzHhnRVg=\n',
  'example.org/log\n9007199254740991\nhiIBpNyiMANRargOWnUjFuQb/JEOtym/mfYJzHhnRVg=\nextension\n',
];
const signedNote = `example.org/log
2
P3Ii7BqyeChxJa7FRmDLI9U8sXxaoyGA87wBT8e+ygs=

— example.org/log HGa56pMl0xX7+xh2MSSDW9hMwXazW7r+dsk1qTOIA7cgtggPMAHyis6K+Yeog4D1iPaTaKuIvgMyyXZvd0pMsh4MGgM=
`;
export const notes = [
  signedNote,
  'a\n\nb\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
];
export const signatureLines = notes.map((note) => note.trimEnd().split('\n').at(-1) ?? '');
const hashes = [1, 2, 3].map((n) => sha256(String(n)));
export const proofs = [
  formatLogProof({ index: 17, hashes, checkpoint: signedNote }),
  `c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\n${signedNote}`,
];
export const submissions = [
  `old 1\n0uLOqJDloCPoSmhoixlbfSBd1HuQYOfJo9atnsBSTF0=\n\n${signedNote}`,
  `old 0\n\n${signedNote}`,
];
export const tilePaths = ['tile/0/x001/x234/067', 'tile/entries/000.p/255', 'tile/63/999'];

const fromBase64url = (text: string): string => Buffer.from(text, 'base64url').toString('latin1');
export const headProofs = [
  'ASAAAAAAAAAAAAAAAAGeju3QkTIcTi-nojBbH1flYXgCtaXjMZ5ltGw_oxQOoO29AYWBkhLYlcOBNN9lTFlgDFei6khxojo6KGMy2-Rd',
  'AAGATdr-vqftsg2hliBR8fi5HFSOMXAifXspVkM17WwSYI4',
].map(fromBase64url);
export const shownHeads = [
  `{"root":"IQMUwZQuqM0mZBRgw0WXSIhaEgZxh-jYfpsjhmfXYpQ","size":9}\nAAGATdr-vqftsg2hliBR8fi5HFSOMXAifXspVkM17WwSYI4`,
];
export const headsRoot = Buffer.from('IQMUwZQuqM0mZBRgw0WXSIhaEgZxh-jYfpsjhmfXYpQ', 'base64url');

const trusted = trustListSigningInput(
  '0000009',
  buildTrustList({
    ...{ origin: 'example.org/log', size: 1500, iat: 1735689600, exp: 1735776000 },
    keys: [
      {
        ...{ kid: '0000001', x: rfc8032.x, party: '3F7ZK2M9QX41TB6D', name: '沪安消防器材厂' },
        ...{ gtins: ['06901234567892'], former: [], status: 'compromised', distrustedFrom: 1200 },
      },
    ],
  }),
).split('.');
export const trustHeader = trusted[0] ?? '';
export const trustPayload = Buffer.from(trusted[1] ?? '', 'base64url').toString();

export const evidence = readFileSync(new URL(import.meta.resolve('#root/test/vectors/evidence.jcs')), 'utf8');
const file: { readonly statement: string } = JSON.parse(evidence);
export const statement = file.statement;

/** The digest of a fact that shows these disclosures and nothing else. */
export const digestOfShown = (shown: readonly string[]): string =>
  base64url(digestOf(shown.map((disclosure) => base64url(sha256(disclosure)))));

const decoded = (text: string): string => Buffer.from(text, 'base64url').toString();
const salt = Buffer.alloc(16);
const fact: JsonObject = {
  by: 'A',
  epcList: ['A', 'B', 'C'].map((it) => `01/06901234567892/21/${it}`),
  kind: 'event',
};
export const shownFacts = [
  [
    ...disclose(fact, salt).map(({ disclosure }) => decoded(disclosure)),
    ...listLeaves(
      'epcList',
      ['A', 'B', 'C'].map((it) => `01/06901234567892/21/${it}`),
      salt,
    ).map((leaf) => `leaf ${decoded(leaf)}`),
  ].join('\n'),
  '["","a",[[[[{"b":1}]]]]]',
];

/** A sealed `{}` to the key of RFC 7517 appendix A.1. */
export const sealed =
  'eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImNuLUlfV05NQ2xlaGlWcDUxaV8wVnBPRU5XMXVwRWVyQThzRWFtNWhuLXMiLCJlcGsiOnsieCI6InFlMUNOR180V3VaOWN4ODhCNE1wNWdfZkdYQ0JpMEphaG96Q29CdWdBQUUiLCJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieSI6IlBDNUJUd0pFYS1tOWtHSlo5Y21zeTVvNWFFd0JPbGhpTnFOQTRFZzlaalUifX0..AxuucupW9mbBXdEY.X54.AtNmhSPrPF7Ik2aUS93G5Q';

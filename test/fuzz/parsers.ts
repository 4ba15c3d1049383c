/**
 * Every parser of the core with what it answers and inputs that it takes. A test holds the list against the exports of
 * the core, so that none is forgotten.
 *
 * Inputs are texts. Parsers of bytes read them as Latin-1; those of several values find them separated by spaces or in
 * lines, as each row says.
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { fromCompactJws, parseCode, signatureFromDigits } from '../../src/core/codes/code.ts';
import { openTrustList } from '../../src/core/codes/trust-list.ts';
import { parseCreditCode } from '../../src/core/credit-code.ts';
import { parsePublicKey } from '../../src/core/ed25519-key.ts';
import { baseContext } from '../../src/core/epcis/epcis-context.ts';
import { parseEventQuery } from '../../src/core/epcis/epcis-query.ts';
import { parseQueryDefinition } from '../../src/core/epcis/epcis-query-definition.ts';
import { type ReadEvent, readEpcisEvent } from '../../src/core/epcis/epcis-reading.ts';
import { readVocabularies } from '../../src/core/epcis/epcis-vocabulary.ts';
import { parseMasterDataQuery } from '../../src/core/epcis/epcis-vocabulary-query.ts';
import { createEpcisXmlReader } from '../../src/core/epcis/epcis-xml.ts';
import { parseSchedule } from '../../src/core/epcis/query-schedule.ts';
import { parseEvidence, parseStatement } from '../../src/core/evidence/evidence.ts';
import { type CheckOptions, checkEvidence } from '../../src/core/evidence/evidence-check.ts';
import { checkClaim } from '../../src/core/evidence/evidence-claim-check.ts';
import { type OpenedFact, openFact } from '../../src/core/evidence/evidence-fact.ts';
import { type Flaw, isFlaw } from '../../src/core/evidence/evidence-flaws.ts';
import { checkHeads } from '../../src/core/evidence/evidence-heads.ts';
import { reportOf } from '../../src/core/evidence/evidence-report.ts';
import { identifierOfLink, splitLink } from '../../src/core/gs1/digital-link.ts';
import { parseElementString } from '../../src/core/gs1/element-string.ts';
import { parseEpcUrn } from '../../src/core/gs1/epc-urn.ts';
import { parseGln, parseGtin, parseSscc } from '../../src/core/gs1/gs1-keys.ts';
import { decodeComponent, parseExtension, parseLot, parseSerial } from '../../src/core/gs1/gs1-text.ts';
import { canonicalUri } from '../../src/core/gs1/gs1-translation.ts';
import { parseOwnPlace } from '../../src/core/gs1/identifier-forms.ts';
import { parseIdentifier, readIdentifier } from '../../src/core/gs1/identifiers.ts';
import { parseOwnSerial } from '../../src/core/gs1/serial.ts';
import { parseCheckpoint } from '../../src/core/log/checkpoint.ts';
import { parseClaimSignature } from '../../src/core/log/claim.ts';
import { checkHeadProof, parseHeadProof } from '../../src/core/log/heads.ts';
import { fromBase64, parseNote, parseNoteKey, parseSignature, publicKeyOf } from '../../src/core/log/note.ts';
import { parseTilePath } from '../../src/core/log/tile-path.ts';
import { parseLogProof } from '../../src/core/log/tlog-proof.ts';
import {
  parseAddCheckpoint,
  parseLogKey,
  parseSizeAnswer,
  parseWitness,
} from '../../src/core/log/tlog-witness.ts';
import { parsePartyId } from '../../src/core/opaque-id.ts';
import { parseAmount, parseQuantity } from '../../src/core/quantity.ts';
import { parseReceiptCode } from '../../src/core/report.ts';
import { checkSealingKey, parseSealed } from '../../src/core/sealed.ts';
import { canonical, type Json, type JsonObject } from '../../src/core/text/canonical.ts';
import { readCanonical } from '../../src/core/text/canonical-text.ts';
import { parseStrictJson } from '../../src/core/text/strict-json.ts';
import { parseDate, parseEventTime } from '../../src/core/time.ts';
import { errorCodes } from '../../src/errors.ts';
import { masterData, xmlDocument, xmlQueryDocument, xmlSamples } from '../support/epcis-xml-samples.ts';
import { rfc8032 } from '../support/seeds.ts';
import * as samples from './samples.ts';

export interface Parser {
  /** The export; after a space, how it is called. */
  readonly name: string;
  read(input: string): unknown;
  /** Whether an answer is one that the parser says it gives. */
  isTyped(answer: unknown): boolean;
  /** Whether it took the input. */
  isTaken(answer: unknown): boolean;
  /** Inputs that it takes. */
  readonly valid: readonly string[];
}

/** Readers of what we wrote ourselves and keep in our own database: they throw, as what does not fit is no input. */
export const ownReaders: Readonly<Record<string, string>> = {
  parseFact: 'reads the canonical text of a fact that the ledger stored',
  parseFacts: 'reads facts that one thread of the service sent to another',
  parseFrontier: 'reads the frontier of the tree in the head of the ledger',
  checkHop: 'takes no text: a hop of which every member has been read',
};

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const isResult = (answer: unknown): answer is { ok: boolean } => {
  if (typeof answer !== 'object' || answer === null || !('ok' in answer)) return false;
  if (answer.ok === true) return 'value' in answer;
  return (
    answer.ok === false &&
    'code' in answer &&
    errorCodes.some((code) => code === answer.code) &&
    'detail' in answer &&
    typeof answer.detail === 'string'
  );
};

/** Answers a `Result`. */
const epcisReading = { host: 'sy.example', context: baseContext('sy.example') };
const isReadEvent = (answer: unknown): answer is ReadEvent =>
  typeof answer === 'object' &&
  answer !== null &&
  'event' in answer &&
  'faults' in answer &&
  Array.isArray(answer.faults) &&
  (answer.event === null) === answer.faults.length > 0;

const result = (name: string, read: Parser['read'], valid: readonly string[]): Parser => ({
  name,
  read,
  isTyped: isResult,
  isTaken: (answer) => isResult(answer) && answer.ok,
  valid,
});

/** Answers a value of that kind, or null. */
const orNull = (
  name: string,
  read: Parser['read'],
  kind: (answer: unknown) => boolean,
  valid: readonly string[],
): Parser => ({
  name,
  read,
  isTyped: (answer) => answer === null || kind(answer),
  isTaken: (answer) => answer !== null,
  valid,
});

const isRecord = (answer: unknown): answer is object => typeof answer === 'object' && answer !== null;
const bytes = (input: string): Buffer => Buffer.from(input, 'latin1');
/** The first word and the rest. */
const split = (input: string): readonly [string, string] => {
  const space = input.indexOf(' ');
  return space < 0 ? [input, ''] : [input.slice(0, space), input.slice(space + 1)];
};

const identifiers = [
  ...[...samples.paths, ...samples.links, ...samples.elementStrings, ...samples.urns],
  samples.code,
];
const linkIdentifier = (input: string): unknown => {
  const link = splitLink(input);
  return link.ok ? identifierOfLink(link.value) : link;
};

const evidenceOptions: CheckOptions = {
  verify: (key, message, signature) =>
    verify(null, Buffer.from(message), publicKeyOf({ publicKey: key }), signature),
};
/** As the command does: what holds is told as well. */
async function checkAndTell(source: string): Promise<unknown> {
  const checked = await checkEvidence(source, evidenceOptions);
  if (checked.ok) reportOf(checked.value);
  return checked;
}
const isChecked = (answer: unknown): answer is { ok: boolean } =>
  isRecord(answer) &&
  'ok' in answer &&
  (answer.ok === true || ('flaws' in answer && Array.isArray(answer.flaws) && answer.flaws.every(isFlaw)));

const trustKey: KeyObject = rfc8032.publicKey;
const trustJws = (payload: string): string => {
  const input = `${samples.trustHeader}.${Buffer.from(payload).toString('base64url')}`;
  return `${input}.${sign(null, Buffer.from(input), rfc8032.privateKey).toString('base64url')}`;
};

/** Lines that are disclosures, and after `leaf ` leaf inputs of `epcList`, in a digest that fits them. */
function openShown(input: string): unknown {
  const lines = input
    .split('\n')
    .slice(0, 1000)
    .map((line) => line.replace(/^leaf /, '\0'));
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const shown = lines.filter((line) => !line.startsWith('\0')).map(encode);
  const leaves = lines.filter((line) => line.startsWith('\0')).map((line) => encode(line.slice(1)));
  const lists = leaves.length === 0 ? {} : { epcList: { leaves } };
  return openFact({ shown, withheld: [], lists }, samples.digestOfShown(shown));
}

/** A fact that shows these members, and names nothing. */
const shownFact = (members: OpenedFact['members']): OpenedFact => ({
  ...{ members, lists: new Map(), named: new Set<string>(), isWhole: false },
  withheld: 1,
});

const file = parseEvidence(samples.evidence);
/** What an entry of kind `heads` says as JSON, a line, and a proof about `00/106141412345678915` under it. */
function checkShownHeads(input: string): unknown {
  if (isFlaw(file)) throw new Error('the vector is no evidence');
  const [text = '', proof = ''] = input.split('\n');
  const read = parseStrictJson(text);
  const members = {
    kind: 'heads',
    by: 'A',
    version: 1,
    ...(read.ok && isRecord(read.value) ? read.value : {}),
  };
  const fact = { ...shownFact(members), withheld: 0 };
  const flaws: Flaw[] = [];
  const told = checkHeads(
    { ...file, heads: { seq: 9, proofs: [{ epc: '00/106141412345678915', proof }] }, chains: [] },
    [{ seq: 9, at: '2026-01-02T03:04:05.678Z', leaf: Buffer.alloc(32), fact }],
    'A',
    flaws,
  );
  return flaws.length > 0 && flaws.every(isFlaw) ? null : told;
}

/** A claim as JSON, a line, and its signature, which counts as good whatever it is. */
function checkShownClaim(input: string): unknown {
  const [text = '', claimSignature = ''] = input.split('\n');
  const read = parseStrictJson(text);
  const claim = read.ok ? read.value : text;
  const members = { claim, claimKey: '4711001', claimSignature, by: 'B' } as OpenedFact['members'];
  const fact = { members, lists: new Map(), withheld: 1, named: new Set<string>(), isWhole: false };
  return checkClaim(fact, samples.claimKeys, () => true);
}

/** What `readCanonical` takes; undefined, which it never says, when that was not canonical. */
function readsCanonical(input: string): boolean | undefined {
  const read = readCanonical(input);
  if (read === null) return false;
  return canonical(JSON.parse(input)) === input ? true : undefined;
}

export const parsers: readonly Parser[] = [
  result('parseStrictJson', parseStrictJson, samples.json),
  {
    name: 'readCanonical',
    read: readsCanonical,
    isTyped: (answer) => typeof answer === 'boolean',
    isTaken: (answer) => answer === true,
    valid: ['{"by":"A","epcList":["00/1"],"kind":"event"}', '{"a":{"b":[1.5,null,true]},"溯":"源"}', '{}'],
  },
  result('parseIdentifier', parseIdentifier, identifiers),
  result('readIdentifier', readIdentifier, identifiers),
  result('splitLink', splitLink, [...samples.paths, ...samples.links, samples.code]),
  result('identifierOfLink of splitLink', linkIdentifier, [...samples.paths, ...samples.links]),
  result('parseElementString', parseElementString, samples.elementStrings),
  result('parseEpcUrn', parseEpcUrn, samples.urns),
  result('canonicalUri', (text) => canonicalUri(text, 'sy.example'), [...samples.urns, ...samples.links]),
  result(
    'parseEventQuery',
    (text) =>
      parseEventQuery(new Map([...new URLSearchParams(text)].map(([k, v]) => [k, [v]])), epcisReading),
    ['MATCH_epc=urn:epc:id:sgtin:69012345.06789.A7&EQ_bizStep=shipping', 'GE_gs1:line=7&orderBy=eventTime'],
  ),
  result(
    'parseMasterDataQuery',
    (text) =>
      parseMasterDataQuery(new Map([...new URLSearchParams(text)].map(([k, v]) => [k, [v]])), epcisReading),
    ['EQ_name=urn:epc:id:sgln:69012345.6789.0&EQATTR_cbvmda:sst=201&maxElementCount=7'],
  ),
  result(
    'parseSchedule',
    (text) => {
      const value = parseStrictJson(text);
      return value.ok ? parseSchedule(Object(value.value), '') : value;
    },
    ['{"hour":"1","minute":"5"}', '{"dayOfWeek":"[1-5]","hour":"8,16"}'],
  ),
  result(
    'parseQueryDefinition',
    (text) => {
      const value = parseStrictJson(text);
      return value.ok ? parseQueryDefinition(value.value as Json, 'sy.example') : value;
    },
    [
      '{"@context":{"acme":"https://ns.acme.example/"},"EQ_bizStep":["shipping"],"GE_acme:line":7,"EXISTS_errorDeclaration":null}',
    ],
  ),
  {
    name: 'readEpcisEvent',
    read: (text) => {
      const value = parseStrictJson(text);
      // What the strict parser gives is JSON.
      return value.ok ? readEpcisEvent(value.value as Json, epcisReading) : value;
    },
    isTyped: (answer) => isResult(answer) || isReadEvent(answer),
    isTaken: (answer) => isReadEvent(answer) && answer.event !== null,
    valid: samples.epcisEvents,
  },
  {
    name: 'readVocabularies',
    read: (text) => {
      const value = parseStrictJson(text);
      return value.ok && isRecord(value.value)
        ? readVocabularies(value.value as JsonObject, epcisReading)
        : null;
    },
    isTyped: (answer) => answer === null || (isRecord(answer) && 'claims' in answer && 'faults' in answer),
    isTaken: (answer) => isRecord(answer) && 'faults' in answer && isEmptyList(answer.faults),
    valid: [JSON.stringify({ epcisHeader: masterData }).replace('acme:', 'gs1:')],
  },
  result(
    'createEpcisXmlReader of a whole document',
    (text) => {
      const reader = createEpcisXmlReader({ eventsMax: 100, elementsMax: 10_000 });
      reader.write(text);
      return reader.end();
    },
    xmlSamples.slice(0, 2).flatMap(({ xml, old }) => [xmlDocument(xml), xmlQueryDocument(old ?? xml, '1.2')]),
  ),
  result('parseOwnPlace', parseOwnPlace, ['7ZK3QW9D5TB1M0AB', '7zk3qw9d5tb1m0ab']),
  result(
    'checkSealingKey',
    (input) => {
      const [x, y] = split(input);
      return checkSealingKey({ x, y });
    },
    ['MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4 4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM'],
  ),
  result('parseSealed', parseSealed, [samples.sealed]),
  result('parseReceiptCode', parseReceiptCode, ['7ZK3-QW9D-5TB1-M0AB', '7zk3 qw9d 5tbi moab']),
  result('parsePartyId', parsePartyId, ['3F7ZK2M9QX41TB6D', ' 3f7zk2m9qx41tb6d ']),
  result('parseGtin', parseGtin, ['06901234567892', '6901234567892', '96385074']),
  result('parseGln', parseGln, ['6901234567892']),
  result('parseSscc', parseSscc, ['106141412345678908']),
  result('parseSerial', parseSerial, ['A7', 'A/7(b)%', '7ZK3QW9D5TB1Q']),
  result('parseLot', parseLot, ['L1', 'A/1(b)']),
  result('parseExtension', parseExtension, ['1', 'B-2']),
  result('parseOwnSerial', parseOwnSerial, ['SN-2025-000017', 'A']),
  result('decodeComponent', decodeComponent, ['A%2F1%28b%29', '%E6%BA%AF', '']),
  result('parseCode', parseCode, [samples.code, ...identifiers.slice(0, 2)]),
  result('fromCompactJws', fromCompactJws, [samples.codeJws]),
  result('signatureFromDigits', signatureFromDigits, [samples.code.slice(-155)]),
  result('parseCreditCode', parseCreditCode, ['91350100M000100Y43', ' 91350100m000100y43']),
  result(
    'parseQuantity a unit of measure and a number',
    (input) => parseQuantity(split(input)[1], split(input)[0]),
    ['MTR 12.5', 'H87 1000000000000', 'KGM 0.000001'],
  ),
  result(
    'parseAmount a unit of measure and a number',
    (input) => parseAmount(split(input)[1], split(input)[0]),
    ['LBR 12.5', 'EA 1000000000000', 'KGM 0'],
  ),
  result('parseEventTime', parseEventTime, samples.times),
  result('parseEventTime to the day', (input) => parseEventTime(input, 'day'), samples.times),
  result('parseDate', parseDate, ['2025-07-01', '2024-02-29']),
  result('parsePublicKey', parsePublicKey, [rfc8032.x, samples.otherKey]),
  result('parseClaimSignature', parseClaimSignature, [samples.claimSignature]),
  {
    name: 'checkClaim of a claim and a line with its signature',
    read: checkShownClaim,
    isTyped: (answer) => answer === null || answer === false || isRecord(answer),
    isTaken: isRecord,
    valid: samples.claims,
  },
  result('parseNoteKey', parseNoteKey, [samples.logKey, samples.witnessKey]),
  result('parseNote', parseNote, samples.notes),
  orNull('parseSignature', parseSignature, isRecord, samples.signatureLines),
  orNull('fromBase64', fromBase64, Buffer.isBuffer, ['hiIBpNyiMANRargOWnUjFuQb/JEOtym/mfYJzHhnRVg=']),
  result('parseCheckpoint', parseCheckpoint, samples.checkpoints),
  result('parseLogProof', parseLogProof, samples.proofs),
  result('parseAddCheckpoint', parseAddCheckpoint, samples.submissions),
  orNull('parseSizeAnswer', parseSizeAnswer, Number.isSafeInteger, ['17\n', '0\n']),
  result('parseWitness', parseWitness, [`${samples.witnessKey} https://witness.example/w1/`]),
  result('parseLogKey', parseLogKey, [samples.logKey, ` ${samples.logKey}`]),
  orNull('parseTilePath', parseTilePath, isRecord, samples.tilePaths),
  result('parseHeadProof', (input) => parseHeadProof(bytes(input)), samples.headProofs),
  result(
    'checkHeadProof',
    (input) => checkHeadProof('00/106141412345678908', bytes(input), samples.headsRoot),
    samples.headProofs.slice(0, 1),
  ),
  orNull('checkHeads of an entry and a line with a proof', checkShownHeads, isRecord, samples.shownHeads),
  result('openTrustList', (input) => openTrustList(input, trustKey, 1735689601), [
    trustJws(samples.trustPayload),
  ]),
  result(
    'openTrustList of a payload that is signed',
    (input) => openTrustList(trustJws(input), trustKey, 1735689601),
    [samples.trustPayload],
  ),
  result('parseStatement', parseStatement, [samples.statement]),
  {
    name: 'parseEvidence',
    read: parseEvidence,
    isTyped: isRecord,
    isTaken: (answer) => isRecord(answer) && !isFlaw(answer),
    valid: [samples.evidence],
  },
  {
    name: 'checkEvidence',
    read: checkAndTell,
    isTyped: isChecked,
    isTaken: (answer) => isChecked(answer) && answer.ok,
    valid: [samples.evidence],
  },
  {
    name: 'openFact of disclosures and leaves',
    read: openShown,
    isTyped: (answer) => typeof answer === 'string' || isRecord(answer),
    isTaken: isRecord,
    valid: samples.shownFacts,
  },
];

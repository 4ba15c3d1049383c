/**
 * Numbers for containers: SSCCs under the company prefix of a GLN of the caller's, or, for those without a GLN, under
 * prefix 29, which GS1 keeps for use within one system (GS1 General Specifications §1.4.2).
 *
 *   SSCC = extension digit ‖ company prefix ‖ serial reference ‖ check digit, 18 digits (§3.2)
 *
 * References are taken in a row from a random place on, skipping those in use. Two who take the same at once: the log
 * refuses one, which takes others.
 */
import { randomInt } from 'node:crypto';
import type { PartyId } from '../../core/events/hop.ts';
import { formatContainer, gs1CheckDigit, parseSscc, type Sscc } from '../../core/gs1/identifiers.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Fault, Refusal, refusalAt, required } from '../../errors.ts';
import { issuedUnits } from './issued.ts';

const localPrefix = '29';
/** Looks at this many references at least at a time, and so often at most. */
const askAtLeast = 1000;
const roundsMax = 100;
/** A GS1 company prefix has seven digits at least in China; an SSCC of one's own shares them with one's GLN. */
const sharedDigits = 7;

/** `quantity` SSCCs that no entry names yet, in order. Refuses a prefix of others: `forbidden`. */
export async function freshSsccs(
  sql: Sql,
  party: PartyId,
  {
    quantity,
    prefix = localPrefix,
    extension = '0',
  }: { quantity: number; prefix?: string | undefined; extension?: string | undefined },
): Promise<Sscc[]> {
  if (prefix !== localPrefix && !(await glnsOf(sql, party)).some((gln) => gln.startsWith(prefix))) {
    throw refusalAt(
      '/prefix',
      'forbidden',
      `No GLN of yours begins with ${prefix}; leave prefix out for numbers of ours.`,
    );
  }
  const digits = 16 - prefix.length;
  const space = 10 ** digits;
  const ssccAt = (reference: number): Sscc => {
    const body = `${extension}${prefix}${String(reference).padStart(digits, '0')}`;
    return required(parseSscc(`${body}${gs1CheckDigit(body)}`));
  };
  const free: Sscc[] = [];
  const start = randomInt(space);
  for (let seen = 0, round = 0; seen < space && round < roundsMax; round++) {
    const count = Math.min(Math.max(quantity, askAtLeast), space - seen);
    const asked = Array.from({ length: count }, (_, i) => ssccAt((start + seen + i) % space));
    seen += count;
    const known = await namedAmong(sql, asked);
    for (const sscc of asked) {
      if (known.has(formatContainer(sscc))) continue;
      free.push(sscc);
      if (free.length === quantity) return free.sort();
    }
  }
  throw refusalAt(
    '/prefix',
    'state-conflict',
    `Prefix ${extension}${prefix} has not ${quantity} numbers left; use another extension digit.`,
  );
}

async function namedAmong(sql: Sql, ssccs: readonly Sscc[]): Promise<Set<string>> {
  const rows = await sql<{ epc: string }[]>`
    SELECT epc FROM epcs WHERE epc = ANY (${arrayLiteral(ssccs.map(formatContainer))}::text[])`;
  return new Set(rows.map(({ epc }) => epc));
}

/** SSCCs that the caller brings, under the company prefix of a GLN of its own. */
export async function ownSsccs(sql: Sql, party: PartyId, texts: readonly string[]): Promise<Sscc[]> {
  const prefixes = new Set((await glnsOf(sql, party)).map((gln) => gln.slice(0, sharedDigits)));
  const faults: Fault[] = [];
  const seen = new Set<Sscc>();
  for (const [i, text] of texts.entries()) {
    const sscc = parseSscc(text);
    const pointer = `/ssccs/${i}`;
    if (!sscc.ok) faults.push({ code: sscc.code, detail: sscc.detail, pointer });
    else if (!prefixes.has(sscc.value.slice(1, 1 + sharedDigits))) {
      const detail = `${sscc.value} is not under the company prefix of a GLN of yours.`;
      faults.push({ code: 'forbidden', detail, pointer });
    } else if (seen.has(sscc.value)) {
      faults.push({ code: 'duplicate-epc', detail: `${sscc.value} stands twice; send each once.`, pointer });
    } else seen.add(sscc.value);
  }
  const issued = await issuedUnits(sql, [...seen].map(formatContainer));
  for (const [i, text] of texts.entries()) {
    const before = issued.get(`00/${text}`);
    if (before === undefined) continue;
    const detail = `${text} was issued in entry ${before.seq}; a code is given out once.`;
    faults.push({ code: 'already-issued', detail, pointer: `/ssccs/${i}` });
  }
  const [first] = faults;
  if (first === undefined) return [...seen].sort();
  throw new Refusal(
    faults.every(({ code }) => code === first.code) ? first.code : 'invalid-request',
    faults.length === 1 ? first.detail : `${faults.length} SSCCs cannot be used; \`errors\` lists them.`,
    { faults },
  );
}

async function glnsOf(sql: Sql, party: PartyId): Promise<string[]> {
  const rows = await sql<{ gln: string }[]>`
    SELECT substr(identifier, 5) AS gln FROM owners WHERE party = ${party} AND identifier LIKE 'gln:%'`;
  return rows.map(({ gln }) => gln);
}

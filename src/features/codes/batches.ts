/** Ordering codes: everything is checked before anything is recorded, then a job issues them. */
import { hash } from 'node:crypto';
import {
  formatLot,
  formatUnit,
  type Gtin,
  type Lot,
  parseGtin,
  parseLot,
  type Serial,
} from '../../core/gs1/identifiers.ts';
import { parseOwnSerial } from '../../core/gs1/serial.ts';
import { canonical, type Json } from '../../core/text/canonical.ts';
import { parseDate } from '../../core/time.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Fault, Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { productsByGtin } from '../products/queries.ts';
import { insertJob, type JobProgress, jobById, jobOfKey, type NewJob, partSize } from './jobs.ts';
import { labelCharactersMax } from './qr.ts';
import { requireIssuer, requireIssuingKey } from './rights.ts';
import { type BatchBody, eitherOf } from './schemas.ts';

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'host' | 'now'>;

/** Faults listed of one request. */
const faultsMax = 1000;
/** Symbols of a serial of ours. */
const ourSerialLength = 13;

/** The job of a request, new or the one that the same request made before. */
export async function orderBatch(
  deps: Deps,
  caller: Caller,
  body: BatchBody,
  idempotencyKey: string | undefined,
): Promise<JobProgress> {
  if (idempotencyKey === undefined) {
    throw new Refusal(
      'idempotency-key-required',
      'Send a fresh Idempotency-Key, such as a UUID, and the same one whenever you repeat this request.',
    );
  }
  const { sql } = deps.db;
  const request = hash('sha256', canonical(body as Json), 'buffer');
  const before = await jobOfKey(sql, caller.party, idempotencyKey);
  if (before !== null) return sameRequest(before, request);
  const job = await newJob(deps, caller, body, { idempotencyKey, request });
  if (await insertJob(deps.db, job)) {
    const made = await jobById(sql, job.id);
    if (made === null) throw new Error(`batch ${job.id} vanished`);
    return made;
  }
  // The same key came twice at once: the other request was first.
  const first = await jobOfKey(sql, caller.party, idempotencyKey);
  if (first === null) throw new Error('an idempotency key is taken by no batch');
  return sameRequest(first, request);
}

function sameRequest({ job, request }: { job: JobProgress; request: Buffer }, again: Buffer): JobProgress {
  if (request.equals(again)) return job;
  throw new Refusal(
    'idempotency-conflict',
    'This Idempotency-Key was used for another request; repeat the very same request or choose a new key.',
  );
}

async function newJob(
  deps: Deps,
  { party }: Caller,
  body: BatchBody,
  { idempotencyKey, request }: { idempotencyKey: string; request: Buffer },
): Promise<NewJob> {
  const { sql } = deps.reads;
  const wanted = eitherOf(body.quantity, body.serials, 'serials');
  const gtin = required(parseGtin(body.gtin), '/gtin');
  const lot = required(parseLot(body.lot), '/lot');
  if (body.productionDate !== undefined) required(parseDate(body.productionDate), '/productionDate');
  if (!(await productsByGtin(sql, [gtin])).has(gtin)) {
    throw refusalAt(
      '/gtin',
      'unknown-product',
      `There is no product ${gtin}; register it with POST /v1/products.`,
    );
  }
  const owner = await requireIssuer(sql, party, gtin, deps.now());
  const { kid } = await requireIssuingKey(sql, party, owner, body.key);
  const own = wanted.own === null ? null : readSerials(wanted.own);
  if (body.allowLargerQr !== true) requireLabelSize(deps.host, own?.serials ?? null);
  if (own !== null) await requireUnissued(sql, gtin, own.serials);
  return {
    id: newId(),
    party,
    idempotencyKey,
    request,
    lot: formatLot(gtin, lot),
    createdAt: deps.now(),
    total: wanted.own?.length ?? wanted.quantity ?? 0,
    parts: own === null ? null : partsOf(own.serials),
    body: jobBody(body, gtin, lot, kid, own?.guessable ?? 0),
  };
}

const jobBody = (body: BatchBody, gtin: Gtin, lot: Lot, kid: string, guessable: number): NewJob['body'] => ({
  gtin,
  lot,
  kid,
  serials: body.serials === undefined ? 'ours' : 'own',
  ...(body.productionDate === undefined ? {} : { productionDate: body.productionDate }),
  guessable,
});

/** Serials that a manufacturer brings, each once. */
function readSerials(texts: readonly string[]): { serials: readonly Serial[]; guessable: number } {
  const faults: Fault[] = [];
  const seen = new Map<string, number>();
  const serials: Serial[] = [];
  let guessable = 0;
  for (const [i, text] of texts.entries()) {
    const pointer = `/serials/${i}`;
    const own = parseOwnSerial(text);
    const first = seen.get(text);
    if (!own.ok) faults.push({ code: own.code, detail: own.detail, pointer });
    else if (first !== undefined) {
      faults.push({
        code: 'duplicate-epc',
        detail: `The same serial as /serials/${first}; send each once.`,
        pointer,
      });
    } else {
      seen.set(text, i);
      serials.push(own.value.serial);
      if (own.value.guessable) guessable++;
    }
    if (faults.length === faultsMax) break;
  }
  refuse(faults, (count) => `${count} serials cannot be used; \`errors\` lists them.`);
  return { serials, guessable };
}

/** What would not fit the 18 mm label is refused before it is printed a million times. */
function requireLabelSize(host: string, serials: readonly string[] | null): void {
  const detail =
    `Host ${host} and serial together may have ${labelCharactersMax} characters for the 18 mm label: ` +
    'shorten the serial, or send "allowLargerQr": true for a larger QR.';
  const room = labelCharactersMax - host.length;
  if (serials === null) {
    if (ourSerialLength > room) throw refusalAt('/allowLargerQr', 'code-too-long', detail);
    return;
  }
  const faults = serials.flatMap((serial, i): Fault[] =>
    serial.length > room ? [{ code: 'code-too-long', detail, pointer: `/serials/${i}` }] : [],
  );
  refuse(faults.slice(0, faultsMax), () => detail);
}

async function requireUnissued(sql: Sql, gtin: Gtin, serials: readonly Serial[]): Promise<void> {
  const rows = await sql<{ i: number; seq: number }[]>`
    SELECT asked.i::int - 1 AS i, issue.seq
    FROM unnest(${arrayLiteral(serials.map((serial) => formatUnit(gtin, serial)))}::text[])
      WITH ORDINALITY AS asked (epc, i)
    JOIN epcs e ON e.epc = asked.epc
    CROSS JOIN LATERAL (
      SELECT seq, last_unit FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1
    ) issue
    WHERE issue.last_unit >= e.unit ORDER BY asked.i LIMIT ${faultsMax}`;
  refuse(
    rows.map(({ i, seq }) => ({
      code: 'already-issued' as const,
      detail: `Serial ${serials[i]} of ${gtin} was issued in entry ${seq}; a code is given out once.`,
      pointer: `/serials/${i}`,
    })),
    (count) => `${count} serials are issued already; \`errors\` lists them. Nothing was issued.`,
  );
}

/** Refuses when there are faults: with the code they share, or as an invalid request. */
function refuse(faults: readonly Fault[], summary: (count: number) => string): void {
  const [first] = faults;
  if (first === undefined) return;
  const code = faults.every((fault) => fault.code === first.code) ? first.code : 'invalid-request';
  throw new Refusal(code, faults.length === 1 ? first.detail : summary(faults.length), { faults });
}

function partsOf(serials: readonly Serial[]): Serial[][] {
  const parts: Serial[][] = [];
  for (let from = 0; from < serials.length; from += partSize)
    parts.push(serials.slice(from, from + partSize));
  return parts;
}

/** Codes that are issued at once: of containers, and of a lot itself. One issue fact a request. */

import type { Epc } from '../../core/events/hop.ts';
import { formatContainer, formatLot, type Gtin, type Lot } from '../../core/gs1/identifiers.ts';
import { base64url } from '../../core/log/entry.ts';
import type { IssueFact } from '../../core/log/fact.ts';
import type { Recorded } from '../../core/log/receipt.ts';
import { canonical, type Json } from '../../core/text/canonical.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { idempotencyOf } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import { signReceipt } from '../keys/receipts.ts';
import { newId } from '../new-id.ts';
import { productsByGtin } from '../products/queries.ts';
import { freshSsccs, ownSsccs } from './containers.ts';
import { issuedUnits } from './issued.ts';
import { requireIssuer, requireIssuingKey } from './rights.ts';
import { type ContainersBody, eitherOf } from './schemas.ts';
import { type IssuedCode, signCodes } from './sign-codes.ts';

export type IssueDeps = Pick<
  FeatureDeps,
  'db' | 'reads' | 'ledger' | 'keystore' | 'genesis' | 'host' | 'now'
>;

/** What was issued, its codes, and where it stands in the log. */
export interface Issuance {
  readonly fact: IssueFact;
  readonly codes: readonly IssuedCode[];
  readonly receipt: string;
  readonly facts: readonly { readonly seq: number; readonly salt: string }[];
}

/** Draws of free numbers before we give up. */
const drawsMax = 5;

/** Codes for containers under numbers we find free or the caller brings. Repeated with its key, the same again. */
export async function issueContainers(
  deps: IssueDeps,
  { party }: Caller,
  body: ContainersBody,
  idempotencyKey: string | undefined,
): Promise<Issuance> {
  const { sql } = deps.db;
  const idempotency =
    idempotencyKey === undefined
      ? undefined
      : idempotencyOf('POST /v1/containers', party, idempotencyKey, canonical(body as Json));
  const before = idempotency && (await deps.ledger.replay(idempotency));
  if (before) return issuanceAt(deps, before.facts);
  const { quantity, own } = eitherOf(body.quantity, body.ssccs, 'ssccs');
  const { kid } = await requireIssuingKey(sql, party, party, body.key);
  for (let draws = 1; ; draws++) {
    const ssccs =
      own === null ? await freshSsccs(sql, party, { ...body, quantity }) : await ownSsccs(sql, party, own);
    const fact: IssueFact = {
      kind: 'issue',
      by: party,
      batch: newId(),
      kid,
      serials: own === null ? 'ours' : 'own',
      epcs: ssccs.map(formatContainer),
    };
    try {
      return issuanceAt(deps, (await deps.ledger.append([{ fact }], idempotency)).facts);
    } catch (error) {
      const taken = error instanceof Refusal && error.code === 'already-issued' && own === null;
      if (!taken || draws === drawsMax) throw error;
    }
  }
}

/** The code of a lot itself, as goods by measure carry; issued the first time it is asked for. */
export async function issueLotCode(
  deps: IssueDeps,
  { party }: Caller,
  gtin: Gtin,
  lot: Lot,
  kid: string | undefined,
): Promise<IssuedCode> {
  const { sql } = deps.db;
  const epc = formatLot(gtin, lot);
  const owner = await requireIssuer(sql, party, gtin, deps.now());
  if (!(await productsByGtin(sql, [gtin])).has(gtin)) {
    throw new Refusal('unknown-product', `There is no product ${gtin}; register it with POST /v1/products.`);
  }
  if (!(await issuedUnits(sql, [epc])).has(epc)) {
    const key = await requireIssuingKey(sql, party, owner, kid);
    const fact: IssueFact = {
      kind: 'issue',
      by: party,
      batch: newId(),
      gtin,
      lot,
      kid: key.kid,
      serials: 'own',
      epcs: [epc],
    };
    // A lot has one code: of two who ask at once the log takes the first.
    await deps.ledger.append([{ fact }], idempotencyOf('lot-code', '', epc, epc));
  }
  return requireCode(deps, epc);
}

/** The code of an identifier; null when it was not issued. */
export async function codeFor(
  deps: Pick<FeatureDeps, 'reads' | 'keystore' | 'host'>,
  epc: Epc,
): Promise<IssuedCode | null> {
  const issued = (await issuedUnits(deps.reads.sql, [epc])).get(epc);
  const [code] = issued === undefined ? [] : await signCodes(deps, [issued]);
  return code ?? null;
}

async function requireCode(deps: IssueDeps, epc: Epc): Promise<IssuedCode> {
  const code = await codeFor(deps, epc);
  if (code === null) throw new Error(`${epc} was issued and has no code`);
  return code;
}

async function issuanceAt(deps: IssueDeps, facts: readonly Recorded[]): Promise<Issuance> {
  const [first] = facts;
  const [entry] = first === undefined ? [] : await deps.ledger.read(first.seq, first.seq + 1);
  if (entry?.fact.kind !== 'issue') throw new Error('an issue was recorded without an entry');
  const { fact } = entry;
  return {
    fact,
    codes: await signCodes(
      deps,
      fact.epcs.map((epc) => ({ epc, kid: fact.kid })),
    ),
    receipt: await signReceipt(deps, facts),
    facts: facts.map(({ seq, salt }) => ({ seq, salt: base64url(salt) })),
  };
}

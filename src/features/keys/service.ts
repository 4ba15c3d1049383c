/** Keys of parties: made, brought, retired, reported as compromised. */

import { type KeyUse, keyProofPayload, provesKey } from '../../core/codes/key-proof.ts';
import { parsePublicKey } from '../../core/ed25519-key.ts';
import type { KeyFact } from '../../core/log/fact.ts';
import { canonical } from '../../core/text/canonical.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { idempotencyOf } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import { makeKey } from './make-key.ts';
import { type KeyRow, keysByKid } from './queries.ts';
import type { KeyAnswer, NewClaimKeyBody, NewKeyBody, OwnKey } from './schemas.ts';

type Deps = Pick<FeatureDeps, 'db' | 'ledger' | 'keystore' | 'genesis'>;

/** A new issuing key for the caller; the key it replaces is retired by the same request. */
export const createKey = (
  deps: Deps,
  caller: Caller,
  body: NewKeyBody,
  idempotencyKey: string | undefined,
): Promise<KeyAnswer> => create(deps, caller, 'issuing', 'POST /v1/keys', body, idempotencyKey);

/** A key by which the caller will sign its claims, likewise. */
export const registerClaimKey = (
  deps: Deps,
  caller: Caller,
  body: NewClaimKeyBody,
  idempotencyKey: string | undefined,
): Promise<KeyAnswer> =>
  create(deps, caller, 'claims', 'POST /v1/keys/claims', { ...body, custody: 'party' }, idempotencyKey);

async function create(
  deps: Deps,
  caller: Caller,
  purpose: 'issuing' | 'claims',
  scope: string,
  body: NewKeyBody,
  idempotencyKey: string | undefined,
): Promise<KeyAnswer> {
  const idempotency =
    idempotencyKey === undefined
      ? undefined
      : idempotencyOf(scope, caller.party, idempotencyKey, canonical(body));
  const replayed = idempotency && (await deps.ledger.replay(idempotency));
  const first = replayed?.facts[0] ?? (await record()).appended.facts[0];
  if (first === undefined) throw new Error('a key was recorded without an entry');
  const [entry] = await deps.ledger.read(first.seq, first.seq + 1);
  if (entry?.fact.kind !== 'key') throw new Error(`entry ${first.seq} is no key`);
  return answerOf(await findKey(deps, caller, entry.fact.kid));

  async function record() {
    const { origin } = deps.genesis;
    const own = body.custody === 'party' ? ownKey(body, { origin, party: caller.party, purpose }) : null;
    const replaced = body.replaces === undefined ? null : await findKey(deps, caller, body.replaces);
    if (replaced !== null && replaced.purpose !== purpose)
      throw new Refusal(
        'unknown-key',
        `Key ${replaced.kid} is not for ${purpose}; a key replaces one of its kind.`,
      );
    const more = replaced === null ? [] : [{ fact: changed(caller, replaced, { status: 'retired' }) }];
    return makeKey(deps, { by: caller.party, party: caller.party, purpose, own }, more, idempotency);
  }
}

/** A key that the party brings, once it has proven that it holds the private half. */
function ownKey({ publicKey, proof }: OwnKey, use: KeyUse): { readonly x: string; readonly proof: string } {
  const bytes = required(parseAt(publicKey.x));
  if (!provesKey(proof, use, bytes))
    throw refusalAt(
      '/proof',
      'invalid-signature',
      `Send as proof a compact JWS by this very key, with the header {"alg":"EdDSA","typ":"suyuan-key+jws"} and the payload ${keyProofPayload(use)}, to the letter.`,
    );
  return { x: publicKey.x, proof };
}

/** `parsePublicKey` with the place of the key in the body. */
function parseAt(x: string): ReturnType<typeof parsePublicKey> {
  const key = parsePublicKey(x);
  return key.ok ? key : { ...key, pointer: '/publicKey/x' };
}

/** The key signs nothing more; what it has signed stays good. */
export async function retireKey(deps: Deps, caller: Caller, kid: string): Promise<KeyAnswer> {
  const key = await findKey(deps, caller, kid);
  if (key.status === 'active') {
    // Asked twice at once, it is retired once.
    const once = idempotencyOf('retire-key', '', kid, kid);
    await deps.ledger.append([{ fact: changed(caller, key, { status: 'retired' }) }], once);
  }
  return answerOf(await findKey(deps, caller, kid));
}

/** Codes issued from entry `from` on are no longer trusted. A later report can only move that entry forward in time. */
export async function reportCompromise(
  deps: Deps,
  caller: Caller,
  kid: string,
  { from, reason }: { readonly from: number; readonly reason: string },
): Promise<KeyAnswer> {
  const key = await findKey(deps, caller, kid);
  const size = await deps.ledger.size();
  if (from > size) {
    const detail = `The log has ${size} entries: give the first one whose codes are not trusted, ${size} for all to come.`;
    throw new Refusal('invalid-request', detail, {
      faults: [{ code: 'invalid-request', detail, pointer: '/from' }],
    });
  }
  if (key.distrustedFrom !== null && key.distrustedFrom < from) {
    throw new Refusal(
      'state-conflict',
      `Key ${kid} is distrusted from entry ${key.distrustedFrom} already, and that cannot be taken back.`,
    );
  }
  if (key.distrustedFrom !== from) {
    const once = idempotencyOf('compromise-key', '', `${kid} ${from}`, kid);
    const fact = changed(caller, key, { status: 'compromised', distrustedFrom: from, reason });
    await deps.ledger.append([{ fact }], once);
  }
  return answerOf(await findKey(deps, caller, kid));
}

/** A key of the caller, or of anybody when the operator asks. To others it does not exist. */
async function findKey({ db }: Deps, { party, roles }: Caller, kid: string): Promise<KeyRow> {
  const key = (await keysByKid(db.sql, [kid])).get(kid);
  if (key !== undefined && (key.party === party || roles.includes('operator'))) return key;
  throw new Refusal('unknown-key', `You have no key ${kid}; GET /v1/keys lists yours.`);
}

const changed = (
  { party: by }: Caller,
  { kid, purpose, party, x, custody }: KeyRow,
  change: Pick<KeyFact, 'status' | 'distrustedFrom' | 'reason'>,
): KeyFact => ({ kind: 'key', by, kid, purpose, party, algorithm: 'EdDSA', x, custody, ...change });

export const answerOf = ({
  kid,
  purpose,
  party,
  custody,
  x,
  status,
  distrustedFrom,
  reason,
  created,
}: KeyRow): KeyAnswer => ({
  kid,
  purpose,
  party,
  custody,
  publicKey: { kty: 'OKP', crv: 'Ed25519', x },
  status,
  ...(distrustedFrom === null ? {} : { distrustedFrom }),
  ...(reason === null ? {} : { reason }),
  created,
});

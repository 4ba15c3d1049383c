/** Makers with what they need for codes, recorded straight into the log; and requests in a few words. */
import { type ClaimKey, proveKey } from '../../../examples/sign-hop.ts';
import type { PartyId, Role } from '../../../src/core/events/hop.ts';
import type { Fact } from '../../../src/core/log/fact.ts';
import { newPartyId } from '../../../src/features/new-id.ts';
import type { TestService } from '../../support/service.ts';

export interface Maker {
  readonly party: PartyId;
  /** Value of an Authorization header. */
  readonly token: string;
  readonly kid: string;
}

export const record = (service: TestService, ...facts: Fact[]) =>
  service.deps.ledger.append(facts.map((fact) => ({ fact })));

/** A party with vetted GTINs, a product for each, a GLN if given, and an issuing key. */
export async function maker(
  service: TestService,
  {
    gtins = [],
    gln,
    role = 'manufacturer',
    key,
  }: { gtins?: readonly string[]; gln?: string; role?: Role; key?: ClaimKey } = {},
): Promise<Maker> {
  const by = service.deps.genesis.operator;
  const party = newPartyId();
  const vetted = { evidence: 'GS1 China', vettedBy: 'Li', vettedAt: '2025-01-02' };
  await record(
    service,
    {
      kind: 'party',
      by,
      id: party,
      stub: false,
      name: '沪安消防器材厂',
      roles: [role],
      ...(gln === undefined ? {} : { gln }),
    },
    ...gtins.flatMap((gtin): Fact[] => [
      { kind: 'gtin', by, gtin, party, ...vetted },
      {
        kind: 'product',
        by: party,
        gtin,
        party,
        local: false,
        name: '手提式干粉灭火器',
        model: 'MFZ/ABC4',
        category: 'portable-extinguisher',
        uom: 'H87',
      },
    ]),
  );
  const token = service.bearer([role], party);
  const body =
    key === undefined
      ? { custody: 'operator' }
      : {
          custody: 'party',
          publicKey: key.public,
          proof: proveKey(key, service.deps.genesis.origin, party, 'issuing'),
        };
  const made = await service.app.inject({
    method: 'POST',
    url: '/v1/keys',
    headers: { authorization: token },
    payload: body,
  });
  if (made.statusCode !== 201) throw new Error(made.body);
  return { party, token, kid: made.json().kid };
}

/** Sends a request and gives what came back, its body as JSON when it is. */
export async function send(
  service: TestService,
  method: 'GET' | 'POST',
  url: string,
  token: string | null,
  body: object | null = null,
  headers: Record<string, string> = {},
) {
  const answer = await service.app.inject({
    method,
    url,
    headers: { ...(token === null ? {} : { authorization: token }), ...headers },
    ...(body === null ? {} : { payload: body }),
  });
  const text = answer.body;
  const json =
    /json/.test(String(answer.headers['content-type'])) &&
    !/ndjson/.test(String(answer.headers['content-type']));
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    bytes: answer.rawPayload,
    body: json ? JSON.parse(text) : null,
  };
}

let keys = 0;
/** Orders a batch and waits for it. */
export const order = (
  service: TestService,
  token: string,
  body: object,
  { key = `key-${++keys}`, prefer = 'wait' }: { key?: string; prefer?: string } = {},
) => send(service, 'POST', '/v1/batches', token, body, { 'idempotency-key': key, prefer });

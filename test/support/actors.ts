/** Parties for tests that speak HTTP: registered by the operator like everybody's. */
import { createHash } from 'node:crypto';
import type { InjectOptions, Response } from 'light-my-request';
import { creditCodeCheck } from '../../src/core/credit-code.ts';
import type { PartyId, Role } from '../../src/core/events/hop.ts';
import { gs1CheckDigit } from '../../src/core/gs1/identifiers.ts';
import { parsePartyId } from '../../src/core/opaque-id.ts';
import { required } from '../../src/errors.ts';
import type { TestService } from './service.ts';

/** A GLN whose digits follow from a number below 10⁸. */
export function testGln(n: number): string {
  const body = `6901${String(n).padStart(8, '0')}`;
  return body + gs1CheckDigit(body);
}

/** A GTIN whose digits follow from a number below 10⁹. */
export function testGtin(n: number): string {
  const body = `0690${String(n).padStart(9, '0')}`;
  return body + gs1CheckDigit(body);
}

/** A unified social credit code that follows from a name. */
export function testCreditCode(name: string): string {
  const digits = BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 12)}`)
    .toString()
    .padStart(15, '0');
  const body = `91330100${digits.slice(-9)}`;
  return body + creditCodeCheck(body);
}

export interface Acting {
  readonly id: PartyId;
  /** Value of an Authorization header. */
  readonly authorization: string;
  /** Sends a request as this party; `payload` goes as JSON. */
  send(
    method: InjectOptions['method'],
    url: string,
    payload?: object,
    headers?: Record<string, string>,
  ): Promise<Response>;
}

export interface Actor extends Acting {
  readonly name: string;
  readonly creditCode: string;
}

type As = Pick<TestService, 'app' | 'bearer' | 'deps'>;

const sender =
  ({ app }: As, authorization: string): Acting['send'] =>
  (method, url, payload, headers = {}) =>
    app.inject({
      ...(method === undefined ? {} : { method }),
      url,
      headers: { authorization, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });

/** A party by its id, registered or not, acting with these roles. */
export function actorOf(service: As, party: string, roles: readonly Role[]): Acting {
  const id = required(parsePartyId(party));
  const authorization = service.bearer(roles, id);
  return { id, authorization, send: sender(service, authorization) };
}

/** The operator of the ledger. */
export const operatorOf = (service: As): Acting =>
  actorOf(service, service.deps.genesis.operator, ['operator']);

/** Registers a party over HTTP and acts as it with all its roles. */
export async function register(
  service: As,
  name: string,
  roles: readonly Role[],
  more: object = {},
): Promise<Actor> {
  const creditCode = testCreditCode(name);
  const made = await operatorOf(service).send('POST', '/v1/parties', {
    name,
    creditCode,
    roles,
    region: '330106',
    ...more,
  });
  if (made.statusCode !== 201) throw new Error(`${name} was not registered: ${made.body}`);
  return { ...actorOf(service, made.json<{ id: string }>().id, roles), name, creditCode };
}

/** A problem document without what differs from request to request. */
export function problem(response: Response): object {
  const { type: _, title: __, instance: ___, ...rest } = response.json<Record<string, unknown>>();
  return rest;
}

/** Status and code of a refusal, with the pointer and detail of its first fault or its own detail. */
export function refusal(response: Response): readonly [number, string, string] {
  const { status, code, detail, errors } = response.json<{
    status: number;
    code: string;
    detail: string;
    errors?: { pointer?: string }[];
  }>();
  return [status, code, `${errors?.[0]?.pointer ?? ''} ${detail}`.trim()];
}

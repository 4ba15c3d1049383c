/**
 * Access tokens: JWTs of RFC 9068 (`typ: at+jwt`), signed with Ed25519, 15 minutes, for this service alone.
 *
 *     {"alg":"EdDSA","typ":"at+jwt","kid":"…"}
 *     {"iss":"https://…","aud":"https://…","sub":"{party}","client_id":"{client}","roles":["manufacturer"],
 *      "iat":1735689600,"exp":1735690500,"jti":"…"}
 *
 * The algorithm is fixed, so neither `none` nor a MAC under the public key passes. Clocks may differ by 30 s.
 * Verified tokens are remembered until they expire, by their digest.
 */
import { hash, randomUUID } from 'node:crypto';
import jwt from '@fastify/jwt';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type PartyId, type Role, roles } from '../core/events/hop.ts';
import type { Mandate } from '../core/mandate.ts';
import { parsePartyId } from '../core/opaque-id.ts';
import { Refusal } from '../errors.ts';
import { type Access, access } from './access.ts';
import type { TokenKeys } from './token-keys.ts';

/** Who a token is for. */
export interface TokenHolder {
  readonly party: PartyId;
  readonly client: string;
  readonly roles: readonly Role[];
}

/** The party that sent a request, as its token says. */
export interface Caller extends TokenHolder {
  /** What it says that it reads under, once that was found to be in force; null on all routes that do more than read. */
  readonly mandate: Mandate | null;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** A fresh access token. */
    signToken(holder: TokenHolder): string;
  }
  interface FastifyRequest {
    /** null where no token was asked for or sent. */
    party: Caller | null;
    /** From when on the token is refused, ms since the epoch; 0 where there is none. */
    tokenEndsAt: number;
  }
}

export const tokenLifetimeSeconds = 900;
const skewSeconds = 30;
const tokenCharactersMax = 4096;
/** Verified tokens that are remembered at most. */
const knownMax = 10_000;

export interface AuthenticationOptions {
  readonly publicUrl: string;
  readonly keys: TokenKeys;
  /** The table of access; that of access.ts unless said. */
  readonly table?: Readonly<Record<string, Access>>;
}

const claimsSchema = TypeCompiler.Compile(
  Type.Object({
    sub: Type.String(),
    client_id: Type.String({ minLength: 1 }),
    roles: Type.Array(Type.Union(roles.map((role) => Type.Literal(role)))),
    iat: Type.Integer(),
    exp: Type.Integer(),
    aud: Type.String(),
  }),
);

interface Verified {
  readonly caller: Caller;
  /** From when on the token is refused, ms since the epoch. */
  readonly endsAt: number;
}

/** Decorates the app with tokens and guards every route by the table of access. */
export const authentication = fp(async (app: FastifyInstance, options: AuthenticationOptions) => {
  const { publicUrl, keys, table = access } = options;
  await app.register(jwt, {
    secret: { private: keys.privateKey, public: keys.publicKey },
    sign: {
      algorithm: 'EdDSA',
      iss: publicUrl,
      aud: publicUrl,
      expiresIn: tokenLifetimeSeconds,
      header: { alg: 'EdDSA', typ: 'at+jwt', kid: keys.kid },
    },
    verify: {
      algorithms: ['EdDSA'],
      checkTyp: 'at+jwt',
      allowedIss: publicUrl,
      allowedAud: publicUrl,
      requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat', 'client_id', 'roles'],
      clockTolerance: skewSeconds * 1000,
    },
  });

  /** By SHA-256 of the token, the oldest first. */
  const known = new Map<string, Verified>();

  function verify(token: string): Verified {
    const digest = hash('sha256', token, 'base64url');
    const before = known.get(digest);
    if (before !== undefined && Date.now() < before.endsAt) return before;
    const claims = verified(token);
    if (!claimsSchema.Check(claims) || claims.iat > Date.now() / 1000 + skewSeconds) throw invalid();
    const party = parsePartyId(claims.sub);
    if (!party.ok) throw invalid();
    const caller = Object.freeze({
      party: party.value,
      client: claims.client_id,
      roles: claims.roles,
      mandate: null,
    });
    const checked = { caller, endsAt: (claims.exp + skewSeconds) * 1000 };
    for (const oldest of known.keys()) {
      if (known.size < knownMax) break;
      known.delete(oldest);
    }
    known.set(digest, checked);
    return checked;
  }

  function verified(token: string): object {
    try {
      return app.jwt.verify<object>(token);
    } catch (error) {
      if (error instanceof Error && Reflect.get(error, 'code') === 'FAST_JWT_EXPIRED') {
        throw new Refusal('token-expired', 'The access token has expired; get a new one at /oauth/token.');
      }
      throw invalid(error);
    }
  }

  app.decorateRequest('party', null);
  app.decorateRequest('tokenEndsAt', 0);
  app.decorate('signToken', ({ party, client, roles }: TokenHolder) =>
    app.jwt.sign({ sub: party, client_id: client, roles, jti: randomUUID() }),
  );

  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      const name = `${method === 'HEAD' ? 'GET' : method} ${route.url}`;
      const row = Object.hasOwn(table, name) ? name : wildcardRow(table, name);
      const rule = row === undefined ? undefined : table[row];
      if (row === undefined || rule === undefined)
        throw new Error(`src/http/access.ts has no row for ${name}`);
      if (rule === 'public') continue;
      if (route.schema)
        route.schema.security ??= rule === 'optional' ? [{ client: [] }, {}] : [{ client: [] }];
      // Before the body is read: strangers cannot make us parse.
      const guard = async (request: FastifyRequest): Promise<void> => {
        const token = bearerToken(request);
        if (token === null && rule === 'optional') return;
        if (token === null) throw missing();
        const { caller, endsAt } = verify(token);
        request.party = caller;
        request.tokenEndsAt = endsAt;
        if (rule !== 'optional' && rule !== 'party') requireRole(caller, rule);
      };
      route.onRequest = [guard, ...[route.onRequest ?? []].flat()];
    }
  });
});

/** The authenticated party of a request; refuses when there is none. */
export function caller(request: Pick<FastifyRequest, 'party'>): Caller {
  if (request.party === null) throw missing();
  return request.party;
}

function requireRole({ roles }: Caller, allowed: readonly Role[]): void {
  if (allowed.some((role) => roles.includes(role))) return;
  throw new Refusal('forbidden', `This is for parties with the role ${allowed.join(' or ')}.`);
}

function bearerToken({ headers: { authorization } }: FastifyRequest): string | null {
  if (authorization === undefined) return null;
  const [, token] = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization) ?? [];
  if (token === undefined || token.length > tokenCharactersMax) throw invalid();
  return token;
}

const wildcardRow = (table: Readonly<Record<string, Access>>, name: string): string | undefined =>
  Object.keys(table).find((row) => row.endsWith('*') && name.startsWith(row.slice(0, -1)));

const missing = (): Refusal =>
  new Refusal('unauthenticated', 'Send an access token of /oauth/token as Authorization: Bearer {token}.');

const invalid = (cause?: unknown): Refusal =>
  new Refusal('token-invalid', 'The access token is not one of ours; get a new one at /oauth/token.', {
    cause,
  });

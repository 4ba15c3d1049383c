/** `POST /oauth/token`: a client's secret for a token of a quarter of an hour. */
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Role, roles } from '../../core/events/hop.ts';
import { opaqueIdPattern } from '../../core/opaque-id.ts';
import { Refusal } from '../../errors.ts';
import { type TokenHolder, tokenLifetimeSeconds } from '../../http/authentication.ts';
import { answer } from '../../http/errors.ts';
import { ownDialect, problemOf, problemResponses, problems } from '../../http/problems.ts';
import type { Feature, FeatureDeps } from '../feature.ts';
import { type ClientSecrets, clientSecrets, operatorClient } from './client-secrets.ts';
import { grantOf } from './queries.ts';
import { createThrottle } from './throttle.ts';
import { type OAuthError, parseForm, readTokenRequest, TokenRefusal, wrongClient } from './token-request.ts';

const formBytesMax = 8192;
const clientName = new RegExp(`^${operatorClient}$|${opaqueIdPattern}`);

const text = (description: string) => Type.Optional(Type.String({ maxLength: 1024, description }));
/** Members that are not known here are ignored, as RFC 6749 §3.2 asks. */
const FormSchema = Type.Object({
  grant_type: Type.String({ maxLength: 256, description: '`client_credentials`' }),
  client_id: text('Unless sent by HTTP Basic'),
  client_secret: text('Unless sent by HTTP Basic'),
  scope: text('Roles, separated by spaces; absent for all that the client has'),
});

const TokenSchema = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  scope: Type.String({ description: 'Roles, separated by spaces' }),
});

export const tokenRoute: Feature = async (app, deps) => {
  const secrets = clientSecrets({ ...deps, sql: deps.db.sql });
  const throttle = createThrottle(deps.now);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytesMax },
    async (_request: FastifyRequest, body: string | Buffer) => parseForm(body.toString()),
  );

  app.post(
    '/oauth/token',
    {
      schema: {
        tags: ['access'],
        summary: 'Access token for a client: OAuth 2.0 client credentials 获取访问令牌',
        consumes: ['application/x-www-form-urlencoded'],
        body: FormSchema,
        response: {
          200: TokenSchema,
          ...problemResponses('invalid-request', 'client-invalid', 'rate-limited', 'unsupported-media-type'),
        },
      },
      errorHandler: (error, request, reply) => answerOAuth(error, request, reply, deps.publicUrl),
    },
    async (request, reply) => {
      const { client, secret, scope } = readTokenRequest(request.body, request.headers.authorization);
      const mayTry = (): void => {
        const seconds = throttle.wait(client, request.ip);
        if (seconds === 0) return;
        const detail = 'Too many wrong secrets; wait as Retry-After says.';
        throw new TokenRefusal('temporarily_unavailable', 'rate-limited', detail, seconds);
      };
      mayTry();
      const caller = await grant(deps, secrets, client, secret);
      // Once more: of many guesses sent at once, the first to fail keep the others from being told whether they fit.
      mayTry();
      if (caller === null) {
        throttle.failed(client, request.ip);
        // People paste the secret where the client goes.
        const shown = clientName.test(client) ? client : 'not a name of ours';
        request.log.warn({ client: shown }, 'a client or its secret was wrong');
        throw wrongClient();
      }
      throttle.succeeded(client, request.ip);
      request.log.info({ client, party: caller.party }, 'a token was given');
      const granted = scope === null ? caller.roles : inScope(caller.roles, scope);
      reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
      return {
        access_token: app.signToken({ ...caller, roles: granted }),
        token_type: 'Bearer' as const,
        expires_in: tokenLifetimeSeconds,
        scope: granted.join(' '),
      };
    },
  );
};

/** Who the client is and what it may do now, or null when the secret is not its own or it is revoked. */
async function grant(
  { db, genesis }: Pick<FeatureDeps, 'db' | 'genesis'>,
  secrets: ClientSecrets,
  client: string,
  secret: string,
): Promise<TokenHolder | null> {
  if (!(await secrets.matches(client, secret))) return null;
  if (client === operatorClient) return { party: genesis.operator, client, roles: ['operator'] };
  const found = await grantOf(db.sql, client);
  if (found === null || found.client.revoked || found.party.stub) return null;
  const roles = found.client.roles.filter((role) => found.party.roles.includes(role));
  return { party: found.party.id, client, roles };
}

/** The roles that were asked for, in our order. */
function inScope(allowed: readonly Role[], scope: readonly string[]): Role[] {
  const strange = scope.filter((word) => !allowed.some((role) => role === word));
  if (strange.length > 0) {
    const detail = `This client has the roles ${allowed.join(' ') || '(none)'}; ask for these in scope, or for none.`;
    throw new TokenRefusal('invalid_scope', 'invalid-request', detail);
  }
  return roles.filter((role) => scope.includes(role));
}

/** RFC 6749 §5.2 and RFC 9457 in one document: OAuth clients look for `error`, ours for `code`. */
function answerOAuth(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
): FastifyReply {
  const word = error instanceof TokenRefusal ? error.error : wordOf(error);
  if (word === null || !(error instanceof Refusal)) return answer(error, request, reply, publicUrl);
  const { status } = problems[error.code];
  const problem = problemOf(error.code, error.message, error.faults, {
    dialect: ownDialect(publicUrl),
    requestId: request.id,
    acceptLanguage: request.headers['accept-language'],
  });
  if (status === 401) reply.header('www-authenticate', 'Basic realm="suyuan"');
  if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter));
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .serializer(String)
    .send(JSON.stringify({ error: word, error_description: error.message, ...problem }));
}

const wordOf = (error: unknown): OAuthError | null =>
  error instanceof Refusal && problems[error.code].status === 400 ? 'invalid_request' : null;

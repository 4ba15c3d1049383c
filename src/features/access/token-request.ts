/**
 * Reads a request for a token: OAuth 2.0 client credentials grant (RFC 6749 §4.4). The client names itself by HTTP
 * Basic, whose two halves are form-encoded (§2.3.1), or in the form, never both.
 *
 *   POST /oauth/token
 *   Content-Type: application/x-www-form-urlencoded
 *
 *   grant_type=client_credentials&client_id=…&client_secret=…&scope=manufacturer
 */
import { type ErrorCode, Refusal } from '../../errors.ts';

/** RFC 6749 §5.2; the last one is ours to say with 429. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable';

/** A refusal with the word OAuth has for it. */
export class TokenRefusal extends Refusal {
  readonly error: OAuthError;
  constructor(error: OAuthError, code: ErrorCode, detail: string, retryAfter?: number) {
    super(code, detail, retryAfter === undefined ? {} : { retryAfter });
    this.error = error;
  }
}

export interface TokenForm {
  readonly grant_type: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly scope?: string;
}

export interface TokenRequest {
  readonly client: string;
  readonly secret: string;
  /** null when the client asks for all it may have. */
  readonly scope: readonly string[] | null;
}

const invalidRequest = (detail: string): TokenRefusal =>
  new TokenRefusal('invalid_request', 'invalid-request', detail);

/** Clients are visible ASCII (RFC 6749 appendix A.1); nobody has one that is longer. */
const clientShape = /^[\x21-\x7e]{1,64}$/;

/** A form's members; a member that stands twice is refused (RFC 6749 §3.2). */
export function parseForm(text: string): Record<string, string> {
  const members: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(members, name)) throw invalidRequest(`Send ${name} once.`);
    Object.defineProperty(members, name, { value, enumerable: true });
  }
  return members;
}

export function readTokenRequest(form: TokenForm, authorization: string | undefined): TokenRequest {
  if (form.grant_type !== 'client_credentials') {
    throw new TokenRefusal(
      'unsupported_grant_type',
      'invalid-request',
      'Send grant_type=client_credentials.',
    );
  }
  const basic = authorization === undefined ? null : readBasic(authorization);
  if (
    basic !== null &&
    (form.client_secret !== undefined || (form.client_id ?? basic.client) !== basic.client)
  ) {
    throw invalidRequest(
      'Send the client and its secret in the Authorization header or in the form, not in both.',
    );
  }
  const client = basic?.client ?? form.client_id ?? '';
  const secret = basic?.secret ?? form.client_secret ?? '';
  if (!clientShape.test(client) || secret === '') throw wrongClient();
  const scope = form.scope?.split(' ').filter((word) => word !== '') ?? [];
  return { client, secret, scope: scope.length === 0 ? null : scope };
}

export const wrongClient = (): TokenRefusal =>
  new TokenRefusal(
    'invalid_client',
    'client-invalid',
    'Client and secret do not fit together; send client_id and client_secret as they were given.',
  );

function readBasic(authorization: string): { client: string; secret: string } {
  const [, credentials] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization) ?? [];
  if (credentials === undefined) throw wrongClient();
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw wrongClient();
  return { client: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
}

function decoded(half: string): string {
  try {
    return decodeURIComponent(half.replaceAll('+', ' '));
  } catch {
    throw wrongClient();
  }
}

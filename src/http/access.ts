/**
 * Who may use which route: the one table. A route without a row here keeps the service from starting. Finer
 * rules (one's own party, one's own GTIN) stand with the features.
 *
 * - `public`: anybody; a token is not looked at
 * - `optional`: anybody; a bearer token that is sent must be valid, and shows more
 * - `party`: any authenticated party
 * - roles: a party with at least one of them
 *
 * Keys are method and pattern as registered; HEAD follows GET; a pattern ending in `*` stands for all that
 * begin so.
 */
import type { Role } from '../core/hop.ts';

export type Access = 'public' | 'optional' | 'party' | readonly Role[];

export const access: Readonly<Record<string, Access>> = {
  // operations
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /problems/:code': 'public',
  'GET /docs*': 'public',
  // keys
  'POST /v1/keys': ['manufacturer', 'importer', 'distributor', 'seller'],
  'GET /v1/keys': 'party',
  'POST /v1/keys/:kid/retire': 'party',
  'POST /v1/keys/:kid/compromise': 'party',
  'GET /.well-known/jwks.json': 'public',
  'GET /v1/trust-list': 'public',
  // events
  'POST /v1/events': 'party',
  'GET /v1/events/:seq': 'party',
};

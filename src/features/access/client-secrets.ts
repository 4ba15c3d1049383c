/**
 * Secrets of API clients. They are ours, 256 random bits, shown once and kept as HMAC-SHA-256 under a key of the
 * keystore. A stolen table opens nothing, and a new master key wraps that key anew without touching clients.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sql } from '../../database/connection.ts';
import type { Keystore } from '../keys/keystore.ts';

export interface ClientSecrets {
  /** A secret for a new client: 43 characters of base64url. */
  issue(client: string): Promise<string>;
  forget(client: string): Promise<void>;
  /** Whether the secret is the client's; takes as long when there is no such client. */
  matches(client: string, secret: string): Promise<boolean>;
}

export interface ClientSecretsOptions {
  readonly sql: Sql;
  readonly keystore: Pick<Keystore, 'secret'>;
  /** Secret of the client `operator`, which the settings give. */
  readonly operatorSecret: string;
}

export const operatorClient = 'operator';

export function clientSecrets({ sql, keystore, operatorSecret }: ClientSecretsOptions): ClientSecrets {
  const hmac = async (secret: string): Promise<Buffer> =>
    createHmac('sha256', await keystore.secret('client-secrets'))
      .update(secret)
      .digest();
  return {
    async issue(client) {
      const secret = randomBytes(32).toString('base64url');
      await sql`INSERT INTO client_secrets (client, hmac) VALUES (${client}, ${await hmac(secret)})`;
      return secret;
    },

    async forget(client) {
      await sql`DELETE FROM client_secrets WHERE client = ${client}`;
    },

    async matches(client, secret) {
      const [row] = await sql<{ hmac: Buffer }[]>`SELECT hmac FROM client_secrets WHERE client = ${client}`;
      const expected = client === operatorClient ? await hmac(operatorSecret) : row?.hmac;
      // A client that does not exist is compared, too: the time says nothing of which clients there are.
      return timingSafeEqual(expected ?? randomBytes(32), await hmac(secret));
    },
  };
}

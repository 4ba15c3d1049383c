/** What a feature is: a Fastify plugin with its routes, given what the service shares. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { NoteKey } from '../core/log/note.ts';
import type { Database } from '../database/connection.ts';
import type { Sender } from '../http/sending.ts';
import type { Checkpoints } from '../ledger/checkpoints.ts';
import type { Genesis } from '../ledger/genesis.ts';
import type { Heads } from '../ledger/heads.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Tree } from '../ledger/tree.ts';
import type { Witnessing } from '../ledger/witnessing.ts';
import type { ReadAudit } from './access/read-audit.ts';
import type { Keystore } from './keys/keystore.ts';
import type { Policies } from './policies/policies.ts';

export interface FeatureDeps {
  /** For what writes; statements may take as long as they need. */
  readonly db: Database;
  /** For what only reads; a statement is cancelled after 30 s. */
  readonly reads: Database;
  /** For look-ups of sets by key, each statement planned once; cancelled after 30 s. */
  readonly lookups: Database;
  readonly ledger: Ledger;
  readonly genesis: Genesis;
  readonly tree: Tree;
  readonly checkpoints: Checkpoints;
  readonly heads: Heads;
  readonly witnessing: Witnessing;
  /** Logs whose checkpoints we cosign, by their keys, which bear their origins as names. */
  readonly witnessedLogs: readonly NoteKey[];
  readonly keystore: Keystore;
  readonly policies: Policies;
  readonly audit: ReadAudit;
  /** Posts messages to addresses that others have named. */
  readonly sender: Sender;
  /** Origin of the service's own addresses, without trailing slash. */
  readonly publicUrl: string;
  /** The host printed in codes: that of `publicUrl`, with its port if it names one. */
  readonly host: string;
  /** Secret of the client `operator`. */
  readonly operatorSecret: string;
  /** Folder of what is kept beside the database. */
  readonly dataDir: string;
  readonly scanRetentionDays: number;
  /** Requests a minute and address on public routes; 0 for no limit. */
  readonly publicRateLimit: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type Feature = FastifyPluginAsyncTypebox<FeatureDeps>;

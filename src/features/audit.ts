/** `audit`, whole: the log against its bytes, projections against the log, and what was signed against both. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFact } from '../core/fact.ts';
import type { Hash } from '../core/merkle.ts';
import { signatureTypes } from '../core/note.ts';
import type { Database } from '../database/connection.ts';
import { type AuditOptions, auditLog } from '../ledger/audit.ts';
import { auditCheckpoints } from '../ledger/audit-checkpoints.ts';
import type { Mismatch } from '../ledger/audit-range.ts';
import { rebuild } from '../ledger/rebuild.ts';
import { keysOfPurposes } from './keys/queries.ts';
import { followerProjections, projections } from './projections.ts';

export interface WholeAudit {
  readonly entries: number;
  /** RFC 6962 root over all entries. */
  readonly root: Hash;
  /** The first thing that does not fit. */
  readonly mismatch: Mismatch | null;
}

export interface WholeAuditOptions extends AuditOptions {
  /** Where the copy of the last checkpoint is kept. */
  readonly dataDir: string;
  /** Leave the projections out. */
  readonly logOnly: boolean;
  readonly rebuilding?: (done: number, total: number) => void;
}

/** Derives everything again. `owner` is of the owner of the tables. */
export async function auditEverything(owner: Database, options: WholeAuditOptions): Promise<WholeAudit> {
  const { entries, root, mismatch } = await auditLog(owner, options);
  if (mismatch !== null) return { entries, root, mismatch };
  const projected = options.logOnly
    ? null
    : await rebuild(owner, {
        projections,
        followers: followerProjections,
        ...(options.rebuilding ? { progress: options.rebuilding } : {}),
      });
  return {
    entries,
    root,
    mismatch: projected?.mismatch ?? (await auditSigned(owner, entries, options.dataDir)),
  };
}

async function auditSigned({ sql }: Database, size: number, dataDir: string): Promise<Mismatch | null> {
  const [first] = await sql<{ payload: string }[]>`SELECT payload FROM facts WHERE seq = 0`;
  const genesis = first ? parseFact(first.payload) : null;
  if (genesis?.kind !== 'genesis') throw new Error('a log that fits begins with its genesis');
  const { origin } = genesis;
  // Compromised keys too: they signed while they were good.
  const keys = (await keysOfPurposes(sql, ['checkpoint'])).map(({ x }) => ({
    name: origin,
    type: signatureTypes.ed25519,
    publicKey: Buffer.from(x, 'base64url'),
  }));
  const copy = await readFile(join(dataDir, 'checkpoint'), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  return auditCheckpoints(sql, { origin, size, keys, copy });
}

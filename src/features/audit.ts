/** `audit`, whole: the log against its bytes, projections against the log, and what was signed against both. */
import { join } from 'node:path';
import { base64url } from '../core/log/entry.ts';
import { parseFact } from '../core/log/fact.ts';
import { frontierRoot, type Hash } from '../core/log/merkle.ts';
import { type NoteKey, signatureTypes } from '../core/log/note.ts';
import type { Database } from '../database/connection.ts';
import { readSynced } from '../database/synced-file.ts';
import { type AuditOptions, auditLog } from '../ledger/audit.ts';
import { auditCheckpoints } from '../ledger/audit-checkpoints.ts';
import { auditCosignatures } from '../ledger/audit-cosignatures.ts';
import { auditGuards } from '../ledger/audit-guards.ts';
import { type Mismatch, mismatchOf } from '../ledger/mismatch.ts';
import { rebuild } from '../ledger/rebuild.ts';
import { createTree } from '../ledger/tree.ts';
import { keysOfPurposes } from './keys/queries.ts';
import { followerProjections, projections } from './projections.ts';

export interface WholeAudit {
  /** Of the log. */
  readonly size: number;
  /** That were checked. */
  readonly entries: number;
  /** RFC 6962 root over all entries. */
  readonly root: Hash;
  /** Cosignatures of witnesses whose keys were not given: their form was checked, and no more. */
  readonly unverified: number;
  /** The last entries, from which no findings had been drawn yet: those that should be there were not looked for. */
  readonly unfollowed: number;
  /** The first thing that does not fit. */
  readonly mismatch: Mismatch | null;
}

export interface WholeAuditOptions extends AuditOptions {
  /** Where the copy of the last checkpoint is kept. */
  readonly dataDir: string;
  /** Leave the projections out. They follow from the whole log, so an audit of new entries alone does too. */
  readonly logOnly: boolean;
  /** What the log was when it was audited before: its first entries must still have that root. */
  readonly earlier?: { readonly size: number; readonly root: Hash };
  /** Of witnesses whose cosignatures are verified. */
  readonly witnesses?: readonly NoteKey[];
  readonly rebuilding?: (done: number, total: number) => void;
}

/** Derives everything again. `owner` is of the owner of the tables. */
export async function auditEverything(owner: Database, options: WholeAuditOptions): Promise<WholeAudit> {
  const { size, entries, root, mismatch } = await auditLog(owner, options);
  let unfollowed = 0;
  const found = (mismatch: Mismatch | null, unverified = 0): WholeAudit => ({
    size,
    entries,
    root,
    unverified,
    unfollowed,
    mismatch,
  });
  if (mismatch !== null) return found(mismatch);
  const unguarded = await auditGuards(owner.sql);
  if (unguarded !== null) return found(unguarded);
  const changed = options.earlier && (await changedSince(owner, size, options.earlier));
  if (changed) return found(changed);
  if (!options.logOnly && (options.since ?? 0) === 0) {
    const projected = await rebuild(owner, {
      projections,
      followers: followerProjections,
      ...(options.rebuilding ? { progress: options.rebuilding } : {}),
    });
    unfollowed = projected.entries - projected.followed;
    if (projected.mismatch !== null) return found(projected.mismatch);
  }
  const signed = await auditSigned(owner, size, options.dataDir);
  if (signed !== null) return found(signed);
  const cosigned = await auditCosignatures(owner.sql, options.witnesses ?? []);
  return found(cosigned.mismatch, cosigned.unverified);
}

/** That the log does not begin with what was audited before, or null. */
async function changedSince(
  { sql }: Database,
  size: number,
  earlier: { readonly size: number; readonly root: Hash },
): Promise<Mismatch | null> {
  if (earlier.size > size)
    return mismatchOf('entries', null, {
      zh: `上次核对覆盖 ${earlier.size} 条，而账本只有 ${size} 条：有条目被删去`,
      en: `the last audit covered ${earlier.size}, but the log has ${size}: entries were taken away`,
    });
  const root = frontierRoot(await createTree(sql).frontier(earlier.size));
  return Buffer.compare(root, earlier.root) === 0
    ? null
    : mismatchOf('entries', null, {
        zh: `前 ${earlier.size} 条与上次核对时不同：它们的根为 ${base64url(root)}`,
        en: `the first ${earlier.size} are not those of the last audit: their root is ${base64url(root)}`,
      });
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
  const copy = await readSynced(join(dataDir, 'checkpoint'));
  return auditCheckpoints(sql, { origin, size, keys, copy });
}

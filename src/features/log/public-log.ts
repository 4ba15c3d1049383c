/**
 * What anybody may read of the log: entries, tiles and proofs, as far as a checkpoint covers them. Nothing here
 * touches the write path, and nothing says of whom or what a fact tells.
 */

import { formatEntry, originHash } from '../../core/entry.ts';
import type { FactKind } from '../../core/fact.ts';
import type { Hash } from '../../core/merkle.ts';
import { tileWidth } from '../../core/merkle.ts';
import { consistencyStretches, inclusionStretches } from '../../core/merkle-proof.ts';
import { coveredBy, type TileAddress } from '../../core/tile-path.ts';
import { Refusal } from '../../errors.ts';
import type { SignedCheckpoint } from '../../ledger/checkpoints.ts';
import type { FeatureDeps } from '../feature.ts';

export type LogDeps = Pick<FeatureDeps, 'lookups' | 'genesis' | 'tree' | 'checkpoints'>;

/** Kinds of facts that stand in public: what is needed to check the rest. */
const publicKinds: readonly FactKind[] = ['genesis', 'key'];

export interface StoredEntry {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly digest: Buffer;
  readonly prev: Buffer;
  readonly leaf: Buffer;
}

/** Entries `from` ≤ seq < `until`. One statement. */
async function entriesOf({ lookups, genesis }: LogDeps, from: number, until: number): Promise<StoredEntry[]> {
  const rows = await lookups.sql<Omit<StoredEntry, 'prev'>[]>`
    SELECT seq, at, digest, leaf FROM entries WHERE seq >= ${from - 1} AND seq < ${until} ORDER BY seq`;
  return rows.flatMap((row, i) => {
    if (row.seq < from) return [];
    const prev = row.seq === 0 ? originHash(genesis.origin) : rows[i - 1]?.leaf;
    if (prev === undefined) throw new Error(`the log lacks the entry before ${row.seq}`);
    return [{ ...row, prev }];
  });
}

/** The last checkpoint. Refuses with `not-published` while there is none that covers so many entries. */
export async function checkpointOver({ checkpoints }: LogDeps, size: number): Promise<SignedCheckpoint> {
  const latest = await checkpoints.latest();
  if (latest === null || latest.size < size)
    throw new Refusal(
      'not-published',
      `No checkpoint covers ${size} entries yet; one follows within two seconds of an entry.`,
    );
  return latest;
}

/** The bytes of a tile or bundle. Refuses `not-published`. */
export async function tileBytes(deps: LogDeps, address: TileAddress): Promise<Buffer> {
  await checkpointOver(deps, coveredBy(address));
  const { level, n, width } = address;
  if (level !== 'entries') return Buffer.concat(await deps.tree.hashes(level, n, width));
  const entries = await entriesOf(deps, n * tileWidth, n * tileWidth + width);
  return Buffer.concat(
    entries.flatMap((entry) => {
      const bytes = Buffer.from(formatEntry(entry));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}

export async function entryAt(deps: LogDeps, seq: number): Promise<StoredEntry> {
  await checkpointOver(deps, seq + 1);
  const [entry] = await entriesOf(deps, seq, seq + 1);
  if (entry === undefined) throw new Error(`the log lacks entry ${seq}`);
  return entry;
}

export interface Inclusion {
  readonly seq: number;
  readonly hashes: readonly Hash[];
}

/** Proofs that entries are in the tree of a checkpoint that covers them. */
export const inclusions = (
  { tree }: Pick<LogDeps, 'tree'>,
  seqs: readonly number[],
  size: number,
): Promise<Inclusion[]> =>
  Promise.all(seqs.map(async (seq) => ({ seq, hashes: await tree.roots(inclusionStretches(seq, size)) })));

export interface Consistency {
  readonly hashes: readonly Hash[];
  readonly fromRoot: Hash;
  readonly toRoot: Hash;
}

/** Proof that the tree of `to` entries begins with that of `from`. Refuses `not-published`. */
export async function consistencyOf(deps: LogDeps, from: number, to: number): Promise<Consistency> {
  if (from > to)
    throw new Refusal('invalid-request', 'Ask from the smaller size to the larger: `from` ≤ `to`.');
  await checkpointOver(deps, to);
  const [hashes, roots] = await Promise.all([
    deps.tree.roots(consistencyStretches(from, to)),
    deps.tree.roots([
      { from: 0, until: from },
      { from: 0, until: to },
    ]),
  ]);
  const [fromRoot, toRoot] = roots;
  if (fromRoot === undefined || toRoot === undefined) throw new Error('two roots were asked for');
  return { hashes, fromRoot, toRoot };
}

/** A fact that is public whoever asks, with the salt that opens its digest. Refuses `not-found` for any other. */
export async function publicFact(
  deps: LogDeps,
  seq: number,
): Promise<{ readonly payload: string; readonly salt: Buffer }> {
  await checkpointOver(deps, seq + 1);
  const [row] = await deps.lookups.sql<{ kind: FactKind; payload: string; salt: Buffer }[]>`
    SELECT kind, payload, salt FROM facts WHERE seq = ${seq}`;
  if (row === undefined || !publicKinds.includes(row.kind))
    throw new Refusal('not-found', `The fact of entry ${seq} is not public; its entry is.`);
  return row;
}

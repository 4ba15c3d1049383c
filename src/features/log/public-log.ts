/**
 * What anybody may read of the log: entries, tiles and proofs, as far as a checkpoint covers them. Nothing here
 * touches the write path, and nothing says of whom or what a fact tells.
 */

import { base64url, formatEntry, originHash } from '../../core/log/entry.ts';
import { publicKinds } from '../../core/log/fact.ts';
import type { Hash } from '../../core/log/merkle.ts';
import { tileWidth } from '../../core/log/merkle.ts';
import { consistencyStretches, inclusionStretches, type Stretch } from '../../core/log/merkle-proof.ts';
import { coveredBy, type TileAddress } from '../../core/log/tile-path.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import { Refusal } from '../../errors.ts';
import type { SignedCheckpoint } from '../../ledger/checkpoints.ts';
import type { Genesis } from '../../ledger/genesis.ts';
import type { FeatureDeps } from '../feature.ts';

/** Where the log is read from. */
export type LogSource = Pick<FeatureDeps, 'lookups' | 'tree'> & { readonly genesis: Pick<Genesis, 'origin'> };
export type LogDeps = LogSource & Pick<FeatureDeps, 'checkpoints'>;

export interface StoredEntry {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly digest: Buffer;
  readonly prev: Buffer;
  readonly leaf: Buffer;
}

/** Entries `from` ≤ seq < `until`. One statement. */
async function entriesOf(
  { lookups, genesis }: LogSource,
  from: number,
  until: number,
): Promise<StoredEntry[]> {
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
export async function checkpointOver(
  { checkpoints }: Pick<LogDeps, 'checkpoints'>,
  size: number,
): Promise<SignedCheckpoint> {
  const latest = await checkpoints.latest();
  if (latest === null || latest.size < size)
    throw new Refusal(
      'not-published',
      `No checkpoint covers ${size} entries yet; one follows within two seconds of an entry.`,
    );
  return latest;
}

/** How long to wait for a checkpoint over what was recorded a moment ago, ms: one follows within two seconds. */
export const coveringMs = 4_000;

/** The last checkpoint, once it covers an entry. Refuses `not-published`. */
export async function checkpointSoonOver(
  { checkpoints }: Pick<LogDeps, 'checkpoints'>,
  seq: number,
): Promise<SignedCheckpoint> {
  const found = await checkpoints.covering(seq, coveringMs);
  if (found !== null) return found;
  throw new Refusal('not-published', `No checkpoint covers entry ${seq} yet; ask again in a few seconds.`);
}

/** The bytes of a tile or bundle. Refuses `not-published`. */
export async function tileBytes(deps: LogDeps, address: TileAddress): Promise<Buffer> {
  await checkpointOver(deps, coveredBy(address));
  return readTile(deps, address);
}

/** The same of a tree that is known to be so large. */
export async function readTile(source: LogSource, { level, n, width }: TileAddress): Promise<Buffer> {
  if (level !== 'entries') return Buffer.concat(await source.tree.hashes(level, n, width));
  const entries = await entriesOf(source, n * tileWidth, n * tileWidth + width);
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

/** Proofs that entries are in the tree of a checkpoint that covers them. What several need is looked up once. */
export async function inclusions(
  { tree }: Pick<LogDeps, 'tree'>,
  seqs: readonly number[],
  size: number,
): Promise<Inclusion[]> {
  const wanted = new Map<string, Stretch>();
  const paths = seqs.map((seq) => ({
    seq,
    names: inclusionStretches(seq, size).map((stretch) => {
      const name = `${stretch.from}-${stretch.until}`;
      wanted.set(name, stretch);
      return name;
    }),
  }));
  const roots = await tree.roots([...wanted.values()]);
  const rootOf = new Map([...wanted.keys()].map((name, i) => [name, roots[i]]));
  return paths.map(({ seq, names }) => ({
    seq,
    hashes: names.map((name) => {
      const root = rootOf.get(name);
      if (root === undefined) throw new Error(`the root of ${name} was asked for`);
      return root;
    }),
  }));
}

/** What shows that entries are published, as JSON. */
export interface Published {
  readonly size: number;
  readonly root: string;
  readonly checkpoint: string;
  readonly proofs: readonly { readonly seq: number; readonly hashes: readonly string[] }[];
}

/** Proofs for the entries `first` to `last` under a checkpoint, once there is one; null when that takes longer. */
export async function publishedProofs(
  deps: Pick<LogDeps, 'tree' | 'checkpoints'>,
  first: number,
  last: number,
  timeoutMs: number,
): Promise<Published | null> {
  const checkpoint = await deps.checkpoints.covering(last, timeoutMs);
  if (checkpoint === null) return null;
  const { size, root, note } = checkpoint;
  const seqs = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const proofs = await inclusions(deps, seqs, size);
  return {
    size,
    root: base64url(root),
    checkpoint: note,
    proofs: proofs.map(({ seq, hashes }) => ({ seq, hashes: hashes.map(base64url) })),
  };
}

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
export async function publicFact(deps: LogDeps, seq: number): Promise<PublicFact> {
  await checkpointOver(deps, seq + 1);
  const [fact] = await publicFacts(deps, seq, seq + 1);
  if (fact === undefined)
    throw new Refusal('not-found', `The fact of entry ${seq} is not public; its entry is.`);
  return fact;
}

export interface PublicFact {
  readonly seq: number;
  /** Canonical JSON. */
  readonly payload: string;
  readonly salt: Buffer;
}

/** The public facts among the entries `from` ≤ seq < `until`. */
export const publicFacts = ({ lookups }: LogSource, from: number, until: number): Promise<PublicFact[]> =>
  lookups.sql<PublicFact[]>`
    SELECT seq, payload, salt FROM facts
    WHERE seq >= ${from} AND seq < ${until} AND kind = ANY (${arrayLiteral(publicKinds)}::text[]) ORDER BY seq`;

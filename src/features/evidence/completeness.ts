/**
 * Proofs that the chains in a file are whole, and that nothing names what has no chain, under the last entry `heads`.
 *
 * Who may have them: a proof tells how many entries name a thing and what link they come to. Of what the evidence is
 * about, its chain tells the same. Of a container it is told to whom no entry of it is hidden, and only when the chain
 * told does not end before.
 */

import type { ToldHeads } from '../../core/evidence/evidence.ts';
import { base64url } from '../../core/log/entry.ts';
import { checkHeadProof, formatHeadProof, type Head, headBlind, headKey } from '../../core/log/heads.ts';
import { leadsTo, proofOf } from '../../core/log/heads-tree.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { type KeptHeads, readHeads } from '../../ledger/heads-map.ts';
import { type ChainRow, linksMax } from './queries.ts';
import type { WantedChain } from './subjects.ts';

/** The last entry `heads` with the ways to things; null before the first. */
export const headsOver = (sql: Sql, epcs: readonly string[]): Promise<KeptHeads | null> =>
  readHeads(sql, epcs.map(headKey));

/** A chain with all of its links, or the first `linksMax`. */
export interface ReadChain extends WantedChain {
  readonly rows: readonly ChainRow[];
}

/**
 * The proofs of a file. `chains` were read after `heads`; `salts` are those of the entries in them; nothing names
 * `absent`. Refuses `not-published` when something does since.
 */
export function proveWhole(
  heads: KeptHeads,
  chains: readonly ReadChain[],
  salts: ReadonlyMap<number, Uint8Array>,
  absent: readonly string[],
): ToldHeads {
  const ends = [
    ...absent.map((epc) => ({ epc, end: null })),
    ...chains.flatMap((chain) => {
      const below = chain.rows.filter(({ seq }) => seq < heads.size);
      const last = below.at(-1);
      const isCut = chain.rows.length === linksMax || (last !== undefined && last.seq > chain.until);
      return !chain.isOpen || isCut ? [] : [{ epc: chain.epc, end: endOf(chain.epc, below, salts) }];
    }),
  ];
  return {
    proofs: ends
      .sort((a, b) => (a.epc < b.epc ? -1 : 1))
      .map(({ epc, end }) => ({ epc, proof: base64url(prove(heads, epc, end)) })),
    seq: heads.seq,
  };
}

interface End {
  readonly head: Head;
  readonly blind: Uint8Array;
}

function endOf(epc: string, rows: readonly ChainRow[], salts: ReadonlyMap<number, Uint8Array>): End | null {
  const last = rows.at(-1);
  if (last === undefined) return null;
  const salt = salts.get(last.seq);
  if (salt === undefined) throw new Error(`the fact of entry ${last.seq} was not read`);
  return { head: { count: rows.length, link: last.link }, blind: headBlind(epc, salt) };
}

function prove(heads: KeptHeads, epc: string, end: End | null): Buffer {
  const key = headKey(epc);
  const path = heads.pathTo(key);
  if (end === null && leadsTo(path, key))
    throw new Refusal('not-published', `${epc} came to be named a moment ago; ask again.`);
  const proof = formatHeadProof(proofOf(path, end));
  // Whoever checks it would say the same: better that we hear of it first.
  if (!checkHeadProof(epc, proof, heads.root).ok)
    throw new Error(`the map of heads gives no proof about ${epc}; run suyuan audit`);
  return proof;
}

/**
 * Completeness in a file of evidence: what an entry of kind `heads` proves of its chains (evidence.ts, heads.ts).
 *
 * Example: entry 11 tells the root of the map over the first 10 entries, and a proof under it says that two entries name
 * `01/…/21/A` and come to link₂. A chain of the entries 5, 9 and 12 is then whole up to there: 5 and 9 are the two, and
 * link₂ is what they come to; of 12, which lies beyond, nothing is shown but that it names the thing.
 */
import { base64url } from '../log/entry.ts';
import { checkHeadProof, type Head } from '../log/heads.ts';
import { firstLink, nextLink } from '../log/unit-chain.ts';
import { bytesOf, type Evidence, type ToldChain } from './evidence.ts';
import type { CheckedEntry } from './evidence-fact.ts';
import { type Flaw, flaw } from './evidence-flaws.ts';

/** What is known to be all. */
export interface Completeness {
  /** The entry of kind `heads`. */
  readonly seq: number;
  /** It speaks of so many entries of the log, from the first on: others may stand between the last of them and itself. */
  readonly size: number;
  /** What was recorded before is among these: the time of the last entry of the file that no other can stand before. */
  readonly until: string;
  /** How many of them name a thing; 0 for what none names. Things without a proof are absent. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Checks the proofs of a file against its chains; null where none is given. */
export function checkHeads(
  { heads, chains }: Evidence,
  entries: readonly CheckedEntry[],
  operator: string | null,
  flaws: Flaw[],
): Completeness | null {
  if (heads === undefined) return null;
  const entry = entries.find(({ seq }) => seq === heads.seq);
  const said = entry === undefined ? null : saidBy(entry, operator);
  if (entry === undefined || said === null) {
    flaws.push(flaw('bad-heads', { at: '/heads', seq: heads.seq }));
    return null;
  }
  const leafOf = new Map(entries.map(({ seq, leaf }) => [seq, leaf]));
  const chainOf = new Map(chains.map((chain) => [chain.epc, chain]));
  const counts = new Map<string, number>();
  for (const [i, { epc, proof }] of heads.proofs.entries()) {
    const at = `/heads/proofs/${i}`;
    const bytes = bytesOf(proof);
    const checked = bytes === null ? null : checkHeadProof(epc, bytes, said.root);
    if (!checked?.ok) flaws.push(flaw('bad-heads', { at }));
    else if (isWhole(chainOf.get(epc) ?? null, checked.value, said.size, leafOf))
      counts.set(epc, checked.value?.count ?? 0);
    else flaws.push(flaw('chain-incomplete', { at }));
  }
  const until = entries.findLast(({ seq }) => seq <= said.size)?.at ?? entry.at;
  return { seq: entry.seq, size: said.size, until, counts };
}

/** Size and root that an entry tells; null when it is no entry `heads` of the operator that this can read. */
function saidBy(
  { seq, fact }: CheckedEntry,
  operator: string | null,
): { readonly size: number; readonly root: Buffer } | null {
  const { kind, by, version, size, root } = fact?.members ?? {};
  const bytes = typeof root === 'string' ? bytesOf(root) : null;
  const isHeads = kind === 'heads' && by === operator && version === 1;
  if (!isHeads || typeof size !== 'number' || !isCount(size) || size > seq || bytes?.length !== 32)
    return null;
  return { size, root: bytes };
}

/** Whether the entries of a chain below a size are those that the map has there: as many, coming to its link. */
function isWhole(
  chain: ToldChain | null,
  head: Head | null,
  size: number,
  leafOf: ReadonlyMap<number, Uint8Array>,
): boolean {
  const told = chain?.seqs.filter((seq) => seq < size) ?? [];
  if (chain === null || head === null) return told.length === 0 && head === null;
  const link = told.reduce(
    (before, seq) => nextLink(before, leafOf.get(seq) ?? Buffer.alloc(32)),
    firstLink(chain.epc),
  );
  return told.length === head.count && base64url(link) === base64url(head.link);
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

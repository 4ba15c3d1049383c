/**
 * What links parties, each link with the entries that say so. Two kinds come from what happened to goods, the others from
 * what is registered.
 */

import type { PartyId } from '../../../core/events/hop.ts';
import type { Step } from '../../../core/life/history.ts';
import { isOfficial } from '../../../core/life/standing.ts';
import { storyOf } from '../../../core/tracing/gaps.ts';
import type { Certificate } from '../../certificates/queries.ts';
import type { Sharer } from '../../parties/contacts.ts';
import type { Names } from '../../tracing/names.ts';
import type { Addressed } from './addresses.ts';
import type { Movement } from './movements.ts';
import type { LinkKind } from './schemas.ts';

export interface Link {
  readonly kind: LinkKind;
  readonly from: PartyId;
  readonly to: PartyId;
  units: number;
  /** Parties that share what links them, the fewest of several. */
  sharers: number;
  readonly seqs: Set<number>;
}

/** Links by kind and ends; what several say is one. */
export class Links {
  readonly #links = new Map<string, Link>();

  add(
    kind: LinkKind,
    from: PartyId,
    to: PartyId,
    seqs: Iterable<number>,
    { units = 0, sharers = 2 }: { readonly units?: number; readonly sharers?: number } = {},
  ): void {
    if (from === to) return;
    const key = `${kind}/${from}/${to}`;
    const link = this.#links.get(key) ?? { kind, from, to, units: 0, sharers, seqs: new Set() };
    link.units += units;
    link.sharers = Math.min(link.sharers, sharers);
    for (const seq of seqs) link.seqs.add(seq);
    this.#links.set(key, link);
  }

  all(): Link[] {
    return [...this.#links.values()];
  }
}

/** What the history of some units says: who handed them to whom, and who did something at whose place. */
export function linkByGoods(
  links: Links,
  history: readonly Step[],
  units: number,
  names: Names,
  isStub: (party: PartyId, recordedAt: number) => boolean,
): void {
  for (const { from, to, seqs } of storyOf(history, false, isStub).handOvers)
    if (from !== null && to !== null) links.add('goods', from, to, seqs, { units });
  for (const { hop } of history) {
    const owner = hop.place === null || isOfficial(hop.as) ? null : names.ownerOf(hop.place);
    if (owner !== null) links.add('place', hop.recorder, owner, [hop.seq], { units });
  }
}

/** What certificates name together: the holder with the owners of the factories and of the GTINs. */
export function linkByCertificates(
  links: Links,
  certificates: Iterable<Certificate>,
  names: Names,
  ownerOf: (gtin: string) => PartyId | null,
): void {
  for (const versions of certificates)
    for (const { seq, fact } of versions) {
      const named = [...fact.factories.map((place) => names.ownerOf(place)), ...fact.gtins.map(ownerOf)];
      for (const other of named) if (other !== null) links.add('certificate', fact.holder, other, [seq]);
    }
}

/** Parties at one address, their own or that of a place of theirs. */
export function linkByAddress(links: Links, addresses: readonly Addressed[]): void {
  const at = new Map<string, Map<PartyId, number>>();
  for (const { seq, fact, key } of addresses) {
    const party = fact.kind === 'party' ? fact.id : fact.party;
    const here = at.get(key) ?? new Map<PartyId, number>();
    if (!here.has(party)) here.set(party, seq);
    at.set(key, here);
  }
  for (const here of at.values()) {
    const list = [...here].sort(([one], [other]) => (one < other ? -1 : 1));
    // Each with the next: a market of a thousand stalls is a chain, not half a million links.
    for (const [i, [party, seq]] of list.entries()) {
      const next = list[i + 1];
      if (next !== undefined) links.add('address', party, next[0], [seq, next[1]]);
    }
  }
}

/** Parties that share a contact, each with each: they are few (contacts.ts). */
export function linkByContacts(links: Links, shared: readonly (readonly Sharer[])[]): void {
  for (const list of shared)
    for (const [i, { kind, party, seq }] of list.entries())
      for (const other of list.slice(i + 1))
        links.add(kind, party, other.party, [seq, other.seq], { sharers: list.length });
}

/** What parties said of who handed goods to whom: each pair with its newest entries, the side that told of more units. */
export function linkByMovements(links: Links, movements: readonly Movement[]): void {
  const pairs = new Map<string, { readonly of: Movement; gave: number; took: number; seqs: number[] }>();
  for (const movement of movements) {
    const { from, to, gives, units, seqs } = movement;
    const pair = pairs.get(`${from}/${to}`) ?? { of: movement, gave: 0, took: 0, seqs: [] };
    pairs.set(`${from}/${to}`, pair);
    if (gives) pair.gave += units;
    else pair.took += units;
    pair.seqs.push(...seqs);
  }
  for (const { of, gave, took, seqs } of pairs.values())
    links.add('goods', of.from, of.to, seqs, { units: Math.max(gave, took) });
}

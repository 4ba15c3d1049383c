/**
 * What links parties, each link with the entries that say so. Two kinds come from what happened to goods, two from what is
 * registered. Contacts are personal data and link nobody.
 */

import type { PartyId } from '../../../core/events/hop.ts';
import type { Step } from '../../../core/life/history.ts';
import { isOfficial } from '../../../core/life/standing.ts';
import { storyOf } from '../../../core/tracing/gaps.ts';
import { mayReadParty, mayReadPlace, type Reader } from '../../access/reading.ts';
import type { Certificate } from '../../certificates/queries.ts';
import type { Party } from '../../parties/queries.ts';
import type { Place } from '../../places/queries.ts';
import type { Names } from '../../tracing/names.ts';
import type { LinkKind } from './schemas.ts';

export interface Link {
  readonly kind: LinkKind;
  readonly from: PartyId;
  readonly to: PartyId;
  units: number;
  readonly seqs: Set<number>;
}

/** Links by kind and ends; what several say is one. */
export class Links {
  readonly #links = new Map<string, Link>();

  add(kind: LinkKind, from: PartyId, to: PartyId, seqs: Iterable<number>, units = 0): void {
    if (from === to) return;
    const key = `${kind}/${from}/${to}`;
    const link = this.#links.get(key) ?? { kind, from, to, units: 0, seqs: new Set() };
    link.units += units;
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
    if (from !== null && to !== null) links.add('goods', from, to, seqs, units);
  for (const { hop } of history) {
    const owner = hop.place === null || isOfficial(hop.as) ? null : names.ownerOf(hop.place);
    if (owner !== null) links.add('place', hop.recorder, owner, [hop.seq], units);
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

/** Parties at one address, their own or that of a place of theirs, as far as the reader may read it. */
export function linkByAddress(
  links: Links,
  reader: Reader,
  parties: Iterable<Party>,
  places: Iterable<Place>,
): void {
  const at = new Map<string, Map<PartyId, number>>();
  const note = (
    party: PartyId,
    region: string | undefined,
    address: string | undefined,
    seq: number,
  ): void => {
    const key = address === undefined ? '' : plain(address);
    if (key === '') return;
    const here = at.get(`${region?.slice(0, 4)}/${key}`) ?? new Map<PartyId, number>();
    if (!here.has(party)) here.set(party, seq);
    at.set(`${region?.slice(0, 4)}/${key}`, here);
  };
  for (const { seq, fact } of parties)
    if (mayReadParty(reader, fact)) note(fact.id, fact.region, fact.address, seq);
  for (const { seq, fact } of places)
    if (mayReadPlace(reader, fact)) note(fact.party, fact.region, fact.address, seq);
  for (const here of at.values()) {
    const list = [...here];
    // Each with the next: a market of a thousand stalls is a chain, not half a million links.
    for (const [i, [party, seq]] of list.entries()) {
      const next = list[i + 1];
      if (next !== undefined) links.add('address', party, next[0], [seq, next[1]]);
    }
  }
}

/** An address without what spellings differ in: width, case, spaces and punctuation. */
const plain = (address: string): string =>
  address
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\p{P}\p{S}\s]/gu, '');

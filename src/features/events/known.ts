/**
 * Names looked up: parties, places, owners of GTINs. Who is called what never changes once recorded (an id, a GLN,
 * a credit code, a GTIN has one owner for ever; places stay), so what was found is kept in memory and never goes
 * stale. What was not found is asked again each time.
 */
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import type { Sql } from '../../database/connection.ts';
import { type Fault, fault, type Result } from '../../errors.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { type PartyReference, type ResolvedParties, resolveParties } from '../parties/references.ts';
import { placesById } from '../places/queries.ts';
import { parsePlace } from '../places/references.ts';
import type { Policies } from '../policies/policies.ts';

/** Names kept of each kind, before all are forgotten. */
const keptMax = 100_000;

export interface Known {
  /** Parties by `referenceKey`; new ones come with the facts that will bring them into being. */
  parties(references: readonly PartyReference[], by: PartyId): Promise<FoundParties>;
  /** Places by the text that names them. A GLN of anybody's is a place; an id of ours must be one we gave. */
  places(texts: readonly string[]): Promise<ReadonlyMap<string, Result<PlaceId>>>;
  /** Vetted owners of GTINs; those without are absent. */
  owners(gtins: readonly string[]): Promise<ReadonlyMap<string, PartyId>>;
}

export interface FoundParties {
  readonly found: ReadonlyMap<string, Result<PartyId>>;
  readonly drafts: ResolvedParties['drafts'];
}

export const referenceKey = (reference: PartyReference): string =>
  typeof reference === 'string' ? reference : JSON.stringify(reference);

export function createKnown(sql: Sql, policies: Policies): Known {
  const parties = new Map<string, Result<PartyId>>();
  const places = new Map<string, Result<PlaceId>>();
  const owners = new Map<string, PartyId>();

  return {
    async parties(references, by) {
      const found = new Map<string, Result<PartyId>>();
      const wanted = new Map<string, PartyReference>();
      for (const reference of references) {
        const key = referenceKey(reference);
        const known = parties.get(key);
        if (known) found.set(key, known);
        else wanted.set(key, reference);
      }
      if (wanted.size === 0) return { found, drafts: [] };
      const keys = [...wanted.keys()];
      const resolved = await resolveParties(sql, policies, [...wanted.values()], by);
      const faults = new Map(resolved.faults.map((it) => [it.index, it]));
      for (const [i, key] of keys.entries()) {
        const party = resolved.parties[i] ?? null;
        const result = party === null ? failed(faults.get(i)) : { ok: true as const, value: party };
        found.set(key, result);
        // A stub is named by somebody in particular, and may only now come into being.
        if (result.ok && typeof wanted.get(key) === 'string') keep(parties, key, result);
      }
      return { found, drafts: resolved.drafts };
    },

    async places(texts) {
      const found = new Map<string, Result<PlaceId>>();
      const wanted = new Map<string, PlaceId>();
      for (const text of texts) {
        const known = places.get(text);
        const read = known ?? parsePlace(text);
        if (known === undefined && read.ok && read.value.startsWith('place/')) wanted.set(text, read.value);
        else found.set(text, read);
        if (known === undefined && read.ok && !wanted.has(text)) keep(places, text, read);
      }
      if (wanted.size === 0) return found;
      const known = await placesById(sql, [...wanted.values()]);
      for (const [text, id] of wanted) {
        const result: Result<PlaceId> = known.has(id)
          ? { ok: true, value: id }
          : fault('unknown-place', `There is no place ${id}; register it first, or name it by its GLN.`);
        found.set(text, result);
        if (result.ok) keep(places, text, result);
      }
      return found;
    },

    async owners(gtins) {
      const found = new Map<string, PartyId>();
      const wanted: string[] = [];
      for (const gtin of new Set(gtins)) {
        const owner = owners.get(gtin);
        if (owner === undefined) wanted.push(gtin);
        else found.set(gtin, owner);
      }
      if (wanted.length === 0) return found;
      const asked = await ownersOf(sql, wanted.map(gtinKey));
      for (const gtin of wanted) {
        const owner = asked.get(gtinKey(gtin));
        if (owner === undefined) continue;
        found.set(gtin, owner);
        keep(owners, gtin, owner);
      }
      return found;
    },
  };
}

function keep<T>(kept: Map<string, T>, key: string, value: T): void {
  if (kept.size >= keptMax) kept.clear();
  kept.set(key, value);
}

const failed = (found: Fault | undefined): Result<PartyId> => {
  if (found === undefined) throw new Error('a party was neither found nor refused');
  return fault(found.code, found.detail);
};

/**
 * Findings that are told once for many things: that a party tells of a product that nobody registered (`unregistered-product`)
 * is found of one of its things, as long as it is found of that, and not of all others of the product that the party ever
 * tells of. Of a party no more than so many products are named: whoever tells of more keeps its goods elsewhere, or floods us.
 *
 * A function of the log alone: things are looked at in the order of entries, and which one speaks follows from that.
 */
import type { PartyId } from '../../core/events/hop.ts';
import type { Found, RuleName } from '../../core/rules/catalogue.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Findings } from './found.ts';

const rule: RuleName = 'unregistered-product';

/** Products of a party that stand found at a time. */
const productsMax = 100;

export interface Spokesmen {
  /** What is found of a thing, without what another thing speaks for. `recorderOf` of entries that tell of the thing. */
  admit(
    thing: { readonly unit: number; readonly gtin: string },
    found: Findings,
    recorderOf: (seq: number) => PartyId | undefined,
  ): Findings;
}

/** As written findings have it, of what these parties tell. One statement, or none. */
export async function spokesmen(sql: Sql, parties: ReadonlySet<PartyId>): Promise<Spokesmen> {
  /** By party and product the thing of which it is found. */
  const speaking = new Map<PartyId, Map<string, number>>();
  const speakers = new Set<number>();
  for (const { party, gtin, unit } of await standing(sql, parties)) speak(party, gtin, unit);

  function speak(party: PartyId, gtin: string, unit: number): void {
    const products = speaking.get(party) ?? new Map<string, number>();
    speaking.set(party, products.set(gtin, unit));
    speakers.add(unit);
  }

  /** Whether a thing may speak of its product for a party. */
  function isSpeaking(party: PartyId, gtin: string, unit: number): boolean {
    const products = speaking.get(party);
    const speaker = products?.get(gtin);
    if (speaker === undefined && (products?.size ?? 0) < productsMax) {
      speak(party, gtin, unit);
      return true;
    }
    return speaker === unit;
  }

  return {
    admit({ unit, gtin }, found, recorderOf) {
      const isNamed = ({ rule: name }: Found): boolean => name === rule;
      if (!speakers.has(unit) && ![...found.values()].some(isNamed)) return found;
      const still = new Set<PartyId>();
      const admitted = [...found].filter(([, it]) => {
        if (!isNamed(it)) return true;
        const party = recorderOf(it.seqs[1]);
        if (party === undefined || !isSpeaking(party, gtin, unit)) return false;
        still.add(party);
        return true;
      });
      for (const [party, products] of speaking)
        if (products.get(gtin) === unit && !still.has(party)) products.delete(gtin);
      return new Map(admitted);
    },
  };
}

interface Speaker {
  readonly party: PartyId;
  readonly gtin: string;
  readonly unit: number;
}

async function standing(sql: Sql, parties: ReadonlySet<PartyId>): Promise<readonly Speaker[]> {
  if (parties.size === 0) return [];
  return sql<Speaker[]>`
    SELECT c.party, c.gtin, f.unit FROM cases c JOIN findings f ON f.case_id = c.id
    WHERE c.rule = ${rule} AND c.party = ANY (${arrayLiteral([...parties])}::text[]) AND NOT EXISTS (
      SELECT FROM finding_closings x
      WHERE (x.unit, x.rule, x.opened, x.one, x.other) = (f.unit, f.rule, f.opened, f.one, f.other))`;
}

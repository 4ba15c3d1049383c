/**
 * What a party may never record, and so is refused: a hop that its role never records, and making things under a
 * GTIN that it neither owns nor has from its owner. Who holds the goods is never asked here: claims are kept.
 */
import type { HopType, PartyId, PlaceId, Role } from '../../core/events/hop.ts';
import { roles as roleOrder } from '../../core/events/hop.ts';
import { mayRecord, recorders } from '../../core/events/hop-rules.ts';
import type { ResolvedHop } from '../../core/events/resolved-hop.ts';
import { fault, ok, type Result } from '../../errors.ts';
import type { Faults } from './faults.ts';
import type { Delegation } from './masters.ts';

/**
 * The role in which a party records a hop: the one it names, else of its roles the first, in the order of
 * `roles` in core/events/hop.ts, that may record such a hop. Fault: `hop-not-allowed`.
 */
export function actingRole(own: readonly Role[], hop: HopType, named: Role | undefined): Result<Role> {
  if (named !== undefined && !own.includes(named))
    return fault(
      'hop-not-allowed',
      `Your client does not act as ${named}; leave \`as\` out, or name a role of its own.`,
    );
  const role = named ?? roleOrder.find((it) => own.includes(it) && mayRecord(it, hop));
  return role !== undefined && mayRecord(role, hop)
    ? ok(role)
    : fault('hop-not-allowed', `A ${hop} is recorded by one who acts as ${recorders[hop].join(', ')}.`);
}

/** A thing that a hop brings into being under a GTIN. */
export interface Making {
  readonly gtin: string;
  readonly pointer: string;
}

/** GTINs under which a hop makes things. */
export function makingsOf(hop: ResolvedHop, at: string): Making[] {
  switch (hop.hop) {
    case 'produce':
      return [
        ...hop.epcs.map((epc, i) => making(epc, `${at}/epcs/${i}`)),
        ...hop.lots.map(({ lot }, i) => making(lot, `${at}/lots/${i}/lot`)),
      ];
    case 'transform':
      return [
        ...hop.outputs.epcs.map((epc, i) => making(epc, `${at}/outputs/epcs/${i}`)),
        ...hop.outputs.lots.map(({ lot }, i) => making(lot, `${at}/outputs/lots/${i}/lot`)),
      ];
    case 'relabel':
      return hop.pairs.map((pair, i) => making(pair.new, `${at}/pairs/${i}/new`));
    case 'correct':
      return hop.replacement === null ? [] : makingsOf(hop.replacement, `${at}/replacement`);
    default:
      return [];
  }
}

/** GTIN of a unit, lot or piece; a container has none and is anybody's to make. */
export const making = (epc: string, pointer: string): Making => ({
  gtin: /^(?:01|8006)\/(\d{14})/.exec(epc)?.[1] ?? '',
  pointer,
});

export interface Grounds {
  readonly caller: PartyId;
  readonly owners: ReadonlyMap<string, PartyId>;
  /** Those in force that name the caller as agent. */
  readonly delegations: readonly Delegation[];
}

/** What of a hop, however it was told, permission depends on. */
export interface Act {
  readonly hop: HopType;
  /** Id of the delegation that it names. */
  readonly delegation: string | null;
  readonly time: { readonly from: number; readonly until: number };
  readonly place: PlaceId | null;
}

/**
 * Notes what of a hop the caller may not do, and answers with the delegation that it rests on, if any: the one
 * named, or the first that covers the makings. Faults: `unknown-delegation`, `gtin-not-owned`, `hop-not-allowed`.
 */
export function permit(
  hop: Act,
  at: string,
  makings: readonly Making[],
  { caller, owners, delegations }: Grounds,
  faults: Faults,
): string | null {
  const act = hop.hop;
  const named = hop.delegation === null ? null : delegations.find(({ id }) => id === hop.delegation);
  if (named === undefined) {
    faults.add(`${at}/delegation`, {
      code: 'unknown-delegation',
      detail: 'No delegation of this id is given to you and in force; look it up, or leave it out.',
    });
    return null;
  }
  if (named !== null && !covers(named, hop, act)) {
    faults.add(`${at}/delegation`, {
      code: 'hop-not-allowed',
      detail: `This delegation does not cover a ${act} at that place and time; ask who gave it to widen it.`,
    });
    return null;
  }
  const foreign = makings.filter(({ gtin }) => gtin !== '' && owners.get(gtin) !== caller);
  if (foreign.length === 0) return hop.delegation;
  const usable = named === null ? delegations.filter((it) => covers(it, hop, act)) : [named];
  const allows = (it: Delegation, gtin: string): boolean =>
    it.from === owners.get(gtin) && (it.gtins.length === 0 || it.gtins.includes(gtin));
  const one = usable.find((it) => foreign.every(({ gtin }) => allows(it, gtin)));
  if (one) return one.id;
  const barred = foreign.filter(({ gtin }) => !usable.some((it) => allows(it, gtin)));
  for (const { gtin, pointer } of barred) {
    faults.add(pointer, {
      code: 'gtin-not-owned',
      detail: `GTIN ${gtin} is not yours, and its owner has not delegated this to you; ask the operator or the owner.`,
    });
  }
  if (barred.length === 0) {
    faults.add(at, {
      code: 'gtin-not-owned',
      detail: 'No single delegation covers all GTINs of this hop; record one hop for each owner.',
    });
  }
  return null;
}

/** The act that a resolved hop is: of a correction, what is to stand instead. */
export const actOf = (hop: ResolvedHop): Act =>
  hop.hop === 'correct' && hop.replacement !== null ? { ...hop, hop: hop.replacement.hop } : hop;

function covers(it: Delegation, hop: Act, act: HopType): boolean {
  const within = it.validFrom <= hop.time.from && hop.time.until <= it.validUntil;
  return within && it.acts.has(act) && isAt(it, hop.place);
}

const isAt = ({ places }: Delegation, place: PlaceId | null): boolean =>
  places.size === 0 || (place !== null && places.has(place));

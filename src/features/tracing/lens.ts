/**
 * What a reader sees of a lot's flow. Whoever may not know a party never gets a number that could only be formed by
 * knowing it: strangers are merged before anything is summed.
 *
 *   everything  a regulator whose jurisdiction any station touches, or under a mandate for the lot or its product; one for a
 *               party or a unit opens no numbers, which tell of others, too
 *   maker       all numbers; parties it dealt with itself by name, others merged by level and province
 *   partner     of the units it had: its own moves, and those of who gave them to it and whom it gave them to, with
 *               everybody else as one stranger
 *
 * Example: A makes, B and C (both 浙江省) get units from A, D (江苏省) from B. A sees A → B, A → C, and B → "a party of
 * level 2 in 江苏省". C sees A → C alone.
 */

import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import type { Move } from '../../core/life/lifecycle.ts';
import type { LifecycleState } from '../../core/life/lifecycle-state.ts';
import type { Cohort } from '../../core/tracing/flow.ts';

export type Lens =
  | { readonly kind: 'everything' }
  | { readonly kind: 'maker'; readonly party: PartyId }
  | { readonly kind: 'partner'; readonly party: PartyId };

/** Merges strangers of one level and region; never an id, for ids have no colon. */
export const strangerOf = (level: number | null, region: string | null): PartyId =>
  `stranger:${level ?? ''}:${region ?? ''}` as PartyId;

/** The region of merged strangers; null for a party that has a name. */
export function strangerRegion(party: PartyId): { readonly region: string | null } | null {
  const [word, , region = ''] = party.split(':');
  return word === 'stranger' ? { region: region === '' ? null : region } : null;
}

export interface Places {
  levelOf(party: PartyId): number | null;
  /** Code of the province of a place, or else of the party. */
  provinceAt(place: PlaceId | null, party: PartyId | null): string | null;
}

interface Acquaintances {
  readonly party: PartyId;
  readonly known: ReadonlySet<PartyId>;
}

/** The cohorts as the reader may know them; those it may know nothing of are left out. */
export function through(lens: Lens, cohorts: readonly Cohort[], places: Places): readonly Cohort[] {
  switch (lens.kind) {
    case 'everything':
      return cohorts;
    case 'maker': {
      const known = acquaintances(
        lens.party,
        cohorts.flatMap(({ life }) => life.moves),
      );
      const stranger = (party: PartyId, place: PlaceId | null) =>
        strangerOf(places.levelOf(party), places.provinceAt(place, party));
      return cohorts.map((cohort) => masked(cohort, { party: lens.party, known }, stranger));
    }
    case 'partner':
      return cohorts.flatMap((cohort) => {
        const { state, moves } = cohort.life;
        const known = acquaintances(lens.party, moves);
        const near = moves.filter(({ from, to }) => isOf(known, from) || isOf(known, to));
        if (near.length === 0 && state.holder !== lens.party) return [];
        const life = { state: isOf(known, state.holder) ? state : outOfSight(state), moves: near };
        return [masked({ ...cohort, life }, { party: lens.party, known }, () => strangerOf(null, null))];
      });
  }
}

const isOf = (known: ReadonlySet<PartyId>, party: PartyId | null): boolean =>
  party !== null && known.has(party);

/** A party itself and those it exchanged things with. */
function acquaintances(party: PartyId, moves: readonly Move[]): Set<PartyId> {
  const known = new Set([party]);
  for (const { from, to } of moves) {
    if (from === party && to !== null) known.add(to);
    if (to === party && from !== null) known.add(from);
  }
  return known;
}

/** A state that the reader may know nothing of; `isOutOfSight` finds what is counted under it. */
const outOfSight = (state: LifecycleState): LifecycleState => ({
  ...state,
  stage: 'unknown',
  holder: strangerOf(null, null),
  place: null,
  open: null,
  blocks: [],
});

export const isOutOfSight = ({ stage, holder }: { stage: string; holder: PartyId | null }): boolean =>
  stage === 'unknown' && holder === strangerOf(null, null);

function masked(
  cohort: Cohort,
  { party: reader, known }: Acquaintances,
  stranger: (party: PartyId, place: PlaceId | null) => PartyId,
): Cohort {
  const { state, moves } = cohort.life;
  const name = (party: PartyId | null, place: PlaceId | null): PartyId | null =>
    party === null || known.has(party) ? party : stranger(party, place);
  // Where somebody keeps things is known to who took part in the move.
  const seen = (took: boolean, place: PlaceId | null): PlaceId | null => (took ? place : null);
  const { open } = state;
  const holds = state.holder === reader || open?.taker === reader;
  return {
    ...cohort,
    life: {
      state: {
        ...state,
        holder: name(state.holder, state.place),
        place: seen(holds, state.place),
        open: open === null ? null : { ...open, taker: name(open.taker, open.toPlace) },
      },
      moves: moves.map((move) => {
        const took = move.from === reader || move.to === reader;
        return {
          ...move,
          from: name(move.from, move.fromPlace),
          to: name(move.to, move.toPlace),
          fromPlace: seen(took, move.fromPlace),
          toPlace: seen(took, move.toPlace),
        };
      }),
    },
  };
}

/** Lives of things as they are told to somebody: nothing stands here that the reader may not see. */

import type { Epc, PartyId, PlaceId } from '../../core/events/hop.ts';
import { rules } from '../../core/life/contradictions.ts';
import type { Mark } from '../../core/life/lifecycle-state.ts';
import { formatAt } from '../../core/log/entry.ts';
import { redactHop, type SeenHop } from '../access/reading.ts';
import type { Subject } from './subject.ts';

const moment = ({ seq, from, until }: Mark) => ({ seq, from: formatAt(from), until: formatAt(until) });

/** The state at the moment that is asked about. `epcs` are the identifiers of the containers and things it stands in. */
export function tellState({ life, vision, involved }: Subject, epcs: ReadonlyMap<number, Epc>) {
  const { state } = life;
  const sees = (seq: number | null | undefined): boolean => {
    const hop = seq === null || seq === undefined ? undefined : involved.get(seq);
    return hop !== undefined && vision.sightOf(hop) === 'whole';
  };
  const overseen = [...involved.values()].every((hop) => vision.sightOf(hop) === 'whole');
  const party = (id: PartyId | null): PartyId | null =>
    id !== null && (overseen || vision.acquainted.has(id)) ? id : null;
  const lastMove = life.moves.at(-1)?.seq ?? state.since;
  const place = (id: PlaceId | null): PlaceId | null => (overseen || sees(lastMove) ? id : null);
  const around = state.packings[0];
  // Whoever moved the container knows it, whoever packed it.
  const knowsAround =
    around !== undefined &&
    (overseen ||
      sees(around.seq) ||
      life.claims.some(({ seq, via }) => via.includes(around.container) && sees(seq)));
  const text = (number: number | null): Epc | null => (number === null ? null : (epcs.get(number) ?? null));
  return {
    stage: state.stage,
    holder: party(state.holder),
    place: place(state.place),
    container: knowsAround ? text(around.container) : null,
    site: place(state.place) === null ? null : text(state.site),
    blocks: state.blocks.map(({ seq, by, kind, authority }) => ({ seq, by: party(by), kind, authority })),
    underWay:
      state.open === null
        ? null
        : { seq: state.open.seq, from: party(state.open.giver), to: party(state.open.taker) },
    adopted: state.adopted,
    nonconformant: state.nonconformant,
    inUse: state.inUse,
    nextDue: state.nextDue === null ? null : formatAt(state.nextDue.at),
    produced: state.produced && moment(state.produced),
    ended: state.ended && moment(state.ended),
    hops: life.claims.length,
  };
}

/** Numbers of the containers and sites that a state names. */
export const neighbours = ({ life: { state, claims } }: Subject): number[] => [
  ...state.packings.map(({ container }) => container),
  ...(state.site === null ? [] : [state.site]),
  ...claims.flatMap(({ via }) => via),
];

export const tellContradictions = ({ life }: Subject) =>
  life.contradictions.map(({ rule, seqs, severity }) => ({
    rule,
    severity,
    entries: [...seqs],
    zh: rules[rule].zh,
    en: rules[rule].en,
  }));

const tellHop = (hop: SeenHop) => ({
  ...hop,
  recordedAt: formatAt(hop.recordedAt),
  from: formatAt(hop.from),
  until: formatAt(hop.until),
  nextDue: hop.nextDue === null ? null : formatAt(hop.nextDue),
});

/** The effective history in the order in which things happened, and how many hops of it are hidden. */
export function tellHistory(
  { life, hops, vision, involved }: Subject,
  leaves: ReadonlyMap<number, string>,
  epcs: ReadonlyMap<number, Epc>,
) {
  const isTied = vision.tied && vision.isLed();
  const items = life.claims.flatMap(({ seq, standing, effect, via }) => {
    // A claim about a container does not tell who makes it what is inside.
    const hop = isTied || via.length === 0 ? hops.get(seq) : undefined;
    const told = involved.get(seq);
    const seen = hop && told && redactHop(hop, vision.sightOf(told), vision.acquainted);
    if (!seen) return [];
    return [
      {
        ...tellHop(seen),
        leaf: leaves.get(seq) ?? '',
        standing,
        effect,
        via: via.flatMap((container) => epcs.get(container) ?? []),
      },
    ];
  });
  return { items, hidden: life.claims.length - items.length };
}

export { tellHop };

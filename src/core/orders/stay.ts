/**
 * How long a part is in what it was put into: until its own history believes that it was taken out, whichever of these is
 * told of it first,
 *
 *     remove, replace, install      taken out of a place, put into its place, or in place of another
 *     maintain, refill              put into something else, or taken out of this
 *     transform, split              made into something
 *     scrap, destroy                done away with
 *
 * by an entry that does not name what it is in as well: who takes an extinguisher from a wall takes its valve along. That a
 * part is shipped or sold by itself does not say that it was taken out: who put a bad valve into something is believed of
 * the valve, and could free what it is in by a word. What is dealt by measure stays in what it was put into, also when some
 * was taken out or it is refilled: nobody can tell drop from drop, and no event says that none is left.
 *
 * Example: entry 11 puts a valve into an extinguisher, entry 14 ships both, entry 15 removes the valve and the extinguisher
 * from a wall, entry 18 removes the valve. It is in it from 11 to 18.
 */
import type { HopType } from '../events/hop.ts';
import type { Step } from '../life/history.ts';

/** That a part was taken out of something, ms since the epoch, if the entry does not name that as well. */
export type TakenOut = Pick<Step, 'at'> & { readonly entry: number };

/**
 * What may have taken a part out of what an entry put it into, in the order in which it happened.
 * @param own steps of the part, in order, withdrawn ones out
 */
export function takingsOut(
  making: number,
  own: readonly Step[],
  believes: (entry: number) => boolean,
): readonly TakenOut[] {
  const put = own.find(({ hop, position }) => hop.seq === making && position === 'child');
  if (put === undefined || put.amount !== null) return [];
  return own
    .slice(own.indexOf(put) + 1)
    .filter((s) => takesOut(s, put.parent) && believes(s.hop.seq))
    .map(({ hop, at }) => ({ entry: hop.seq, at }));
}

/** When it was taken out, ms since the epoch; Infinity while it is in it. */
export const takenOutAt = (takings: readonly TakenOut[], namesBoth: (entry: number) => boolean): number =>
  takings.find(({ entry }) => !namesBoth(entry))?.at ?? Number.POSITIVE_INFINITY;

/** The hops that say of a part that it was taken out, whatever else they say. */
export const outHops = [
  'remove',
  'replace',
  'install',
  'transform',
  'split',
  'scrap',
  'destroy',
] as const satisfies Step['hop']['hop'][];

const takesOut = ({ hop, position, parent }: Step, host: number | null): boolean =>
  (position === 'epc' || position === 'child' || position === 'input') &&
  (outHops.some((it) => it === hop.hop) ||
    (hop.note === 'parts' && parent !== host) ||
    (isService(hop.hop) && hop.note === 'old' && parent === host));

const isService = (hop: HopType): boolean => hop === 'maintain' || hop === 'refill';

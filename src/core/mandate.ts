/**
 * Mandates 调阅授权: what a regulator may read beyond its jurisdiction, for one case, for a while, because two of its
 * officers say so. A mandate names goods and parties; by whom and how it came about stands in the log:
 *
 *   asked     an officer names the case (立案文书号), the ground, the scope and the last moment
 *   approved  a second officer agrees, through another API client than the one that asked
 *   refused   a second officer does not
 *   ended     the authority or the operator is done with it before that moment
 *   expired   the moment has come
 *
 * Four eyes are held apart by two things that one officer alone cannot make: a name that differs, however it is spelled,
 * and a client that the operator issued. What is not proven: that two people hold the two secrets, that the names are those
 * of officers, that the case exists. An operator that issues both clients to one person, or registers an authority of its
 * own, gets a mandate by it; but each of these steps is an entry of the log that stays, and what is read under it is noted.
 * That the notes of reads are complete is the word of whoever runs the service: they are kept beside the log.
 */
import type { PartyId } from './events/hop.ts';
import { gtinIn } from './gs1/identifier-forms.ts';

/** Units, lots, containers and products by canonical identifier, and parties; both distinct and rising. */
export interface MandateScope {
  readonly goods: readonly string[];
  readonly parties: readonly PartyId[];
}

export const goodsMax = 200;
export const partiesMax = 50;
/** From when it is asked for, ms. */
export const validityMax = 180 * 86_400_000;

/** A mandate that somebody reads under. */
export interface Mandate {
  readonly id: string;
  readonly goods: ReadonlySet<string>;
  readonly parties: ReadonlySet<PartyId>;
}

/**
 * All that a thing goes under: its own identifier, the lot it was issued in, its product. Who issued it says what lot that
 * is; nobody else's word puts a thing into a scope.
 */
export function namesOfThing(epc: string, lot: string | null): string[] {
  const gtin = gtinIn(epc);
  return [...new Set([epc, ...(lot === null ? [] : [lot]), ...(gtin === '' ? [] : [`01/${gtin}`])])];
}

export const mandateStates = ['asked', 'approved', 'refused', 'ended', 'expired'] as const;
export type MandateState = (typeof mandateStates)[number];

/** What became of a mandate. */
interface MandateCourse {
  /** RFC 3339, UTC. */
  readonly until: string;
  readonly outcome: 'approved' | 'refused' | null;
  readonly ended: boolean;
}

/** As it stands at a moment, ms since the epoch. */
export function mandateStateAt({ until, outcome, ended }: MandateCourse, now: number): MandateState {
  if (outcome === 'refused') return 'refused';
  if (ended) return 'ended';
  if (now > Date.parse(until)) return 'expired';
  return outcome ?? 'asked';
}

/**
 * A name as it is compared, by its letters and digits: compatibility forms, case, accents of Latin letters, spaces, signs
 * and what is not seen make no difference, so that `Zhang San`, `ＺＨＡＮＧ-ＳＡＮ` and one with a zero-width space in it are
 * one officer. Empty when nothing is left.
 */
export const comparedName = (name: string): string =>
  name
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^\p{L}\p{M}\p{N}]|[\u0300-\u036f\p{Default_Ignorable_Code_Point}]/gu, '')
    .normalize('NFKC');

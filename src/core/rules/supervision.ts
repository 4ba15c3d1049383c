/**
 * Supervision samples. A result counts as that of a supervision sample when a regulator took the sample:
 *
 *     in the very hop that tells the result, or
 *     in one recorded before, of a thing that the result names, and not later than the result in time
 *
 * It is one of what was sampled: of that thing, and of others of its lot that the result names with it. What else one report
 * names, of other lots and makers, is not.
 *
 * Where the regulator that took a thing as a sample recorded sending it to laboratories, what other laboratories tell of that
 * thing is not of the sample: it is a claim of theirs, as any laboratory may name what it never saw. Where the regulator
 * recorded nothing of the kind, or cancelled it, nobody knows to whom it went, and the result of any laboratory counts.
 *
 * A sampling that its regulator withdrew counts for nothing, and one that was put right is one all the same. What a laboratory
 * tests for whoever pays it, or what a competitor bought and sent in, is a test like any other: nobody knows that the goods
 * were what the maker sells.
 *
 * Findings go by this file, kept up in memory (features/findings/failures.ts); what is read of samples as it stands goes by
 * the same condition in SQL (features/findings/supervision.ts).
 *
 * Example: R takes unit A7 from seller S as a sample (seq 4), laboratory L fails A7 (6): a failed supervision sample. L
 * fails A8 (7), which nobody sampled: a failed test. Had R sent A7 to laboratory M, the word of L would be a failed test,
 * too. Had entry 6 named A7 and a unit B1 of another lot, B1 would be a failed test.
 */
import type { HopRecord, PartyId } from '../events/hop.ts';

/** Whether a hop takes a sample for a regulator, into its hands or by testing it to destruction. */
export const takesOfficialSample = ({ hop, as, note }: Pick<HopRecord, 'hop' | 'as' | 'note'>): boolean =>
  hop === 'inspect' && as === 'regulator' && note !== null;

/** Whether a hop tells that a laboratory or a regulator found goods not in order. */
export const findsFault = ({ hop, as, outcome }: Pick<HopRecord, 'hop' | 'as' | 'outcome'>): boolean =>
  hop === 'inspect' && outcome === 'non-conformant' && (as === 'laboratory' || as === 'regulator');

/** Whether what it says rests on a test: a regulator that looks at goods without taking a sample tests none. */
export const failsTest = (result: Pick<HopRecord, 'hop' | 'as' | 'outcome' | 'note'>): boolean =>
  findsFault(result) && (result.as === 'laboratory' || takesOfficialSample(result));

/** Whether a sampling can be that of a result about one of the same things. */
export const precedes = (
  sampling: Pick<HopRecord, 'seq' | 'from'>,
  result: Pick<HopRecord, 'seq' | 'until'>,
): boolean => sampling.seq <= result.seq && sampling.from <= result.until;

/** Whether a result of a thing can be that of its sample, which was sent to these laboratories. */
export const isEntrusted = (
  { as, recorder }: Pick<HopRecord, 'as' | 'recorder'>,
  sentTo: readonly PartyId[],
): boolean => as !== 'laboratory' || sentTo.length === 0 || sentTo.includes(recorder);

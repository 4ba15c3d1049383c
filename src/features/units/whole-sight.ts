/** Whether a caller may see every entry that names a thing, and so be told how its chain ends. */
import type { HopRecord, PartyId } from '../../core/events/hop.ts';
import type { Identifier } from '../../core/gs1/identifiers.ts';
import { namesOfThing } from '../../core/mandate.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Vision } from '../access/reading.ts';
import { loadSteps, unitNumbers } from '../events/chains.ts';
import { involvedIn } from '../events/involved.ts';
import { loadSubject, makerOf, type ReadingDeps, visionFor } from './subject.ts';

/**
 * Refuses with `forbidden` a caller from whom any event that names the identifier is hidden. What is seen in outline
 * is seen: its number in the log is told with it. The read is audited when it shows what others recorded.
 */
export async function requireWholeSight(
  deps: ReadingDeps,
  caller: Caller,
  identifier: Identifier,
  route: string,
): Promise<void> {
  const { epc } = identifier;
  const { sql } = deps.reads;
  const unit = (await unitNumbers(sql, [epc])).get(epc);
  if (unit === undefined) return;
  const steps = (await loadSteps(sql, [unit])).get(unit) ?? [];
  const hops = [...new Map(steps.map(({ hop }) => [hop.seq, hop])).values()];
  const vision = await visionOn(deps, caller, identifier, hops, route);
  const involved = await involvedIn(sql, hops, vision.maker);
  const hidden = hops.some(({ seq }) => {
    const hop = involved.get(seq);
    return hop === undefined || vision.of.sightOf(hop) === 'hidden';
  });
  // A thing that has no event yet is its maker's own affair.
  if (hidden || (hops.length === 0 && vision.maker !== caller.party && !vision.of.overseer))
    throw new Refusal(
      'forbidden',
      'How a history ends is told to those who may see all of it; some of this one is hidden from you.',
    );
}

async function visionOn(
  deps: ReadingDeps,
  caller: Caller,
  identifier: Identifier,
  hops: readonly HopRecord[],
  route: string,
): Promise<{ readonly of: Vision; readonly maker: PartyId | null }> {
  const { sql } = deps.reads;
  switch (identifier.type) {
    case 'unit':
    case 'container': {
      // Containers that it was in tie parties to it that no event of its own names.
      const { unit, histories, vision } = await loadSubject(deps, caller, identifier.epc, route);
      const maker = histories.issuedOf(unit)?.issuer ?? (await makerOf(sql, identifier.epc));
      return { of: vision, maker };
    }
    case 'lot': {
      const maker = await makerOf(sql, identifier.epc);
      return { of: await audited(deps, caller, identifier.epc, hops, maker, route), maker };
    }
    case 'product':
    case 'place':
    case 'party':
      return { of: await audited(deps, caller, identifier.epc, hops, null, route), maker: null };
  }
}

async function audited(
  { reads, audit }: ReadingDeps,
  caller: Caller,
  epc: string,
  hops: readonly HopRecord[],
  maker: PartyId | null,
  route: string,
): Promise<Vision> {
  if (hops.some(({ recorder }) => recorder !== caller.party)) audit.note(caller, route, epc);
  return (await visionFor(reads.sql, caller, { names: namesOfThing(epc, null), maker, hops })).vision;
}

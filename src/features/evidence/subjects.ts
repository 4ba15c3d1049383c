/**
 * The things that evidence is about, and what a reader may see of each: which entries belong to them, which containers
 * they were inside, and how much of each entry is shown. However many things there are, it takes as many statements.
 */

import type { Epc, HopRecord } from '../../core/events/hop.ts';
import { gtinIn, thingIn } from '../../core/gs1/identifier-forms.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { type Involved, type Sight, sights, type Vision } from '../access/reading.ts';
import { epcTexts } from '../events/chains.ts';
import { involvementOf } from '../events/involved.ts';
import {
  type LotSubject,
  loadLots,
  loadSubjects,
  type ReadingDeps,
  type Subject,
  subjectsSeen,
} from '../units/subject.ts';
import type { IssueSight } from './selection.ts';

/** A chain that belongs into the evidence. */
export interface WantedChain {
  readonly unit: number;
  readonly epc: Epc;
  /** Last entry of it that matters; the rest of the chain is somebody else's affair. */
  readonly until: number;
  /** Whether the reader may know how many entries name it, and so whether these are all. */
  readonly isOpen: boolean;
}

export interface Gathered {
  /** Internal numbers of what it is about. */
  readonly units: readonly number[];
  readonly chains: readonly WantedChain[];
  /** Entries that concern the things and are shown in part at least, with how much of them is. */
  readonly sights: ReadonlyMap<number, Sight>;
  /** How much is seen of an issue of codes by a party, of a GTIN or of containers (null). */
  issueSight(by: string, gtin: string | null): IssueSight;
}

/**
 * What a reader may be told of units, containers and lots. Refuses with `forbidden` whoever has no more than its own
 * word, or that of somebody like it, that it has to do with one of them: evidence shows when each entry was made. Of a
 * lot it shows when anybody dealt with it, so that it is for its maker and those who oversee it alone.
 */
export async function gather(
  deps: ReadingDeps,
  caller: Caller,
  about: readonly Epc[],
  route: string,
  withContainers: boolean,
): Promise<Gathered> {
  const isLot = (epc: Epc): boolean => thingIn(epc) === 'lot';
  const [subjects, lots] = await Promise.all([
    loadSubjects(
      deps,
      caller,
      about.filter((epc) => !isLot(epc)),
      route,
    ),
    loadLots(deps, caller, about.filter(isLot), route),
  ]);
  for (const { epc, vision } of subjects)
    if (!vision.tied || !vision.isLed())
      throw new Refusal(
        'forbidden',
        `Nothing but your own word ties you to ${epc}, or that of others to whom the record does not lead; ask the party you had it from.`,
      );
  const chains = new Map<number, WantedChain>();
  for (const { unit, epc, vision, histories } of subjects) {
    chains.set(unit, { unit, epc, until: everything, isOpen: true });
    const issued = histories.issuedOf(unit);
    const seesLot = vision.overseer || issued?.issuer === caller.party;
    if (seesLot && issued && issued.lotUnit !== null && issued.lot !== null)
      chains.set(issued.lotUnit, {
        unit: issued.lotUnit,
        epc: issued.lot,
        until: everything,
        isOpen: true,
      });
  }
  for (const { unit, epc, maker, vision } of lots) {
    const isOverseen = subjects.some(
      (it) => it.vision.overseer && it.histories.issuedOf(it.unit)?.lotUnit === unit,
    );
    if (maker !== caller.party && !vision.overseer && !isOverseen)
      throw new Refusal('forbidden', `${epc} is told to its maker and to regulators that oversee it.`);
    chains.set(unit, { unit, epc, until: everything, isOpen: true });
  }
  if (withContainers)
    for (const chain of await containersOf(deps, caller, subjects))
      if (!chains.has(chain.unit)) chains.set(chain.unit, chain);
  const makers = new Map([
    ...subjects.map(({ epc, histories, unit }) => [gtinIn(epc), histories.issuedOf(unit)?.issuer] as const),
    ...lots.map(({ epc, maker }) => [gtinIn(epc), maker ?? undefined] as const),
  ]);
  const acquainted = new Set<string>(subjects.flatMap(({ vision }) => [...vision.acquainted]));
  const overseen = subjects.every(({ vision }) => vision.overseer);
  return {
    units: [...subjects, ...lots].map(({ unit }) => unit),
    chains: [...chains.values()].sort((a, b) => (a.epc < b.epc ? -1 : 1)),
    sights: await sightsOf(deps.reads.sql, subjects, lots),
    issueSight(by, gtin) {
      const maker = gtin === null ? undefined : makers.get(gtin);
      if (overseen || by === caller.party || maker === caller.party) return 'listed';
      return maker !== undefined || acquainted.has(by) ? 'plain' : 'hidden';
    },
  };
}

const everything = Number.MAX_SAFE_INTEGER;

const better = (a: Sight, b: Sight): Sight => (sights.indexOf(a) > sights.indexOf(b) ? a : b);

/** Entries of a thing's own chain that do not count: those that were taken back and those that took them back. */
const takenBack = ({ unit, histories, hops }: Subject): HopRecord[] =>
  histories.chainOf(unit).flatMap(({ hop }) => (hops.has(hop.seq) ? [] : [hop]));

/** How much is seen of each entry of the histories that is not hidden: those that count, and what was taken back. */
async function sightsOf(
  sql: Sql,
  subjects: readonly Subject[],
  lots: readonly LotSubject[],
): Promise<Map<number, Sight>> {
  const involvement = await involvementOf(sql, subjects.flatMap(takenBack));
  const shown = new Map<number, Sight>();
  const see = (vision: Vision, hops: Iterable<readonly [number, Involved]>): void => {
    for (const [seq, hop] of hops) {
      const sight = vision.sightOf(hop);
      if (sight !== 'hidden') shown.set(seq, better(sight, shown.get(seq) ?? 'hidden'));
    }
  };
  for (const subject of subjects) {
    const { involved, vision, maker } = subject;
    see(vision, involved);
    see(
      vision,
      takenBack(subject).map((hop) => [hop.seq, involvement(hop, maker)] as const),
    );
  }
  for (const { vision, involved } of lots) see(vision, involved);
  return shown;
}

/** The containers that things were inside, as far as the reader knows of them, each until the last that happened to it then. */
async function containersOf(
  deps: ReadingDeps,
  caller: Caller,
  subjects: readonly Subject[],
): Promise<WantedChain[]> {
  const until = new Map<number, number>();
  for (const { unit, life, histories, vision, involved } of subjects) {
    const isWhole = (seq: number): boolean => {
      const hop = involved.get(seq);
      return hop !== undefined && vision.sightOf(hop) === 'whole';
    };
    const known = new Set([
      ...life.claims.filter(({ seq }) => isWhole(seq)).flatMap(({ via }) => via),
      ...histories.histories
        .concerning(unit)
        .flatMap(({ hop, parent }) =>
          hop.hop === 'pack' && parent !== null && isWhole(hop.seq) ? [parent] : [],
        ),
    ]);
    for (const { seq, via } of life.claims)
      for (const container of via)
        if (known.has(container)) until.set(container, Math.max(seq, until.get(container) ?? 0));
  }
  const texts = await epcTexts(deps.reads.sql, until.keys());
  const open = await seenWhole(deps, caller, [...texts.values()]);
  return [...until].flatMap(([unit, last]) => {
    const epc = texts.get(unit);
    return epc === undefined ? [] : [{ unit, epc, until: last, isOpen: open.has(unit) }];
  });
}

/** Those of the containers of which no entry is hidden from the reader, as `requireWholeSight` has it for one thing. */
async function seenWhole(
  deps: ReadingDeps,
  caller: Caller,
  containers: readonly Epc[],
): Promise<Set<number>> {
  const subjects = await subjectsSeen(deps, caller, containers);
  const involvement = await involvementOf(deps.reads.sql, subjects.flatMap(takenBack));
  const whole = subjects.filter(({ unit, histories, vision, involved, maker }) =>
    histories
      .chainOf(unit)
      .every(({ hop }) => vision.sightOf(involved.get(hop.seq) ?? involvement(hop, maker)) !== 'hidden'),
  );
  return new Set(whole.map(({ unit }) => unit));
}

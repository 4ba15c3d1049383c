/**
 * The things that evidence is about, and what a reader may see of each: which entries belong to them, which containers
 * they were inside, and how much of each entry is shown.
 */
import type { Epc } from '../../core/hop.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { type Sight, sights } from '../access/reading.ts';
import { epcTexts } from '../events/chains.ts';
import { involvedIn } from '../events/involved.ts';
import { loadSubject, makerOf, type ReadingDeps, type Subject } from '../units/subject.ts';
import type { IssueSight } from './selection.ts';

/** A chain that belongs into the evidence. */
export interface WantedChain {
  readonly unit: number;
  readonly epc: Epc;
  /** Last entry of it that matters; the rest of the chain is somebody else's affair. */
  readonly until: number;
}

export interface Gathered {
  readonly about: readonly Epc[];
  /** Internal numbers of what it is about. */
  readonly units: readonly number[];
  readonly chains: readonly WantedChain[];
  /** Entries that concern the things and are shown in part at least, with how much of them is. */
  readonly sights: ReadonlyMap<number, Sight>;
  /** How much is seen of an issue of codes by a party, of a GTIN or of containers (null). */
  issueSight(by: string, gtin: string | null): IssueSight;
}

/**
 * What a reader may be told of things. Refuses with `forbidden` whoever has no more than its own word that it has to do
 * with one of them: evidence shows when each entry was made.
 */
export async function gather(
  deps: ReadingDeps,
  caller: Caller,
  epcs: readonly Epc[],
  route: string,
  withContainers: boolean,
): Promise<Gathered> {
  const about = [...new Set(epcs)].sort();
  const subjects = await Promise.all(about.map((epc) => loadSubject(deps, caller, epc, route)));
  for (const { epc, vision } of subjects)
    if (!vision.tied)
      throw new Refusal(
        'forbidden',
        `Nothing but your own word ties you to ${epc}; ask the party you had it from.`,
      );
  const chains = new Map<number, WantedChain>();
  const shown = new Map<number, Sight>();
  for (const subject of subjects) {
    for (const [seq, sight] of await sightsOf(deps.reads.sql, subject))
      shown.set(seq, better(sight, shown.get(seq) ?? 'hidden'));
    chains.set(subject.unit, { unit: subject.unit, epc: subject.epc, until: everything });
    const issued = subject.histories.issuedOf(subject.unit);
    const seesLot = subject.vision.overseer || issued?.issuer === caller.party;
    if (seesLot && issued && issued.lotUnit !== null && issued.lot !== null)
      chains.set(issued.lotUnit, { unit: issued.lotUnit, epc: issued.lot, until: everything });
  }
  if (withContainers)
    for (const chain of await containersOf(deps.reads.sql, subjects)) {
      const before = chains.get(chain.unit);
      if (before === undefined || before.until < chain.until) chains.set(chain.unit, chain);
    }
  const makers = new Map(
    subjects.map(({ epc, histories, unit }) => [epc.slice(3, 17), histories.issuedOf(unit)?.issuer]),
  );
  const acquainted = new Set<string>(subjects.flatMap(({ vision }) => [...vision.acquainted]));
  const overseen = subjects.every(({ vision }) => vision.overseer);
  return {
    about,
    units: subjects.map(({ unit }) => unit),
    chains: [...chains.values()].sort((a, b) => (a.epc < b.epc ? -1 : 1)),
    sights: shown,
    issueSight(by, gtin) {
      const maker = gtin === null ? undefined : makers.get(gtin);
      if (overseen || by === caller.party || maker === caller.party) return 'listed';
      return maker !== undefined || acquainted.has(by) ? 'plain' : 'hidden';
    },
  };
}

const everything = Number.MAX_SAFE_INTEGER;

const better = (a: Sight, b: Sight): Sight => (sights.indexOf(a) > sights.indexOf(b) ? a : b);

/**
 * How much is seen of each entry of a history that is not hidden: those that count, and of its own chain also those that
 * were taken back and those that took them back.
 */
async function sightsOf(
  sql: Sql,
  { unit, epc, histories, hops, vision, involved }: Subject,
): Promise<Map<number, Sight>> {
  const own = histories.chainOf(unit).flatMap(({ hop }) => (hops.has(hop.seq) ? [] : [hop]));
  const maker = histories.issuedOf(unit)?.issuer ?? (await makerOf(sql, epc));
  const found = new Map<number, Sight>();
  for (const [seq, hop] of [...involved, ...(await involvedIn(sql, own, maker))]) {
    const sight = vision.sightOf(hop);
    if (sight !== 'hidden') found.set(seq, sight);
  }
  return found;
}

/** The containers that things were inside, as far as the reader knows of them, each until the last that happened to it then. */
async function containersOf(sql: Sql, subjects: readonly Subject[]): Promise<WantedChain[]> {
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
  const texts = await epcTexts(sql, until.keys());
  return [...until].flatMap(([unit, last]) => {
    const epc = texts.get(unit);
    return epc === undefined ? [] : [{ unit, epc, until: last }];
  });
}

/** All that a step loads of what it looks at, and how that stands by the entries up to one. */
import type { Step } from '../../core/life/history.ts';
import type { Sql } from '../../database/connection.ts';
import { loadChains } from '../events/chains.ts';
import type { Known } from './known.ts';
import { type Lineage, loadLineage, type Numbers } from './lineage.ts';
import { type Lives, type LoadedThings, livesAt, loadThings } from './lives.ts';
import { type LivedLot, type LoadedLots, loadLots, lotsAt } from './lots.ts';
import { type Stops, stopsAt } from './stops.ts';

export interface Loaded {
  readonly things: LoadedThings;
  readonly lots: LoadedLots;
  readonly lineage: Lineage;
}

/** Things and lots, and while anybody asks what these were made of, that as well; by the entries below `until`. */
export async function load(
  sql: Sql,
  known: Known,
  asked: Numbers,
  chains: ReadonlyMap<number, readonly Step[]>,
  until: number,
): Promise<Loaded> {
  const lineage = known.orders.anyDownstream(until)
    ? await loadLineage(sql, known.orders, asked, until)
    : { ...asked, inputs: new Map() };
  const strange = [...lineage.things].filter((thing) => !chains.has(thing));
  const all =
    strange.length === 0 ? chains : new Map([...chains, ...(await loadChains(sql, strange, until))]);
  const things = await loadThings(sql, known, lineage.things, all, until);
  return { things, lots: await loadLots(sql, known, lineage.lots, until), lineage };
}

/** What was loaded, as the entries up to one tell it. */
export interface Sight {
  readonly lives: Lives;
  readonly lived: (lot: number) => LivedLot;
  readonly stops: Stops;
}

/** By the entries up to `seq`; at the time `asOf`, by which alone grace periods are judged. */
export function sightAt({ things, lots, lineage }: Loaded, known: Known, seq: number, asOf: number): Sight {
  const lives = livesAt(things, known, seq, asOf);
  const lived = lotsAt(lots, known, seq, asOf);
  return { lives, lived, stops: stopsAt({ lives, lived, lineage }, known, seq) };
}

/**
 * What a verdict rests on, of things with long histories kept in memory: as long as nothing more is told of a thing, of what
 * it was in and of its lot, and no grace period runs out, it is the same however often the thing is scanned. Else one party
 * that tells thousands of claims about a thing has all of them folded again by everybody who scans it.
 */
import type { CodedIdentifier } from '../../core/codes/code.ts';
import type { Step } from '../../core/life/history.ts';
import type { Life } from '../../core/life/lifecycle.ts';
import type { Issued } from '../events/context.ts';
import type { LoadedHistories } from '../units/histories.ts';
import { createKept } from './kept.ts';
import { lifeOfThing } from './lives.ts';
import { longMin } from './long-chains.ts';

/** A life without what strangers claim, which changes neither state nor verdict, and the steps that tell it, in no order. */
export interface Reliable {
  readonly life: Life;
  readonly steps: readonly Step[];
}

interface KeptLife {
  readonly reliable: Reliable;
  /** How many steps were told by then of the thing, of each container around it and of its lot: they only become more. */
  readonly told: ReadonlyMap<number, number>;
  readonly issued: Issued | undefined;
  /** The last entry of the master data. */
  readonly masters: number;
  /** First and last moment as of which it is the same, ms since the epoch. */
  readonly from: number;
  readonly until: number;
}

export interface Circumstances {
  readonly loaded: LoadedHistories;
  /** The last entry of the master data that the histories are folded with. */
  readonly masters: number;
  /** Grace period by these data, ms. */
  readonly graceMs: number;
  /** ms since the epoch. */
  readonly now: number;
}

/** Of a thing by internal number. */
export type ReliableOf = (
  type: CodedIdentifier['type'],
  unit: number,
  circumstances: Circumstances,
) => Reliable;

/** Claims and contradictions of all together: some 50 MB. */
const claimsMax = 200_000;

/** @param stepsMin shorter histories are folded as soon as found */
export function createKeptLives(stepsMin = longMin): ReliableOf {
  const kept = createKept<KeptLife>(
    ({ reliable: { life }, told }) => told.size + life.claims.length + life.contradictions.length,
    claimsMax,
  );
  return (type, unit, circumstances) => {
    const known = kept.get(unit);
    const holds = known !== undefined && stillHolds(known, unit, circumstances);
    const life = holds ? known : tell(type, unit, circumstances);
    const steps = [...life.told.values()].reduce((sum, length) => sum + length, 0);
    if (steps >= stepsMin) kept.keep(unit, life);
    return life.reliable;
  };
}

function stillHolds(
  { told, issued, masters, from, until }: KeptLife,
  unit: number,
  { loaded, masters: last, now }: Circumstances,
): boolean {
  const today = loaded.issuedOf(unit);
  const isSameCode =
    issued?.seq === today?.seq && issued?.issuer === today?.issuer && issued?.lotUnit === today?.lotUnit;
  if (!isSameCode || masters !== last || now < from || now > until) return false;
  for (const [number, length] of told) if (loaded.chainOf(number).length !== length) return false;
  return true;
}

function tell(
  type: CodedIdentifier['type'],
  unit: number,
  { loaded, masters, graceMs, now }: Circumstances,
): KeptLife {
  const issued = loaded.issuedOf(unit);
  const numbers = [...loaded.histories.around(unit), ...(issued?.lotUnit == null ? [] : [issued.lotUnit])];
  const steps = loaded.histories.concerning(unit);
  let until = Number.POSITIVE_INFINITY;
  for (const { hop } of steps)
    if (hop.recordedAt + graceMs >= now) until = Math.min(until, hop.recordedAt + graceMs);
  return {
    reliable: reliableIn(lifeOfThing(type, unit, loaded, now), steps),
    told: new Map(numbers.map((number) => [number, loaded.chainOf(number).length])),
    issued,
    masters,
    from: now,
    until,
  };
}

export function reliableIn(life: Life, steps: readonly Step[]): Reliable {
  const claims = life.claims.filter(({ standing }) => standing !== 'stranger');
  const contradictions = life.contradictions.filter(({ severity }) => severity !== 'claim');
  const relied = new Set(claims.map(({ seq }) => seq));
  return {
    life: { ...life, claims, contradictions },
    steps: steps.filter(({ hop }) => relied.has(hop.seq)),
  };
}

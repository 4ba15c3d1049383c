/**
 * How often the common source of bad units is found: 500 outbreaks of each kind in the world of `outbreaks/world.ts`,
 * beside the naive way of counting bad units; how that falls as labels get fewer or worse and hops are missing; and
 * how long a hundred thousand units take.
 */
import {
  foundBy,
  foundByCount,
  investigate,
  type OutbreakKind,
  type OutbreakOptions,
  outbreakKinds,
  plantOutbreak,
  usual,
} from '../outbreaks/outbreak.ts';
import { makeWorld } from '../outbreaks/world.ts';
import { type Random, seededRandom } from '../random.ts';
import type { BenchOptions, Row } from './harness.ts';

const outbreaks = 500;
/** Outbreaks of each kind at each point of the curves. */
const curveOutbreaks = 40;
const worldUnits = 4_000;
const usualMissing = 0.2;
const outbreaksInAWorld = 5;
const many = { world: 200_000, bad: 8_000, good: 92_000 };

export async function bench(_options: BenchOptions): Promise<Row[]> {
  const random = seededRandom(20_260_301);
  const rows = outbreakKinds.flatMap((kind) => {
    const found = measure(random, kind, usual, usualMissing, outbreaks);
    const row = (places: string, ours: number, naive: number, least: number): Row => ({
      measure: `source is a ${kind}: among the first ${places}`,
      value: ours * 100,
      unit: '%',
      limit: { what: 'counting bad units', value: naive * 100 },
      target: `≥ ${least * 100} %`,
      met: ours >= least,
    });
    return [
      row('one', found.first, found.naiveFirst, 0.9),
      row('three', found.firstThree, found.naiveFirstThree, 0.97),
    ];
  });
  return [...rows, ...curves(random), time(random)];
}

function measure(
  random: Random,
  kind: OutbreakKind,
  options: OutbreakOptions,
  missing: number,
  count: number,
) {
  const sum = { first: 0, firstThree: 0, naiveFirst: 0, naiveFirstThree: 0 };
  for (let done = 0; done < count; ) {
    const world = makeWorld(random, { units: worldUnits, missing });
    for (let tries = 0; tries < outbreaksInAWorld && done < count; tries++) {
      const outbreak = plantOutbreak(random, world, kind, options);
      if (outbreak === null) continue;
      done++;
      const ranking = investigate(world, outbreak);
      const ours = foundBy(ranking, outbreak.source);
      const naive = foundByCount(ranking, outbreak.source);
      sum.first += ours.first / count;
      sum.firstThree += ours.firstThree / count;
      sum.naiveFirst += naive.first / count;
      sum.naiveFirstThree += naive.firstThree / count;
    }
  }
  return sum;
}

/** One thing varied at a time, over all kinds together. */
function curves(random: Random): Row[] {
  const point = (what: string, options: OutbreakOptions, missing = usualMissing): Row[] => {
    const found = outbreakKinds.map((kind) => measure(random, kind, options, missing, curveOutbreaks));
    const mean = (of: (one: (typeof found)[number]) => number) =>
      (100 * found.reduce((sum, one) => sum + of(one), 0)) / found.length;
    const row = (places: string, ours: number, naive: number): Row => ({
      measure: `any source among the first ${places}, ${what}`,
      value: ours,
      unit: '%',
      limit: { what: 'counting bad units', value: naive },
      target: 'shown',
      met: null,
    });
    return [
      row(
        'one',
        mean((one) => one.first),
        mean((one) => one.naiveFirst),
      ),
      row(
        'three',
        mean((one) => one.firstThree),
        mean((one) => one.naiveFirstThree),
      ),
    ];
  };
  return [
    ...[3, 5, 10, 20].flatMap((bad) =>
      point(`${bad} bad units and ${3 * bad} good ones`, { ...usual, bad, good: 3 * bad }),
    ),
    ...[0, 0.2, 0.4].flatMap((wrong) =>
      point(`${wrong * 100} % of the bad labels wrong`, { ...usual, wrong }),
    ),
    ...[0, 0.4, 0.6].flatMap((missing) =>
      point(`${missing * 100} % of ship and receive hops missing`, usual, missing),
    ),
  ];
}

function time(random: Random): Row {
  const world = makeWorld(random, { units: many.world, missing: usualMissing });
  const outbreak = plantOutbreak(random, world, 'wholesaler', { ...usual, ...many });
  if (outbreak === null) throw new Error('the world has no wholesaler with that many units');
  const started = performance.now();
  investigate(world, outbreak);
  const seconds = (performance.now() - started) / 1000;
  return {
    measure: `common source of ${(many.bad + many.good).toLocaleString('en-US')} units`,
    value: seconds,
    unit: 's',
    target: '≤ 2 s',
    met: seconds <= 2,
  };
}

/**
 * Controls: units and lots of the same products, drawn at random, that stand for goods in general when nobody knows which
 * are good. Most goods are, and the few that are not only make a source look less striking than it is.
 *
 * Like is compared with like: controls of bad units are units, those of bad lots are lots. Where the investigator said who
 * had what is meant of a bad lot, a control lot is what one of those had of it who had any, drawn as well: all who had any
 * of a lot are many, and whoever is upstream of one of them would be upstream of every control.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { officialRoles } from '../../core/life/standing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { namedLots } from '../tracing/queries.ts';
import type { Run } from '../tracing/things.ts';
import type { Suspect } from './cases.ts';

/** A number that is at least 0 and below `n`. */
export type Below = (n: number) => number;

/** Controls for each bad unit or lot, and at least, when no good ones are named. */
const controlsEach = 3;
const controlsMin = 60;
export const controlsFor = (bad: number): number => Math.max(controlsMin, controlsEach * bad);

/** Products whose lots are drawn from, lots of each, and entries of each lot that are looked at. */
const productsMax = 20;
const lotsMax = 10_000;
const entriesMax = 1_000;

/** Draws for each control that is wanted: some are suspects, drawn before, or have no history. */
const triesEach = 4;

const control = { bad: false, weight: 1, at: Number.POSITIVE_INFINITY };

/**
 * At most so many, none of them a suspect already: units and lots in the proportion of the bad ones. One statement for units;
 * for lots one, and one a product.
 * @param products GTINs of the bad lots
 */
export async function drawControls(
  sql: Sql,
  suspects: readonly Suspect[],
  products: readonly string[],
  count: number,
  before: number,
  below: Below,
): Promise<Suspect[]> {
  const bad = suspects.filter((it) => it.bad);
  const lots = bad.filter(({ isLot }) => isLot);
  const ofLots = bad.length === 0 ? 0 : Math.round((count * lots.length) / bad.length);
  const known = new Set(suspects.map(({ unit }) => unit));
  const isHeld = lots.some(({ holder }) => holder !== null);
  const [units, drawnLots] = await Promise.all([
    drawUnits(sql, bad, count - ofLots, known, before, below),
    drawLots(sql, products, ofLots, known, before, below),
  ]);
  return [
    ...units.map((unit) => ({ unit, isLot: false, holder: null, ...control })),
    ...drawnLots.map(({ unit, holder }) => ({
      unit,
      isLot: true,
      holder: isHeld ? holder : null,
      ...control,
    })),
  ];
}

async function drawUnits(
  sql: Sql,
  bad: readonly Suspect[],
  count: number,
  known: ReadonlySet<number>,
  before: number,
  below: Below,
): Promise<number[]> {
  if (count === 0) return [];
  const runs = await sql<Run[]>`
    WITH products AS (
      SELECT DISTINCT i.gtin
      FROM unnest(${arrayLiteral(bad.flatMap(({ unit, isLot }) => (isLot ? [] : [unit])))}::bigint[]) AS asked (unit)
      CROSS JOIN LATERAL (
        SELECT gtin, last_unit FROM issues WHERE first_unit <= asked.unit ORDER BY first_unit DESC LIMIT 1) i
      WHERE i.last_unit >= asked.unit AND i.gtin IS NOT NULL)
    SELECT first_unit AS first, last_unit AS last FROM issues
    JOIN products USING (gtin) WHERE seq < ${before} ORDER BY first_unit`;
  return draw(runs, count, known, below);
}

/** Lots that any entry names, each with one of those who had any of it by what its first entries say. */
async function drawLots(
  sql: Sql,
  products: readonly string[],
  count: number,
  known: ReadonlySet<number>,
  before: number,
  below: Below,
): Promise<{ readonly unit: number; readonly holder: PartyId }[]> {
  if (count === 0) return [];
  const all = await Promise.all(
    products.slice(0, productsMax).map((gtin) => namedLots(sql, { gtin, lot: null }, lotsMax)),
  );
  const left = all.flat().filter((lot) => !known.has(lot));
  // Some may have a number and no history.
  const drawn = shuffled(left, triesEach * count, below);
  const rows = await sql<{ unit: number; party: PartyId }[]>`
    SELECT DISTINCT asked.unit, coalesce(h.taker, h.recorder) AS party
    FROM unnest(${arrayLiteral(drawn)}::bigint[]) AS asked (unit)
    CROSS JOIN LATERAL (
      SELECT seq FROM unit_chain WHERE unit = asked.unit AND seq < ${before} ORDER BY n LIMIT ${entriesMax}) c
    JOIN hops h USING (seq)
    WHERE h.as_role <> ALL (${arrayLiteral([...officialRoles])}::text[]) ORDER BY 1, 2`;
  const hands = new Map<number, PartyId[]>();
  for (const { unit, party } of rows) append(hands, unit, party);
  return drawn
    .flatMap((unit) => {
      const parties = hands.get(unit);
      const holder = parties?.[below(parties.length)];
      return holder === undefined ? [] : [{ unit, holder }];
    })
    .slice(0, count);
}

/** Some of a list in an order of chance, each as likely as any other. */
function shuffled(list: readonly number[], count: number, below: Below): number[] {
  const left = [...list];
  const drawn: number[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(below(left.length), 1));
  return drawn;
}

/** Numbers in the runs, each as likely as any other, until there are enough or hardly any is left. */
function draw(runs: readonly Run[], count: number, known: ReadonlySet<number>, below: Below): number[] {
  const size = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const drawn = new Set<number>();
  for (let tries = 0; drawn.size < count && tries < triesEach * count; tries++) {
    const unit = size === 0 ? undefined : nth(runs, below(size));
    if (unit !== undefined && !known.has(unit)) drawn.add(unit);
  }
  return [...drawn];
}

function nth(runs: readonly Run[], index: number): number | undefined {
  let left = index;
  for (const { first, last } of runs) {
    if (left <= last - first) return first + left;
    left -= last - first + 1;
  }
  return undefined;
}

/**
 * What is overdue now, at a place or with a party: past its service life, past the day until which it is best used, or past
 * the day on which it was due for service. Made as it is read, by the clock, for no entry of the log says that time has
 * passed: so it holds what nobody deals with any more, of which no finding speaks (core/rules/service-overdue.ts).
 *
 * At a place stands what was last installed there or in a place within it; with a party is what it holds by the record. Units
 * that came to it in a container count once the party named them, by installing them or otherwise.
 */

import { dateOf, endOf, monthsAfter } from '../../core/china-dates.ts';
import type { Epc, PartyId, PlaceId } from '../../core/events/hop.ts';
import { gtinIn, thingIn } from '../../core/gs1/identifier-forms.ts';
import { historyOf } from '../../core/life/enclosure.ts';
import type { Step } from '../../core/life/history.ts';
import type { LifecycleState } from '../../core/life/lifecycle-state.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Reader } from '../access/reading.ts';
import { epcTexts, loadLotWide, unitNumbers } from '../events/chains.ts';
import { loadIssued } from '../events/context.ts';
import type { FeatureDeps } from '../feature.ts';
import { loadBestBefores } from '../findings/tallies.ts';
import { breathing } from '../in-turns.ts';
import { oversees } from '../investigations/cases.ts';
import { everInstalled } from '../investigations/fire-site/queries.ts';
import { levelsMax, placesMax, placesWithin } from '../places/within.ts';
import { productsByGtin } from '../products/queries.ts';
import { cohortChains, unitCohorts } from '../tracing/cohorts.ts';
import { type LoadNames, stationsIn } from '../tracing/names.ts';
import { historiesOf, lotsOf, mastersOf } from '../units/histories.ts';

type Deps = Pick<FeatureDeps, 'reads' | 'ledger' | 'now'> & { readonly names: LoadNames };

/** Things that one answer looks at. */
export const thingsMax = 10_000;
/** Steps of histories gone through before other requests get their turn. */
const stepsAtOnce = 500;

export const overdueKinds = ['service', 'service-life', 'best-before'] as const;
interface Overdue {
  readonly kind: (typeof overdueKinds)[number];
  /** The last day on which it was not. */
  readonly since: string;
}

/** Where to look: one of the two. */
export type Where = { readonly place: PlaceId } | { readonly party: PartyId };

/** Units of one history, longest overdue first. A fixed number of statements, and one a level of nesting. */
export async function overdueAt(deps: Deps, reader: Reader, where: Where) {
  const { sql } = deps.reads;
  const [at, known] = [deps.now(), await deps.ledger.size()];
  const sites = 'place' in where ? await sitesIn(sql, where.place, known) : new Map<number, PlaceId>();
  const numbers =
    'place' in where
      ? (await everInstalled(sql, [...sites.keys()], known, thingsMax + 1)).map(({ unit }) => unit)
      : await everWith(sql, where.party, known);
  if (numbers.length > thingsMax)
    throw new Refusal(
      'too-many-epcs',
      `More than ${thingsMax} things were there; name a place, or a part of it.`,
    );
  const texts = await epcTexts(sql, numbers);
  const cohorts = await unitCohorts(
    sql,
    numbers.filter((it) => isUnit(texts.get(it))),
    known,
  );
  const heads = cohorts.map(({ unit }) => unit);
  const masters = mastersOf(deps.ledger, sql);
  const gtins = [...new Set(heads.map((unit) => gtinOf(texts.get(unit))))];
  const [chains, issued, products] = await Promise.all([
    cohortChains(sql, cohorts, known),
    loadIssued(sql, heads),
    productsByGtin(sql, gtins),
    masters.freshen(),
  ]);
  const steps = [...chains.values()].flat();
  const [lotWide, days, names] = await Promise.all([
    loadLotWide(sql, lotsOf(issued), known),
    loadBestBefores(sql, steps),
    deps.names({ ...stationsIn(steps), gtins }),
  ]);
  const loaded = historiesOf(chains, lotWide, issued, masters, known);
  const breathe = breathing(stepsAtOnce);
  const items = [];
  for (const { unit, units } of cohorts) {
    const { state } = loaded.lifeOf(unit, at);
    const history = historyOf(unit, loaded.histories);
    await breathe(1 + history.length);
    const site = state.site === null ? undefined : sites.get(state.site);
    if ('place' in where ? site === undefined : state.holder !== where.party) continue;
    if (!maySee(reader, state, () => oversees(reader, names, history))) continue;
    const gtin = gtinOf(texts.get(unit));
    const overdue = overdueOf(state, history, {
      ...{ at, days, serviceLifeMonths: products.get(gtin)?.fact.serviceLifeMonths ?? null },
    });
    if (overdue.length === 0) continue;
    const { name, nameEn } = names.product(gtin);
    items.push({
      epcs: units.flatMap((it) => texts.get(it) ?? []),
      product: { gtin, zh: name ?? gtin, en: nameEn ?? name ?? gtin },
      overdue,
      place: state.place === null ? null : { id: state.place, name: names.place(state.place).name },
      holder: state.holder === null ? null : { id: state.holder, name: names.party(state.holder).name },
    });
  }
  const first = ({ overdue }: { readonly overdue: readonly Overdue[] }): string => overdue[0]?.since ?? '';
  return { at, items: items.sort((a, b) => (first(a) < first(b) ? -1 : first(a) > first(b) ? 1 : 0)) };
}

const isUnit = (epc: Epc | undefined): boolean => thingIn(epc ?? '') === 'unit';
const gtinOf = (epc: Epc | undefined): string => gtinIn(epc ?? '');

/** What a party holds it may see; the rest, who is in charge of it. */
const maySee = (reader: Reader, { holder }: LifecycleState, isInCharge: () => boolean): boolean =>
  reader.jurisdiction === null ? holder === reader.party : isInCharge();

/** The places of a site by internal number. */
async function sitesIn(sql: Sql, place: PlaceId, known: number): Promise<Map<number, PlaceId>> {
  const places = await placesWithin(sql, [place], known);
  if (places === null)
    throw new Refusal(
      'too-many-epcs',
      `More than ${placesMax} places lie within this one, or more than ${levelsMax} levels deep; name a part of it.`,
    );
  const numbers = await unitNumbers(sql, places);
  return new Map(places.flatMap((id) => (numbers.has(id) ? [[numbers.get(id) ?? -1, id]] : [])));
}

/** Whatever a party ever took or dealt with, at most one more than is looked at. One statement. */
async function everWith(sql: Sql, party: PartyId, before: number): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT c.unit FROM (
      SELECT seq FROM hops WHERE taker = ${party} AND taker <> recorder AND seq < ${before}
      UNION SELECT seq FROM hops WHERE recorder = ${party} AND seq < ${before}
        AND hop = ANY (${arrayLiteral(['receive', 'return', 'adopt', 'install', 'replace', 'produce'])}::text[])) told
    JOIN unit_chain c USING (seq) JOIN epcs e ON e.unit = c.unit
    WHERE e.epc LIKE '01/______________/21/%' ORDER BY c.unit LIMIT ${thingsMax + 1}`;
  return rows.map(({ unit }) => unit);
}

interface Telling {
  /** ms since the epoch. */
  readonly at: number;
  readonly serviceLifeMonths: number | null;
  /** Until when what entries made is best used. */
  readonly days: ReadonlyMap<number, string>;
}

/** Longest overdue first; nothing of what is no more. */
function overdueOf(
  state: LifecycleState,
  history: readonly Step[],
  { at, serviceLifeMonths, days }: Telling,
): Overdue[] {
  const { ended, nextDue, produced } = state;
  if (ended !== null) return [];
  const made = history.find(({ hop }) => days.has(hop.seq));
  const last: readonly [Overdue['kind'], string | undefined][] = [
    ['service', nextDue === null ? undefined : dateOf(nextDue.at)],
    [
      'service-life',
      produced === null || serviceLifeMonths === null
        ? undefined
        : monthsAfter(dateOf(produced.until), serviceLifeMonths),
    ],
    ['best-before', made === undefined ? undefined : days.get(made.hop.seq)],
  ];
  return last
    .flatMap(([kind, since]) => (since !== undefined && endOf(since) < at ? [{ kind, since }] : []))
    .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}

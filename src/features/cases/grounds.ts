/**
 * What findings rest on, for the reader who is told of them: the hops of their entries with as much of each as the rules of
 * reading show (access/reading.ts), and what their rules compare these with, as it was known when they were found. A fixed
 * number of statements for any number of findings, and none for what no rule among them asks.
 *
 * A regulator in charge of a finding sees its hops whole. The operator is told what, when and in which province, and by whose
 * word it is, as in the case; a maker the same without who. Where somebody has no name here, neither is anything told by which
 * a published list would name it.
 */
import { dateOf, monthsAfter } from '../../core/china-dates.ts';
import type { HopRecord, PartyId, PlaceId } from '../../core/events/hop.ts';
import { half } from '../../core/life/history.ts';
import { dueAfter, dueFirst, type MaintenanceInterval } from '../../core/life/maintenance.ts';
import { namesOfThing } from '../../core/mandate.ts';
import { orderWords } from '../../core/orders/order.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import { firmsOf, standardsOf, territoriesOf } from '../../core/rules/lists.ts';
import type { Position } from '../../core/rules/thing.ts';
import { apartKm } from '../../core/rules/travel.ts';
import type { Sql } from '../../database/connection.ts';
import type { Bilingual } from '../../web/words.ts';
import { type Reader, redactHop, visionOf } from '../access/reading.ts';
import { loadHops } from '../events/chains.ts';
import { involvementOf } from '../events/involved.ts';
import type { Masters } from '../events/masters.ts';
import { loadStations } from '../findings/stations.ts';
import { type LoadNames, type Names, type PartyView, stationsIn } from '../tracing/names.ts';
import { type Act, together } from './act-words.ts';
import type { Ground } from './explanation.ts';
import {
  amountsOf,
  bestBeforesOf,
  certificatesOf,
  codesOf,
  listsOf,
  makingsOf,
  ordersOf,
  type ProductThen,
  positionsOf,
  productsOf,
} from './ground-queries.ts';
import type { FindingRow } from './queries.ts';
import { shortagesOf } from './shortages.ts';
import { isOperator, isWithin, seesWho } from './sight.ts';

const asks = (...rules: readonly RuleName[]): ReadonlySet<RuleName> => new Set(rules);
const ofPlaces = asks('impossible-travel');
const ofQuantities = asks('made-of-too-little');
const ofProducts = asks('past-service-life', 'certificate-other-model', 'superseded-standard');
const ofServices = asks('service-overdue');
const ofBestBefores = asks('past-best-before');
const ofCertificates = asks(
  'certificate-not-valid-at-production',
  'certificate-other-model',
  'certificate-other-factory',
  'certified-outside-scope',
  'certified-goods-fail',
);
const ofOrders = asks('moved-under-order', 'dated-before-order');
const ofLists = asks('superseded-standard', 'refills-beyond-capacity', 'out-of-territory');
const ofFirms = asks('refills-beyond-capacity', 'out-of-territory');
const ofCodes = asks('production-beyond-codes');
const ofBalances = asks('lot-quantity-exceeded');
/** Whose first entry may be about other goods than the finding. */
const ofOtherGoods = asks('repeat-failure', 'agent-beyond-purchases', 'cancelled-not-shipped');

/** What a finding rests on; of those that were loaded. */
export type GroundOf = (row: FindingRow) => Ground;

/** What grounds are read from. */
export interface GroundDeps {
  readonly sql: Sql;
  readonly names: LoadNames;
  readonly masters: Masters;
}

export async function loadGrounds(
  deps: GroundDeps,
  reader: Reader,
  rows: readonly FindingRow[],
): Promise<GroundOf> {
  const { sql, masters, names: loadNames } = deps;
  const those = (rules: ReadonlySet<RuleName>) => rows.filter(({ rule }) => rules.has(rule));
  const ones = (rules: ReadonlySet<RuleName>) => those(rules).map(({ one }) => one);
  const hops = await loadHops(
    sql,
    rows.flatMap(({ one, other }) => [one, other]),
  );
  const [
    involvement,
    amounts,
    makings,
    places,
    products,
    lastDays,
    certificates,
    orders,
    lists,
    codes,
    shortages,
  ] = await Promise.all([
    involvementOf(sql, [...hops.values()]),
    amountsOf(sql, rows),
    makingsOf(sql, ones(ofQuantities)),
    positionsOf(sql, those(ofPlaces), hops),
    productsOf(sql, those(ofProducts)),
    bestBeforesOf(sql, ones(ofBestBefores)),
    certificatesOf(sql, ones(ofCertificates)),
    ordersOf(sql, ones(ofOrders)),
    listsOf(sql, ones(ofLists)),
    codesOf(sql, those(ofCodes)),
    shortagesOf(deps, those(ofBalances)),
    those(ofServices).length > 0 ? masters.freshen() : null,
  ]);
  const { creditCodeOf } = await loadStations(
    sql,
    those(ofFirms).flatMap(({ other }) => hops.get(other)?.recorder ?? []),
  );
  const stations = stationsIn([...hops.values()].map((hop) => ({ hop })));
  for (const { by } of orders.values()) stations.parties.add(by);
  const names = await loadNames(stations);

  /** As much of the two sides as the reader may see. */
  function sidesOf(row: FindingRow): readonly [one: Act | null, other: Act | null] {
    const maker = row.maker === '' ? null : (row.maker as PartyId);
    const sides = [row.one, row.other].map((seq) => hops.get(seq));
    const involved = sides.map((hop) => (hop === undefined ? null : involvement(hop, maker)));
    const isElse = ofOtherGoods.has(row.rule);
    const act = (i: 0 | 1): Act | null => {
      const [hop, who] = [sides[i], involved[i]];
      if (hop === undefined || who === undefined || who === null) return null;
      // What somebody has to do with one thing shows nothing of another.
      const vision = visionOf(reader, {
        names: isElse && i === 0 ? [] : namesOfThing(row.epc, row.lot),
        maker,
        hops: isElse ? [who] : involved.filter((it) => it !== null),
      });
      const regions = isElse && i === 0 ? [row.makerRegion] : [row.region, row.makerRegion, row.where];
      const plain = vision.sightOf(who);
      const sight = isInCharge(reader, regions)
        ? 'whole'
        : plain === 'hidden' && isOperator(reader)
          ? 'outline'
          : plain;
      const seen = redactHop(hop, sight, vision.acquainted);
      if (seen === null) return null;
      const told = hop.recorder === row.party && seesWho(reader, row) ? hop.recorder : seen.recorder;
      const called = (party: PartyId | null) => (party === null ? null : calledParty(names.party(party)));
      const { hop: type, from, until, outcome, note } = seen;
      return {
        ...{ hop: type, from, until, outcome, note },
        ...{ who: called(told), giver: called(seen.giver), taker: called(seen.taker) },
        takes: half(hop) === 'taking',
        tests: hop.as === 'laboratory',
        where:
          sight === 'whole' ? placeIn(names, hop.place) : names.regionAt(hop.place, hop.recorder, 'province'),
        whither:
          sight === 'neighbour'
            ? null
            : names.regionAt(hop.toPlace, hop.taker, sight === 'whole' ? undefined : 'province'),
        amount: amounts(row.unit, hop.seq),
      };
    };
    return [act(0), act(1)];
  }

  function lastDayOf({ rule, one, gtin, opened }: FindingRow): string | null {
    const first = hops.get(one);
    if (first === undefined) return null;
    if (ofServices.has(rule)) return serviceDayOf(first, masters.maintenance(gtin, one));
    return rule === 'past-service-life'
      ? lifeEndOf(first, products.get(`${gtin} ${opened}`))
      : (lastDays.get(one) ?? null);
  }

  return (row) => {
    const { rule, unit, gtin, opened } = row;
    const [one, other] = sidesOf(row);
    const [first, second] = [hops.get(row.one), hops.get(row.other)];
    const product = products.get(`${gtin} ${opened}`);
    const order = orders.get(row.one);
    const list = lists.get(row.one);
    const code = second === undefined || other?.who == null ? '' : creditCodeOf(second.recorder, row.other);
    const standard = product?.standard ?? '';
    const superseded = rule === 'superseded-standard' ? standardsOf(list).get(standard) : undefined;
    const isCounted =
      isInCharge(reader, [row.region, row.makerRegion, row.where]) || reader.party === row.maker;
    const regions = rule === 'out-of-territory' ? territoriesOf(list).get(code)?.regions : undefined;
    return {
      ...{ one, other, alone: row.one === row.other },
      ...{ oneOn: dateOf(row.oneAt), otherOn: dateOf(row.otherAt), openedOn: dateOf(row.openedAt) },
      km: kmBetween(places(first?.place, opened), places(second?.place, opened)),
      lastDay: lastDayOf(row),
      model: product?.model ?? null,
      standard: superseded === undefined ? null : { name: standard, until: superseded.until },
      certificate: certificates.get(row.one) ?? null,
      order:
        order === undefined ? null : { what: orderWords[order.type], by: calledParty(names.party(order.by)) },
      territory:
        regions === undefined ? null : together(regions.map((it) => names.region(it.padEnd(6, '0')))),
      capacity:
        rule === 'refills-beyond-capacity'
          ? (firmsOf(list).get('maintenance-firm')?.get(code)?.refillsPerDay ?? null)
          : null,
      codes: isCounted ? (codes.get(`${unit} ${row.other}`) ?? null) : null,
      lot: row.lot === row.epc ? row.epc.slice('01//10/'.length + 14) : null,
      // How much somebody had is also its own to know.
      shortage: isCounted || reader.party === second?.recorder ? shortages(row) : null,
      making: makings.get(row.one) ?? null,
    };
  };
}

/** Whether a regulator is in charge of one of these regions, of which empty ones are none. */
const isInCharge = (reader: Reader, regions: readonly string[]): boolean =>
  regions.some((region) => isWithin(reader, region));

const calledParty = ({ name, nameEn }: PartyView): Bilingual => ({ zh: name, en: nameEn ?? name });

/** A place by its region and name. */
function placeIn(names: Names, place: PlaceId | null): Bilingual | null {
  if (place === null) return null;
  const { name, region } = names.place(place);
  if (name === null) return region;
  return region === null
    ? { zh: name, en: name }
    : { zh: `${region.zh}（${name}）`, en: `${region.en} (${name})` };
}

const kmBetween = (a: Position | null, b: Position | null): number | null =>
  a === null || b === null ? null : apartKm(a, b);

const lifeEndOf = (made: HopRecord, product: ProductThen | undefined): string | null => {
  const months = product?.serviceLifeMonths ?? null;
  return months === null ? null : monthsAfter(dateOf(made.until), months);
};

/** The day by which a thing was due, by what was told or done, or by its production. */
function serviceDayOf(hop: HopRecord, intervals: readonly MaintenanceInterval[]): string | null {
  const due = dueAfter(null, hop, intervals) ?? dueFirst(hop, intervals);
  return due === null ? null : dateOf(due.at);
}

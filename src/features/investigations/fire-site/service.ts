/**
 * The dossier on a fire site (火灾延伸调查): everything that stood at a place at a moment, or that was found there, each thing
 * told claim by claim. Things of one history are told once. The number of statements grows with how deep places and
 * containers are nested, not with how many things there are.
 */

import type { Epc, PartyId, PlaceId } from '../../../core/events/hop.ts';
import { append } from '../../../core/grouping.ts';
import { gtinIn, thingIn } from '../../../core/gs1/identifier-forms.ts';
import { parseIdentifier } from '../../../core/gs1/identifiers.ts';
import { historyOf } from '../../../core/life/enclosure.ts';
import { arrange, type Step } from '../../../core/life/history.ts';
import { lifeOf } from '../../../core/life/lifecycle.ts';
import { foldLot, type LotLife } from '../../../core/life/lot.ts';
import { histories } from '../../../core/life/membership.ts';
import { formatGrains, grainsOf, measureOf } from '../../../core/measures.ts';
import { remembering } from '../../../core/remembering.ts';
import { parseEventTime } from '../../../core/time.ts';
import { wentInto } from '../../../core/tracing/trace-graph.ts';
import { fault, ok, Refusal, type Result, refusalAt, required } from '../../../errors.ts';
import { isMandated, type Reader, touches } from '../../access/reading.ts';
import { certificatesOf } from '../../certificates/queries.ts';
import { loadChains, loadLotTests, loadLotWide, unitNumbers } from '../../events/chains.ts';
import { type AsOf, contextOf, type Issued, loadIssued } from '../../events/context.ts';
import { createFaults } from '../../events/faults.ts';
import type { FeatureDeps } from '../../feature.ts';
import { timesOf } from '../../findings/filing.ts';
import { type Finding, findingsOf, tell } from '../../findings/queries.ts';
import { breathing } from '../../in-turns.ts';
import { namesInScope } from '../../mandates/named.ts';
import { askedOf, type KnownThing, whereaboutsBy, whereIn } from '../../orders/asked.ts';
import { type Asked, type AskedOften, effectiveOrders, type Released } from '../../orders/effective.ts';
import { askedOfLot, believed } from '../../orders/enrol-measured.ts';
import { gtinKey, ownersOf } from '../../owners.ts';
import { placesById } from '../../places/queries.ts';
import { resolvePlaces } from '../../places/references.ts';
import { levelsMax, placesMax, placesWithin } from '../../places/within.ts';
import { productsByGtin } from '../../products/queries.ts';
import { cohortChains, unitCohorts } from '../../tracing/cohorts.ts';
import { type LoadNames, stationsIn } from '../../tracing/names.ts';
import { historiesOf, lotsOf, mastersOf } from '../../units/histories.ts';
import { oversees } from '../cases.ts';
import { type Concerns, cluesAbout, concernsOf } from './concerns.ts';
import { dossierOf, type Telling, type Thing } from './dossier.ts';
import { everInstalled, partsUsed } from './queries.ts';
import {
  type FireSiteAnswer,
  type FireSiteAsked,
  type Flag,
  flags,
  type Item,
  thingsMax,
  toldMax,
} from './schemas.ts';
import { flagWords } from './words.ts';

type Deps = Pick<FeatureDeps, 'reads' | 'ledger' | 'now'> & { readonly names: LoadNames };

/** Steps of histories gone through before other requests get their turn. */
const stepsAtOnce = 500;

export async function fireSite(deps: Deps, reader: Reader, asked: FireSiteAsked): Promise<FireSiteAnswer> {
  const { sql } = deps.reads;
  if (asked.place === undefined && asked.epcs === undefined)
    throw refusalAt('/place', 'invalid-request', 'Name a place, or the things that were found.');
  const at = asked.at === undefined ? deps.now() : required(parseEventTime(asked.at), '/at').until;
  const named = namedIn(asked.epcs ?? []);
  const known = await deps.ledger.size();
  const [place] = asked.place === undefined ? [] : await resolvePlaces(sql, [asked.place], '/place', false);
  const places = place === undefined ? [] : await placesWithin(sql, [place], known);
  if (places === null)
    throw new Refusal(
      'too-many-epcs',
      `More than ${placesMax} places lie within this one, or more than ${levelsMax} levels deep; name a part of it.`,
    );
  const numbers = await unitNumbers(sql, [...places, ...named]);
  const sites = new Map(places.flatMap((id) => (numbers.has(id) ? [[numbers.get(id) ?? -1, id]] : [])));
  const standing = await everInstalled(sql, [...sites.keys()], known, thingsMax + 1);
  const all = new Map(standing.map(({ unit, epc }) => [unit, epc]));
  for (const epc of named) {
    const unit = numbers.get(epc);
    if (unit !== undefined) all.set(unit, epc);
  }
  if (all.size > thingsMax)
    throw new Refusal(
      'too-many-epcs',
      `More than ${thingsMax} things stood there; name a part of the place.`,
    );
  const [loaded, clues] = await Promise.all([
    load(deps, reader, all, places, known),
    cluesAbout(sql, reader, all.values()),
  ]);
  const orders = await ordersAbout(deps, loaded, known);
  const told = new Set(named.flatMap((epc) => numbers.get(epc) ?? []));
  const nameOf = (party: PartyId) => {
    const { name, nameEn } = orders.names.party(party);
    return { zh: name, en: nameEn ?? name };
  };
  const concerns: Concerns = { orders: orders.about, clues, at, nameOf };
  const items = await itemsOf(reader, loaded, { at, known, sites, told, concerns });
  const shown = new Set(items.flatMap(({ epcs }) => epcs));
  if (items.length === 0 && !(await isInCharge(deps, reader, place)))
    throw new Refusal(
      'not-found',
      'Nothing there is known here and tied to your jurisdiction; check the place.',
    );
  return {
    place: place === undefined ? null : { id: place, name: loaded.names.place(place).name },
    places: places.length,
    at: new Date(at).toISOString(),
    known,
    things: items.reduce((sum, { epcs }) => sum + epcs.length, 0),
    summary: summaryOf(items),
    items: numbered(items),
    leftOut: named.filter((epc) => !shown.has(epc)),
  };
}

/** Things by canonical identifier, each once. */
function namedIn(texts: readonly string[]): Epc[] {
  const faults = createFaults();
  const epcs = texts.flatMap((text, i) => faults.take(`/epcs/${i}`, thingOf(text)) ?? []);
  faults.refuse();
  return [...new Set(epcs)];
}

function thingOf(text: string): Result<Epc> {
  const parsed = parseIdentifier(text);
  if (!parsed.ok) return parsed;
  return parsed.value.type === 'unit' || parsed.value.type === 'lot'
    ? ok(parsed.value.epc)
    : fault('invalid-identifier', 'Name units, or lots dealt by measure.');
}

/** Whether a place lies in the reader's jurisdiction, so that it may know that nothing is recorded there. */
async function isInCharge(
  { reads }: Deps,
  { jurisdiction }: Reader,
  place: PlaceId | undefined,
): Promise<boolean> {
  if (place === undefined || jurisdiction === null) return false;
  const region = (await placesById(reads.sql, [place])).get(place)?.fact.region;
  return touches(jurisdiction, { regions: region === undefined ? [] : [region], places: [place] });
}

const historyAt = (epc: Epc): string =>
  `/v1/${isUnit(epc) ? 'units' : 'lots'}/${gtinIn(epc)}/${epc.slice(21)}/history`;

const isUnit = (epc: Epc): boolean => thingIn(epc) === 'unit';

/** All that is loaded of the things: units of one history as a cohort, lots one by one. */
async function load(
  deps: Deps,
  { mandate }: Reader,
  all: ReadonlyMap<number, Epc>,
  places: readonly PlaceId[],
  known: number,
) {
  const { sql } = deps.reads;
  const masters = mastersOf(deps.ledger, sql);
  const units = [...all].flatMap(([unit, epc]) => (isUnit(epc) ? [unit] : []));
  const lots = [...all].flatMap(([unit, epc]) => (isUnit(epc) ? [] : [unit]));
  const cohorts = await unitCohorts(sql, units, known);
  const heads = cohorts.map(({ unit }) => unit);
  const gtins = [...new Set([...all.values()].map((epc) => gtinIn(epc)))];
  const [unitChains, lotChains, issued, certificates, products, owners, findings, inScope] =
    await Promise.all([
      cohortChains(sql, cohorts, known),
      loadChains(sql, lots, known),
      loadIssued(sql, heads),
      certificatesOf(sql, gtins),
      productsByGtin(sql, gtins),
      ownersOf(sql, gtins.map(gtinKey)),
      findingsOf(sql, [...heads, ...lots]),
      namesInScope(sql, mandate, all.keys()),
      masters.freshen(),
    ]);
  const chains = new Map([...lotChains, ...unitChains]);
  const ownLots = [...new Set([...issued.values()].flatMap(({ lotUnit }) => lotUnit ?? []))];
  const serviced = [...chains.values()]
    .flat()
    .flatMap((s) => (wentInto(s) !== null && s.hop.note === 'parts' ? [s.hop.seq] : []));
  const [lotWide, tests, ofLots, parts] = await Promise.all([
    loadLotWide(sql, lotsOf(issued), known),
    loadLotTests(sql, ownLots, known),
    findingsOf(sql, ownLots),
    partsUsed(sql, serviced),
  ]);
  const byUnit = new Map<number, Finding[]>();
  for (const finding of [...findings, ...ofLots]) append(byUnit, finding.unit, finding);
  const histories = historiesOf(chains, lotWide, issued, masters, known);
  const stations = stationsIn([...chains.values(), ...lotWide.values(), ...tests.values()].flat());
  const partGtins = [...new Set([...parts.values()].flat().map(({ epc }) => gtinIn(epc)))];
  const makers = await ownersOf(sql, partGtins.map(gtinKey));
  for (const [{ fact }] of [...certificates.values()].flat()) stations.parties.add(fact.issuer);
  for (const place of places) stations.places.add(place);
  for (const party of [...owners.values(), ...makers.values()]) stations.parties.add(party);
  const names = await deps.names({ ...stations, gtins: [...gtins, ...partGtins] });
  return {
    all,
    inScope,
    cohorts,
    lots,
    issued,
    certificates,
    products,
    owners,
    findings: byUnit,
    lotTests: new Map([...tests].map(([lot, steps]) => [lot, arrange(steps)])),
    parts,
    histories,
    names,
    masters,
  };
}
type Loaded = Awaited<ReturnType<typeof load>>;

/**
 * Orders about each thing, those released since as they were about it then, and the names of who made them. Of things of one
 * history an order may name only some, so it is asked for each; lots dealt by measure are in many hands, and asked about by
 * all of them.
 */
async function ordersAbout({ reads, names, now }: Deps, loaded: Loaded, known: number) {
  const { histories: lives, issued, owners } = loaded;
  const heads = [
    ...loaded.cohorts.map(({ unit, units }) => ({ unit, units })),
    ...loaded.lots.map((unit) => ({ unit, units: [unit] })),
  ];
  const times = await timesOf(reads.sql, new Set([...issued.values()].map(({ seq }) => seq)));
  const whereabouts = whereaboutsBy(loaded.names);
  const asked = heads.flatMap(({ unit, units }): { epc: Epc; thing: AskedOften }[] => {
    const code = issued.get(unit);
    const [first] = units.flatMap((it) => loaded.all.get(it) ?? []);
    if (first === undefined) return [];
    if (!isUnit(first)) {
      const by = (before: number) => lotAsked(loaded, unit, first, { asOf: now(), before });
      return [{ epc: first, thing: { ...by(known), knownBy: ({ seq }) => by(seq) } }];
    }
    const gtin = gtinIn(first);
    const life = lives.lifeOf(unit, now());
    const steps = lives.histories.concerning(unit);
    const early = remembering((before) => knownBy(loaded, unit, { asOf: now(), before }));
    return units.flatMap((number) => {
      const epc = loaded.all.get(number);
      if (epc === undefined) return [];
      const thing: KnownThing = {
        ...{ unit: number, epc, type: 'unit', gtin },
        lot: code?.lot ?? null,
        maker: owners.get(gtinKey(gtin)) ?? null,
        issuedAt: code === undefined ? null : (times.get(code.seq) ?? null),
        ...{ life, steps },
      };
      const then = ({ seq }: Released) => askedOf({ ...thing, ...early(seq) }, whereabouts);
      return [{ epc, thing: { ...askedOf(thing, whereabouts), knownBy: then } }];
    });
  });
  const found = await effectiveOrders(reads.sql).ever(asked.map(({ thing }) => thing));
  const about = new Map(asked.map(({ epc }, i) => [epc, found[i] ?? []]));
  return { about, names: await names({ parties: found.flat().map(({ fact }) => fact.by) }) };
}

/** A thing as the entries before one tell it. */
function knownBy(
  { histories: all, issued, masters }: Loaded,
  unit: number,
  { asOf, before }: AsOf,
): Pick<KnownThing, 'life' | 'steps'> {
  const early = histories(
    (number) => all.chainOf(number).filter(({ hop }) => hop.seq < before),
    (number) => issued.get(number)?.lotUnit ?? null,
  );
  const steps = early.concerning(unit);
  return { life: lifeOf(unit, early, contextOf(issued.get(unit), steps, masters, { asOf, before })), steps };
}

/** Goods by measure as the entries before one tell them, for orders to ask about. */
function lotAsked(loaded: Loaded, unit: number, epc: Epc, asOf: AsOf): Asked {
  const gtin = gtinIn(epc);
  const maker = loaded.owners.get(gtinKey(gtin)) ?? null;
  const steps = loaded.histories.chainOf(unit).filter(({ hop }) => hop.seq < asOf.before);
  const life = lotLife(gtin, steps, loaded, asOf);
  const credible = believed(life, steps);
  const where = whereIn(
    whereaboutsBy(loaded.names),
    maker,
    credible.map(({ hop }) => hop),
  );
  return askedOfLot(unit, { epc, gtin, maker, credible, where }, life);
}

interface Scene {
  readonly at: number;
  readonly known: number;
  /** Places of the site by internal number. */
  readonly sites: ReadonlyMap<number, PlaceId>;
  /** Things that were named, wherever they are. */
  readonly told: ReadonlySet<number>;
  readonly concerns: Concerns;
}

type Unnumbered = Omit<Item, 'claims'> & { readonly claims: ReturnType<typeof dossierOf>['claims'] };

async function itemsOf(reader: Reader, loaded: Loaded, scene: Scene): Promise<Unnumbered[]> {
  const groups = [
    ...loaded.cohorts.map(({ unit, units }) => ({ unit, units })),
    ...loaded.lots.map((unit) => ({ unit, units: [unit] })),
  ];
  const items: Unnumbered[] = [];
  const breathe = breathing(stepsAtOnce);
  for (const { unit, units } of groups) {
    const whole = historyOf(unit, loaded.histories.histories);
    // A mandate may be for some units of a history alone.
    const overseen = oversees(reader, loaded.names, whole)
      ? units
      : units.filter((it) => isMandated(reader, loaded.inScope(it)));
    const mine = overseen.filter((it) => scene.told.has(it));
    const item = overseen.length === 0 ? null : itemOf(loaded, scene, unit, whole);
    // Of things of one history all stand at the site, or none does.
    const epcs = (item?.isThere === true ? overseen : mine).flatMap((it) => loaded.all.get(it) ?? []);
    const [first] = epcs;
    if (item !== null && first !== undefined) {
      const more = concernsOf(epcs, scene.concerns);
      const found = new Set([...item.item.flags, ...more.flags]);
      items.push({
        ...item.item,
        epcs,
        history: historyAt(first),
        flags: flags.filter((flag) => found.has(flag)),
        claims: [...item.item.claims, ...more.claims],
        claimsInAll: item.item.claimsInAll + more.inAll,
      });
    }
    await breathe(1 + loaded.histories.histories.own(unit).length);
  }
  return items.sort((a, b) => b.flags.length - a.flags.length);
}

function itemOf(
  loaded: Loaded,
  { at, known, sites }: Scene,
  unit: number,
  whole: readonly Step[],
): { readonly item: Unnumbered; readonly isThere: boolean } | null {
  const { histories, names, masters } = loaded;
  const epc = loaded.all.get(unit);
  if (epc === undefined) return null;
  const until = (s: Step) => s.at <= at;
  const lotWide = histories.histories.lotWide(unit);
  const history = [...whole, ...lotWide].filter(until).sort((a, b) => a.at - b.at || a.order - b.order);
  const gtin = gtinIn(epc);
  const product = loaded.products.get(gtin) ?? null;
  const all = histories.histories.own(unit);
  const own = all.filter(until);
  const life = isUnit(epc) ? histories.lifeAt(at, unit) : null;
  const claims =
    life?.claims ??
    foldLot(histories.chainOf(unit).filter(until), { ...histories.contextOf(unit, at), planned: null })
      .claims;
  const standings = new Map(claims.map(({ seq, standing }) => [seq, standing]));
  const placings = placingsIn(own, (seq) => standings.get(seq) === 'stranger');
  const uom = isUnit(epc) ? null : lotLife(gtin, all, loaded, { asOf: at, before: known }).uom;
  const measured = uom === null ? null : { ...amountAt(placings, sites, uom), uom };
  const there = isUnit(epc) ? standsAt(placings, sites) : (measured?.places ?? []);
  const issued: Issued | null = loaded.issued.get(unit) ?? null;
  const thing: Thing = {
    history,
    isUnit: isUnit(epc),
    issued,
    product,
    certificates: loaded.certificates.get(gtin) ?? [],
    state: life?.state ?? null,
    findings: [unit, ...(issued?.lotUnit == null ? [] : [issued.lotUnit])].flatMap((it) =>
      (loaded.findings.get(it) ?? []).map(tell),
    ),
    lotTests: (issued?.lotUnit == null ? [] : (loaded.lotTests.get(issued.lotUnit) ?? [])).filter(
      (s) => s.hop.hop === 'inspect' && until(s),
    ),
    measured,
    standingIn: (seq) => standings.get(seq),
  };
  const telling: Telling = {
    ...{ at, names, isStub: stubs(masters, known) },
    partsIn: (seq) => loaded.parts.get(seq) ?? [],
  };
  const dossier = dossierOf(thing, telling);
  const { name, nameEn } = names.product(gtin);
  return {
    isThere: there.length > 0,
    item: {
      epcs: [],
      kind: isUnit(epc) ? 'unit' : 'lot',
      product: { gtin, name, nameEn, model: product?.fact.model ?? null },
      lot: isUnit(epc) ? (issued?.lot ?? null) : epc,
      quantity:
        measured === null
          ? null
          : { quantity: formatGrains(measured.amount, measured.uom), uom: measured.uom },
      places: there.map((id) => ({ id, name: names.place(id).name })),
      flags: flags.filter((flag) => dossier.flags.includes(flag)),
      claims: dossier.claims,
      claimsInAll: dossier.inAll,
      history: historyAt(epc),
    },
  };
}

/** Balances of a lot, by the entries before one. */
function lotLife(
  gtin: string,
  steps: readonly Step[],
  { owners, masters }: Pick<Loaded, 'owners' | 'masters'>,
  asOf: AsOf,
): LotLife {
  const issuer = owners.get(gtinKey(gtin)) ?? null;
  const origin = issuer === null ? undefined : { seq: 0, gtin, issuer };
  return foldLot(steps, { ...contextOf(origin, steps, masters, asOf), planned: null });
}

const stubs =
  (masters: Loaded['masters'], known: number) =>
  (party: PartyId, recordedAt: number): boolean =>
    (masters.stubUntil(party, known) ?? recordedAt) > recordedAt;

/** That something was put at a place or taken from it; by whom it counts: a stranger's word ends its own word alone. */
interface Placing {
  readonly step: Step;
  /** 1 where it was put there, -1 where it was taken away. */
  readonly sign: 1 | -1;
  /** null for those whose word counts. */
  readonly stranger: PartyId | null;
}

function placingsIn(own: readonly Step[], isStranger: (seq: number) => boolean): Placing[] {
  return own.flatMap((step): Placing[] => {
    const sign = placing(step);
    if (sign === 0 || step.position !== 'child') return [];
    return [{ step, sign, stranger: isStranger(step.hop.seq) ? step.hop.recorder : null }];
  });
}

/** Whether a step puts a thing somewhere (1), takes it away (-1), or neither (0). */
function placing({ hop: { hop, note } }: Step): -1 | 0 | 1 {
  if (hop === 'install' || (hop === 'replace' && note === 'new')) return 1;
  return hop === 'remove' || hop === 'replace' ? -1 : 0;
}

/** The places of the site that a unit stands at: by the last word that counts, and by what strangers said since. */
function standsAt(placings: readonly Placing[], sites: ReadonlyMap<number, PlaceId>): PlaceId[] {
  const last = new Map<PartyId | null, PlaceId | undefined>();
  for (const { step, sign, stranger } of placings) {
    if (stranger === null) last.clear();
    last.set(stranger, sign < 0 || step.parent === null ? undefined : sites.get(step.parent));
  }
  return [...new Set([...last.values()].filter((place) => place !== undefined))];
}

/** How much of a lot stands at the site, in grains: what was put there less what was taken away; of one kind alone. */
function amountAt(placings: readonly Placing[], sites: ReadonlyMap<number, PlaceId>, uom: string) {
  const { kind } = measureOf(uom);
  const amounts = new Map<PlaceId, Map<PartyId | null, bigint>>();
  const seqs: number[] = [];
  for (const { step, sign, stranger } of placings) {
    const place = step.parent === null ? undefined : sites.get(step.parent);
    if (place === undefined || step.amount === null || measureOf(step.amount.uom).kind !== kind) continue;
    const here = amounts.get(place) ?? new Map<PartyId | null, bigint>();
    here.set(stranger, (here.get(stranger) ?? 0n) + BigInt(sign) * grainsOf(step.amount));
    amounts.set(place, here);
    seqs.push(step.hop.seq);
  }
  const positive = [...amounts].flatMap(([place, here]) => {
    const amount = [...here].reduce((sum, [by, it]) => (by === null || it > 0n ? sum + it : sum), 0n);
    return amount > 0n ? [{ place, amount }] : [];
  });
  return {
    amount: positive.reduce((sum, { amount }) => sum + amount, 0n),
    places: positive.map(({ place }) => place),
    seqs,
  };
}

function summaryOf(items: readonly Unnumbered[]): FireSiteAnswer['summary'] {
  const counts = new Map<Flag, number>();
  for (const { flags: found, epcs } of items)
    for (const flag of found) counts.set(flag, (counts.get(flag) ?? 0) + epcs.length);
  return [...counts]
    .map(([flag, things]) => ({ flag, things, words: flagWords[flag] }))
    .sort((a, b) => b.things - a.things);
}

function numbered(items: readonly Unnumbered[]): Item[] {
  let n = 0;
  return items.map((item) => ({
    ...item,
    claims: item.claims.map(({ kind, zh, en, seqs }) => ({
      n: ++n,
      kind,
      zh,
      en,
      seqs: seqs.slice(-toldMax),
    })),
  }));
}

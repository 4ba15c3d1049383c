/**
 * The network of the parties behind some goods (犯罪网络、黑产链条): who is linked to whom, who belongs together, and who
 * stands between. The number of statements grows with how deep containers are nested, not with how many goods there are.
 */
import type { Epc, PartyId, Role } from '../../../core/events/hop.ts';
import { append } from '../../../core/grouping.ts';
import { parseIdentifier } from '../../../core/gs1/identifiers.ts';
import { historyOf } from '../../../core/life/enclosure.ts';
import { histories } from '../../../core/life/membership.ts';
import { namesOfThing } from '../../../core/mandate.ts';
import { brokerage, communitiesOf, type NetworkEdge } from '../../../core/tracing/network.ts';
import { fault, ok, Refusal, type Result, refusalAt } from '../../../errors.ts';
import { isMandated, type Reader } from '../../access/reading.ts';
import { certificatesOf } from '../../certificates/queries.ts';
import { unitNumbers } from '../../events/chains.ts';
import { loadIssued } from '../../events/context.ts';
import { createFaults } from '../../events/faults.ts';
import type { FeatureDeps } from '../../feature.ts';
import { breathing, inTurns } from '../../in-turns.ts';
import { namesInScope } from '../../mandates/named.ts';
import { gtinKey, ownersOf } from '../../owners.ts';
import { partiesById } from '../../parties/queries.ts';
import { resolveParties } from '../../parties/references.ts';
import { placesById } from '../../places/queries.ts';
import { cohortChains, lotUnits, unitCohorts } from '../../tracing/cohorts.ts';
import { type LoadNames, type Names, stationsIn } from '../../tracing/names.ts';
import { wholeLot } from '../../tracing/queries.ts';
import { mastersOf } from '../../units/histories.ts';
import { oversees } from '../cases.ts';
import { addressesOf, mayReadAddress, registeredAt } from './addresses.ts';
import { contactKindsIn, sharedContacts } from './contacts.ts';
import {
  type Link,
  Links,
  linkByAddress,
  linkByCertificates,
  linkByContacts,
  linkByGoods,
  linkByMovements,
} from './links.ts';
import { movementsOf } from './movements.ts';
import { linkKinds, type NetworkAnswer, type NetworkAsked, partiesMax, seqsTold } from './schemas.ts';

type Deps = Pick<FeatureDeps, 'reads' | 'ledger' | 'policies'> & { readonly names: LoadNames };

/** Steps of histories, or nodes, gone through before other requests get their turn. */
const stepsAtOnce = 1_000;
const nodesAtOnce = 200;

export async function networkOf(deps: Deps, reader: Reader, asked: NetworkAsked): Promise<NetworkAnswer> {
  if (asked.epcs === undefined && asked.lots === undefined && asked.parties === undefined)
    throw refusalAt(
      '/epcs',
      'invalid-request',
      'Name units or lots whose parties the network is to have, or parties.',
    );
  const { sql } = deps.reads;
  const kinds = new Set(asked.kinds ?? linkKinds);
  const faults = createFaults();
  const read = (list: readonly string[] = [], type: 'unit' | 'lot'): Epc[] => [
    ...new Set(
      list.flatMap(
        (text, i) => faults.take(`/${type === 'unit' ? 'epcs' : 'lots'}/${i}`, named(text, type)) ?? [],
      ),
    ),
  ];
  const [epcs, lots] = [read(asked.epcs, 'unit'), read(asked.lots, 'lot')];
  const { parties: resolved, faults: unread } = await resolveParties(
    sql,
    deps.policies,
    asked.parties ?? [],
    reader.party,
  );
  for (const { index, ...wrong } of unread) faults.add(`/parties/${index}`, wrong);
  faults.refuse();
  const starts = resolved.filter((it) => it !== null);
  const known = await deps.ledger.size();
  const masters = mastersOf(deps.ledger, sql);
  const numbers = await unitNumbers(sql, epcs);
  const inScope = await namesInScope(sql, reader.mandate, numbers.values());
  const [cohortsOfUnits, ...wholes] = await Promise.all([
    unitCohorts(sql, [...numbers.values()], known),
    ...lots.map((lot) => lotUnits(sql, wholeLot(lot), known)),
  ]);
  const cohorts = [
    ...cohortsOfUnits.map(({ unit, units, marks }) => ({
      ...{ unit, marks, count: units.length },
      mandated: units.filter((it) => isMandated(reader, inScope(it))).length,
    })),
    ...wholes.flatMap((whole, i) => {
      const isWhole = isMandated(reader, namesOfThing(lots[i] ?? '', null));
      return whole.cohorts.map((cohort) => ({ ...cohort, mandated: isWhole ? cohort.count : 0 }));
    }),
  ];
  const [chains, issued] = await Promise.all([
    cohortChains(sql, cohorts, known),
    loadIssued(
      sql,
      cohorts.map(({ unit }) => unit),
    ),
    masters.freshen(),
  ]);
  const stations = stationsIn([...chains.values()].flat());
  const gtins = [...new Set([...issued.values()].flatMap(({ gtin }) => gtin ?? []))];
  const certificates = await certificatesOf(sql, kinds.has('certificate') ? gtins : []);
  const all = [...new Set([...certificates.values()].flat())];
  for (const [{ fact }] of all) {
    stations.parties.add(fact.holder);
    for (const factory of fact.factories) stations.places.add(factory);
  }
  const [names, owners, places] = await Promise.all([
    deps.names({ ...stations, gtins }),
    ownersOf(sql, gtins.map(gtinKey)),
    placesById(sql, [...stations.places]),
  ]);
  const from = histories((number) => chains.get(number) ?? []);
  const links = new Links();
  const isStub = (party: PartyId, at: number) => (masters.stubUntil(party, known) ?? at) > at;
  let units = 0;
  const breathe = breathing(stepsAtOnce);
  for (const { unit, count, mandated } of cohorts) {
    const history = historyOf(unit, from);
    await breathe(1 + history.length);
    // A mandate may be for some units of a history alone.
    const overseen = oversees(reader, names, history) ? count : mandated;
    if (overseen === 0) continue;
    units += overseen;
    linkByGoods(links, history, overseen, names, isStub);
  }
  linkByMovements(links, await movementsOf(sql, deps.names, reader, starts, known));
  linkByCertificates(links, all, names, (gtin) => owners.get(gtinKey(gtin)) ?? null);
  const linked = partiesIn(links.all().filter(({ kind }) => kinds.has(kind)));
  if (kinds.has('address')) {
    const own = await addressesOf(sql, [...linked, ...starts], [...places.keys()]);
    // What is registered at an address is found by those that the reader may read, and told of those alone.
    const at = await registeredAt(
      sql,
      new Set(own.flatMap((it) => (mayReadAddress(reader, it) ? [it.key] : []))),
    );
    linkByAddress(
      links,
      at.filter((it) => mayReadAddress(reader, it)),
    );
  }
  const { searched, compared } = contactKindsIn(kinds);
  const found = await sharedContacts(sql, reader, [...new Set([...linked, ...starts])], searched);
  linkByContacts(links, found.shared);
  const met = partiesIn(links.all().filter(({ kind }) => kinds.has(kind)));
  const alike = await sharedContacts(sql, reader, [...new Set([...met, ...starts])], compared);
  linkByContacts(links, alike.shared);
  const ids = partiesIn(links.all().filter(({ kind }) => kinds.has(kind)));
  if (units === 0 && ids.length === 0)
    throw new Refusal(
      'not-found',
      'None of these goods or parties is known here and tied to your jurisdiction; check them.',
    );
  const [facts, everybody] = await Promise.all([partiesById(sql, ids), deps.names({ parties: ids })]);
  const total =
    numbers.size +
    wholes.reduce((sum, whole) => sum + whole.cohorts.reduce((n, { count }) => n + count, 0), 0);
  const shown = links.all().filter(({ kind }) => kinds.has(kind));
  const roles = (id: PartyId) => facts.get(id)?.fact.roles ?? [];
  return {
    known,
    units,
    leftOut: epcs.length - numbers.size + total - units,
    crowdedContacts: found.crowded + alike.crowded,
    ...(await told(shown, everybody, roles)),
  };
}

function named(text: string, type: 'unit' | 'lot'): Result<Epc> {
  const parsed = parseIdentifier(text);
  if (!parsed.ok) return parsed;
  return parsed.value.type === type
    ? ok(parsed.value.epc)
    : fault(
        'invalid-identifier',
        type === 'unit' ? 'Name single units.' : 'Name lots: a GTIN with a batch number.',
      );
}

const partiesIn = (links: readonly Link[]): PartyId[] =>
  [...new Set(links.flatMap(({ from, to }) => [from, to]))].sort();

/** What a name alone is worth beside a phone number. */
const weightOfName = 0.25;

/** Goods tie by how many, contacts the less the more parties share one, the rest once each. */
function weightOf({ kind, units, sharers }: Link): number {
  switch (kind) {
    case 'goods':
      return 1 + Math.log2(Math.max(1, units));
    case 'phone':
    case 'email':
      return 1 / (sharers - 1);
    case 'person':
      return weightOfName / (sharers - 1);
    case 'place':
    case 'address':
    case 'certificate':
      return 1;
  }
}

async function told(
  links: readonly Link[],
  names: Names,
  rolesOf: (id: PartyId) => readonly Role[],
): Promise<Pick<NetworkAnswer, 'parties' | 'communities' | 'links'>> {
  const ids = partiesIn(links);
  if (ids.length > partiesMax)
    throw new Refusal(
      'too-many-epcs',
      `More than ${partiesMax} parties are linked; name fewer goods, or fewer kinds of links.`,
    );
  const numbers = new Map(ids.map((id, i) => [id, i]));
  const edges = links.map(
    (link): NetworkEdge => ({
      a: numbers.get(link.from) ?? 0,
      b: numbers.get(link.to) ?? 0,
      weight: weightOf(link),
    }),
  );
  const communities = communitiesOf(ids.length, edges);
  const between = await inTurns(brokerage(ids.length, edges), nodesAtOnce);
  const communityOf = (id: PartyId): number => communities[numbers.get(id) ?? -1] ?? 0;
  const goods = links.filter(({ kind }) => kind === 'goods');
  const sum = (list: readonly Link[]): number => list.reduce((total, { units }) => total + units, 0);
  const neighbours = ids.map(() => new Set<number>());
  for (const { a, b } of edges) {
    neighbours[a]?.add(b);
    neighbours[b]?.add(a);
  }
  const [given, taken] = [byEnd(goods, 'from'), byEnd(goods, 'to')];
  return {
    parties: ids
      .map((id, i) => ({
        ...names.party(id),
        roles: [...rolesOf(id)],
        community: communityOf(id),
        brokerage: between[i] ?? 0,
        neighbours: neighbours[i]?.size ?? 0,
        received: sum(taken.get(id) ?? []),
        gave: sum(given.get(id) ?? []),
      }))
      .sort((a, b) => b.brokerage - a.brokerage || b.neighbours - a.neighbours || (a.id < b.id ? -1 : 1)),
    communities: [...new Set(communities)]
      .map((community) => {
        const ends = links.map(
          ({ from, to }) => [from, to].filter((id) => communityOf(id) === community).length,
        );
        return {
          community,
          parties: communities.filter((it) => it === community).length,
          inside: ends.filter((count) => count === 2).length,
          outside: ends.filter((count) => count === 1).length,
        };
      })
      .sort((a, b) => b.parties - a.parties || a.community - b.community),
    links: links.map(({ kind, from, to, units, seqs }) => ({
      kind,
      from,
      to,
      units,
      entries: seqs.size,
      seqs: [...seqs].sort((a, b) => a - b).slice(0, seqsTold),
    })),
  };
}

function byEnd(links: readonly Link[], end: 'from' | 'to'): Map<PartyId, Link[]> {
  const found = new Map<PartyId, Link[]>();
  for (const link of links) append(found, link[end], link);
  return found;
}

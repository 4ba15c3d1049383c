/** Looks at units and containers: folds what is told of each up to an entry, and applies the rules to it. */

import type { Epc, PlaceId } from '../../core/events/hop.ts';
import type { Step } from '../../core/life/history.ts';
import { type Life, lifeOf } from '../../core/life/lifecycle.ts';
import { histories } from '../../core/life/membership.ts';
import type { ProductTraits, Stop, Thing, Told } from '../../core/rules/thing.ts';
import { foundIn } from '../../core/rules/thing-rules.ts';
import type { Sql } from '../../database/connection.ts';
import { epcTexts, loadLotWide } from '../events/chains.ts';
import { contextOf, type Issued, loadIssued } from '../events/context.ts';
import { askedOf, type KnownThing, visitsOf } from '../orders/asked.ts';
import { lotsOf } from '../units/histories.ts';
import { timesOf } from './filing.ts';
import { type Findings, ownContradictions, upTo } from './found.ts';
import type { Known } from './known.ts';
import { type Identity, loadSurroundings, type Surroundings } from './surroundings.ts';

/** What a step needs of the things that it looks at, loaded at once. */
export interface Loaded {
  readonly chains: ReadonlyMap<number, readonly Step[]>;
  readonly lotWide: ReadonlyMap<number, readonly Step[]>;
  readonly issued: ReadonlyMap<number, Issued>;
  readonly around: Surroundings;
  /** Of what was not issued here, and while anybody ordered anything of all. */
  readonly epcs: ReadonlyMap<number, Epc>;
  /** null while nobody ordered anything. */
  readonly under: UnderOrders | null;
}

/** What orders ask of things beside their histories. */
interface UnderOrders {
  readonly issuedAt: ReadonlyMap<number, number>;
}

/** Things by internal number, with entries below `until`. A fixed number of statements. */
export async function loadThings(
  sql: Sql,
  known: Known,
  things: ReadonlySet<number>,
  chains: ReadonlyMap<number, readonly Step[]>,
  until: number,
): Promise<Loaded> {
  const issued = await loadIssued(sql, things);
  const lotWide = await loadLotWide(sql, lotsOf(issued), until);
  const issues = [...issued.values()];
  const gtins = new Set(issues.flatMap(({ gtin }) => gtin ?? []));
  const bodies = [...gtins].flatMap((gtin) =>
    (known.masters.certificates(gtin, until) ?? []).map(({ issuer }) => issuer),
  );
  const makers = issues.flatMap(({ issuer }) => issuer ?? []);
  const around = await loadSurroundings(sql, known, chains.values(), { makers, bodies }, until);
  if (!known.orders.any(until)) {
    const unissued = [...things].filter((thing) => !issued.has(thing));
    return { chains, lotWide, issued, around, epcs: await epcTexts(sql, unissued), under: null };
  }
  const [epcs, issuedAt] = await Promise.all([
    epcTexts(sql, chains.keys()),
    timesOf(sql, new Set(issues.map(({ seq }) => seq))),
  ]);
  return { chains, lotWide, issued, around, epcs, under: { issuedAt } };
}

/** Tells what the history of a thing contradicts, by the entries up to `seq`, at the time of that entry. */
export function looker(
  { chains, lotWide, issued, around, epcs, under }: Loaded,
  { masters, docket, atlas, orders, lists }: Known,
  seq: number,
  asOf: number,
) {
  const before = seq + 1;
  const thresholds = docket.thresholds(before);
  const positionOf = (place: PlaceId) => atlas.positionOf(place, before);
  const chainOf = (number: number): readonly Step[] =>
    upTo(chains.get(number) ?? lotWide.get(number) ?? [], seq);
  const lotOf = (unit: number): number | null => issued.get(unit)?.lotUnit ?? null;
  const shared = histories(chainOf, lotOf);
  // Things that went through the same together, and that the same orders name, have the same findings.
  const alike = new Map<string, Findings>();

  function stopsOf(unit: number, life: Life, steps: readonly Step[]): Stop[] {
    const epc = epcs.get(unit);
    if (under === null || epc === undefined || !orders.any(before)) return [];
    const code = issued.get(unit);
    const isIssued = code !== undefined && code.seq < before;
    const thing: KnownThing = {
      unit,
      epc,
      type: epc.startsWith('00/') ? 'container' : 'unit',
      gtin: isIssued ? code.gtin : null,
      lot: isIssued ? code.lot : null,
      maker: isIssued ? code.issuer : null,
      issuedAt: isIssued ? (under.issuedAt.get(code.seq) ?? null) : null,
      life,
      steps,
    };
    const asked = askedOf(thing, around.whereabouts(before));
    const containers = asked.containers.flatMap((container) => epcs.get(container) ?? []);
    const visits = visitsOf(life.claims, steps);
    return orders.about({ ...asked, ...asked.where(), containers, visits }, before);
  }

  function standardOf(product: ProductTraits | null): Thing['standard'] {
    const published = product === null ? null : lists.standards(before);
    const superseded = published?.list.get(product?.standard ?? '');
    return published === null || superseded === undefined ? null : { seq: published.seq, ...superseded };
  }

  return (unit: number): Findings => {
    const own = chainOf(unit);
    const code = issued.get(unit);
    const epc = epcs.get(unit);
    const isUnit = code === undefined ? !epc?.startsWith('00/') : code.gtin !== null;
    const named =
      epc === undefined ? '' : `${orders.naming(epc)}|${code?.lot ? orders.naming(code.lot) : ''}`;
    const key = `${named}/${isUnit}/${likeness(own, code)}`;
    const known = alike.get(key);
    if (known) return known;
    const concerning = shared.concerning(unit);
    const context = contextOf(code, concerning, masters, { asOf, before });
    const life = lifeOf(unit, shared, context);
    const gtin = context.issued ? (code?.gtin ?? null) : null;
    const product = gtin === null ? null : atlas.product(gtin, before);
    const stops = stopsOf(unit, life, concerning);
    const found = ownContradictions(
      [
        ...life.contradictions,
        ...foundIn({
          state: life.state,
          moves: life.moves,
          told: toldIn(life, concerning),
          orders: stops,
          issued: context.issued,
          isUnit,
          asOf,
          graceMs: context.graceMs,
          positionOf,
          thresholds,
          certificates: gtin === null ? null : masters.certificates(gtin, before),
          product,
          standard: standardOf(product),
          ...around.around(identityOf(code, before), before),
        }),
      ],
      [own, shared.lotWide(unit)],
      // An order is about the thing itself, even where what it stops is done to its container.
      stops.map((stop) => stop.seq),
    );
    alike.set(key, found);
    return found;
  };
}

/** What of a code was issued by the entries before `before`; nothing of what was never issued here. */
const identityOf = (code: Issued | undefined, before: number): Identity =>
  code !== undefined && code.seq < before
    ? { gtin: code.gtin, sample: code.lot ?? '', maker: code.issuer }
    : { gtin: null, sample: '', maker: null };

/** The hops of a life with what each is worth. */
function toldIn({ claims }: Life, concerning: readonly Step[]): Told[] {
  const hops = new Map(concerning.map(({ hop }) => [hop.seq, hop]));
  return claims.flatMap(({ seq, standing, effect }) => {
    const hop = hops.get(seq);
    return hop === undefined ? [] : [{ hop, standing, effect }];
  });
}

function likeness(own: readonly Step[], issued: Issued | undefined): string {
  let key = `${issued?.issuer}/${issued?.gtin}/${issued?.lotUnit}/${issued?.seq}`;
  for (const { hop, position, parent } of own) key += `/${hop.seq}${position}${parent ?? ''}`;
  return key;
}

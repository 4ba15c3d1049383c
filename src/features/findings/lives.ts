/** Units and containers as the entries up to one tell them: each history is folded once, however many things share it. */

import type { Epc } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import type { Step } from '../../core/life/history.ts';
import { type Life, lifeOf } from '../../core/life/lifecycle.ts';
import type { LifecycleContext } from '../../core/life/lifecycle-state.ts';
import { histories } from '../../core/life/membership.ts';
import type { Unissued } from '../../core/rules/thing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { epcTexts, loadLotWide } from '../events/chains.ts';
import { contextOf, type Issued, loadIssued } from '../events/context.ts';
import { askedOf, cameTo, type KnownThing, visitsOf } from '../orders/asked.ts';
import { lotsOf } from '../units/histories.ts';
import { timesOf } from './filing.ts';
import { upTo } from './found.ts';
import type { Known } from './known.ts';
import type { Visited } from './standing-orders.ts';
import { loadSurroundings, type Surroundings } from './surroundings.ts';

/** What a step needs of the things that it looks at, loaded at once. */
export interface LoadedThings {
  readonly chains: ReadonlyMap<number, readonly Step[]>;
  readonly lotWide: ReadonlyMap<number, readonly Step[]>;
  readonly issued: ReadonlyMap<number, Issued>;
  readonly around: Surroundings;
  /** Of what was not issued here, and while anybody ordered anything of all. */
  readonly epcs: ReadonlyMap<number, Epc>;
  /** Products, by GTIN, of what was not issued here, where somebody is vetted to own them. */
  readonly registered: ReadonlyMap<string, Registered>;
  /** When codes were issued, by entry; null while nobody ordered anything. */
  readonly issuedAt: ReadonlyMap<number, number> | null;
}

/** A product of somebody vetted: the entry that says so, and the first by which units of it got codes. */
export interface Registered {
  readonly seq: number;
  readonly coded: number | null;
}

/** Things by internal number, with entries below `until`. A fixed number of statements. */
export async function loadThings(
  sql: Sql,
  known: Known,
  things: ReadonlySet<number>,
  chains: ReadonlyMap<number, readonly Step[]>,
  until: number,
): Promise<LoadedThings> {
  const issued = await loadIssued(sql, things);
  const lotWide = await loadLotWide(sql, lotsOf(issued), until);
  const issues = [...issued.values()];
  const gtins = new Set(issues.flatMap(({ gtin }) => gtin ?? []));
  const bodies = [...gtins].flatMap((gtin) =>
    (known.masters.certificates(gtin, until) ?? []).map(({ issuer }) => issuer),
  );
  const makers = issues.flatMap(({ issuer }) => issuer ?? []);
  const around = await loadSurroundings(sql, known, chains.values(), { makers, bodies }, until);
  const unissued = [...things].filter((thing) => !issued.has(thing));
  const ordered = known.orders.any(until);
  const [epcs, issuedAt] = await Promise.all([
    epcTexts(sql, ordered ? chains.keys() : unissued),
    ordered ? timesOf(sql, new Set(issues.map(({ seq }) => seq))) : null,
  ]);
  const strange = new Set(unissued.map((thing) => gtinIn(epcs.get(thing) ?? '')));
  return { chains, lotWide, issued, around, epcs, registered: await loadRegistered(sql, strange), issuedAt };
}

/** One statement, or none. Codes are numbered in the order in which they are issued. */
async function loadRegistered(sql: Sql, gtins: ReadonlySet<string>): Promise<Map<string, Registered>> {
  const asked = [...gtins].filter((gtin) => gtin !== '');
  if (asked.length === 0) return new Map();
  const rows = await sql<(Registered & { gtin: string })[]>`
    SELECT asked.gtin, o.seq,
      (SELECT i.seq FROM issues i WHERE i.gtin = asked.gtin AND i.lot IS NOT NULL ORDER BY i.first_unit LIMIT 1) AS coded
    FROM unnest(${arrayLiteral(asked)}::text[]) AS asked (gtin) JOIN owners o ON o.identifier = 'gtin:' || asked.gtin`;
  return new Map(rows.map(({ gtin, ...registered }) => [gtin, registered]));
}

/** A unit or container with its life, and what that was folded from. */
export interface Lived {
  /** Its own steps and those of its lot. */
  readonly chains: readonly [own: readonly Step[], lotWide: readonly Step[]];
  /** Whatever may concern it. */
  readonly concerning: readonly Step[];
  readonly code: Issued | undefined;
  readonly context: LifecycleContext;
  readonly life: Life;
  readonly isUnit: boolean;
  /** What is known of the product of a unit that was never issued; null of what was, and of what nobody here owns. */
  readonly unissued: Unissued | null;
  /** As orders ask about it; null while nobody ordered anything. */
  readonly subject: Visited | null;
}

export interface Lives {
  /** Of things that went through the same together, and that the same orders name, always the same one. */
  likeOf(thing: number): number;
  /** Of what `likeOf` answers. */
  lived(thing: number): Lived;
}

/** By the entries up to `seq`; at the time `asOf`, by which alone grace periods are judged. */
export function livesAt(
  { chains, lotWide, issued, around, epcs, registered, issuedAt }: LoadedThings,
  { masters, orders }: Known,
  seq: number,
  asOf: number,
): Lives {
  const before = seq + 1;
  const chainOf = (number: number): readonly Step[] =>
    upTo(chains.get(number) ?? lotWide.get(number) ?? [], seq);
  const shared = histories(chainOf, (unit) => issued.get(unit)?.lotUnit ?? null);
  const firsts = new Map<string, number>();
  const known = new Map<number, Lived>();

  const isUnit = (thing: number): boolean => {
    const code = issued.get(thing);
    return code === undefined ? !epcs.get(thing)?.startsWith('00/') : code.gtin !== null;
  };

  function unissuedOf(thing: number): Unissued | null {
    const product = registered.get(issued.has(thing) ? '' : gtinIn(epcs.get(thing) ?? ''));
    if (product === undefined || product.seq >= before || !isUnit(thing)) return null;
    return { coded: product.coded !== null && product.coded < before };
  }

  function subjectOf(unit: number, life: Life, steps: readonly Step[]): Visited | null {
    const epc = epcs.get(unit);
    if (issuedAt === null || epc === undefined || !orders.any(before)) return null;
    const code = issued.get(unit);
    const isIssued = code !== undefined && code.seq < before;
    const thing: KnownThing = {
      unit,
      epc,
      type: epc.startsWith('00/') ? 'container' : 'unit',
      gtin: isIssued ? code.gtin : null,
      lot: isIssued ? code.lot : null,
      maker: isIssued ? code.issuer : null,
      issuedAt: isIssued ? (issuedAt.get(code.seq) ?? null) : null,
      life,
      steps,
    };
    const asked = askedOf(thing, around.whereabouts(before));
    const containers = asked.containers.flatMap((container) => epcs.get(container) ?? []);
    return {
      ...asked,
      ...asked.where(),
      containers,
      visits: visitsOf(life.claims, steps),
      cameTo: (party) => cameTo(party, life.claims, steps),
    };
  }

  function tell(thing: number): Lived {
    const code = issued.get(thing);
    const concerning = shared.concerning(thing);
    const context = contextOf(code, concerning, masters, { asOf, before });
    const life = lifeOf(thing, shared, context);
    return {
      chains: [chainOf(thing), shared.lotWide(thing)],
      concerning,
      code,
      context,
      life,
      isUnit: isUnit(thing),
      unissued: unissuedOf(thing),
      subject: subjectOf(thing, life, concerning),
    };
  }

  return {
    likeOf(thing) {
      const epc = epcs.get(thing);
      const code = issued.get(thing);
      const named =
        epc === undefined ? '' : `${orders.naming(epc)}|${code?.lot ? orders.naming(code.lot) : ''}`;
      const key = `${named}/${isUnit(thing)}/${unissuedOf(thing)?.coded}/${likeness(chainOf(thing), code)}`;
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, thing);
      return first ?? thing;
    },
    lived(thing) {
      const told = known.get(thing) ?? tell(thing);
      known.set(thing, told);
      return told;
    },
  };
}

function likeness(own: readonly Step[], issued: Issued | undefined): string {
  let key = `${issued?.issuer}/${issued?.gtin}/${issued?.lotUnit}/${issued?.seq}`;
  for (const { hop, position, parent } of own) key += `/${hop.seq}${position}${parent ?? ''}`;
  return key;
}

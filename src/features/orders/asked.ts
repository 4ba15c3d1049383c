/** What orders ask of a thing, from its life and history. What strangers say of it counts for nothing here. */

import { dateOf } from '../../core/china-dates.ts';
import type { Epc, HopRecord, PartyId } from '../../core/events/hop.ts';
import { byOrder, type Step } from '../../core/life/history.ts';
import type { Claim, Life } from '../../core/life/lifecycle.ts';
import { isPacking } from '../../core/life/membership.ts';
import type { Subject, Visit } from '../../core/orders/order.ts';
import type { Names } from '../tracing/names.ts';
import type { Asked } from './effective.ts';

/** A thing with all that is known of it. */
export interface KnownThing extends Pick<Subject, 'epc' | 'type' | 'gtin' | 'maker'> {
  /** Internal number; null where no entry names it. */
  readonly unit: number | null;
  readonly lot: Epc | null;
  /** When its code was entered, ms since the epoch. */
  readonly issuedAt: number | null;
  readonly life: Pick<Life, 'state' | 'claims'>;
  /** Whatever may concern it, in any order. */
  readonly steps: readonly Step[];
}

/** Regions and places of a party or of a hop. */
export interface Whereabouts {
  ofParty(party: PartyId): Where;
  ofHop(hop: HopRecord): Where;
}

export type Where = Pick<Subject, 'regions' | 'places'>;

export function askedOf(thing: KnownThing, whereabouts: Whereabouts): Asked {
  const { unit, epc, type, gtin, lot, maker, issuedAt, life, steps } = thing;
  const { produced, chain, packings } = life.state;
  const hops = new Map(steps.map(({ hop }) => [hop.seq, hop]));
  const credible = life.claims.filter(({ standing }) => standing !== 'stranger');
  const effective = new Set(life.claims.filter(({ effect }) => effect).map(({ seq }) => seq));
  const packed = steps.flatMap((s) =>
    isPacking(s) && s.parent !== null && effective.has(s.hop.seq) ? [s.parent] : [],
  );
  return {
    unit,
    epc,
    type,
    gtin,
    lot,
    maker,
    holdings: [...chain.values()].flatMap(({ party, parted, rival }) => {
      const giving = parted === null ? undefined : hops.get(parted);
      return rival ? [] : [{ party, partedAt: giving?.until ?? null, toldAt: giving?.recordedAt ?? null }];
    }),
    containers: [...new Set([...packings.map(({ container }) => container), ...packed])],
    produced: produced === null ? null : { from: dateOf(produced.from), until: dateOf(produced.until) },
    recorded: issuedAt === null ? null : dateOf(issuedAt),
    where: () =>
      whereIn(
        whereabouts,
        maker,
        credible.flatMap(({ seq }) => hops.get(seq) ?? []),
      ),
  };
}

/** Where a thing was, by those whose word counts. */
export const visitsOf = (
  claims: readonly Pick<Claim, 'seq' | 'standing'>[],
  steps: readonly Step[],
): Visit[] => {
  const credible = new Set(claims.filter(({ standing }) => standing !== 'stranger').map(({ seq }) => seq));
  return steps.flatMap(({ hop: { seq, place, toPlace, until } }) =>
    credible.has(seq) ? [place, toPlace].filter((it) => it !== null).map((it) => ({ place: it, until })) : [],
  );
};

/** When a thing came to a party, by those whose word counts; null if the first they tell of both is something else. */
export function cameTo(
  party: PartyId,
  claims: readonly Pick<Claim, 'seq' | 'standing'>[],
  steps: readonly Step[],
): number | null {
  const credible = new Set(claims.filter(({ standing }) => standing !== 'stranger').map(({ seq }) => seq));
  const [first] = steps
    .filter(
      ({ hop: { seq, recorder, giver, taker } }) =>
        credible.has(seq) && [recorder, giver, taker].includes(party),
    )
    .sort(byOrder);
  return first?.hop.taker === party && first.hop.giver !== party ? first.hop.from : null;
}

/** All regions and places of a maker and of hops. */
export function whereIn(whereabouts: Whereabouts, maker: PartyId | null, hops: readonly HopRecord[]): Where {
  const all = [
    ...(maker === null ? [] : [whereabouts.ofParty(maker)]),
    ...hops.map((hop) => whereabouts.ofHop(hop)),
  ];
  return {
    regions: [...new Set(all.flatMap(({ regions }) => regions))],
    places: [...new Set(all.flatMap(({ places }) => places))],
  };
}

export const whereaboutsBy = (names: Names): Whereabouts => ({
  ofParty: (party) => ({
    regions: [names.party(party).region?.code].filter((it) => it !== undefined),
    places: [],
  }),
  ofHop: (hop) => names.involved(hop),
});

/** The flow of a lot or product for a reader, and the units behind every number of it. */
import { hash } from 'node:crypto';
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import { balanceTexts, type MeasuredEdge } from '../../core/life/lot.ts';
import { namesOfThing } from '../../core/mandate.ts';
import { formatGrains } from '../../core/measures.ts';
import { type Flow, flow, type Station } from '../../core/tracing/flow.ts';
import { Refusal } from '../../errors.ts';
import { isMandated, type Reader, touches } from '../access/reading.ts';
import type { FeatureDeps } from '../feature.ts';
import { isOutOfSight, type Lens, strangerOf, strangerRegion, through } from './lens.ts';
import type { LotLives } from './lot-lives.ts';
import type { LoadNames, Named, Names, RegionView } from './names.ts';
import type { FlowAnswer } from './schemas.ts';

interface FlowDeps extends Pick<FeatureDeps, 'policies'> {
  readonly names: LoadNames;
}

/** What is behind a number: cohorts of units, or entries about goods by measure. */
export type Behind =
  | { readonly kind: 'units'; readonly cohorts: readonly number[] }
  | { readonly kind: 'entries'; readonly seqs: readonly number[] };

export interface FlowView {
  readonly answer: FlowAnswer;
  /** By the keys of the answer. */
  readonly behind: ReadonlyMap<string, Behind>;
}

export const unknownFlow = (epc: string): Refusal =>
  new Refusal('unknown-batch', `No entry that you may read names goods of ${epc}; check what you ask for.`);

/** The flow as the reader may see it. Refuses `unknown-batch` when it may see nothing. */
export async function flowFor(
  { names: load, policies }: FlowDeps,
  reader: Reader,
  lives: LotLives,
): Promise<FlowView> {
  const whole = flow(lives.cohorts);
  const names = await load(stationsOf(whole, lives));
  const lens = lensOf(reader, lives, names);
  const levels = new Map(
    whole.levels.flatMap(({ level, parties }) => parties.map(({ party }) => [party, level] as const)),
  );
  const provinceAt = (place: PlaceId | null, party: PartyId | null) =>
    names.regionAt(place, party, 'province')?.code ?? null;
  const cohorts = through(lens, lives.cohorts, {
    levelOf: (party) => levels.get(party) ?? null,
    provinceAt,
  });
  const seen = lens.kind === 'everything' ? whole : flow(cohorts);
  const measured = measuredFor(lens, lives, provinceAt);
  const nothing = cohorts.length === 0 && (measured === null || measured.edges.length === 0);
  if (nothing && !(lens.kind !== 'partner' || measured?.balances.length)) throw unknownFlow(lives.epc);
  return viewOf(lives, lens, seen, measured, names, policies.regionName);
}

/** Parties and places that the whole flow names. */
function stationsOf({ edges, now }: Flow, { measured, maker }: LotLives): Named {
  const parties = new Set<PartyId>(maker === null ? [] : [maker]);
  const places = new Set<PlaceId>();
  const add = ({ party, place }: Station) => {
    if (party !== null) parties.add(party);
    if (place !== null) places.add(place);
  };
  for (const { from, to } of [...edges, ...(measured?.life.edges ?? [])]) {
    add(from);
    add(to);
  }
  for (const { holder, place, taker } of now) {
    add({ party: holder, place });
    add({ party: taker, place: null });
  }
  for (const { party } of measured?.life.balances ?? []) parties.add(party);
  return { parties, places };
}

function lensOf(reader: Reader, lives: LotLives, names: Names): Lens {
  const { party, roles, jurisdiction } = reader;
  if (isMandated(reader, namesOfThing(lives.epc, null))) return { kind: 'everything' };
  if (jurisdiction !== null && roles.includes('regulator')) {
    const stations = [
      ...lives.cohorts.flatMap(({ life: { state, moves } }) => [
        { party: state.holder, place: state.place },
        ...moves.flatMap((m) => [
          { party: m.from, place: m.fromPlace },
          { party: m.to, place: m.toPlace },
        ]),
      ]),
      ...(lives.measured?.life.edges ?? []).flatMap(({ from, to }) => [from, to]),
      { party: lives.maker, place: null },
    ];
    const touched = stations.some(({ party: who, place }) =>
      touches(jurisdiction, {
        regions: [names.regionAt(place, who)?.code, names.regionAt(null, who)?.code].filter(
          (it) => it !== undefined,
        ),
        places: place === null ? [] : [place],
      }),
    );
    if (touched) return { kind: 'everything' };
  }
  return lives.maker === party ? { kind: 'maker', party } : { kind: 'partner', party };
}

interface MeasuredView {
  readonly uom: string;
  readonly made: bigint | null;
  readonly balances: readonly BalanceSum[];
  readonly edges: readonly MeasuredEdge[];
}
interface BalanceSum {
  readonly party: PartyId;
  readonly level: number | null;
  made: bigint;
  received: bigint;
  gave: bigint;
  used: bigint;
  has: bigint;
}

/**
 * Goods by measure through a lens. Drops of one lot cannot be told apart, so a partner sees its own account alone:
 * what those it dealt with did with theirs may not be its goods.
 */
function measuredFor(
  lens: Lens,
  { measured }: LotLives,
  provinceAt: (place: PlaceId | null, party: PartyId | null) => string | null,
): MeasuredView | null {
  if (measured === null) return null;
  const { uom, life } = measured;
  if (lens.kind === 'everything') return { uom, ...life };
  const { party: reader } = lens;
  const own = life.edges.filter(({ from, to }) => from.party === reader || to.party === reader);
  if (lens.kind === 'partner') {
    const balances = life.balances.filter(({ party }) => party === reader);
    return { uom, made: null, balances, edges: own };
  }
  const known = new Set<PartyId | null>([
    reader,
    null,
    ...own.flatMap(({ from, to }) => [from.party, to.party]),
  ]);
  const levels = new Map(life.balances.map(({ party, level }) => [party, level]));
  const name = (party: PartyId, place: PlaceId | null): PartyId =>
    known.has(party) ? party : strangerOf(levels.get(party) ?? null, provinceAt(place, party));
  const balances = new Map<PartyId, BalanceSum>();
  for (const balance of life.balances) {
    const party = name(balance.party, null);
    const sum = balances.get(party);
    if (sum === undefined) balances.set(party, { ...balance, party });
    else for (const part of ['made', 'received', 'gave', 'used', 'has'] as const) sum[part] += balance[part];
  }
  const edges = new Map<string, MeasuredEdge>();
  for (const edge of life.edges) {
    const took = edge.from.party === reader || edge.to.party === reader;
    const seen = ({ party, place }: Station): Station => ({
      party: party === null ? null : name(party, place),
      place: took ? place : null,
    });
    const [from, to] = [seen(edge.from), seen(edge.to)];
    const key = JSON.stringify([from, to]);
    const sum = edges.get(key);
    edges.set(key, {
      ...edge,
      key,
      from,
      to,
      amount: edge.amount + (sum?.amount ?? 0n),
      underWay: edge.underWay + (sum?.underWay ?? 0n),
      seqs: [...(sum?.seqs ?? []), ...edge.seqs],
    });
  }
  return { uom, made: life.made, balances: [...balances.values()], edges: [...edges.values()] };
}

function viewOf(
  { epc, before, at: moment }: LotLives,
  lens: Lens,
  seen: Flow,
  measured: MeasuredView | null,
  names: Names,
  regionName: (code: string) => { zh: string; en: string },
): FlowView {
  const behind = new Map<string, Behind>();
  const remember = (kind: string, key: string, what: Behind): string => {
    const short = `${before.toString(36)}.${hash('sha256', `${moment} ${kind} ${key}`, 'base64url').slice(0, 22)}`;
    behind.set(short, what);
    return short;
  };
  const region = (code: string | null): RegionView | null =>
    code === null ? null : { code, ...regionName(code) };
  const somebody = (party: PartyId | null, place: PlaceId | null) => {
    const merged = party === null ? null : strangerRegion(party);
    return {
      party: party === null || merged !== null ? null : names.party(party),
      region: merged === null ? names.regionAt(place, party) : region(merged.region),
    };
  };
  const station = ({ party, place }: Station) => ({
    ...somebody(party, place),
    place: place === null ? null : names.place(place),
  });
  const answer: FlowAnswer = {
    epc,
    asOf: before,
    at: moment === null ? null : new Date(moment).toISOString(),
    complete: lens.kind === 'everything',
    units: seen.units,
    levels: seen.levels.map(({ level, parties }) => ({
      level,
      parties: parties.map(({ party, received, gave }) => ({ ...somebody(party, null), received, gave })),
    })),
    edges: seen.edges.map(({ key, level, from, to, units, hops, firstSeq, lastSeq, cohorts }) => ({
      key: remember('edge', key, { kind: 'units', cohorts }),
      level,
      from: station(from),
      to: station(to),
      units,
      hops,
      firstSeq,
      lastSeq,
    })),
    now: seen.now
      .filter((heap) => !isOutOfSight(heap))
      .map(({ key, stage, holder, place, taker, blocked, units, cohorts }) => {
        const { party, region: at } = somebody(holder, place);
        return {
          key: remember('now', key, { kind: 'units', cohorts }),
          stage,
          holder: party,
          place: place === null ? null : names.place(place),
          region: at,
          taker: somebody(taker, null).party,
          blocked,
          units,
        };
      }),
    measured:
      measured === null
        ? null
        : {
            uom: measured.uom,
            made: measured.made === null ? null : formatGrains(measured.made, measured.uom),
            balances: measured.balances.map((balance) => ({
              ...somebody(balance.party, null),
              level: balance.level,
              ...balanceTexts(balance, measured.uom),
            })),
            edges: measured.edges.map(({ key, level, from, to, amount, underWay, seqs: all }) => {
              const seqs = [...new Set(all)].sort((a, b) => a - b);
              return {
                key: remember('measured', key, { kind: 'entries', seqs }),
                level,
                from: station(from),
                to: station(to),
                quantity: formatGrains(amount, measured.uom),
                underWay: formatGrains(underWay, measured.uom),
                hops: seqs.length,
                firstSeq: seqs[0] ?? 0,
                lastSeq: seqs.at(-1) ?? 0,
              };
            }),
          },
  };
  return { answer, behind };
}

/** The prefix of the log that a key was made for; null when it is no key. */
export function prefixOfKey(key: string): number | null {
  const before = /^([0-9a-z]{1,11})\.[A-Za-z0-9_-]{22}$/.exec(key)?.[1];
  const seq = before === undefined ? Number.NaN : Number.parseInt(before, 36);
  return Number.isSafeInteger(seq) ? seq : null;
}

/** Verifies codes: reads what is known of them in a fixed number of statements, checks signatures meanwhile, answers. */
import type { ParsedCode } from '../../core/codes/code.ts';
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import type { Step } from '../../core/life/history.ts';
import { loadKeptChains, loadLotWide } from '../events/chains.ts';
import type { Issued } from '../events/context.ts';
import type { FeatureDeps } from '../feature.ts';
import { askedOf, type KnownThing, type Whereabouts } from '../orders/asked.ts';
import { type EffectiveOrder, effectiveOrders } from '../orders/effective.ts';
import type { Policies } from '../policies/policies.ts';
import { historiesOf, lotsOf, mastersOf } from '../units/histories.ts';
import { coalescing } from './coalescing.ts';
import { createKeptLives } from './kept-lives.ts';
import { createLongChains } from './long-chains.ts';
import { type PublicData, publicData, type Wanted } from './public-data.ts';
import { type AskedThing, findThings, issuedLots } from './queries.ts';
import type { Device, Scans } from './scans.ts';
import { signatureCheck, type VerifySignature, verifyInPool } from './signatures.ts';
import { hostOf, type Names, type Told, type Verification, verificationOf } from './verification.ts';

/** A code to verify. */
export interface Asked {
  /** As sent. */
  readonly text: string;
  readonly code: ParsedCode;
}

/** Who asks. */
export interface Visit extends Device {
  /** GB/T 2260, as coarse as it is kept. */
  readonly region: string | null;
}

/** Answers the codes in their order, and notes the scans. */
export type Verify = (asked: readonly Asked[], visit: Visit) => Promise<Verification[]>;

interface Thing extends AskedThing {
  readonly code: ParsedCode;
}

const everything = Number.MAX_SAFE_INTEGER;
/** Stands for what no entry names; numbers of things begin at 1. */
const unnamed = 0;
/** Codes of a small request. */
const fewMax = 25;
/** Each costs a round trip a statement, so few at once, but nobody waits long behind a thing with a long history. */
const loads = { loadsMax: 4, patienceMs: 100 };

export function createVerify(
  deps: Pick<
    FeatureDeps,
    'db' | 'reads' | 'lookups' | 'ledger' | 'keystore' | 'genesis' | 'policies' | 'host' | 'now'
  >,
  scans: Scans,
  verifyFew: VerifySignature,
): Verify {
  const { sql } = deps.lookups;
  const masters = mastersOf(deps.ledger, deps.reads.sql);
  const dataOfNow = publicData(deps);
  const checkFew = signatureCheck(dataOfNow, verifyFew);
  const checkMany = signatureCheck(dataOfNow, verifyInPool);
  const orders = effectiveOrders(sql);
  const longChains = createLongChains();
  const reliableOf = createKeptLives();
  const about = {
    host: deps.host,
    hosts: [deps.host, deps.genesis.host],
    policies: remembering(deps.policies),
  };
  /** Whether a code was printed as one of ours, rightly or not: other systems number products as well, and people mistype. */
  const bears = (code: ParsedCode): boolean =>
    code.signed !== null || hostOf({ code, hosts: about.hosts }) === 'ours';

  /**
   * Statements: what the log names, lots if any, one a level of nesting, what holds for lots, orders, and what is not in
   * memory.
   */
  async function read(things: readonly Thing[]): Promise<Told[]> {
    const now = deps.now();
    const lots = things.flatMap(({ code }) => (code.identifier.type === 'lot' ? [code.epc] : []));
    const [found, lotIssues, data] = await Promise.all([
      findThings(sql, things),
      issuedLots(sql, lots),
      dataOfNow(),
      masters.freshen(),
    ]);
    const issued = new Map<number, Issued>();
    const moved: number[] = [];
    for (const thing of found) {
      if (thing === null) continue;
      if (thing.issued !== null) issued.set(thing.unit, thing.issued);
      // What only its issue names has no history.
      if (thing.entries > 1 || thing.issued === null) moved.push(thing.unit);
    }
    const [chains, lotWide] = await Promise.all([
      loadKeptChains(sql, moved, longChains),
      loadLotWide(sql, lotsOf(issued)),
    ]);
    const loaded = historiesOf(chains, lotWide, issued, masters, everything);
    const known = things.map(({ code }, i) => {
      const thing = found[i] ?? null;
      const { life, steps } = reliableOf(code.identifier.type, thing?.unit ?? unnamed, {
        loaded,
        masters: masters.last(),
        graceMs: masters.graceMs(Number.POSITIVE_INFINITY),
        now,
      });
      return {
        found: thing,
        issued: thing?.issued ?? lotIssues.get(code.epc) ?? null,
        life,
        steps,
        data,
      };
    });
    await data.load(
      wantedFor(
        things,
        known.map(({ steps }) => steps),
        [...issued.values(), ...lotIssues.values()],
        data,
      ),
    );
    const stopping = await ordersAbout(things, known, data);
    return known.map((one, i) => ({ ...one, orders: stopping[i] ?? [] }));
  }

  /** Of codes that nobody issued nothing is shown, so nothing is asked. */
  async function ordersAbout(
    things: readonly Thing[],
    known: readonly Omit<Told, 'orders'>[],
    data: PublicData,
  ): Promise<(readonly EffectiveOrder[])[]> {
    const asked = things.flatMap(({ code }, i) => {
      const one = known[i];
      return one?.issued == null ? [] : [{ i, thing: askedOf(knownThing(code, one), whereaboutsIn(data)) }];
    });
    const about = await orders.about(asked.map(({ thing }) => thing));
    const found: (readonly EffectiveOrder[])[] = things.map(() => []);
    for (const [j, { i }] of asked.entries()) found[i] = about[j] ?? [];
    await data.load({ gtins: [], parties: about.flat().map(({ fact }) => fact.by), places: [] });
    return found;
  }

  // Apart, so that one phone does not wait behind a shop that verifies its whole delivery.
  const lookFew = coalescing(read, { ...loads, itemsMax: fewMax * 4 });
  const lookMany = coalescing(read, { ...loads, itemsMax: 1000 });

  return async (asked, visit) => {
    const now = deps.now();
    const device = scans.deviceOf(visit, now);
    const [look, check] = asked.length > fewMax ? [lookMany, checkMany] : [lookFew, checkFew];
    const [told, good] = await Promise.all([
      look(asked.map(({ code }) => ({ code, epc: code.epc, device }))),
      Promise.all(asked.map(({ code }) => check(code.epc, code.signed))),
    ]);
    return asked.map(({ text, code }, i) => {
      const one = told[i];
      if (one === undefined) throw new Error('a code was left without an answer');
      const answer = verificationOf(one, {
        text,
        code,
        signatureGood: good[i] ?? null,
        host: about.host,
        hosts: about.hosts,
        policies: about.policies,
        now,
      });
      const { robot, own, region, address } = visit;
      const { verdict } = answer;
      if (one.found !== null)
        scans.note({ unit: one.found.unit, at: now, verdict, region, device, robot, own });
      const forged = verdict === 'forged';
      const { identifier, epc } = code;
      if (identifier.type === 'unit' && (forged || one.found === null) && bears(code) && !robot && !own)
        scans.noteStray({ gtin: identifier.gtin, epc, address, at: now, region, forged });
      return answer;
    });
  };
}

function knownThing(
  { identifier, epc }: ParsedCode,
  { found, issued, life, steps }: Omit<Told, 'orders'>,
): KnownThing {
  const lot = identifier.type === 'lot' ? epc : (found?.issued?.lot ?? null);
  const { gtin = null, issuer: maker = null, issuedAt = null } = issued ?? {};
  const unit = found?.unit ?? null;
  return { unit, epc, type: identifier.type, gtin, lot, maker, issuedAt, life, steps };
}

const whereaboutsIn = (data: PublicData): Whereabouts => ({
  ofParty: (party) => ({ regions: regionOf(data.party(party)), places: [] }),
  ofHop({ recorder, giver, taker, place, toPlace }) {
    const places = [place, toPlace].filter((it) => it !== null);
    const parties = [recorder, giver, taker].filter((it) => it !== null);
    return {
      places,
      regions: [
        ...places.flatMap((it) => regionOf(data.place(it))),
        ...parties.flatMap((it) => regionOf(data.party(it))),
      ],
    };
  },
});

const regionOf = (fact: { readonly region?: string } | undefined): string[] =>
  fact?.region === undefined ? [] : [fact.region];

/** The products, parties and places that the answers will name, or that tell where things were. */
function wantedFor(
  things: readonly Thing[],
  steps: readonly (readonly Step[])[],
  issued: readonly { readonly issuer: PartyId | null; readonly kid: string }[],
  data: PublicData,
): Wanted {
  const gtins = new Set<string>();
  const parties = new Set<PartyId>();
  const places = new Set<PlaceId>();
  for (const { code } of things) if ('gtin' in code.identifier) gtins.add(code.identifier.gtin);
  for (const { issuer, kid } of issued) {
    const maker = issuer ?? data.key(kid)?.party;
    if (maker !== undefined) parties.add(maker);
  }
  for (const own of steps) {
    for (const { hop } of own) {
      for (const party of [hop.recorder, hop.giver, hop.taker]) if (party !== null) parties.add(party);
      for (const place of [hop.place, hop.toPlace]) if (place !== null) places.add(place);
    }
  }
  return { gtins, parties, places };
}

/** The names of regions, each put together once: they do not change while the service runs. */
function remembering(policies: Policies): Names {
  const known = new Map<string, ReturnType<Policies['regionName']>>();
  return {
    category: policies.category,
    regionName(code, level = 'county') {
      const before = known.get(`${level}${code}`);
      if (before !== undefined) return before;
      const name = policies.regionName(code, level);
      if (policies.isRegion(code)) known.set(`${level}${code}`, name);
      return name;
    },
  };
}

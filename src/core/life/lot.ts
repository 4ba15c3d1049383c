/**
 * The flow of goods by measure: metres of hose, kilograms of powder, litres of foam. A lot is divided by every
 * shipment, so it has no single holder; instead each party has a balance, and what leaves it must have come in.
 *
 * Amounts are grains (measures.ts), so that what is told in kilograms, grams and tonnes adds up. Rules:
 *   - of what kind a lot is, mass or length, the first says that tells of its making for the owner of its GTIN, else the
 *     first whose word counts; an amount of another kind is kept, moves nothing, and contradicts that one
 *   - producing and the outputs of splits add to the recorder's balance; inputs, sales, installing, refilling,
 *     scrapping, destroying and samples take from it
 *   - a shipment takes from its giver and is under way until its taker records receipts, in one or several parts; to a
 *     party without an account it arrives at once
 *   - a party that passes on more than it has received is presumed to have received what is under way to it
 *   - more going out than came in, more received than was shipped, more made than planned: contradictions
 *   - cancelling takes back no more than was shipped and is still under way; naming more is careless, or a contradiction
 *   - who reports from another's place that goods left it, and does not have as much, moves nothing: it was not its act
 *   - strangers' claims change no balance, nor do the acts of officials who have none
 *
 * Example: A makes 100 m (1), ships 60 m to B (2), B receives 59 m (3), B sells 60 m (4).
 *   3 leaves 1 m under way; 4 presumes it received; balances A 40, B 0; sold 60.
 */

import { type PartyId, type PlaceId, reportsGiving } from '../events/hop.ts';
import { type Amount, formatGrains, grainsOf, measureOf, tellingUnit } from '../measures.ts';
import { levelsOf, type Station } from '../tracing/flow.ts';
import type { Contradiction, Severity } from './contradictions.ts';
import { arrange, half, isBirth, type Step } from './history.ts';
import { isMandated, type LifecycleContext, type Standing } from './lifecycle-state.ts';
import { actsByOffice, actTogether, isStub } from './standing.ts';

export interface LotContext extends LifecycleContext {
  /** How many pieces the maker had codes issued for, in millionths; null when it had none. Lots by measure have no codes. */
  readonly planned: bigint | null;
}

export interface MeasuredEdge {
  /** By whom, from where, to whom, to where. */
  readonly key: string;
  readonly from: Station;
  readonly to: Station;
  readonly level: number | null;
  /** How much went this way, in grains: received, sold, or arrived by presumption. */
  readonly amount: bigint;
  /** How much more is under way, in grains. */
  readonly underWay: bigint;
  /** Hops behind it, in order of seq: by these the caller pages into events. */
  readonly seqs: readonly number[];
}

/** In grains. */
export interface Balance {
  readonly party: PartyId;
  readonly level: number | null;
  readonly made: bigint;
  readonly received: bigint;
  readonly gave: bigint;
  /** Used, sold without a named buyer, scrapped, destroyed, sampled. */
  readonly used: bigint;
  readonly has: bigint;
}

/** What orders ask beside that (core/orders/order-effect.ts). In grains. */
export interface LotBalance extends Balance {
  /** Of what it used: scrapped and destroyed. */
  readonly destroyed: bigint;
  /** Of what it has: what it gave to others and came back. That is passed on last, and destroyed first. */
  readonly back: bigint;
}

/** The amounts of a balance as decimals of a unit of measure, for those who read them. */
export const balanceTexts = ({ made, received, gave, used, has }: Balance, uom: string) => ({
  made: formatGrains(made, uom),
  received: formatGrains(received, uom),
  gave: formatGrains(gave, uom),
  used: formatGrains(used, uom),
  has: formatGrains(has, uom),
});

export interface LotLife {
  /** The unit of measure to tell its amounts in; null where nobody whose word counts told any. */
  readonly uom: string | null;
  /** In grains. */
  readonly made: bigint;
  readonly balances: readonly LotBalance[];
  readonly edges: readonly MeasuredEdge[];
  readonly claims: readonly { readonly seq: number; readonly standing: Standing; readonly effect: boolean }[];
  readonly contradictions: readonly Contradiction[];
  /** Where a party parted with more than it had, by seq: how much it had by then, in grains; less than none after others. */
  readonly shortages: ReadonlyMap<number, { readonly had: bigint; readonly parted: bigint }>;
}

/** By which entry a lot is of its kind. */
interface Measured {
  readonly seq: number;
  readonly kind: string;
  readonly uom: string;
}

const measuredBy = (seq: number, { uom }: Amount): Measured => ({
  seq,
  kind: measureOf(uom).kind,
  uom: tellingUnit(uom),
});

interface Account {
  made: bigint;
  received: bigint;
  gave: bigint;
  used: bigint;
  destroyed: bigint;
  has: bigint;
  /** What others have of it, and what came back from them. */
  outside: bigint;
  back: bigint;
  /** seq of the hop that last added to it. */
  last: number | null;
}

interface UnderWay {
  readonly step: Step;
  readonly giver: PartyId;
  readonly taker: PartyId | null;
  left: bigint;
  /** What was shipped and not cancelled, whether it arrived or not. */
  sent: bigint;
}

interface EdgeSum {
  readonly key: string;
  readonly from: Station;
  readonly to: Station;
  amount: bigint;
  underWay: bigint;
  readonly seqs: Set<number>;
}

/** Math.min knows no bigint. */
function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** What came back goes last. */
function reduce(account: Account, amount: bigint): void {
  account.has -= amount;
  account.back = lesser(account.back, account.has > 0n ? account.has : 0n);
}

/** Notes what a party gives. */
function give(account: Account, amount: bigint, toOthers: boolean): void {
  account.gave += amount;
  if (toOthers) account.outside += amount;
}

const text = (value: string | null): string => value ?? '';

/** The balances and flow of a lot by measure. Steps without an amount (releases, holds) change none. */
export function foldLot(steps: readonly Step[], context: LotContext): LotLife {
  const arranged = arrange(steps);
  const book = new Book(context);
  book.measureBy(arranged);
  for (const step of arranged) book.enter(step);
  return book.close();
}

class Book {
  readonly #context: LotContext;
  /** Cancellations of what was not shipped by then. */
  readonly #astray: Step[] = [];
  readonly #accounts = new Map<PartyId, Account>();
  readonly #underWayTo = new Map<PartyId | null, UnderWay[]>();
  readonly #shipments = new Map<number, UnderWay>();
  readonly #edges = new Map<string, EdgeSum>();
  readonly #claims: { seq: number; standing: Standing; effect: boolean }[] = [];
  readonly #contradictions: Contradiction[] = [];
  readonly #shortages = new Map<number, { readonly had: bigint; readonly parted: bigint }>();
  readonly #roots = new Set<PartyId>();
  #measured: Measured | null = null;
  #made = 0n;
  #firstMade: number | null = null;

  constructor(context: LotContext) {
    this.#context = context;
    if (context.issuer !== null) this.#account(context.issuer);
  }

  /** The maker says of what kind its lot is, however late it says so. */
  measureBy(arranged: readonly Step[]): void {
    const making = arranged.find(
      (step) => step.amount !== null && isBirth(step.hop, step.position) && this.#speaksForIssuer(step),
    );
    if (making?.amount) this.#measured = measuredBy(making.hop.seq, making.amount);
  }

  /** What is still under way to a party, or to nobody named. */
  #expected(taker: PartyId | null): UnderWay[] {
    const left = (this.#underWayTo.get(taker) ?? []).filter((s) => s.left > 0n);
    this.#underWayTo.set(taker, left);
    return left;
  }

  #account(party: PartyId): Account {
    const known = this.#accounts.get(party);
    if (known) return known;
    const fresh: Account = {
      made: 0n,
      received: 0n,
      gave: 0n,
      used: 0n,
      destroyed: 0n,
      has: 0n,
      outside: 0n,
      back: 0n,
      last: null,
    };
    this.#accounts.set(party, fresh);
    return fresh;
  }

  #standing(step: Step): Standing {
    const { recorder, giver } = step.hop;
    const account = this.#accounts.get(recorder);
    if (account !== undefined && account.has > 0n) return 'holder';
    if (this.#speaksForIssuer(step)) return 'delegate';
    if (account !== undefined || step.orphanedBy !== null) return 'counterparty';
    if (this.#context.issuer === null && this.#accounts.size === 0) return 'holder';
    const fromStub =
      half(step.hop) === 'taking' && giver !== null && (this.#accounts.get(giver)?.has ?? 0n) > 0n;
    return fromStub && isStub(giver, step.hop.recordedAt, this.#context) ? 'counterparty' : 'stranger';
  }

  #speaksForIssuer({ hop }: Step): boolean {
    const { issuer } = this.#context;
    return (
      issuer !== null && (issuer === hop.recorder || isMandated(this.#context, issuer, hop.recorder, hop))
    );
  }

  #found(rule: Contradiction['rule'], other: number | null, step: Step, severity: Severity): void {
    this.#contradictions.push({ rule, seqs: [other ?? step.hop.seq, step.hop.seq], severity });
  }

  enter(step: Step): void {
    const { amount, hop } = step;
    if (amount === null || step.position === 'parent') return;
    const standing = this.#standing(step);
    if (standing === 'stranger' && actsByOffice(hop)) {
      this.#claims.push({ seq: hop.seq, standing: 'authority', effect: false });
      return;
    }
    if (standing === 'stranger') {
      this.#claims.push({ seq: hop.seq, standing, effect: false });
      const receipt = half(hop) === 'taking';
      if (!receipt) this.#found('stranger-claim', null, step, 'claim');
      else if (this.#isLate(step)) this.#found('receipt-without-shipment', null, step, 'claim');
      return;
    }
    const grains = grainsOf(amount);
    if (reportsGiving(hop) && (this.#accounts.get(hop.recorder)?.has ?? 0n) < grains) {
      this.#claims.push({ seq: hop.seq, standing, effect: false });
      return;
    }
    this.#measured ??= measuredBy(hop.seq, amount);
    const isComparable = measureOf(amount.uom).kind === this.#measured.kind;
    if (!isComparable) this.#found('measured-in-another-kind', this.#measured.seq, step, 'quality');
    const effect = isComparable && this.#act(step, grains);
    this.#claims.push({ seq: hop.seq, standing, effect });
  }

  #isLate = ({ hop }: Step): boolean => this.#context.asOf - hop.recordedAt > this.#context.graceMs;

  #act(step: Step, amount: bigint): boolean {
    const { hop, position } = step;
    switch (hop.hop) {
      case 'produce':
      case 'adopt':
        return this.#make(step, amount);
      case 'transform':
      case 'split':
        return position === 'output' ? this.#make(step, amount) : this.#use(step, amount);
      case 'ship':
        return this.#ship(step, amount);
      case 'receive':
        return this.#receive(step, amount);
      case 'return':
        return half(hop) === 'taking' ? this.#receive(step, amount) : this.#ship(step, amount);
      case 'cancel':
        return this.#cancel(step, amount);
      case 'sell':
        return this.#sell(step, amount);
      case 'inspect':
        return hop.note === 'sample' || hop.note === 'sampling' ? this.#use(step, amount) : false;
      case 'install':
        return this.#use(step, amount);
      case 'scrap':
      case 'destroy':
        return this.#destroy(step, amount);
      case 'replace':
      case 'maintain':
      case 'refill':
        return hop.note === 'old' ? false : this.#use(step, amount);
      case 'relabel':
        return hop.note === 'new' ? this.#make(step, amount) : this.#use(step, amount);
      case 'release':
      case 'pack':
      case 'unpack':
      case 'remove':
      case 'hold':
      case 'seize':
      case 'lift':
      case 'correct':
      case 'void':
        return false;
    }
  }

  #make(step: Step, amount: bigint): boolean {
    const { hop } = step;
    const account = this.#account(hop.recorder);
    account.made += amount;
    account.has += amount;
    account.last = hop.seq;
    this.#roots.add(hop.recorder);
    if (hop.hop !== 'produce' && hop.hop !== 'adopt') return true;
    this.#made += amount;
    this.#firstMade ??= hop.seq;
    const { planned } = this.#context;
    if (planned !== null && this.#measured?.kind === 'pieces' && this.#made > planned) {
      this.#found('production-beyond-codes', this.#firstMade, step, 'conflict');
    }
    return true;
  }

  /** Takes an amount out of a party's balance; what is under way to it is presumed received first. */
  #take(step: Step, party: PartyId, amount: bigint): Account {
    const account = this.#account(party);
    if (account.has < amount) {
      for (const shipment of this.#expected(party)) {
        if (account.has >= amount) break;
        const arrived = lesser(shipment.left, amount - account.has);
        this.#found('implied-receipt', shipment.step.hop.seq, step, 'quality');
        this.#arrive(shipment, step, arrived, shipment.step.hop.toPlace);
      }
      this.#draw(step, party, amount);
      if (account.has < amount) {
        this.#found('lot-quantity-exceeded', account.last, step, 'conflict');
        this.#shortages.set(step.hop.seq, { had: account.has, parted: amount });
      }
    }
    reduce(account, amount);
    return account;
  }

  /** Makes up what a party lacks from those it acts for, and those who act for it. */
  #draw(step: Step, party: PartyId, amount: bigint): void {
    const account = this.#account(party);
    for (const [other, theirs] of this.#accounts) {
      if (account.has >= amount) return;
      if (other === party || theirs.has <= 0n || !actTogether(other, step, this.#context)) continue;
      const part = lesser(theirs.has, amount - account.has);
      reduce(theirs, part);
      give(theirs, part, true);
      const { place, seq } = step.hop;
      this.#edge({ party: other, place }, { party, place }, seq).amount += part;
      this.#pass(other, party, part, seq);
    }
  }

  #use(step: Step, amount: bigint): boolean {
    this.#take(step, step.hop.recorder, amount).used += amount;
    return true;
  }

  #destroy(step: Step, amount: bigint): boolean {
    this.#use(step, amount);
    const account = this.#account(step.hop.recorder);
    account.destroyed += amount;
    account.back -= lesser(amount, account.back);
    return true;
  }

  #sell(step: Step, amount: bigint): boolean {
    const { hop } = step;
    const account = this.#take(step, hop.recorder, amount);
    if (hop.taker === null) account.used += amount;
    else {
      give(account, amount, hop.taker !== hop.recorder);
      this.#pass(hop.recorder, hop.taker, amount, hop.seq);
    }
    const edge = this.#edge(
      { party: hop.recorder, place: hop.place },
      { party: hop.taker, place: hop.toPlace },
      hop.seq,
    );
    edge.amount += amount;
    return true;
  }

  #pass(from: PartyId | null, to: PartyId, amount: bigint, seq: number): void {
    const account = this.#account(to);
    const back = from === to ? 0n : lesser(amount, account.outside);
    account.outside -= back;
    account.back += back;
    account.received += amount;
    account.has += amount;
    account.last = seq;
  }

  #ship(step: Step, amount: bigint): boolean {
    const { hop } = step;
    const giver = hop.recorder;
    give(this.#take(step, giver, amount), amount, hop.taker !== giver);
    if (hop.taker !== null) this.#account(hop.taker);
    const shipment: UnderWay = { step, giver, taker: hop.taker, left: amount, sent: amount };
    const expected = this.#underWayTo.get(hop.taker);
    if (expected) expected.push(shipment);
    else this.#underWayTo.set(hop.taker, [shipment]);
    this.#shipments.set(hop.seq, shipment);
    this.#edge(stationOf(shipment), { party: hop.taker, place: hop.toPlace }, hop.seq).underWay += amount;
    if (isStub(hop.taker, hop.recordedAt, this.#context)) this.#arrive(shipment, step, amount, hop.toPlace);
    return true;
  }

  /** Ends the way of part of a shipment. */
  #arrive(shipment: UnderWay, by: Step, amount: bigint, place: PlaceId | null): void {
    const { hop } = shipment.step;
    const taker = shipment.taker ?? by.hop.recorder;
    const from = stationOf(shipment);
    shipment.left -= amount;
    this.#edge(from, { party: shipment.taker, place: hop.toPlace }, hop.seq).underWay -= amount;
    const edge = this.#edge(from, { party: taker, place: place ?? hop.toPlace }, hop.seq);
    edge.amount += amount;
    edge.seqs.add(by.hop.seq);
    this.#pass(shipment.giver, taker, amount, by.hop.seq);
  }

  #receive(step: Step, amount: bigint): boolean {
    const { hop } = step;
    let left = amount;
    let first: number | null = null;
    for (const shipment of [...this.#expected(hop.recorder), ...this.#expected(null)]) {
      if (left === 0n) break;
      const fits = shipment.taker === null ? hop.giver === shipment.giver : true;
      if (!fits || (hop.giver !== null && hop.giver !== shipment.giver)) continue;
      const part = lesser(shipment.left, left);
      this.#arrive(shipment, step, part, hop.place);
      first ??= shipment.step.hop.seq;
      left -= part;
    }
    if (first !== null && hop.note === 'mismatch') {
      this.#found('received-differently', first, step, 'quality');
    }
    if (left > 0n) left = this.#fromStub(step, left);
    if (left === 0n) return true;
    if (first !== null) this.#found('received-differently', first, step, 'conflict');
    else if (step.orphanedBy !== null)
      this.#found('withdrawn-after-receipt', step.orphanedBy, step, 'conflict');
    else if (this.#isLate(step)) this.#found('receipt-without-shipment', null, step, 'conflict');
    return left < amount;
  }

  /** From a giver without an account, who could not record a shipment: as much as it is presumed to have. */
  #fromStub(step: Step, amount: bigint): bigint {
    const { hop } = step;
    const account = hop.giver === null ? undefined : this.#accounts.get(hop.giver);
    if (account === undefined || !isStub(hop.giver, hop.recordedAt, this.#context)) return amount;
    const part = lesser(account.has, amount);
    if (part <= 0n) return amount;
    reduce(account, part);
    give(account, part, true);
    this.#edge(
      { party: hop.giver, place: null },
      { party: hop.recorder, place: hop.place },
      hop.seq,
    ).amount += part;
    this.#pass(hop.giver, hop.recorder, part, hop.seq);
    return amount - part;
  }

  #cancel(step: Step, amount: bigint): boolean {
    const { hop } = step;
    const shipment =
      hop.target === null
        ? [...this.#shipments.values()].find((s) => s.giver === hop.recorder && s.left > 0n)
        : this.#shipments.get(hop.target);
    if (shipment?.giver !== hop.recorder) {
      this.#astray.push(step);
      return false;
    }
    const cancelled = lesser(shipment.sent, amount);
    if (cancelled < amount) this.#found('cancelled-not-shipped', shipment.step.hop.seq, step, 'quality');
    const back = lesser(shipment.left, cancelled);
    if (back < cancelled) this.#found('withdrawn-after-receipt', shipment.step.hop.seq, step, 'conflict');
    shipment.sent -= cancelled;
    shipment.left -= back;
    const to = { party: shipment.taker, place: shipment.step.hop.toPlace };
    this.#edge(stationOf(shipment), to, shipment.step.hop.seq).underWay -= back;
    const account = this.#account(shipment.giver);
    give(account, -back, shipment.taker !== shipment.giver);
    account.has += back;
    return back > 0n;
  }

  #edge(from: Station, to: Station, seq: number): EdgeSum {
    const key = [from.party, from.place, to.party, to.place].map(text).join('|');
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { key, from, to, amount: 0n, underWay: 0n, seqs: new Set() };
      this.#edges.set(key, edge);
    }
    edge.seqs.add(seq);
    return edge;
  }

  close(): LotLife {
    for (const step of this.#astray) {
      const { target } = step.hop;
      if (target !== null && !this.#shipments.has(target))
        this.#found('cancelled-not-shipped', target, step, 'quality');
    }
    const levels = levelsOf(this.#roots, this.#edges.values());
    const levelOf = (party: PartyId | null): number | null =>
      party === null ? null : (levels.get(party) ?? null);
    const balances = [...this.#accounts]
      .map(
        ([party, { last: _, outside: __, ...sums }]): LotBalance => ({
          party,
          level: levelOf(party),
          ...sums,
        }),
      )
      .sort((a, b) => rank(a.level) - rank(b.level) || (a.party < b.party ? -1 : 1));
    const edges = [...this.#edges.values()]
      .filter((e) => e.amount > 0n || e.underWay > 0n)
      .map(
        ({ seqs, ...e }): MeasuredEdge => ({
          ...e,
          level: levelOf(e.from.party),
          seqs: [...seqs].sort((a, b) => a - b),
        }),
      )
      .sort((a, b) => rank(a.level) - rank(b.level) || (a.key < b.key ? -1 : 1));
    return {
      uom: this.#measured?.uom ?? null,
      made: this.#made,
      balances,
      edges,
      claims: this.#claims,
      contradictions: this.#contradictions,
      shortages: this.#shortages,
    };
  }
}

const rank = (level: number | null): number => level ?? Number.POSITIVE_INFINITY;
const stationOf = ({ giver, step }: UnderWay): Station => ({ party: giver, place: step.hop.place });

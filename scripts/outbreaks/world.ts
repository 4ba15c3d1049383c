/**
 * A small world of goods with a known history, to measure how well a source is found: 6 makers of 2 products in 4 lots
 * each, 10 wholesalers, 30 dealers who buy from 2 wholesalers each, 200 users who buy from 2 dealers each, 5
 * maintenance firms that refill 30 % of the units. Goods travel on pallets to wholesalers and in cartons to dealers.
 * Each shipping and each receiving hop is missing with a chance of its own, as in real books.
 */

import type { HopRecord, HopType, PartyId, PlaceId, Position, Role } from '../../src/core/events/hop.ts';
import { type Step, step } from '../../src/core/life/history.ts';
import { type Histories, histories } from '../../src/core/life/membership.ts';
import type { Origin } from '../../src/core/tracing/exposure.ts';
import type { Random } from '../random.ts';

export interface WorldOptions {
  readonly units: number;
  /** Chance that a shipping or a receiving hop was never recorded. */
  readonly missing: number;
}

/** What really happened to a unit, recorded or not. */
export interface Truth {
  readonly lot: string;
  readonly maker: PartyId;
  readonly wholesaler: PartyId;
  readonly dealer: PartyId;
  readonly user: PartyId;
  /** null if it was never refilled. */
  readonly maintenanceFirm: PartyId | null;
}

export interface World {
  readonly truths: readonly Truth[];
  /** What was recorded; units are numbered from 0. */
  readonly histories: Histories;
  readonly origins: readonly Origin[];
}

const day = 24 * 60 * 60 * 1000;
const makers = 6;
const products = 2;
const lots = 4;
const wholesalers = names('wholesaler', 10);
const dealers = names('dealer', 30);
const users = names('user', 200);
const maintenanceFirms = names('maintenance-firm', 5);
const palletUnits = 28;
const cartonUnits = 7;
const saleUnits = 3;
const refilled = 0.3;

export function makeWorld(random: Random, { units, missing }: WorldOptions): World {
  const suppliers = new Map(dealers.map((dealer) => [dealer, sample(random, wholesalers, 2)]));
  const customers = buyersFrom(suppliers);
  const shops = new Map(users.map((user) => [user, sample(random, dealers, 2)]));
  const buyers = buyersFrom(shops);
  const servicedBy = new Map(users.map((user) => [user, random.pick(maintenanceFirms)]));
  const book = new Book();
  const truths: Truth[] = [];
  const origins: Origin[] = [];
  let containers = units;
  const lotUnits = Math.ceil(units / (makers * products * lots));
  for (let first = 0, lot = 0; first < units; first += lotUnits, lot++) {
    const maker = party('maker', Math.floor(lot / (products * lots)));
    const gtin = String(Math.floor(lot / lots));
    const made = range(first, Math.min(first + lotUnits, units));
    book.note({ hop: 'produce', recorder: maker, at: lot % 5, place: placeOf(maker) }, made);
    for (const onPallet of chunks(made, palletUnits)) {
      const wholesaler = random.pick(wholesalers);
      const pallet = containers++;
      send(pallet, onPallet, maker, wholesaler, 10);
      for (const inCarton of chunks(onPallet, cartonUnits)) {
        const dealer = random.pick(customers.get(wholesaler) ?? dealers);
        send(containers++, inCarton, wholesaler, dealer, 20);
        for (const sold of chunks(inCarton, saleUnits)) {
          const user = random.pick(buyers.get(dealer) ?? users);
          move(sold, dealer, user, 30);
          for (const unit of sold) {
            const firm = servicedBy.get(user);
            const serviced = firm !== undefined && random.next() < refilled ? firm : null;
            if (serviced !== null)
              book.note({ hop: 'refill', recorder: serviced, at: 400, as: 'maintenance-firm' }, [unit]);
            truths[unit] = { lot: String(lot), maker, wholesaler, dealer, user, maintenanceFirm: serviced };
            origins[unit] = { maker, gtin, lot: String(lot), issue: 0, certificates: [] };
          }
        }
      }
    }
  }
  const chains = book.chains;
  return { truths, origins, histories: histories((number) => chains.get(number) ?? []) };

  function send(
    container: number,
    contents: readonly number[],
    from: PartyId,
    to: PartyId,
    at: number,
  ): void {
    book.note({ hop: 'pack', recorder: from, at }, contents, container);
    move([container], from, to, at + 1);
    book.note({ hop: 'unpack', recorder: to, at: at + 4 }, contents, container);
  }

  function move(goods: readonly number[], giver: PartyId, taker: PartyId, at: number): void {
    const both = { giver, taker };
    if (random.next() >= missing)
      book.note({ hop: 'ship', recorder: giver, at, ...both, place: placeOf(giver) }, goods);
    if (random.next() >= missing)
      book.note({ hop: 'receive', recorder: taker, at: at + 2, ...both, place: placeOf(taker) }, goods);
  }
}

interface Told {
  readonly hop: HopType;
  readonly recorder: PartyId;
  /** Days since the beginning. */
  readonly at: number;
  readonly as?: Role;
  readonly giver?: PartyId;
  readonly taker?: PartyId;
  readonly place?: PlaceId;
}

/** Hops as they are recorded, by what they name. */
class Book {
  readonly chains = new Map<number, Step[]>();
  #seq = 0;

  note(told: Told, goods: readonly number[], container: number | null = null): void {
    const seq = ++this.#seq;
    const hop: HopRecord = {
      seq,
      recordedAt: told.at * day,
      hop: told.hop,
      recorder: told.recorder,
      as: told.as ?? 'distributor',
      from: told.at * day,
      until: told.at * day,
      giver: told.giver ?? null,
      taker: told.taker ?? null,
      transfer: told.giver === undefined ? null : 'sale',
      place: told.place ?? null,
      toPlace: null,
      outcome: null,
      note: null,
      target: null,
      nextDue: null,
      reporter: false,
    };
    const position: Position = container === null ? 'epc' : 'child';
    for (const unit of goods) this.#put(unit, step(hop, { position, amount: null }, container));
    if (container !== null) this.#put(container, step(hop, { position: 'parent', amount: null }));
  }

  #put(number: number, it: Step): void {
    const chain = this.chains.get(number);
    if (chain) chain.push(it);
    else this.chains.set(number, [it]);
  }
}

function names(kind: string, count: number): PartyId[] {
  return range(0, count).map((i) => party(kind, i));
}
function party(kind: string, i: number): PartyId {
  return `${kind}-${i}` as PartyId;
}
const placeOf = (it: PartyId): PlaceId => `place/${it}` as PlaceId;
/** Everybody has one place. */
export const ownerOf = (place: string): string => place.replace('place/', '');
/** Some of a list, each at most once. */
export function sample<T>(random: Random, list: readonly T[], count: number): T[] {
  const left = [...list];
  return range(0, Math.min(count, left.length)).flatMap(() => left.splice(random.below(left.length), 1));
}
/** Who buys from whom, the other way round. */
function buyersFrom(sellers: ReadonlyMap<PartyId, readonly PartyId[]>): Map<PartyId, PartyId[]> {
  const found = new Map<PartyId, PartyId[]>();
  for (const [buyer, from] of sellers)
    for (const seller of from) found.set(seller, [...(found.get(seller) ?? []), buyer]);
  return found;
}
function range(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, i) => from + i);
}
const chunks = (all: readonly number[], size: number): number[][] =>
  range(0, Math.ceil(all.length / size)).map((i) => all.slice(i * size, (i + 1) * size));

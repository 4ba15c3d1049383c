/**
 * The life of goods, hop by hop through the API: codes, production, pallets and cartons, three tiers of
 * distributors, sale, installation, maintenance, refilling and scrapping; hose and cable by the metre.
 */

import { patiently } from '../api.ts';
import type { Random } from '../random.ts';
import { type Actor, type Cast, each, type Maker } from './parties.ts';

type Hop = Readonly<Record<string, unknown>> & { readonly hop: string };

/** One printed code. */
export interface Unit {
  readonly epc: string;
  readonly code: string;
}

export interface Carton extends Unit {
  readonly units: readonly Unit[];
  /** Set as it goes down the tiers. */
  dealer: Actor | null;
}

export interface Pallet {
  readonly epc: string;
  readonly maker: Maker;
  readonly cartons: readonly Carton[];
  readonly wholesaler: Actor;
}

/** Where one carton's units ended up. */
export interface Sale {
  readonly maker: Maker;
  readonly dealer: Actor;
  readonly user: Actor;
  readonly units: readonly Unit[];
}

export interface Chain {
  readonly pallets: readonly Pallet[];
  readonly sales: readonly Sale[];
}

/** Hops of many parties, sent party by party in requests of bounded size. */
export class Outbox {
  readonly #waiting = new Map<Actor, Hop[]>();
  readonly #hopsARequest = 2_000;
  #lines = 0;

  add(
    actor: Actor,
    hop: Omit<Hop, 'ref' | 'place'> & { readonly hop: string; readonly place?: string },
  ): void {
    const list = this.#waiting.get(actor) ?? [];
    this.#lines++;
    list.push({
      ref: `${hop.hop.toUpperCase()}-${String(this.#lines).padStart(6, '0')}`,
      place: actor.place,
      ...hop,
    });
    this.#waiting.set(actor, list);
  }

  /** Sends everything, several parties at a time; what one party says stays in order. Answers the entries, party by party. */
  async send(): Promise<number[]> {
    const parties = [...this.#waiting];
    this.#waiting.clear();
    const recorded = await each(parties, async ([actor, hops]) => {
      const seqs: number[] = [];
      for (let i = 0; i < hops.length; i += this.#hopsARequest) {
        const { facts } = await actor.client.post<{ facts: { seq: number }[] }>('/v1/events', {
          hops: hops.slice(i, i + this.#hopsARequest),
        });
        seqs.push(...facts.map(({ seq }) => seq));
      }
      return seqs;
    });
    return recorded.flat();
  }
}

/** A day of 2025 in China, `day` counted from 1 January. */
export const on = (day: number, hour = 9): string => {
  const date = new Date(Date.UTC(2025, 0, 1 + day, hour - 8));
  const local = new Date(date.getTime() + 8 * 3_600_000).toISOString().slice(0, 19);
  return `${local}+08:00`;
};

const cartonsAPallet = 10;
const unitsACarton = 20;

/** Codes, production, packing and the way down to the dealers. */
export async function playGoods(
  cast: Cast,
  random: Random,
  palletsAMaker: number,
  step: (text: string) => void,
): Promise<Chain> {
  const makers = cast.makers.filter(({ line }) => line.uom === 'H87');
  step('issuing codes 赋码');
  const pallets = (await each(makers, (maker) => makePallets(maker, cast, random, palletsAMaker))).flat();

  step('producing and packing 生产装箱');
  const outbox = new Outbox();
  for (const { maker, epc, cartons } of pallets) {
    for (const carton of cartons)
      outbox.add(maker, {
        hop: 'produce',
        time: on(20),
        epcs: carton.units.map((unit) => unit.epc),
        lot: maker.lot,
        productionDate: '2025-01-21',
        factory: maker.place,
      });
    for (const carton of cartons)
      outbox.add(maker, {
        hop: 'pack',
        time: on(22),
        container: carton.epc,
        epcs: carton.units.map((unit) => unit.epc),
      });
    outbox.add(maker, {
      hop: 'pack',
      time: on(22, 15),
      container: epc,
      epcs: cartons.map((carton) => carton.epc),
    });
  }
  for (const maker of makers)
    outbox.add(maker, {
      hop: 'release',
      time: on(21),
      lots: [{ lot: `01/${maker.gtin}/10/${maker.lot}` }],
      outcome: 'conformant',
    });
  await outbox.send();

  step('shipping to wholesalers 发往总经销');
  for (const { maker, epc, wholesaler } of pallets) {
    outbox.add(maker, {
      hop: 'ship',
      time: on(30),
      epcs: [epc],
      to: wholesaler.id,
      toPlace: wholesaler.place,
      transfer: 'sale',
      documents: [{ type: 'desadv', number: `FH-${epc.slice(-6)}` }],
    });
    outbox.add(wholesaler, { hop: 'receive', time: on(34), epcs: [epc], from: maker.id });
    outbox.add(wholesaler, { hop: 'unpack', time: on(35), container: epc });
  }
  await outbox.send();

  step('shipping down the tiers 逐级分销');
  const [, second = [], third = []] = cast.tiers;
  for (const { wholesaler, cartons } of pallets) {
    const halves = [random.pick(second), random.pick(second)];
    cartons.forEach((carton, i) => {
      const middle = halves[i % 2] ?? random.pick(second);
      const dealer = random.pick(third);
      carton.dealer = dealer;
      hand(outbox, wholesaler, middle, carton.epc, 45);
      hand(outbox, middle, dealer, carton.epc, 60);
      outbox.add(dealer, { hop: 'unpack', time: on(66), container: carton.epc });
    });
  }
  await outbox.send();

  step('selling and installing 销售安装');
  const sales: Sale[] = [];
  for (const { maker, cartons } of pallets)
    for (const { units, dealer } of cartons) {
      if (dealer === null) continue;
      // A few cartons stay in the shop; the others go to one to three users.
      if (random.next() < 0.05) continue;
      const buyers = 1 + random.below(3);
      const share = Math.ceil(units.length / buyers);
      for (let i = 0; i < units.length; i += share) {
        const sale = { maker, dealer, user: random.pick(cast.users), units: units.slice(i, i + share) };
        sales.push(sale);
        const epcs = sale.units.map((unit) => unit.epc);
        outbox.add(dealer, { hop: 'sell', time: on(90 + random.below(60)), epcs, to: sale.user.id });
        outbox.add(sale.user, { hop: 'install', time: on(160 + random.below(20)), epcs });
      }
    }
  await outbox.send();

  step('maintaining, refilling, scrapping 维保报废');
  for (const { maker, user, units } of sales) {
    if (maker.line.maintenanceMonths === null || random.next() > 0.4) continue;
    const firm = random.pick(cast.firms);
    const epcs = units.map((unit) => unit.epc);
    outbox.add(firm, {
      hop: 'maintain',
      time: on(330 + random.below(20)),
      epcs,
      outcome: 'conformant',
      nextDue: '2026-12-31',
      place: user.place,
    });
    if (maker.line.category === 'portable-extinguishers' && random.next() < 0.5)
      outbox.add(firm, { hop: 'refill', time: on(352), epcs, outcome: 'conformant', nextDue: '2026-12-31' });
    if (random.next() < 0.1) outbox.add(user, { hop: 'scrap', time: on(360), epcs: epcs.slice(0, 1) });
  }
  await outbox.send();
  return { pallets, sales };
}

function hand(outbox: Outbox, from: Actor, to: Actor, epc: string, day: number): void {
  outbox.add(from, {
    hop: 'ship',
    time: on(day),
    epcs: [epc],
    to: to.id,
    toPlace: to.place,
    transfer: 'sale',
    documents: [{ type: 'desadv', number: `FH-${epc.slice(-6)}` }],
  });
  outbox.add(to, { hop: 'receive', time: on(day + 4), epcs: [epc], from: from.id });
}

/** Codes of a manufacturer's lot, its cartons and pallets. */
async function makePallets(maker: Maker, cast: Cast, random: Random, count: number): Promise<Pallet[]> {
  const cartonCount = count * cartonsAPallet;
  await maker.client.post('/v1/batches', {
    gtin: maker.gtin,
    lot: maker.lot,
    quantity: cartonCount * unitsACarton,
    productionDate: '2025-01-21',
  });
  for (;;) {
    const { batches } = await maker.client.get<{ batches: { state: string }[] }>(
      `/v1/batches/${maker.gtin}/${maker.lot}`,
    );
    if (batches.every(({ state }) => state === 'done')) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const units = await codesOf(maker);
  const { items } = await maker.client.post<{ items: Unit[] }>('/v1/containers', {
    quantity: cartonCount + count,
  });
  const containerAt = (i: number): Unit => {
    const { epc, code } = items[i] ?? { epc: '', code: '' };
    return { epc, code };
  };
  return Array.from({ length: count }, (_, p) => ({
    epc: containerAt(cartonCount + p).epc,
    maker,
    wholesaler: random.pick(cast.tiers[0] ?? []),
    cartons: Array.from({ length: cartonsAPallet }, (_, c) => {
      const i = p * cartonsAPallet + c;
      return {
        ...containerAt(i),
        units: units.slice(i * unitsACarton, (i + 1) * unitsACarton),
        dealer: null,
      };
    }),
  }));
}

/** The stream of a lot's codes. */
async function codesOf(maker: Maker): Promise<Unit[]> {
  const response = await patiently(
    `${maker.client.baseUrl}/v1/batches/${maker.gtin}/${maker.lot}/codes`,
    async () => ({
      headers: { authorization: `Bearer ${await maker.client.token()}`, accept: 'application/x-ndjson' },
    }),
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`the codes of ${maker.lot} answered ${response.status}: ${text}`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { epc, code }: Unit = JSON.parse(line);
      return { epc, code };
    });
}

/** Hose and cable: made by the metre, cut and sold on. */
export async function playMetres(cast: Cast, random: Random): Promise<void> {
  const outbox = new Outbox();
  for (const maker of cast.makers.filter(({ line }) => line.uom === 'MTR')) {
    const lot = `01/${maker.gtin}/10/${maker.lot}`;
    const metres = (quantity: number) => [{ lot, quantity: String(quantity), uom: 'MTR' }];
    outbox.add(maker, {
      hop: 'produce',
      time: on(15),
      lots: metres(20_000),
      lot: maker.lot,
      productionDate: '2025-01-16',
      factory: maker.place,
    });
    for (const wholesaler of cast.tiers[0]?.slice(0, 4) ?? []) {
      outbox.add(maker, {
        hop: 'ship',
        time: on(30),
        lots: metres(4_000),
        to: wholesaler.id,
        toPlace: wholesaler.place,
        transfer: 'sale',
      });
      outbox.add(wholesaler, { hop: 'receive', time: on(33), lots: metres(4_000), from: maker.id });
      for (let i = 0; i < 6; i++) {
        const dealer = random.pick(cast.tiers[2] ?? []);
        outbox.add(wholesaler, {
          hop: 'split',
          time: on(40 + i),
          of: { lot, quantity: '500', uom: 'MTR' },
          cuts: { lots: metres(500) },
        });
        outbox.add(wholesaler, {
          hop: 'ship',
          time: on(50 + i),
          lots: metres(500),
          to: dealer.id,
          toPlace: dealer.place,
          transfer: 'sale',
        });
        outbox.add(dealer, { hop: 'receive', time: on(54 + i), lots: metres(500), from: wholesaler.id });
        outbox.add(dealer, {
          hop: 'sell',
          time: on(80 + i),
          lots: metres(120.5),
          to: random.pick(cast.users).id,
        });
      }
    }
  }
  await outbox.send();
}

/** One hop of every kind in its API form. */
import type { HopType } from '../../src/core/events/hop.ts';
import { act, container, lot, type SupplyChain, unit } from './supply-chain.ts';

/** What hops are about: serial numbers of one's own keep tests apart. */
export interface About {
  readonly serial: string;
  /** eventIDs of a shipment, a hold and an event of the caller's own. */
  readonly shipment: string;
  readonly hold: string;
  readonly own: string;
}

export function apiHops({ maker, distributor }: SupplyChain, about: About): Record<HopType, object> {
  const { serial, shipment, hold, own } = about;
  const epcs = [unit(serial)];
  const { place } = maker;
  const other = [unit(`${serial}-N`)];
  const hose = { lot: lot(`H${serial}`), quantity: '12.5', uom: 'MTR' };
  return {
    produce: { hop: 'produce', ...act(), epcs, lot: 'L1', productionDate: '2025-07-01', factory: place },
    release: { hop: 'release', ...act(), lots: [{ lot: lot('L1') }], outcome: 'conformant' },
    pack: { hop: 'pack', ...act(), epcs, container: container(1) },
    unpack: { hop: 'unpack', ...act(), container: container(1) },
    ship: {
      hop: 'ship',
      ...act(),
      epcs,
      place,
      to: distributor.id,
      toPlace: distributor.place,
      transfer: 'sale',
    },
    cancel: { hop: 'cancel', ...act(), event: shipment },
    receive: { hop: 'receive', ...act(), epcs, from: maker.id, fromPlace: place },
    sell: { hop: 'sell', ...act(), epcs },
    install: { hop: 'install', ...act(), epcs, place },
    remove: { hop: 'remove', ...act(), epcs, place },
    replace: { hop: 'replace', ...act(), place, removed: { epcs }, installed: { epcs: other } },
    inspect: { hop: 'inspect', ...act(), epcs, outcome: 'conformant', nextDue: '2026-07-01' },
    maintain: { hop: 'maintain', ...act(), epcs, outcome: 'conformant', parts: { lots: [hose] } },
    refill: { hop: 'refill', ...act(), epcs, outcome: 'conformant', nextDue: '2027-07-01' },
    transform: { hop: 'transform', ...act(), inputs: { lots: [hose] }, outputs: { epcs: other } },
    split: { hop: 'split', ...act(), of: hose, cuts: { epcs: other } },
    hold: { hop: 'hold', ...act(), epcs },
    seize: { hop: 'seize', ...act(), epcs, from: maker.id },
    lift: { hop: 'lift', ...act(), event: hold },
    return: { hop: 'return', ...act(), epcs, direction: 'out', party: distributor.id, place },
    scrap: { hop: 'scrap', ...act(), epcs },
    destroy: { hop: 'destroy', ...act(), epcs },
    adopt: { hop: 'adopt', ...act(), epcs: other, origin: '2019 年购入' },
    relabel: { hop: 'relabel', ...act(), pairs: [{ old: unit(serial), new: unit(`${serial}-R`) }] },
    correct: { hop: 'correct', ...act(), event: own, replacement: { hop: 'inspect', ...act(), epcs } },
    void: { hop: 'void', ...act(), event: own, reason: '误登' },
  };
}

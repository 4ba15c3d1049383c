/** Hops that move goods of the supply chain, n days after 1 July 2025. */
import { type Actor, act } from './supply-chain.ts';

const day = 86_400_000;

export const at = (n: number) => act(new Date(Date.parse('2025-07-01T02:00:00Z') + n * day).toISOString());

export const ship = (from: Actor, to: Actor, epcs: string[], n: number, more: object = {}) => ({
  hop: 'ship',
  ...at(n),
  epcs,
  place: from.place,
  to: to.id,
  transfer: 'sale',
  ...more,
});

export const receive = (from: Actor, epcs: string[], n: number) => ({
  hop: 'receive',
  ...at(n),
  epcs,
  from: from.id,
});

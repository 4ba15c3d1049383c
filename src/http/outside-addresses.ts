/**
 * Where the service may connect to on behalf of others: addresses of the public internet, and networks that the
 * settings name. All else would let a stranger reach what only this machine can reach: itself, its neighbours, and
 * the services by which clouds hand out credentials.
 *
 * Public is what the IANA registries of special-purpose addresses (RFC 6890) do not keep for something else. Of IPv6
 * that is 2000::/3 without the parts that are documentation or carry an IPv4 address within.
 */
import { BlockList, isIPv6 } from 'node:net';

/** Addresses that share their first bits. */
export interface Network {
  readonly address: string;
  /** Bits. */
  readonly prefix: number;
}

const special: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // A public address by which one cloud talks to its machines.
  ['168.63.129.16', 32],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
/** Of IPv6; with what stands for an IPv4 address (RFC 4291 §2.5.5.2), which is judged as that one by Node's lists. */
const global: readonly (readonly [string, number])[] = [
  ['2000::', 3],
  ['::ffff:0:0', 96],
];

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

const listOf = (networks: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, familyOf(address));
  return list;
};

const specials = listOf(special);
const globals = listOf(global);

const isPublic = (address: string): boolean =>
  !specials.check(address, familyOf(address)) && (!isIPv6(address) || globals.check(address, 'ipv6'));

export interface OutsideAddresses {
  /** Whether the settings name a network that the address is in. */
  isInHouse(address: string): boolean;
  /** Whether it may be connected to at all. */
  isAllowed(address: string): boolean;
}

export function outsideAddresses(networks: readonly Network[]): OutsideAddresses {
  const house = listOf(networks.map(({ address, prefix }) => [address, prefix]));
  const isInHouse = (address: string): boolean => house.check(address, familyOf(address));
  return { isInHouse, isAllowed: (address) => isInHouse(address) || isPublic(address) };
}

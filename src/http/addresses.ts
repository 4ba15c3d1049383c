/** What the address of whoever sends a request says: how near it is, and whose other addresses count as the same. */
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** This machine and private networks: RFC 1918, RFC 4193, link-local and loopback addresses. */
const nearby = new BlockList();
nearby.addSubnet('127.0.0.0', 8);
nearby.addSubnet('10.0.0.0', 8);
nearby.addSubnet('172.16.0.0', 12);
nearby.addSubnet('192.168.0.0', 16);
nearby.addSubnet('169.254.0.0', 16);
nearby.addAddress('::1', 'ipv6');
nearby.addSubnet('fc00::', 7, 'ipv6');
nearby.addSubnet('fe80::', 10, 'ipv6');

/** Headers by which proxies say that somebody else asks. */
const forwardings = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const;

/**
 * Whether a request comes from this machine or a private network. What a proxy forwards comes from whom the proxy names;
 * where its word is not believed (`TRUST_PROXY`), it comes from afar.
 */
export function isNearby({
  ip,
  socket,
  headers,
}: Pick<FastifyRequest, 'ip' | 'socket' | 'headers'>): boolean {
  const isForwarded = forwardings.some((name) => headers[name] !== undefined);
  if (isForwarded && ip === socket.remoteAddress) return false;
  const address = plain(ip);
  return nearby.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** An IPv4 address written as an IPv6 one (RFC 4291 §2.5.5.2) as itself, and without a zone. */
const plain = (address: string): string => address.replace(/^::ffff:(?=[0-9.]+$)/i, '').replace(/%.*$/, '');

/**
 * One text for all addresses that one subscriber has at will: of IPv6 the first 64 bits (RFC 6177), else the address.
 *
 *   2001:db8:0:7::1, 2001:db8:0:7:ffff::2  →  2001:db8:0:7
 */
export function addressGroup(address: string): string {
  const text = plain(address);
  return isIPv6(text) ? firstGroups(text, 4) : text;
}

/**
 * One text for all addresses of a network that somebody can have alone: of IPv6 the first 48 bits, the most that one site is
 * given (RFC 6177), of IPv4 the first 24, the least that is routed by itself. Many people share one, so it is for what must
 * not be told by a few.
 *
 *   2001:db8:7::1, 2001:db8:7:ffff::2  →  2001:db8:7        192.0.2.1, 192.0.2.200  →  192.0.2
 */
export function networkOf(address: string): string {
  const text = plain(address);
  return isIPv6(text) ? firstGroups(text, 3) : text.split('.').slice(0, 3).join('.');
}

function firstGroups(text: string, count: number): string {
  const [before = '', after = ''] = text.split('::');
  const left = before.split(':').filter(Boolean);
  const right = after.split(':').filter(Boolean);
  const gap = text.includes('::') ? 8 - left.length - right.length : 0;
  return [...left, ...Array.from({ length: Math.max(gap, 0) }, () => '0'), ...right]
    .slice(0, count)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

import { Socket } from 'node:net';
import t from 'tap';
import { addressGroup, isNearby, networkOf } from '../../src/http/addresses.ts';

/** A request by way of a connection from `peer`, that Fastify takes for one from `ip`. */
const request = (ip: string, headers: Record<string, string> = {}, peer = ip) => {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  return { ip, headers, socket };
};

t.test('who is near', async (t) => {
  const near = [
    ...['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.254'],
    ...['192.168.7.7', '169.254.1.1', 'fd00::1', 'fe80::1%eth0', '::ffff:10.0.0.1'],
  ];
  const far = [
    ...['203.0.113.9', '172.32.0.1', '172.15.0.1', '11.0.0.1', '192.169.0.1', '100.64.0.1', '8.8.8.8'],
    ...['2001:db8::1', '::ffff:203.0.113.9', 'fec0::1', '0.0.0.0', '::', ''],
  ];
  t.strictSame(
    near.filter((ip) => !isNearby(request(ip))),
    [],
  );
  t.strictSame(
    far.filter((ip) => isNearby(request(ip))),
    [],
  );
});

t.test('what a proxy forwards comes from whom it names, if it is believed', async (t) => {
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
    t.equal(isNearby(request('127.0.0.1', { [name]: '127.0.0.1' })), false, `${name}, not believed`);
  const forwarded = { 'x-forwarded-for': 'as believed' };
  t.equal(isNearby(request('203.0.113.9', forwarded, '127.0.0.1')), false);
  t.equal(isNearby(request('10.0.0.7', forwarded, '127.0.0.1')), true);
});

t.test('addresses of one subscriber are one', async (t) => {
  const rows: [address: string, group: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:7::1', '2001:db8:0:7'],
    ['2001:0DB8:0000:0007:ffff::2', '2001:db8:0:7'],
    ['2001:db8:0:8::1', '2001:db8:0:8'],
    ['2001:db8::7:0:0:0:1', '2001:db8:0:7'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4'],
  ];
  t.strictSame(
    rows.map(([address]) => [address, addressGroup(address)]),
    rows,
  );
});

t.test('addresses of one network are one', async (t) => {
  const rows: [address: string, network: string][] = [
    ['192.0.2.1', '192.0.2'],
    ['::ffff:192.0.2.200', '192.0.2'],
    ['2001:db8:7::1', '2001:db8:7'],
    ['2001:0DB8:0007:ffff::2', '2001:db8:7'],
    ['2001:db8:8::1', '2001:db8:8'],
    ['::1', '0:0:0'],
  ];
  t.strictSame(
    rows.map(([address]) => [address, networkOf(address)]),
    rows,
  );
});

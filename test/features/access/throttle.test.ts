import t from 'tap';
import { createThrottle } from '../../../src/features/access/throttle.ts';

t.test('each failure beyond the free ones doubles the wait, to five minutes', async (t) => {
  let now = 0;
  const throttle = createThrottle(() => now);
  const waits = [];
  for (let i = 0; i < 16; i++) {
    throttle.failed('client', 'address');
    waits.push(throttle.wait('client', 'address'));
  }
  t.strictSame(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  now = 299_999;
  t.equal(throttle.wait('client', 'address'), 1);
  now = 300_000;
  t.equal(throttle.wait('client', 'address'), 0);
  throttle.failed('client', 'address');
  t.equal(throttle.wait('client', 'address'), 300);
  now += 900_000;
  throttle.failed('client', 'address');
  t.equal(throttle.wait('client', 'address'), 0, 'a quiet quarter of an hour forgets');
});

t.test(
  'failures of one address count for all its clients, those of a client for no other address',
  async (t) => {
    const throttle = createThrottle(() => 0);
    for (let i = 0; i < 50; i++) throttle.failed(`client ${i}`, 'address');
    t.strictSame([throttle.wait('another', 'address'), throttle.wait('client 1', 'elsewhere')], [1, 0]);
    for (let i = 0; i < 9; i++) throttle.failed('client', 'here');
    throttle.succeeded('client', 'here');
    t.equal(throttle.wait('client', 'here'), 0);
  },
);

t.test('a flood of names is forgotten from its beginning', async (t) => {
  const throttle = createThrottle(() => 0);
  for (let i = 0; i < 9; i++) throttle.failed('first', 'address');
  for (let i = 0; i < 20_000; i++) throttle.failed(`client ${i}`, `address ${i}`);
  t.equal(throttle.wait('first', 'address'), 0);
  t.equal(throttle.wait('client 19999', 'address 19999'), 0);
});

t.test('a subscriber with many IPv6 addresses is one', async (t) => {
  const throttle = createThrottle(() => 0);
  for (let i = 1; i <= 50; i++) throttle.failed(`client ${i}`, `2001:db8:0:7::${i.toString(16)}`);
  t.equal(throttle.wait('another', '2001:db8:0:7:ffff::1'), 1);
  t.equal(throttle.wait('another', '2001:db8:0:8::1'), 0, 'its neighbour is another');
});

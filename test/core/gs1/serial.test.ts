import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { drawSerial, drawSerials, hasValidCheck, parseOwnSerial } from '../../../src/core/gs1/serial.ts';

/** ISO/IEC 7064 pure systems, by definition: the weighted sum of all symbols is 1 modulo 37. */
function sumMod37(text: string): number {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*';
  let sum = 0n;
  for (const [i, symbol] of [...text].reverse().entries())
    sum += BigInt(alphabet.indexOf(symbol)) << BigInt(i);
  return Number(sum % 37n);
}

/** A repeatable source of bytes. */
function seeded(seed: string) {
  let n = 0;
  return (size: number) => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < size; have += 64) {
      blocks.push(createHash('sha512').update(`${seed} ${n++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, size);
  };
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

t.test('the worked example, and the example of ISBT 128 for the definition used here', async (t) => {
  t.equal(hasValidCheck('7ZK3QW9D5TB1Q'), true);
  t.equal(sumMod37('7ZK3QW9D5TB1Q'), 1);
  t.equal(sumMod37('G123498654321H'), 1);
  const bytes = Uint8Array.from('7ZK3QW9D5TB1', (symbol) => crockford.indexOf(symbol));
  t.equal(
    drawSerial(() => bytes),
    '7ZK3QW9D5TB1Q',
  );
  // the upper three bits of a byte say nothing
  t.equal(
    drawSerial(() => bytes.map((byte) => byte | 0xa0)),
    '7ZK3QW9D5TB1Q',
  );
});

t.test('a draw whose check character cannot be printed is made again', async (t) => {
  // 00000000000X gives (1 − 2X) mod 37; X = 10 gives 18 = I
  const unprintable = new Uint8Array(12).fill(0);
  unprintable[11] = 10;
  const printable = new Uint8Array(12);
  const answers = [unprintable, unprintable, printable];
  t.equal(
    drawSerial(() => answers.shift() ?? new Uint8Array()),
    '0000000000001',
  );
  t.equal(answers.length, 0);
  t.throws(() => drawSerial(() => new Uint8Array(11)), RangeError);
});

t.test('every altered symbol and every swap of unequal neighbours is found', async () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(12), fc.constantFrom(...crockford), (seed, at, other) => {
      const serial = drawSerial(seeded(`s${seed}`));
      const altered = serial.slice(0, at) + other + serial.slice(at + 1);
      const swapped = serial.slice(0, at) + (serial[at + 1] ?? '') + serial[at] + serial.slice(at + 2);
      return sumMod37(serial) === 1 && [altered, swapped].every((x) => hasValidCheck(x) === (x === serial));
    }),
  );
});

t.test('what has not our shape has no valid check', async (t) => {
  const texts = ['', '7ZK3QW9D5TB1', '7ZK3QW9D5TB1QQ', '7zk3qw9d5tb1q', '7ZK3QW9D5TB1*', '0000000000 01'];
  t.strictSame(
    texts.map(hasValidCheck),
    texts.map(() => false),
  );
});

t.test('a million serials: distinct, of our shape, in bounded asks', async (t) => {
  let largest = 0;
  const serials = drawSerials(1_000_000, (n) => {
    largest = Math.max(largest, n);
    return randomBytes(n);
  });
  t.equal(serials.length, 1_000_000);
  t.equal(new Set(serials).size, 1_000_000);
  t.ok(largest <= 65_536);
  t.ok(serials.every((serial, i) => i % 97 !== 0 || hasValidCheck(serial)));
  // each of the 32 symbols stands about equally often at the first place: 31,250 ± 8 standard deviations
  const counts = new Map<string, number>();
  for (const serial of serials) counts.set(serial.charAt(0), (counts.get(serial.charAt(0)) ?? 0) + 1);
  t.equal(counts.size, 32);
  t.ok([...counts.values()].every((count) => Math.abs(count - 31_250) < 8 * 174));
});

t.test('bulk draws repeat with their source and drop what came twice', async (t) => {
  t.strictSame(drawSerials(100, seeded('a')), drawSerials(100, seeded('a')));
  t.strictSame(drawSerials(0, seeded('a')), []);
  // a source that says every twelve bytes twice before it goes on
  const source = seeded('b');
  const stuttering = (n: number) => {
    const bytes = source(n);
    for (let at = 12; at < n; at += 24) bytes.copyWithin(at, at - 12, at);
    return bytes;
  };
  const serials = drawSerials(50, stuttering);
  t.equal(new Set(serials).size, 50);
  t.throws(() => drawSerials(-1, seeded('a')), RangeError);
});

t.test("manufacturers' own serials", async (t) => {
  const read = (text: string) => {
    const own = parseOwnSerial(text);
    return own.ok ? own.value.guessable : own.code;
  };
  t.strictSame(
    [
      'A7',
      'SN-2025-000123',
      '20250101000123',
      'KX7Q2M9-PB4T',
      '7ZK3QW9D5TB1Q',
      'ABCDEFGHIJKLMNOPQRST',
      '-',
    ].map(read),
    [true, true, true, false, false, false, true],
  );
  t.strictSame(
    ['', 'abc', 'A B', 'A_B', 'ABCDEFGHIJKLMNOPQRSTU', 'A\n', 'É'].map(read),
    Array.from({ length: 7 }, () => 'invalid-serial'),
  );
});

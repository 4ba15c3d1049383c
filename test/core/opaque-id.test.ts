import fc from 'fast-check';
import t from 'tap';
import { opaqueId, ownPlace, parsePartyId } from '../../src/core/opaque-id.ts';

t.test('the worked example', async (t) => {
  t.equal(opaqueId(Buffer.from('00443214c74254b635cf', 'hex')), '0123456789ABCDEF');
});

t.test('ids are distinct for distinct bytes, and read back in either case', async () => {
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const id = opaqueId(a);
      const read = parsePartyId(` ${id.toLowerCase()} `);
      return (id === opaqueId(b)) === Buffer.from(a).equals(Buffer.from(b)) && read.ok && read.value === id;
    }),
  );
});

t.test('what is no id', async (t) => {
  const wrong = ['', '0123456789ABCDE', '0123456789ABCDEFG', '0123456789ABCDEI', '0123456789ABCDE/', '源'];
  t.strictSame(
    wrong.map((text) => parsePartyId(text)),
    wrong.map(() => ({
      ok: false,
      code: 'invalid-identifier',
      detail: 'The id of a party has 16 letters and digits without I, L, O, U; copy it whole.',
    })),
  );
  t.throws(() => ownPlace('0123'), TypeError);
  t.throws(() => opaqueId(new Uint8Array(9)), RangeError);
});

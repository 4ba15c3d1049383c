import fc from 'fast-check';
import t from 'tap';
import { comparedContacts } from '../../src/core/contacts.ts';

const texts = (contact: Readonly<Record<string, unknown>>, kind: string): string[] =>
  comparedContacts(contact).flatMap((it) => (it.kind === kind ? [it.text] : []));
const phones = (phone: string): string[] => texts({ phone }, 'phone');

t.test('phone numbers as the head of the file says', async (t) => {
  const same = [
    '0571-8888 6666',
    '+86 (0)571 88886666',
    '0086-571-88886666',
    '86 571 8888 6666',
    '（０５７１）88886666',
  ];
  for (const phone of same) t.strictSame(phones(phone), ['8657188886666'], phone);
  for (const phone of ['１３８ 0013 8000', '+86-13800138000', '86 138-0013-8000', '008613800138000'])
    t.strictSame(phones(phone), ['8613800138000'], phone);
  t.strictSame(phones('400-820-8820'), ['864008208820']);
  t.strictSame(phones('+44 20 7946 0000'), ['442079460000'], 'another country keeps its code');
  t.strictSame(phones('010-12345678 / 138 0013 8000'), ['861012345678', '8613800138000'], 'several');
  t.strictSame(phones('0571-88886666 转 12'), ['865718888666612'], 'an extension is another desk');
  for (const phone of ['8888 6666', '86886666', '110', 'ask Wang', '', '+1 23', '8888666612'])
    t.strictSame(phones(phone), [], `${phone} is of many towns, or no number`);
});

t.test('a way of writing a number does not make another of it', async () => {
  const digits = (length: number) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
      .map((list) => list.join(''));
  const mobile = fc
    .tuple(fc.integer({ min: 3, max: 9 }), digits(9))
    .map(([second, rest]) => `1${second}${rest}`);
  const written = fc.tuple(
    mobile,
    fc.constantFrom('', '+86', '86 ', '0086-', '+86 '),
    fc.constantFrom('', ' ', '-'),
  );
  fc.assert(
    fc.property(written, ([number, before, between]) => {
      const [told] = phones(before + [number.slice(0, 3), number.slice(3, 7), number.slice(7)].join(between));
      return told === `86${number}`;
    }),
  );
  // Numbers of towns are told apart by their areas.
  fc.assert(
    fc.property(
      digits(8),
      fc.constantFrom('010', '021', '0571', '0755'),
      fc.constantFrom('010', '021', '0571', '0755'),
      (n, a, b) => (phones(`${a}-${n}`)[0] === phones(`${b}-${n}`)[0]) === (a === b),
    ),
  );
});

t.test('addresses and names', async (t) => {
  t.strictSame(texts({ email: ' Wang@Example.COM ' }, 'email'), ['wang@example.com']);
  t.strictSame(texts({ email: 'none' }, 'email'), []);
  t.strictSame(texts({ name: '王 某' }, 'person'), ['王某']);
  t.strictSame(
    comparedContacts({ name: 7, phone: null, email: ['a@b'] }),
    [],
    'what is no text says nothing',
  );
});

import fc from 'fast-check';
import t from 'tap';
import { decodeCursor, encodeCursor, page } from '../../src/http/paging.ts';
import { redactUrl } from '../../src/http/redaction.ts';

t.test('a cursor comes back as the key it was', async () => {
  const key = fc.tuple(
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\0', '').toWellFormed()),
  );
  fc.assert(
    fc.property(key, (parts) => {
      const read = decodeCursor('things', encodeCursor('things', parts), ['number', 'string']);
      return read.ok && JSON.stringify(read.value) === JSON.stringify(parts);
    }),
  );
});

t.test('what is no cursor of the list is refused', async (t) => {
  const cursors = [
    encodeCursor('others', [1]),
    encodeCursor('things', ['1']),
    encodeCursor('things', [1, 2]),
    encodeCursor('things', []),
    encodeCursor('things', [1.5]),
    'x',
    '',
    Buffer.from('null').toString('base64url'),
    Buffer.from('["things",1e300]').toString('base64url'),
  ];
  t.strictSame(
    cursors.map((cursor) => {
      const read = decodeCursor('things', cursor, ['number']);
      return read.ok ? 'taken' : read.code;
    }),
    cursors.map(() => 'invalid-request'),
  );
  const nul = decodeCursor('things', encodeCursor('things', ['a\0']), ['string']);
  t.equal(nul.ok, false);
  t.strictSame(decodeCursor('things', undefined, ['number']), { ok: true, value: null });
});

t.test('pages go through a list once', async (t) => {
  const all = Array.from({ length: 25 }, (_, i) => ({ id: i }));
  const seen: number[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const from = decodeCursor('things', cursor, ['number']);
    const after = from.ok && from.value !== null ? Number(from.value[0]) : -1;
    const { items, next } = page('things', all.filter(({ id }) => id > after).slice(0, 11), 10, ({ id }) => [
      id,
    ]);
    seen.push(...items.map(({ id }) => id));
    if (next === null) break;
    cursor = next;
  }
  t.strictSame(
    seen,
    all.map(({ id }) => id),
  );
});

t.test('logged addresses show no signature and no secret', async (t) => {
  t.strictSame(
    ['/01/0690/21/X?S=123456&for=shop', '/x?a=1&client_secret=abc#f', '/x?s=1', '/x?SS=1', '/plain'].map(
      redactUrl,
    ),
    ['/01/0690/21/X?S=…&for=shop', '/x?a=1&client_secret=…#f', '/x?s=…', '/x?SS=1', '/plain'],
  );
});

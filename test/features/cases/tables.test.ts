import { inflateRawSync } from 'node:zlib';
import t from 'tap';
import { csvOf, exported, type Table, xlsxOf } from '../../../src/features/cases/tables.ts';

/** A file in an archive (PKWARE APPNOTE §4.3.7), compressed as all of them are. */
function unpacked(archive: Buffer, name: string): string {
  const at = archive.indexOf(name);
  const extra = archive.readUInt16LE(at - 2);
  return inflateRawSync(archive.subarray(at + name.length + extra)).toString();
}

t.test('names stand in tables as they are shown', async (t) => {
  const table: Table<{ name: string; n: number }> = { name: ({ name }) => name, n: ({ n }) => n };
  const rows = [{ name: '\u202E=甲厂\u2066gnp.exe\u2069', n: -1 }];
  t.equal(csvOf(table, rows), "name,n\r\n'=甲厂gnp.exe,'-1\r\n");
  const strings = unpacked(await xlsxOf(table, rows, 'sheet'), 'xl/sharedStrings.xml');
  t.match(strings, '<t>=甲厂gnp.exe</t>', 'in a sheet text is text');
});

t.test('a table ends at its bound, and says where it goes on', async (t) => {
  const all = Array.from({ length: 25_000 }, (_, i) => i);
  const page = async (cursor: string | undefined, limit: number) => {
    const from = Number(cursor ?? 0);
    const items = all.slice(from, from + limit);
    return { items, next: from + limit < all.length ? String(from + limit) : null };
  };
  const sizes: number[] = [];
  const told: number[] = [];
  for (let from: string | undefined; ; ) {
    const { rows, next } = await exported<number>((cursor, limit) => page(cursor ?? from, limit));
    sizes.push(rows.length);
    told.push(...rows);
    if (next === null) break;
    from = next;
  }
  t.strictSame(sizes, [10_000, 10_000, 5_000]);
  t.strictSame(told, all, 'each row once');
});

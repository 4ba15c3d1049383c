import { text } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import t from 'tap';
import { csvOf, type Table, xlsxOf } from '../../../src/features/cases/tables.ts';

/** A file in an archive (PKWARE APPNOTE §4.3.7), compressed as all of them are. */
function unpacked(archive: Buffer, name: string): string {
  const at = archive.indexOf(name);
  const extra = archive.readUInt16LE(at - 2);
  return inflateRawSync(archive.subarray(at + name.length + extra)).toString();
}

t.test('names stand in tables as they are shown', async (t) => {
  const table: Table<{ name: string; n: number }> = { name: ({ name }) => name, n: ({ n }) => n };
  const page = async () => ({ items: [{ name: '\u202E=甲厂\u2066gnp.exe\u2069', n: -1 }], next: null });
  t.equal(await text(await csvOf(table, page)), "name,n\r\n'=甲厂gnp.exe,'-1\r\n");
  const strings = unpacked(await xlsxOf(table, page, 'sheet'), 'xl/sharedStrings.xml');
  t.match(strings, '<t>=甲厂gnp.exe</t>', 'in a sheet text is text');
});

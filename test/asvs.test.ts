/** The checklist names every requirement of levels 1 and 2 once, and no file that is not there. */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';

const root = new URL('.', import.meta.resolve('#root/package.json'));
const text = readFileSync(new URL('ASVS.md', root), 'utf8');
const rows = text.split('\n').filter((line) => /^\| \d/.test(line));

/** Numbers of the requirements of OWASP ASVS 5.0, levels 1 and 2, by section. */
const sections: Readonly<Record<string, readonly number[]>> = {
  '1.1': [1, 2],
  '1.2': [1, 2, 3, 4, 5, 6, 7, 8, 9],
  '1.3': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  '1.4': [1, 2, 3],
  '1.5': [1, 2],
  '2.1': [1, 2, 3],
  '2.2': [1, 2, 3],
  '2.3': [1, 2, 3, 4],
  '2.4': [1],
  '3.2': [1, 2],
  '3.3': [1, 2, 3, 4],
  '3.4': [1, 2, 3, 4, 5, 6],
  '3.5': [1, 2, 3, 4, 5],
  '3.7': [1, 2],
  '4.1': [1, 2, 3],
  '4.2': [1],
  '4.3': [1, 2],
  '4.4': [1, 2, 3, 4],
  '5.1': [1],
  '5.2': [1, 2, 3],
  '5.3': [1, 2],
  '5.4': [1, 2, 3],
  '6.1': [1, 2, 3],
  '6.2': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  '6.3': [1, 2, 3, 4],
  '6.4': [1, 2, 3, 4],
  '6.5': [1, 2, 3, 4, 5],
  '6.6': [1, 2, 3],
  '6.8': [1, 2, 3, 4],
  '7.1': [1, 2, 3],
  '7.2': [1, 2, 3, 4],
  '7.3': [1, 2],
  '7.4': [1, 2, 3, 4, 5],
  '7.5': [1, 2],
  '7.6': [1, 2],
  '8.1': [1, 2],
  '8.2': [1, 2, 3],
  '8.3': [1],
  '8.4': [1],
  '9.1': [1, 2, 3],
  '9.2': [1, 2, 3, 4],
  '10.1': [1, 2],
  '10.2': [1, 2],
  '10.3': [1, 2, 3, 4],
  '10.4': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  '10.5': [1, 2, 3, 4, 5],
  '10.6': [1, 2],
  '10.7': [1, 2, 3],
  '11.1': [1, 2],
  '11.2': [1, 2, 3],
  '11.3': [1, 2, 3],
  '11.4': [1, 2, 3, 4],
  '11.5': [1],
  '11.6': [1],
  '12.1': [1, 2, 3],
  '12.2': [1, 2],
  '12.3': [1, 2, 3, 4],
  '13.1': [1],
  '13.2': [1, 2, 3, 4, 5],
  '13.3': [1, 2],
  '13.4': [1, 2, 3, 4, 5],
  '14.1': [1, 2],
  '14.2': [1, 2, 3, 4],
  '14.3': [1, 2, 3],
  '15.1': [1, 2, 3],
  '15.2': [1, 2, 3],
  '15.3': [1, 2, 3, 4, 5, 6, 7],
  '16.1': [1],
  '16.2': [1, 2, 3, 4, 5],
  '16.3': [1, 2, 3, 4],
  '16.4': [1, 2, 3],
  '16.5': [1, 2, 3],
  '17.1': [1],
  '17.2': [1, 2, 3, 4],
  '17.3': [1, 2],
};

t.test('every requirement stands there once', async (t) => {
  const named = rows.flatMap((row) => row.split('|')[1]?.match(/\d+\.\d+\.\d+/g) ?? []);
  const expected = Object.entries(sections).flatMap(([section, numbers]) =>
    numbers.map((n) => `${section}.${n}`),
  );
  t.strictSame(named.sort(), expected.sort());
});

t.test('every row says how it stands, and what is met names where and a test', async (t) => {
  for (const row of rows) {
    const [, , state = '', where = '', test = ''] = row.split('|').map((cell) => cell.trim());
    t.match(state, /^(?:\*\*not met\*\*|met|outside|n\/a)/, row);
    if (/^met(?!: there are none)/.test(state)) t.ok(where.includes('`') && test.includes('`test/'), row);
  }
});

t.test('every file that it names exists', async (t) => {
  const files = [...text.matchAll(/`([\w./-]+\.(?:ts|md|json|yaml))`/g)].map(([, file = '']) => file);
  t.ok(files.length > 100);
  t.strictSame(
    files.filter((file) => !existsSync(new URL(file, root))),
    [],
  );
});

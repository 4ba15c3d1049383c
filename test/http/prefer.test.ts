import t from 'tap';
import { preferences, waitOf } from '../../src/http/prefer.ts';

t.test('preferences by RFC 7240', async (t) => {
  const table: [header: string | string[] | undefined, found: Record<string, string>][] = [
    [undefined, {}],
    ['', {}],
    ['published', { published: '' }],
    ['published, wait=10', { published: '', wait: '10' }],
    ['Wait = 5 ,PUBLISHED', { wait: '5', published: '' }],
    ['respond-async; foo="a b"; bar, wait="7"', { 'respond-async': '', wait: '7' }],
    ['wait=3, wait=9', { wait: '3' }],
    [['wait=3', 'published'], { wait: '3', published: '' }],
    ['await=3', { await: '3' }],
    ['wait=a b', {}],
  ];
  for (const [header, found] of table)
    t.strictSame(Object.fromEntries(preferences(header)), found, String(header));
});

t.test('how long a client would wait', async (t) => {
  const wait = (header: string, fallback: number | null = null) => waitOf(preferences(header), fallback, 30);
  t.equal(wait('published'), null);
  t.equal(wait('wait=7'), 7);
  t.equal(wait('wait="7"'), 7);
  t.equal(wait('wait=999'), 30);
  t.equal(wait('wait', 5), 5);
  t.equal(wait('wait=soon', 5), null);
});

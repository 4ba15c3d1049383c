import t from 'tap';
import { allAtOnce, type Found } from '../../../src/features/epcis/all-at-once.ts';

/** Pages of a list, `size` at a time: what each next one starts at is its index. */
const pagesOf = (list: readonly string[], size: number, characters = 1) => {
  const asked: [number, number][] = [];
  return {
    asked,
    pageFrom: async (at: number, perPage: number): Promise<Found<string, number>> => {
      asked.push([at, perPage]);
      const end = at + Math.min(size, perPage);
      return { items: list.slice(at, end), characters, next: end < list.length ? end : null };
    },
  };
};

const elements = { what: 'elements', parameter: 'maxElementCount' } as const;

t.test('all pages come as one answer', async (t) => {
  const { asked, pageFrom } = pagesOf(['a', 'b', 'c'], 2);
  t.same(await allAtOnce({ ...elements, most: 3 }, 0, pageFrom), ['a', 'b', 'c']);
  t.same(asked, [
    [0, 4],
    [2, 2],
  ]);
});

t.test('what cannot be answered at once is refused, and it is said why', async (t) => {
  const refused = (most: number, pages: ReturnType<typeof pagesOf>, detail: string) =>
    t.rejects(allAtOnce({ ...elements, most }, 0, pages.pageFrom), {
      code: 'query-too-large',
      message: `${detail}; ask for less, or page without maxElementCount.`,
    });
  await refused(2, pagesOf(['a', 'b', 'c'], 9), 'There are more than 2 elements');
  await refused(
    9,
    pagesOf(['a', 'b', 'c'], 1, 20_000_000),
    'These elements are too long to be answered at once',
  );
  await refused(
    1_000,
    pagesOf(
      Array.from({ length: 60 }, (_, i) => String(i)),
      1,
    ),
    'These elements lie too far apart among others to be answered at once',
  );
});

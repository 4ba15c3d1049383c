import fc from 'fast-check';
import t from 'tap';
import type { Role } from '../../../src/core/events/hop.ts';
import { append } from '../../../src/core/grouping.ts';
import { leading } from '../../../src/core/halving.ts';
import {
  type CertifiedResult,
  certifiedRecordsIn,
  createCertifiedBook,
} from '../../../src/core/rules/certified-goods-fail.ts';
import { createTestBook, recordsIn } from '../../../src/core/rules/pass-rate-above-peers.ts';
import type { Counts, SampleBook, ToldResult } from '../../../src/core/rules/sample-book.ts';
import { day, party } from '../../support/hops.ts';

const result = (
  seq: number,
  of: string,
  by: string,
  at: number,
  passed: boolean,
  as: Role = 'laboratory',
) => ({
  ...{ seq, of, recorder: party(by), as, from: at * day, until: at * day, passed },
});
const told = (records: Iterable<[string, unknown]>) => new Map([...records].sort());

t.test('lists that grow, and look-ups in them', async (t) => {
  const lists = new Map([['a', [1]]]);
  append(lists, 'a', 2);
  append(lists, 'b', 3);
  t.same(
    [...lists],
    [
      ['a', [1, 2]],
      ['b', [3]],
    ],
    'the example of the file',
  );
  t.equal(
    leading([2, 3, 5, 8], (n) => n < 5),
    2,
    'the example of the file',
  );
  t.same([leading([], () => true), leading([1], () => true), leading([1], () => false)], [0, 1, 0]);
});

t.test('records of laboratories by the entries before any', async (t) => {
  const book = createTestBook(365);
  book.tell(result(5, 'X', 'L', 1, true), 'G', 'doors');
  const failure = result(9, 'X', 'M', 2, false);
  book.tell(failure, 'G', 'doors');
  book.count(12, [failure], 'G', () => false);
  const passed = { samples: 1, passed: 1, judgedAgain: 0, failedAgain: 0 };
  const failed = { ...passed, judgedAgain: 1, failedAgain: 1 };
  t.same(
    [5, 6, 10, 13].map((before) => book.records('doors', before).get(party('L'))),
    [undefined, passed, failed, passed],
    'the example of the file',
  );
  book.file(20, 'G', 'hoses');
  t.same([...book.records('doors', 21)], []);
  t.same(book.records('hoses', 21).get(party('L')), passed);
  t.same([...book.records('hoses', 20)], []);
});

t.test('are what all results that count by then come to', async () => {
  const event = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('tell' as const),
        of: fc.constantFrom('1', '2', '3'),
        by: fc.constantFrom('L', 'M', 'R'),
        at: fc.nat(12),
        passed: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('count' as const),
        which: fc.array(fc.nat(12)),
        counts: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('file' as const),
        category: fc.constantFrom('doors', 'hoses', null),
      }),
    },
  );
  /** Whether a book says after each event what all results that count by then come to. */
  function agrees<Result extends ToldResult, Who extends string, R extends Counts>(
    events: readonly Event[],
    book: SampleBook<Result, Who, R>,
    made: (result: ToldResult) => Result,
    naive: (results: readonly Result[]) => Map<Who, R>,
  ): boolean {
    const all: Result[] = [];
    const counted = new Set<Result>();
    let category: string | null = 'doors';
    const expected = events.map((it, seq) => {
      if (it.kind === 'tell') {
        const as = it.by === 'R' ? 'regulator' : 'laboratory';
        const one = made(result(seq, it.of, it.by, it.at, it.passed, as));
        all.push(one);
        counted.add(one);
        book.tell(one, 'G', category);
      } else if (it.kind === 'count') {
        const some = it.which.flatMap((i) => all[i] ?? []);
        for (const one of some)
          if (it.counts) counted.add(one);
          else counted.delete(one);
        book.count(seq, some, 'G', () => it.counts);
      } else if (all.length > 0) {
        category = it.category;
        book.file(seq, 'G', category);
      }
      return { category, records: told(naive(all.filter((one) => counted.has(one)))) };
    });
    return expected.every(({ category, records }, seq) =>
      ['doors', 'hoses'].every((of) => {
        const found = JSON.stringify([...told(book.records(of, seq + 1))]);
        return found === JSON.stringify([...(of === category ? records : [])]);
      }),
    );
  }

  type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

  const events = fc.array(event, { maxLength: 30 });
  fc.assert(
    fc.property(events, (list) =>
      agrees(
        list,
        createTestBook(5),
        (one) => one,
        (results) => recordsIn(results, 5),
      ),
    ),
    { numRuns: 300 },
  );
  const certified = (one: ToldResult): CertifiedResult => ({
    ...one,
    certified: {
      seq: 1,
      issuer: party(one.recorder === party('L') ? 'C' : 'D'),
      holder: party(`H${one.until % 2}`),
    },
  });
  fc.assert(
    fc.property(events, (list) => agrees(list, createCertifiedBook(), certified, certifiedRecordsIn)),
    { numRuns: 300 },
  );
});

t.test('a result is read a few times, however many there are, of many samples or of one', async (t) => {
  const size = 4_000;
  for (const samples of [size / 2, 1]) {
    let reads = 0;
    const book = createTestBook(365);
    for (let seq = 0; seq < size; seq++) {
      const one = result(seq, String(seq % samples), seq % 3 === 0 ? 'L' : 'M', seq, seq % 7 !== 0);
      const counting = {
        ...one,
        get until() {
          reads++;
          return one.until;
        },
      };
      book.tell(counting, 'G', 'doors');
      book.records('doors', seq + 1);
    }
    t.ok(reads < 10 * size, `${reads} looks at ${size} results of ${samples} samples`);
  }
});

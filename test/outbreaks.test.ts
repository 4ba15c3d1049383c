import t from 'tap';
import {
  foundBy,
  foundByCount,
  investigate,
  outbreakKinds,
  plantOutbreak,
  usual,
} from '../scripts/outbreaks/outbreak.ts';
import { makeWorld } from '../scripts/outbreaks/world.ts';
import { seededRandom } from '../scripts/random.ts';

/** `npm run bench -- source` plants 500 of each kind; this is enough to see it break. */
const rounds = 12;

t.test('planted sources are found, and better than by counting bad units', async (t) => {
  const random = seededRandom(20_260_301);
  let naive = 0;
  for (const kind of outbreakKinds) {
    let [first, firstThree] = [0, 0];
    for (let found = 0; found < rounds; ) {
      const world = makeWorld(random, { units: 4000, missing: 0.2 });
      for (let tries = 0; tries < 4 && found < rounds; tries++) {
        const outbreak = plantOutbreak(random, world, kind, usual);
        if (outbreak === null) continue;
        found++;
        const ranking = investigate(world, outbreak);
        const ours = foundBy(ranking, outbreak.source);
        first += ours.first;
        firstThree += ours.firstThree;
        naive += foundByCount(ranking, outbreak.source).first;
      }
    }
    t.ok(first / rounds >= 0.9, `${kind}: ${first} of ${rounds} ranked first`);
    t.ok(firstThree / rounds >= 0.97, `${kind}: ${firstThree} of ${rounds} among the first three`);
  }
  t.ok(naive / (rounds * outbreakKinds.length) < 0.9, 'counting alone does not tell');
});

t.test('without a source nothing is found', async (t) => {
  const random = seededRandom(7);
  const world = makeWorld(random, { units: 4000, missing: 0.2 });
  const units = Array.from({ length: 80 }, () => random.below(4000));
  const [best] = investigate(world, {
    source: { kind: 'lot', id: 'none' },
    bad: units.slice(0, 20),
    good: units.slice(20),
  });
  t.ok((best?.posterior ?? 1) < 0.5, `believed with ${best?.posterior}`);
  t.ok((best?.q ?? 0) > 0.05, `a false discovery with q = ${best?.q}`);
});

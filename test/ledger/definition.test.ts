/** What stands in the database after random writing is what the definitions say, worked out by hand from the facts. */
import fc from 'fast-check';
import t from 'tap';
import { note, sighting, testLog } from '../support/log.ts';
import { naiveChain, naiveDigest, naiveLinks, naiveNames } from '../support/naive-log.ts';

t.test('digests, leaves and links, from the facts and salts alone', async (t) => {
  const log = await testLog(t);
  const { operator, origin } = log.genesis;
  const epcs = Array.from({ length: 9 }, (_, i) => `01/06901234567892/21/U${i}`);
  const told = fc.record({
    list: fc.subarray(epcs),
    within: fc.option(fc.constantFrom('00/106141412345678908', ...epcs), { nil: undefined }),
    secret: fc.option(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))),
  });
  const groups = fc.array(fc.array(told, { minLength: 1, maxLength: 8 }), { minLength: 20, maxLength: 20 });
  const [random = []] = fc.sample(groups, 1);
  for (const group of random)
    await log.ledger.append(
      group.map(({ list, within, secret }) => ({
        ...(list.length === 0 ? note(operator, '源') : sighting(operator, list, within)),
        ...(secret === null ? {} : { private: secret }),
      })),
    );

  type Row = Record<'digest' | 'leaf' | 'salt', Buffer> & { seq: number; at: number; payload: string };
  const rows = await log.db.sql<(Row & { value: string | null; own: Buffer | null })[]>`
    SELECT e.seq, e.at, e.digest, e.leaf, f.payload, f.salt, p.value, p.salt AS own
    FROM entries e JOIN facts f USING (seq) LEFT JOIN privates p USING (seq) ORDER BY e.seq`;
  t.equal(rows.length, 1 + random.flat().length);
  t.strictSame(
    rows.map(({ seq, digest }) => [seq, digest.toString('hex')]),
    rows.map(({ payload, salt, value, own }, seq) => {
      const personal = value === null || own === null ? undefined : { value: JSON.parse(value), salt: own };
      return [seq, naiveDigest(JSON.parse(payload), salt, personal).toString('hex')];
    }),
  );
  t.strictSame(
    rows.map(({ leaf }) => leaf.toString('hex')),
    naiveChain(origin, rows).map(({ leaf }) => leaf.toString('hex')),
  );
  const links = await log.db.sql<{ epc: string; n: number; link: Buffer }[]>`
    SELECT epc, n, link FROM unit_chain JOIN epcs USING (unit) ORDER BY epc COLLATE "C", n`;
  const chains = naiveLinks(
    rows.map(({ leaf, payload }) => ({ leaf, names: naiveNames(JSON.parse(payload)) })),
  );
  t.strictSame(
    links.map(({ epc, n, link }) => [epc, n, link.toString('hex')]),
    [...chains.keys()]
      .sort()
      .flatMap((epc) => (chains.get(epc) ?? []).map((link, n) => [epc, n, link.toString('hex')]))
      .filter(([, n]) => n !== 0),
  );
});

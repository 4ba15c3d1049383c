import t from 'tap';
import type { Sql } from '../../../src/database/connection.ts';
import { draftsOf } from '../../../src/features/events/drafts.ts';
import { createKnown } from '../../../src/features/events/known.ts';
import { createMasters } from '../../../src/features/events/masters.ts';
import type { Hop } from '../../../src/features/events/schemas.ts';
import { testService } from '../../support/service.ts';
import { act, lot, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker } = chain;
const caller = { party: maker.id, client: 'c', roles: maker.roles, mandate: null };

/** A connection that counts what is asked of it. */
function counting(sql: Sql) {
  let statements = 0;
  const counted = new Proxy(sql, {
    apply: (target, self, args) => {
      statements++;
      return Reflect.apply(target, self, args);
    },
  });
  return { sql: counted, count: () => statements };
}

/** Hops that name something new of every kind. */
const hops = (from: number, count: number): Hop[] =>
  Array.from({ length: count }, (_, i): Hop[] => {
    const n = from + i;
    const name = { name: `五金店 ${n}`, region: '330112' };
    return [
      {
        hop: 'produce',
        ...act(),
        epcs: [unit(`S${n}`)],
        lots: [{ lot: lot(`L${n}`), quantity: '1', uom: 'MTR' }],
      },
      { hop: 'ship', ...act(), epcs: [unit(`S${n}`)], place: maker.place, to: name, transfer: 'sale' },
      { hop: 'cancel', ...act(), event, epcs: [unit(`S${n}`)] },
    ];
  }).flat();

const made = await chain.post(maker, [{ hop: 'produce', ...act(), epcs: [unit('V')] }]);
const event: string = made.body.facts[0].id;

t.test('one hop and thousands ask the same number of statements', async (t) => {
  const { sql, count } = counting(service.db.sql);
  const deps = {
    ...service.deps,
    db: { ...service.db, sql },
    known: createKnown(sql, service.deps.policies),
    masters: createMasters(sql),
  };
  const spent = async (list: Hop[]): Promise<number> => {
    const before = count();
    await draftsOf(
      { ...deps, known: createKnown(sql, service.deps.policies), masters: createMasters(sql) },
      caller,
      list,
    );
    return count() - before;
  };
  const few = await spent(hops(0, 1));
  t.equal(await spent(hops(1, 1000)), few, `${few} statements`);
  t.ok(few > 0 && few < 10);
  const inspect = (): Hop[] => [{ hop: 'inspect', ...act(), epcs: [unit('V')], place: maker.place }];
  await draftsOf(deps, caller, inspect());
  const before = count();
  await draftsOf(deps, caller, inspect());
  t.equal(count() - before, 0, 'what is known already costs none');
});

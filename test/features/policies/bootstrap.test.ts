import t from 'tap';
import { bootstrap } from '../../../src/features/bootstrap.ts';
import { categories } from '../../../src/features/policies/data/categories.ts';
import { packagedRegions } from '../../../src/features/policies/data/regions.ts';
import { ensurePolicies } from '../../../src/features/policies/policies.ts';
import { projections } from '../../../src/features/projections.ts';
import { createLedger } from '../../../src/ledger/ledger.ts';
import { refusal } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

const kindsOf = async (ledger: {
  read(from: number, until: number): Promise<{ fact: { kind: string } }[]>;
}) => (await ledger.read(0, 100)).map(({ fact }) => fact.kind);

t.test('what stands in the log before the first request', async (t) => {
  const service = await testService(t);
  const { deps } = service;
  const before = await kindsOf(deps.ledger);
  t.strictSame(before, ['genesis', 'party', 'policy', 'policy', 'policy', 'key', 'key', 'key', 'key']);

  t.test('a second start and several at once add nothing', async (t) => {
    const others = [1, 2, 3].map(() => createLedger({ database: deps.db, projections }));
    const started = await Promise.all(
      others.map((ledger) => bootstrap({ db: deps.db, ledger, keystore: deps.keystore, host: deps.host })),
    );
    t.strictSame(await kindsOf(deps.ledger), before);
    t.strictSame(
      started.map(({ genesis }) => genesis),
      started.map(() => deps.genesis),
    );
  });

  t.test('the log has the regions and categories we were delivered with', async (t) => {
    const { policies } = deps;
    t.strictSame(policies.regions, packagedRegions());
    t.strictSame(policies.categories, categories);
    t.strictSame(
      [
        policies.regionName('330106'),
        policies.regionName('469001'),
        policies.regionName('810001', 'county'),
        policies.regionName('330106', 'province'),
        ['110000', '110101', '820001', '330199', '000000', 'constructor'].map(policies.isRegion),
        policies.category('fire-hoses'),
        policies.category('constructor'),
      ],
      [
        { zh: '浙江省杭州市西湖区', en: 'Zhejiang, Hangzhou, 西湖区' },
        { zh: '海南省五指山市', en: 'Hainan, 五指山市' },
        { zh: '香港特别行政区中西区', en: 'Hong Kong, 中西区' },
        { zh: '浙江省', en: 'Zhejiang' },
        [true, true, true, false, false, false],
        { zh: '消防水带', en: 'Fire hoses', within: 'fire-products', key: true },
        null,
      ],
    );
  });

  t.test('every region has an English name, in which a county alone is Chinese', async (t) => {
    const codes = Object.keys(deps.policies.regions.zh);
    t.strictSame(
      codes.filter((code) => {
        const [province = '', ...within] = deps.policies.regionName(code).en.split(', ');
        const chinese = within.filter((name) => !/^\p{Lu}\P{Script=Han}+$/u.test(name));
        return !/^\p{Lu}\P{Script=Han}+$/u.test(province) || chinese.length > (code.endsWith('00') ? 0 : 1);
      }),
      [],
    );
  });

  t.test('anybody may read them', async (t) => {
    const read = (name: string) => service.app.inject({ url: `/v1/policies/${name}` });
    const regions = (await read('regions')).json<{ seq: number; regions: unknown }>();
    t.strictSame(regions, { seq: 2, regions: packagedRegions() });
    t.strictSame((await read('categories')).json(), { seq: 3, categories });
    t.match(refusal(await read('weather')), [400, 'invalid-request']);
  });

  t.test('a change of what is delivered is recorded once', async (t) => {
    const { ledger, db, genesis } = deps;
    const body = { zh: { '110000': '北京市' }, en: { '11': 'Beijing' } };
    await ledger.append([{ fact: { kind: 'policy', by: genesis.operator, name: 'regions', body } }]);
    const size = await ledger.size();
    const [policies] = await Promise.all([1, 2].map(() => ensurePolicies(db, ledger, genesis.operator)));
    t.equal(await ledger.size(), size + 1);
    t.strictSame(policies?.since, { regions: size, categories: 3 });
  });
});

t.test('the lists of the regulations are whole', async (t) => {
  const entries = Object.values(categories);
  t.equal(entries.filter(({ within }) => within === undefined).length, 20, 'supervision statistics');
  t.equal(entries.filter(({ key }) => key === true).length, 20, 'national key list');
  t.equal(new Set(entries.map(({ zh }) => zh)).size, entries.length);
  t.strictSame(
    entries.filter(({ within }) => within !== undefined && !Object.hasOwn(categories, within)),
    [],
  );
});

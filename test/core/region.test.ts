import t from 'tap';
import { districtOf, holdsRegion, isRegion, prefectureOf, regionName } from '../../src/core/region.ts';

const names = {
  zh: {
    '330000': '浙江省',
    '330100': '杭州市',
    '330106': '西湖区',
    '110000': '北京市',
    '110101': '东城区',
    '420000': '湖北省',
    '429000': '自治区直辖县级行政区划',
    '429004': '仙桃市',
  },
  en: { '33': 'Zhejiang', '3301': 'Hangzhou', '11': 'Beijing', '42': 'Hubei' },
};

t.test('a region holds what begins with its pairs', async (t) => {
  const cases: [string, string, boolean][] = [
    ['330000', '330106', true],
    ['330100', '330106', true],
    ['330106', '330106', true],
    ['330106', '330100', false],
    ['330100', '330200', false],
    ['000000', '110101', true],
    ['110000', '330000', false],
    ['330110', '330110', true],
    // A county whose code ends in a single zero is no prefix of another.
    ['330110', '330111', false],
  ];
  t.strictSame(
    cases.map(([outer, inner]) => [outer, inner, holdsRegion(outer, inner)]),
    cases,
  );
});

t.test('names', async (t) => {
  t.strictSame(
    [
      regionName(names, '330106'),
      regionName(names, '330106', 'prefecture'),
      regionName(names, '330106', 'province'),
      regionName(names, '110101'),
      regionName(names, '429004'),
      regionName(names, '330000'),
      regionName(names, '990000'),
    ],
    [
      { zh: '浙江省杭州市西湖区', en: 'Zhejiang, Hangzhou, 西湖区' },
      { zh: '浙江省杭州市', en: 'Zhejiang, Hangzhou' },
      { zh: '浙江省', en: 'Zhejiang' },
      { zh: '北京市东城区', en: 'Beijing, 东城区' },
      { zh: '湖北省仙桃市', en: 'Hubei, 仙桃市' },
      { zh: '浙江省', en: 'Zhejiang' },
      { zh: '990000', en: '990000' },
    ],
  );
  t.strictSame(
    ['330106', '330107', '33010', '__proto__', 'toString', ''].map((code) => isRegion(names, code)),
    [true, false, false, false, false, false],
  );
});

t.test('the prefecture of a region, or what stands for one', async (t) => {
  t.strictSame(['330106', '330100', '330000', '429004', '310105'].map(prefectureOf), [
    ...['330100', '330100', '330000', '429004', '310100'],
  ]);
});

t.test('the district of a region, or what is larger where it tells none', async (t) => {
  const told = ['330106', '310105', '500229', '330100', '310100', '500200', '310000', '000000', '429004'];
  t.strictSame(told.map(districtOf), [
    ...['330106', '310105', '500229', '330100', '310000', '500000', '310000', '000000', '429004'],
  ]);
});

/** Who and what the demo is about: invented firms with products of the national key list, in real regions. */

export interface City {
  readonly region: string;
  readonly zh: string;
  readonly en: string;
}

/** GB/T 2260 codes of provinces, municipalities and cities. */
export const cities: readonly City[] = [
  { region: '110000', zh: '北京', en: 'Beijing' },
  { region: '310000', zh: '上海', en: 'Shanghai' },
  { region: '120000', zh: '天津', en: 'Tianjin' },
  { region: '500000', zh: '重庆', en: 'Chongqing' },
  { region: '330100', zh: '杭州', en: 'Hangzhou' },
  { region: '320100', zh: '南京', en: 'Nanjing' },
  { region: '440100', zh: '广州', en: 'Guangzhou' },
  { region: '440300', zh: '深圳', en: 'Shenzhen' },
  { region: '510100', zh: '成都', en: 'Chengdu' },
  { region: '420100', zh: '武汉', en: 'Wuhan' },
  { region: '610100', zh: '西安', en: "Xi'an" },
  { region: '370100', zh: '济南', en: 'Jinan' },
  { region: '410100', zh: '郑州', en: 'Zhengzhou' },
  { region: '350100', zh: '福州', en: 'Fuzhou' },
  { region: '430100', zh: '长沙', en: 'Changsha' },
  { region: '210100', zh: '沈阳', en: 'Shenyang' },
  { region: '340100', zh: '合肥', en: 'Hefei' },
  { region: '530100', zh: '昆明', en: 'Kunming' },
];

export interface ProductLine {
  readonly category: string;
  readonly zh: string;
  readonly en: string;
  readonly model: string;
  /** `H87` for pieces, `MTR` for metres. */
  readonly uom: 'H87' | 'MTR';
  readonly serviceLifeMonths: number;
  readonly firstMaintenanceMonths: number | null;
  readonly maintenanceMonths: number | null;
}

/** One product a manufacturer: ten of pieces, two sold by the metre. */
export const productLines: readonly ProductLine[] = [
  piece(
    'portable-extinguishers',
    '手提式干粉灭火器',
    'Portable dry-powder extinguisher',
    'MFZ/ABC4',
    120,
    24,
    60,
  ),
  piece('smoke-alarms', '独立式感烟火灾探测报警器', 'Stand-alone smoke alarm', 'JTY-GD-S10', 120, 12),
  piece('fire-doors', '钢质隔热防火门', 'Insulated steel fire door', 'GFM-1023-A1.5', 240, null),
  piece('emergency-lights', '消防应急照明灯具', 'Fire emergency light', 'M-ZFZD-E5W', 96, 12),
  piece('escape-respirators', '过滤式消防自救呼吸器', 'Escape respirator', 'TZL30', 36, null),
  piece('sprinklers', '洒水喷头', 'Sprinkler head', 'ZSTX15-68', 240, null),
  piece('fire-blankets', '灭火毯', 'Fire blanket', 'MT-1500', 60, null),
  piece('gas-detectors', '可燃气体探测器', 'Combustible gas detector', 'JT-GB20', 60, 12),
  piece('electrical-fire-detectors', '电气火灾监控探测器', 'Electrical fire detector', 'DH-A20', 120, 12),
  piece('portable-extinguishers', '手提式二氧化碳灭火器', 'Portable CO₂ extinguisher', 'MT/3', 144, 24, 60),
  metres('fire-hoses', '有衬里消防水带', 'Lined fire hose', '8-65-20', 60),
  metres('fire-resistant-cables', '耐火电缆', 'Fire-resistant cable', 'NH-YJV 4×25', 360),
];

function piece(
  category: string,
  zh: string,
  en: string,
  model: string,
  serviceLifeMonths: number,
  maintenanceMonths: number | null,
  firstMaintenanceMonths: number | null = null,
): ProductLine {
  return {
    ...{ category, zh, en, model, uom: 'H87', serviceLifeMonths },
    ...{ firstMaintenanceMonths, maintenanceMonths },
  };
}

function metres(
  category: string,
  zh: string,
  en: string,
  model: string,
  serviceLifeMonths: number,
): ProductLine {
  return {
    ...{ category, zh, en, model, uom: 'MTR', serviceLifeMonths },
    ...{ firstMaintenanceMonths: null, maintenanceMonths: null },
  };
}

const brands = [
  '安澜',
  '恒盾',
  '赤焰',
  '宏安',
  '天泽',
  '永固',
  '金盾',
  '瑞安',
  '华消',
  '明锐',
  '龙腾',
  '东升',
];
const users = [
  '人民医院',
  '第一中学',
  '国际酒店',
  '购物中心',
  '养老院',
  '科技园',
  '幼儿园',
  '体育馆',
  '图书馆',
  '物流园',
];

export const makerName = (i: number, city: City): string =>
  `${city.zh}${brands[i % brands.length]}消防科技有限公司`;
export const distributorName = (tier: number, i: number, city: City): string =>
  `${city.zh}${brands[i % brands.length]}消防器材${['总经销', '批发', '经营部'][tier - 1]}${i + 1}`;
export const userName = (i: number, city: City): string =>
  `${city.zh}${users[i % users.length]}${Math.floor(i / users.length) + 1}号院区`;
export const firmName = (i: number, city: City): string => `${city.zh}安消消防技术服务有限公司${i + 1}`;

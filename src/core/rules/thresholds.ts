/**
 * The numbers that rules go by. They are data: the policy `rules` in the log says what they are, from the entry that
 * records it on; what it leaves out, and everything before the first such policy, goes by the defaults here.
 *
 * Example: {"precision-floor-percent":30} raises one of them and leaves the others as they were delivered.
 */

interface ThresholdWords {
  readonly default: number;
  /** Bounds, both inclusive; all thresholds are whole numbers. */
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: string;
  readonly zh: string;
  readonly en: string;
}

/** Every threshold with its unit and default. */
export const thresholdWords = {
  'precision-floor-percent': {
    default: 20,
    minimum: 0,
    maximum: 100,
    unit: '%',
    zh: '规则的查实率低于此值时降为观察。',
    en: 'A rule of which fewer cases than this turn out true is only watched.',
  },
  'precision-decisions': {
    default: 20,
    minimum: 5,
    maximum: 10_000,
    unit: 'decisions',
    zh: '判断规则查实率所需的最少案件处理数。',
    en: 'Decisions it takes before the precision of a rule is judged.',
  },
  'travel-km-per-hour': {
    default: 150,
    minimum: 50,
    maximum: 2000,
    unit: 'km/h',
    zh: '两地之间运输所能达到的最高速度。',
    en: 'Nothing travels faster than this between two places.',
  },
  'travel-km-min': {
    default: 20,
    minimum: 1,
    maximum: 5000,
    unit: 'km',
    zh: '两地相距不足此值的不作比较。',
    en: 'Places nearer to each other than this are not compared.',
  },
  'grace-days': {
    default: 3,
    minimum: 1,
    maximum: 365,
    unit: 'days',
    zh: '各方登记其环节可用的天数，此前不视为缺失。',
    en: 'Others may take so many days to record their part before it counts as missing.',
  },
  'transit-days-max': {
    default: 30,
    minimum: 1,
    maximum: 3650,
    unit: 'days',
    zh: '从发货到到货最长的天数。',
    en: 'A shipment takes no longer than this.',
  },
  'service-days-late': {
    default: 30,
    minimum: 0,
    maximum: 3650,
    unit: 'days',
    zh: '检修可比应检修日期晚的天数。',
    en: 'A service may be so many days late.',
  },
  'far-km-min': {
    default: 300,
    minimum: 1,
    maximum: 5000,
    unit: 'km',
    zh: '扫码地距销售地至少此值才算远。',
    en: 'A scan at least so far from the place of sale is far from it.',
  },
  'far-scans-min': {
    default: 2,
    minimum: 1,
    maximum: 1000,
    unit: 'scans',
    zh: '远离销售地的扫码至少此数才成疑点。',
    en: 'So many far scans make a finding.',
  },
  'scan-window-days': {
    default: 7,
    minimum: 1,
    maximum: 90,
    unit: 'days',
    zh: '统计扫码频次的天数。',
    en: 'Scans are counted over so many days.',
  },
  'scan-rarity': {
    default: 6,
    minimum: 2,
    maximum: 12,
    unit: 'powers of ten',
    zh: '已售产品的扫码次数出现概率低于 10 的负几次方才成疑点。',
    en: 'How rare as many scans of a sold thing must be.',
  },
  'scan-rarity-trade': {
    default: 4,
    minimum: 2,
    maximum: 12,
    unit: 'powers of ten',
    zh: '售出前更严：概率低于 10 的负几次方即成疑点。',
    en: 'The same while it is in the trade: stricter.',
  },
  'scan-things-min': {
    default: 20,
    minimum: 5,
    maximum: 100000,
    unit: 'things',
    zh: '同型号至少有此数的产品被扫过才作比较。',
    en: 'Things of the product that must have been scanned before one is compared with them.',
  },
  'forged-scans-min': {
    default: 2,
    minimum: 1,
    maximum: 1000,
    unit: 'scans',
    zh: '伪造码至少被扫此数才成疑点。',
    en: 'So many scans of forged copies make a finding.',
  },
  'idle-scans-min': {
    default: 2,
    minimum: 1,
    maximum: 1000,
    unit: 'scans',
    zh: '未登记生产或已报废产品的身份码至少被扫此数才成疑点。',
    en: 'So many scans of a code whose thing was never made, or is scrapped, make a finding.',
  },
  'unregistered-scans-min': {
    default: 5,
    minimum: 1,
    maximum: 200,
    unit: 'networks',
    zh: '同一产品从未签发或伪造的身份码至少从此数的不同网络被扫才成疑点。',
    en: 'Codes of a product that were never issued, or are forged, scanned from so many networks make a finding.',
  },
  'repeat-failures-min': {
    default: 2,
    minimum: 2,
    maximum: 100,
    unit: 'samples',
    zh: '同一生产者不合格抽样达到此数即为多次不合格。',
    en: 'So many failed samples of one maker are a repeated failure.',
  },
  'repeat-failure-months': {
    default: 24,
    minimum: 1,
    maximum: 120,
    unit: 'months',
    zh: '统计多次不合格时回溯的月数。',
    en: 'Repeated failures are counted over so many months.',
  },
  'retest-days': {
    default: 60,
    minimum: 0,
    maximum: 365,
    unit: 'days',
    zh: '同一批次在此天数内的再次不合格视为复检。',
    en: 'A further failure of the same lot within this time is a re-test.',
  },
  'passed-days-max': {
    default: 365,
    minimum: 1,
    maximum: 3650,
    unit: 'days',
    zh: '判定合格后在此天数内被判不合格才作比较。',
    en: 'A failure within this time after a pass speaks against the pass.',
  },
  'laboratory-samples-min': {
    default: 30,
    minimum: 5,
    maximum: 100_000,
    unit: 'samples',
    zh: '检验机构及其同类机构首次判定的样品各至少有此数才作比较。',
    en: 'Samples that a laboratory, and its peers, must have judged first before they are compared.',
  },
  'laboratory-pass-excess': {
    default: 5,
    minimum: 0,
    maximum: 100,
    unit: '%',
    zh: '合格率的置信下限高出同类机构合格率的百分点须超过此值。',
    en: 'The pass rate of a laboratory must surely be above that of its peers by more than this many points.',
  },
  'laboratory-rarity': {
    default: 2,
    minimum: 1,
    maximum: 12,
    unit: 'powers of ten',
    zh: '判定合格后如此多次不合格的偶然概率须不高于 10 的负几次方。',
    en: 'How rare as many failures of what a laboratory passed must be.',
  },
  'certifier-samples-min': {
    default: 30,
    minimum: 5,
    maximum: 100_000,
    unit: 'samples',
    zh: '认证机构及其同类机构所认证产品的监督抽查样品各至少有此数才作比较。',
    en: 'Supervision samples of what a certification body, and its peers, certified before they are compared.',
  },
  'certifier-failure-excess': {
    default: 5,
    minimum: 0,
    maximum: 100,
    unit: '%',
    zh: '所认证产品不合格率的置信下限高出同类机构的百分点须超过此值。',
    en: 'The share of certified goods that fail must surely be above that of its peers by more than this many points.',
  },
  'certifier-rarity': {
    default: 3,
    minimum: 1,
    maximum: 12,
    unit: 'powers of ten',
    zh: '所认证产品如此多次不合格的偶然概率须不高于 10 的负几次方。',
    en: 'How rare as many failures of what a certification body certified must be.',
  },
  'agent-excess-percent': {
    default: 10,
    minimum: 0,
    maximum: 100,
    unit: '%',
    zh: '充装所用灭火剂可超过购入的比例。',
    en: 'A firm may use more agent than it bought by this much.',
  },
  'transform-excess-percent': {
    default: 5,
    minimum: 0,
    maximum: 100,
    unit: '%',
    zh: '加工产出可超过投入的比例。',
    en: 'A transformation may yield more than went in by this much.',
  },
  'complaint-window-days': {
    default: 14,
    minimum: 3,
    maximum: 60,
    unit: 'days',
    zh: '统计举报是否激增的天数。',
    en: 'A burst of reports is looked for within so many days.',
  },
  'complaint-base-days': {
    default: 180,
    minimum: 28,
    maximum: 730,
    unit: 'days',
    zh: '在此之前用于确定举报常态的天数。',
    en: 'What is usual is what was reported within so many days before.',
  },
  'complaint-reports-min': {
    default: 5,
    minimum: 3,
    maximum: 1000,
    unit: 'reports',
    zh: '来自不同举报人的举报至少此数才成疑点。',
    en: 'So many reports by different people make a finding.',
  },
  'complaint-rarity': {
    default: 4,
    minimum: 1,
    maximum: 12,
    unit: 'powers of ten',
    zh: '举报数出现概率（按所比较的地区与产品数校正后）低于 10 的负几次方才成疑点。',
    en: 'How rare as many reports must be, all districts and products looked at taken together.',
  },
} as const satisfies Record<string, ThresholdWords>;

export type ThresholdName = keyof typeof thresholdWords;
export type Thresholds = Readonly<Record<ThresholdName, number>>;

export const thresholdNames = Object.keys(thresholdWords).filter(
  (name): name is ThresholdName => name in thresholdWords,
);

/** The thresholds of a policy body: what it does not say, or says beyond the bounds, is the default. */
export function thresholdsOf(body: Readonly<Record<string, unknown>>): Thresholds {
  const found: Record<string, number> = {};
  for (const name of thresholdNames) {
    const { default: usual, minimum, maximum } = thresholdWords[name];
    const said = Object.hasOwn(body, name) ? body[name] : undefined;
    const fits = typeof said === 'number' && Number.isInteger(said) && said >= minimum && said <= maximum;
    found[name] = fits ? said : usual;
  }
  return found as Thresholds;
}

/** As delivered. */
export const defaultThresholds: Thresholds = thresholdsOf({});

/** How long others may take to record their part, ms. */
export const graceMsOf = (thresholds: Thresholds): number => thresholds['grace-days'] * 86_400_000;

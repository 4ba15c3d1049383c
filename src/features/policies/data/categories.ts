/**
 * Product categories of the policy `categories`. They enter the log at the first start and whenever this list
 * changes; rules read the log, never this file.
 *
 * - The twenty categories of the supervision statistics (重点工业产品质量安全隐患排查治理情况统计表).
 * - Fire products, each `within` the category `fire-products`: `key` marks the national list of key products
 *   (消防〔2025〕32号); the others are named in the same notices.
 */

export interface Category {
  readonly zh: string;
  readonly en: string;
  /** The supervision category it is counted in; absent for those themselves. */
  readonly within?: string;
  /** On the national list of key products. */
  readonly key?: true;
}

const within = 'fire-products';
const key = (zh: string, en: string): Category => ({ zh, en, within, key: true });
const named = (zh: string, en: string): Category => ({ zh, en, within });

export const categories: Readonly<Record<string, Category>> = {
  'hazardous-chemicals': { zh: '危险化学品', en: 'Hazardous chemicals' },
  'hazardous-chemical-tanks': {
    zh: '危险化学品车载常压罐体',
    en: 'Vehicle-mounted atmospheric tanks for hazardous chemicals',
  },
  cement: { zh: '水泥', en: 'Cement' },
  'wires-and-cables': { zh: '电线电缆', en: 'Wires and cables' },
  fertilizers: { zh: '化肥', en: 'Fertilizers' },
  'fire-products': { zh: '消防产品', en: 'Fire products' },
  'refined-oil': { zh: '成品油', en: 'Refined oil' },
  'explosion-proof-electrics': { zh: '防爆电气', en: 'Explosion-proof electrical equipment' },
  'electric-bicycles': { zh: '电动自行车', en: 'Electric bicycles' },
  'electric-bicycle-power': {
    zh: '电动自行车充电器和电池',
    en: 'Chargers and batteries of electric bicycles',
  },
  'electric-bicycle-helmets': { zh: '电动自行车乘员头盔', en: 'Helmets for riders of electric bicycles' },
  'gas-appliances': { zh: '燃气用品', en: 'Gas appliances' },
  fireworks: { zh: '烟花爆竹', en: 'Fireworks' },
  'products-for-the-elderly': { zh: '老年用品', en: 'Products for the elderly' },
  'food-packaging': { zh: '食品用纸包装和容器等制品', en: 'Paper packaging and containers for food' },
  'electric-food-heaters': { zh: '电热食品加工设备', en: 'Electrically heated food processing equipment' },
  'agricultural-film': { zh: '农用地膜', en: 'Agricultural mulch film' },
  'safety-helmets': { zh: '安全帽', en: 'Safety helmets' },
  'oil-like-chemicals': { zh: '与成品油性质相近的化工产品', en: 'Chemicals similar to refined oil' },
  'products-for-pupils': { zh: '儿童学生用品', en: 'Products for children and pupils' },

  'portable-extinguishers': key('手提式灭火器', 'Portable fire extinguishers'),
  'escape-respirators': key('过滤式消防自救呼吸器', 'Filtering respirators for escape from fire'),
  sprinklers: key('洒水喷头', 'Sprinkler heads'),
  'fire-doors': key('防火门', 'Fire doors'),
  'fire-glass': key('防火玻璃', 'Fire-resistant glass'),
  'fire-shutters': key('防火卷帘', 'Fire shutters'),
  'fire-blankets': key('灭火毯', 'Fire blankets'),
  'gas-detectors': key('可燃气体探测器', 'Combustible gas detectors'),
  'smoke-alarms': key('独立式感烟火灾探测报警器', 'Stand-alone smoke alarms'),
  'emergency-lights': key('消防应急照明灯具', 'Fire emergency lights'),
  'fire-pumps': key('消防泵组', 'Fire pump sets'),
  'gas-extinguishing': key(
    '七氟丙烷气体灭火设备(气体灭火剂瓶组)',
    'Heptafluoropropane extinguishing equipment (agent cylinders)',
  ),
  'flame-retardant-cables': key('阻燃电缆', 'Flame-retardant cables'),
  'fire-resistant-cables': key('耐火电缆', 'Fire-resistant cables'),
  'electrical-fire-detectors': key('电气火灾监控探测器', 'Electrical fire monitoring detectors'),
  'fireproof-coatings': key('防火涂料', 'Fireproof coatings'),
  'foam-agents': key('泡沫灭火剂', 'Foam extinguishing agents'),
  'fire-hoses': key('消防水带', 'Fire hoses'),
  'fire-couplings': key('消防接口', 'Fire hose couplings'),
  'station-rescue-equipment': key(
    '微型消防站配备的消防救援装备',
    'Rescue equipment of miniature fire stations',
  ),
  'extinguishing-patches': named('灭火贴', 'Fire extinguishing patches'),
  'descent-devices': named('逃生缓降器', 'Controlled descent devices for escape'),
  'emergency-signs': named('消防应急标志灯具', 'Fire emergency sign lights'),
  'steel-fireproof-coatings': named('钢结构防火涂料', 'Fireproof coatings for steel structures'),
};

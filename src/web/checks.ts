/**
 * What to look at on the real thing, by product category. A verdict speaks of the code and its history; only eyes
 * and hands tell whether the thing under the label fits. Categories are keyed by their names in the national list
 * of key fire products (2025), so that a list kept as data elsewhere finds its checks here without a second key.
 * The checks need no tool and no training, and damage nothing.
 */
import type { Bilingual } from './words.ts';

type Checks = readonly Bilingual[];

const b = (zh: string, en: string): Bilingual => ({ zh, en });

const extinguisher: Checks = [
  b(
    '压力表指针在绿区；红区表示压力不足，需要维修或更换。',
    'The gauge needle is in the green. Red means too little pressure: have it serviced or replaced.',
  ),
  b('保险销和铅封完好，没有动过的痕迹。', 'The safety pin and its seal are in place and untouched.'),
  b(
    '筒体底部或肩部打有钢印（年份、编号），并与标签上的生产日期相符；贴纸、喷印不算钢印。',
    'Year and number are stamped into the metal of the cylinder and fit the date on the label. A sticker or print is no stamp.',
  ),
  b(
    '筒体无锈蚀、无凹陷、无补焊，喷射软管不开裂。',
    'No rust, dents or welding repairs on the cylinder; no cracks in the hose.',
  ),
];
const door: Checks = [
  b(
    '门框或门扇上有固定的金属铭牌，名称、型号、厂名、日期与本页一致。',
    'A metal plate is fixed to the frame or leaf; its name, model, maker and date agree with this page.',
  ),
  b(
    '推开后能自己关严，闭门器、合页、锁具齐全。',
    'Opened and let go, it closes fully by itself; closer, hinges and lock are all there.',
  ),
  b('门缝四周嵌有完整的防火密封条。', 'An unbroken fire seal runs round the edge of the door.'),
];
const shutter: Checks = [
  b(
    '控制箱和卷帘上都有铭牌，型号与本页一致。',
    'The control box and the shutter both carry a plate with the model on this page.',
  ),
  b(
    '帘面平整、无破损，导轨无变形，下方无堆物。',
    'The curtain is flat and whole, its rails straight, nothing is stored below.',
  ),
];
const glass: Checks = [
  b(
    '玻璃角上有永久性标记，产品名、等级、厂名与本页一致；贴纸不算。',
    'A permanent mark in the corner names product, class and maker as on this page. A sticker does not count.',
  ),
  b(
    '玻璃内无大量气泡、发黄或分层。',
    'No clusters of bubbles, yellowing or separating layers inside the glass.',
  ),
];
const hose: Checks = [
  b(
    '带身上每隔一段印有名称、型号、压力、长度、厂名，与本页一致。',
    'Name, model, pressure, length and maker are printed along the hose and agree with this page.',
  ),
  b(
    '织物紧密均匀，无跳线、破洞；内衬光滑，不起层、不发粘。',
    'The weave is tight and even, without holes; the lining is smooth, not peeling or sticky.',
  ),
  b(
    '整卷长度与标称相符，接口绑扎牢固。',
    'A full roll is as long as stated and its couplings are firmly bound.',
  ),
];
const coupling: Checks = [
  b(
    '本体上铸有型号、压力和厂名，不是贴上去的。',
    'Model, pressure and maker are cast into the body, not stuck on.',
  ),
  b(
    '密封圈完整，装卸顺畅，无裂纹、砂眼。',
    'The gasket is whole, it joins and parts smoothly, no cracks or casting holes.',
  ),
];
const alarm: Checks = [
  b('按“测试”键能发出响亮的声光报警。', 'Pressing “test” gives a loud sound and a light.'),
  b(
    '机身铭牌的型号、编号、生产日期与本页一致；注意标明的使用年限。',
    'Model, number and date on its body agree with this page. Mind the service life stated there.',
  ),
  b(
    '防尘罩已取下，进烟、进气口没有堵塞、没有喷漆。',
    'The dust cover is off and its openings are neither blocked nor painted over.',
  ),
];
const monitor: Checks = [
  b('机身铭牌的型号、编号与本页一致。', 'Model and number on its body agree with this page.'),
  b('指示灯正常，按“自检”键能报警。', 'Its lamps are normal and “self-test” raises the alarm.'),
];
const light: Checks = [
  b('按“试验”键或断开电源后立即点亮。', 'It lights at once when “test” is pressed or mains power is cut.'),
  b(
    '机身铭牌的型号、生产日期与本页一致，外壳无发黄变形。',
    'Model and date on its body agree with this page; the case is not yellowed or warped.',
  ),
];
const cable: Checks = [
  b(
    '护套上连续印有厂名、型号、规格、电压，字迹擦不掉，并与本页一致。',
    'Maker, model, size and voltage are printed along the sheath, do not rub off and agree with this page.',
  ),
  b(
    '米标连续，整盘长度与标称相符。',
    'The metre marks run on without a break and the drum holds the length stated.',
  ),
  b(
    '导体光亮、粗细均匀；铜芯发黑发脆或明显偏细要当心。',
    'The conductor is bright and even. Beware of dark, brittle or clearly thin copper.',
  ),
];
const sprinkler: Checks = [
  b(
    '溅水盘或本体上刻有厂标、型号、动作温度和年份，与本页一致。',
    'Maker’s mark, model, temperature and year are marked on the deflector or body and agree with this page.',
  ),
  b(
    '玻璃球完好，无漏液，没有被涂刷过。',
    'The glass bulb is whole, has not leaked and has not been painted.',
  ),
];
const respirator: Checks = [
  b(
    '包装为真空密封，未拆封；封口破损的不能使用。',
    'The vacuum pack is sealed. Do not rely on one whose seal is broken.',
  ),
  b(
    '盒上有效期未过，厂名、型号与本页一致。',
    'It is within the expiry date on the box; maker and model agree with this page.',
  ),
];
const blanket: Checks = [
  b(
    '织物完整，无破洞、无散边，两条拉带牢固。',
    'The cloth is whole, without holes or frayed edges; both pull straps hold.',
  ),
  b('包装上的型号、尺寸、厂名与本页一致。', 'Model, size and maker on the pack agree with this page.'),
];
const cylinder: Checks = [
  b(
    '瓶肩钢印（编号、制造年月、下次检验）清晰，并与本页一致。',
    'The stamp on the shoulder (number, date, next test) is clear and agrees with this page.',
  ),
  b(
    '压力表指针在绿区，铅封和安全销完好。',
    'The gauge needle is in the green; seals and safety pin are in place.',
  ),
];
const pump: Checks = [
  b(
    '泵和电机各有铭牌，型号、流量、扬程、编号与本页一致。',
    'Pump and motor each have a plate; model, flow, head and number agree with this page.',
  ),
  b(
    '盘车灵活，无渗漏，控制柜在“自动”位。',
    'The shaft turns freely, nothing leaks, the controller is set to “automatic”.',
  ),
];
const container: Checks = [
  b(
    '桶盖封口完好，批号、生产日期、保质期与本页一致。',
    'The seal of the drum is whole; lot, date and shelf life agree with this page.',
  ),
  b(
    '开桶后无结块、分层、恶臭；不要购买分装、无标签的散桶。',
    'Opened, it has no lumps, layers or foul smell. Do not buy decanted or unlabelled drums.',
  ),
];
const patch: Checks = [
  b(
    '包装完整，有效期未过，型号、厂名与本页一致。',
    'The pack is whole and within its date; model and maker agree with this page.',
  ),
];
const descender: Checks = [
  b(
    '铭牌上的编号、额定载荷、绳长与本页一致。',
    'Number, rated load and rope length on its plate agree with this page.',
  ),
  b('钢丝绳外层无破损，安全带和挂钩完好。', 'The rope’s cover is unbroken, belts and hook are sound.'),
];

const byCategory: ReadonlyMap<string, Checks> = new Map<string, Checks>([
  ['手提式灭火器', extinguisher],
  ['过滤式消防自救呼吸器', respirator],
  ['洒水喷头', sprinkler],
  ['防火门', door],
  ['防火玻璃', glass],
  ['防火卷帘', shutter],
  ['灭火毯', blanket],
  ['可燃气体探测器', alarm],
  ['独立式感烟火灾探测报警器', alarm],
  ['消防应急照明灯具', light],
  ['消防应急标志灯具', light],
  ['消防泵组', pump],
  ['七氟丙烷气体灭火设备(气体灭火剂瓶组)', cylinder],
  ['阻燃电缆', cable],
  ['耐火电缆', cable],
  ['电气火灾监控探测器', monitor],
  ['防火涂料', container],
  ['钢结构防火涂料', container],
  ['泡沫灭火剂', container],
  ['消防水带', hose],
  ['消防接口', coupling],
  ['灭火贴', patch],
  ['逃生缓降器', descender],
]);

const always: Checks = [
  b(
    '产品名称、型号、厂名、批号与本页一致；有一项不同就不要使用。',
    'Name, model, maker and lot on the thing agree with this page. If one differs, do not use it.',
  ),
  b(
    '标签是原贴的：没有揭起、覆盖、重贴的痕迹。',
    'The label is the first one: not lifted, covered or stuck on again.',
  ),
];

/** What to check on a carton or pallet, which is of no category. */
export const cartonChecks: Checks = [
  b(
    '封口完好，没有拆开重封的痕迹；箱上印的厂名与本页一致。',
    'It is sealed and was not opened and closed again; the maker printed on it agrees with this page.',
  ),
  b(
    '标签是原贴的：没有揭起、覆盖、重贴的痕迹。',
    'The label is the first one: not lifted, covered or stuck on again.',
  ),
  b('箱内每件产品有自己的码，请逐件扫码。', 'Each thing inside has a code of its own: scan that, too.'),
];

/** What to check on a thing of this category; for a category that has no list of its own, what holds for all. */
export const checksFor = (category: Bilingual | null): Checks => [
  ...(byCategory.get(category?.zh ?? '') ?? []),
  ...always,
];

/** The names of the categories that have a list of their own. */
export const checkedCategories: readonly string[] = [...byCategory.keys()];

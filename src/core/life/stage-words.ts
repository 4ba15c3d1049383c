/** What the stages of a life are called, in Chinese and in English. */
import type { Stage } from './lifecycle-state.ts';

export const stageWords: Readonly<Record<Stage, { readonly zh: string; readonly en: string }>> = {
  unknown: { zh: '来历不明', en: 'of unknown origin' },
  issued: { zh: '仅发码', en: 'code issued, nothing else recorded' },
  produced: { zh: '已生产', en: 'produced' },
  released: { zh: '已出厂检验', en: 'inspected for release' },
  'in-transit': { zh: '在途', en: 'under way' },
  held: { zh: '在库', en: 'held' },
  sold: { zh: '已售出', en: 'sold' },
  installed: { zh: '已安装', en: 'installed' },
  scrapped: { zh: '已报废', en: 'scrapped' },
  destroyed: { zh: '已销毁', en: 'destroyed' },
  consumed: { zh: '已消耗或加工成他物', en: 'used up or made into something else' },
  relabelled: { zh: '已换标', en: 'relabelled' },
};

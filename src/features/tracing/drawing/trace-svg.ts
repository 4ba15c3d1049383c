/** A trace as a picture: the things above, the parties below, then in words what is missing and whose it was to record. */
import type { Bilingual, Lang } from '../../../web/words.ts';
import type { TraceAnswer } from '../schemas.ts';
import { svgOf } from './picture.ts';
import { partiesOf, thingsOf } from './trace-sketch.ts';

/** Gaps told in words at most; the JSON has all. */
const gapsMax = 1_000;

export const traceSvg = (answer: TraceAnswer, lang: Lang): string =>
  svgOf(
    {
      title: { zh: '溯源图', en: 'Trace' },
      epc: answer.epc,
      bounds: boundsOf(answer),
      panels: [
        {
          title: { zh: '物：从何而来，装于何处', en: 'Things: what they came of and what holds them' },
          panel: thingsOf(answer),
        },
        {
          title: { zh: '主体：谁交给谁', en: 'Parties: what passed between whom' },
          panel: partiesOf(answer),
        },
      ],
      sections: [
        { title: { zh: '缺失的记录', en: 'Records that are missing' }, sentences: gapWords(answer) },
      ],
    },
    lang,
  );

function boundsOf({ direction, at, known, complete }: TraceAnswer): Bilingual[] {
  const directions = {
    up: { zh: '上溯', en: 'Upstream' },
    down: { zh: '下查', en: 'Downstream' },
    both: { zh: '上溯与下查', en: 'Upstream and downstream' },
  };
  return [
    directions[direction],
    ...(at === null ? [] : [{ zh: `以事件时间 ${at} 为界`, en: `bounded by the event time ${at}` }]),
    { zh: `依据账本前 ${known} 条账目`, en: `by the first ${known} entries of the log` },
    ...(complete ? [] : [{ zh: '仅含您可见的部分', en: 'only what you may see' }]),
  ];
}

function gapWords({ gaps }: TraceAnswer): Bilingual[] {
  if (gaps.length === 0) return [{ zh: '无。', en: 'None.' }];
  const told = gaps.slice(0, gapsMax).map(({ seq, things, sentence, expected }): Bilingual => {
    const entry = seq === null ? '' : `#${seq} `;
    const [zh, en] = things > 1 ? [`（涉及 ${things} 件）`, ` (${things} things)`] : ['', ''];
    return {
      zh: `${entry}${sentence.zh}${zh} ${expected.map((it) => it.sentence.zh).join('')}`,
      en: `${entry}${sentence.en}${en} ${expected.map((it) => it.sentence.en).join(' ')}`,
    };
  });
  const more = gaps.length - told.length;
  return more === 0
    ? told
    : [...told, { zh: `另有 ${more} 处，见 JSON。`, en: `${more} more; the JSON has all.` }];
}

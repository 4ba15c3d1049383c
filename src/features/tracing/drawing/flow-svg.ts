/** A flow as a picture: parties with what they have now, and how much went from one to another. */
import type { Bilingual, Lang } from '../../../web/words.ts';
import type { FlowAnswer } from '../schemas.ts';
import { flowPanel } from './flow-sketch.ts';
import { svgOf } from './picture.ts';

export const flowSvg = (answer: FlowAnswer, lang: Lang): string =>
  svgOf(
    {
      title: { zh: '流向图', en: 'Flow' },
      epc: answer.epc,
      bounds: boundsOf(answer),
      panels: [
        {
          title: {
            zh: '主体：谁交给谁多少，现存多少',
            en: 'Parties: how much went where, and what is where now',
          },
          panel: flowPanel(answer),
        },
      ],
      sections: [],
    },
    lang,
  );

function boundsOf({ units, at, asOf, complete }: FlowAnswer): Bilingual[] {
  return [
    ...(units === 0 ? [] : [{ zh: `共 ${units} 件`, en: units === 1 ? '1 unit' : `${units} units` }]),
    ...(at === null ? [] : [{ zh: `截至事件时间 ${at}`, en: `of what happened until ${at}` }]),
    { zh: `依据账本前 ${asOf} 条账目`, en: `by the first ${asOf} entries of the log` },
    ...(complete ? [] : [{ zh: '仅含您可见的部分', en: 'only what you may see' }]),
  ];
}

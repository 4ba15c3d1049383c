/** What somebody did to goods, in words: who, when, where and how much, as far as the reader may know it. */
import { dateOf } from '../../core/china-dates.ts';
import { hopWords } from '../../core/events/hop-words.ts';
import { isUom, uoms } from '../../core/quantity.ts';
import type { Bilingual } from '../../web/words.ts';
import type { SeenHop } from '../access/reading.ts';

/** A hop with as much of it as the reader may see; whoever it may not know is null. */
export interface Act extends Pick<SeenHop, 'hop' | 'from' | 'until' | 'outcome' | 'note'> {
  readonly who: Bilingual | null;
  readonly giver: Bilingual | null;
  readonly taker: Bilingual | null;
  /** Its recorder takes the goods. */
  readonly takes: boolean;
  /** In a laboratory. */
  readonly tests: boolean;
  readonly where: Bilingual | null;
  /** Where the goods go. */
  readonly whither: Bilingual | null;
  /** Of goods by measure. */
  readonly amount: Bilingual | null;
}

const hourMs = 3_600_000;
const nobody: Bilingual = { zh: '', en: '' };

/** Somebody did something to the goods, on a day, somewhere; without a full stop. */
export function did(act: Act, when: string = dateOf(act.from)): Bilingual {
  const verb = deed(act);
  const result = act.outcome === null ? null : outcomeWords[act.outcome];
  const { who, where } = act;
  return {
    zh: `${who?.zh ?? '某主体'}于${when}${where === null ? '' : `在${where.zh}`}${verb.zh}${result === null ? '' : `（${result.zh}）`}`,
    en: `${who?.en ?? 'somebody'} ${verb.en} on ${when}${where === null ? '' : ` in ${where.en}`}${result === null ? '' : ` (${result.en})`}`,
  };
}

const outcomeWords = {
  conformant: { zh: '合格', en: 'in order' },
  'non-conformant': { zh: '不合格', en: 'not in order' },
} as const;

function deed({ hop, note, giver, taker, takes, tests, amount }: Act): Bilingual {
  const much = amount?.zh ?? '';
  const it = amount === null ? 'it' : `${amount.en} of it`;
  const to = taker === null || takes ? nobody : { zh: `向${taker.zh}`, en: ` to ${taker.en}` };
  const from = giver === null ? nobody : { zh: `从${giver.zh}`, en: ` from ${giver.en}` };
  const plain = (en: string): Bilingual => ({ zh: `${hopWords[hop].zh}${much}`, en });
  switch (hop) {
    case 'produce':
      return plain(`made ${it}`);
    case 'release':
      return plain(`inspected ${it} at the factory`);
    case 'pack':
      return plain(`packed ${it}`);
    case 'unpack':
      return plain(`unpacked ${it}`);
    case 'ship':
      return { zh: `${to.zh}发货${much}`, en: `shipped ${it}${to.en}` };
    case 'cancel':
      return plain(`cancelled a shipment of ${it}`);
    case 'receive':
      return { zh: `${from.zh}收货${much}`, en: `received ${it}${from.en}` };
    case 'sell':
      return { zh: `${to.zh}销售${much}`, en: `sold ${it}${to.en}` };
    case 'return':
      return takes
        ? { zh: `${from.zh}收回退货${much}`, en: `took ${it} back${from.en}` }
        : { zh: `${to.zh}退货${much}`, en: `returned ${it}${to.en}` };
    case 'install':
      return plain(`installed ${it}`);
    case 'remove':
      return plain(`removed ${it}`);
    case 'replace':
      return plain(note === 'new' ? `put ${it} in place of another` : `replaced ${it}`);
    case 'inspect':
      if (note === 'sample' || note === 'sampling')
        return { zh: `抽样${much}`, en: `took a sample of ${it}` };
      return tests ? { zh: `检验${much}`, en: `tested ${it}` } : plain(`inspected ${it}`);
    case 'maintain':
      if (note === 'old') return { zh: `维修时拆下${much}`, en: `took ${it} out in a maintenance` };
      return plain(note === 'parts' ? `used ${it} in a maintenance` : `maintained ${it}`);
    case 'refill':
      if (note === 'old') return { zh: `充装时取出${much}`, en: `took ${it} out in a refill` };
      return plain(note === 'parts' ? `used ${it} in a refill` : `refilled ${it}`);
    case 'transform':
      return plain(`processed ${it}`);
    case 'split':
      return plain(`cut ${it}`);
    case 'hold':
      return plain(`put ${it} on hold`);
    case 'seize':
      return plain(`seized ${it}`);
    case 'lift':
      return plain(`declared a hold on ${it} lifted`);
    case 'scrap':
      return plain(`scrapped ${it}`);
    case 'destroy':
      return plain(`destroyed ${it}`);
    case 'adopt':
      return plain(`declared ${it} as old stock`);
    case 'relabel':
      return plain(`relabelled ${it}`);
    case 'correct':
      return plain(`corrected a record of ${it}`);
    case 'void':
      return plain(`withdrew a record of ${it}`);
  }
}

/** Who had the thing since an act, or to whom it went by it; null where that is not told. */
export function heldBy(act: Act | null): Bilingual | null {
  if (act === null) return null;
  const on = dateOf(act.from);
  const goes = act.hop === 'ship' || act.hop === 'sell' || (act.hop === 'return' && !act.takes);
  const holder = goes ? act.taker : act.who;
  if (holder === null) return null;
  return goes
    ? { zh: `它已于${on}转往${holder.zh}`, en: `it had gone to ${holder.en} on ${on}` }
    : { zh: `它自${on}起由${holder.zh}持有`, en: `${holder.en} had had it since ${on}` };
}

/** A moment in China to the minute, or the day of what is told no finer than by half a day. */
export const momentOf = ({ from, until }: Act): string =>
  until - from >= 12 * hourMs
    ? dateOf(from)
    : `${dateOf(from)} ${new Date(from + 8 * hourMs).toISOString().slice(11, 16)}`;

/** A decimal with its unit of measure in words; the code of one that nobody here knows. */
export function amountWords(much: string, uom: string): Bilingual {
  if (!isUom(uom)) return { zh: `${much} ${uom}`, en: `${much} ${uom}` };
  const { zh, en } = uoms[uom];
  return { zh: `${much}${zh}`, en: `${much} ${en}${much === '1' ? '' : 's'}` };
}

/** Several as one. */
export const together = (all: readonly Bilingual[]): Bilingual => ({
  zh: all.map(({ zh }) => zh).join('、'),
  en: all.map(({ en }) => en).join('; '),
});

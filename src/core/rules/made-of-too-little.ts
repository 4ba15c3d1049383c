/**
 * Made of too little: by one transformation or split more came out, of one kind (mass, length, pieces), than went in of the same.
 *
 *     found when out > in · (1 + transform-excess-percent / 100), where something went in of that kind; a split, which
 *     adds nothing, has no excess
 *
 * Units count by what they hold, as the product record tells (a drum of 20 kg), and as pieces where it tells none; pieces
 * are compared in splits alone, for a set comes apart into many. Amounts are grains (measures.ts). What each
 * party has of each lot, through all splits and transformations, is a matter of balances: `lot-quantity-exceeded`.
 *
 * Example: 100 m of hose are cut into pieces of 60 m and 50 m: found [the split, the split].
 */
import type { FoundBy } from './rule.ts';
import type { Goods, Making } from './thing.ts';

export const makingRules = {
  'made-of-too-little': {
    version: 1,
    family: 'quantity',
    basis: 'log',
    severities: ['conflict', 'claim'],
    cause: 'data-error',
    thresholds: ['transform-excess-percent'],
    zh: '一次加工或分切的产出多于投入。',
    en: 'More came out of it than went into it.',
  },
} as const;

type Found = FoundBy<'made-of-too-little'>;

export const madeOfTooLittle = ({ told, makingsOf, thresholds }: Goods): readonly Found[] =>
  told.flatMap(({ hop, standing }): Found[] => {
    if (hop.hop !== 'transform' && hop.hop !== 'split') return [];
    const percent = hop.hop === 'split' ? 100n : 100n + BigInt(thresholds['transform-excess-percent']);
    const exceeds = ({ kind, input, output }: Making) =>
      (kind !== 'pieces' || hop.hop === 'split') && input > 0n && output * 100n > input * percent;
    if (!makingsOf(hop.seq).some(exceeds)) return [];
    const severity = standing === 'stranger' ? 'claim' : 'conflict';
    return [{ rule: 'made-of-too-little', seqs: [hop.seq, hop.seq], severity }];
  });

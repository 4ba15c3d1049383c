/**
 * Out of territory (窜货): a dealer for whom a territory is published (lists.ts) shipped or sold the goods to a place, or
 * else to a party, that lies outside it, by the list in force when the hop was recorded. What goes back to where it came
 * from, and a move of the dealer's own, is none of it.
 *
 * Example: B may sell in 浙江 (33). It sells to a shop in 广州 (440100): found [the list, the sale].
 */
import type { HopRecord } from '../events/hop.ts';
import type { FoundBy } from './rule.ts';
import type { Goods } from './thing.ts';

export const territoryRules = {
  'out-of-territory': {
    version: 1,
    family: 'chain',
    basis: 'log',
    severities: ['risk'],
    cause: 'diversion',
    thresholds: [],
    zh: '经销商向其经销区域以外发货或销售。',
    en: 'A dealer shipped or sold it outside its territory.',
  },
} as const;

type Found = FoundBy<'out-of-territory'>;

const givesAway = ({ hop, transfer }: HopRecord): boolean =>
  hop === 'sell' || (hop === 'ship' && transfer !== 'own-move');

export const outOfTerritory = ({ told, territoryOf, destinationOf }: Goods): readonly Found[] =>
  told.flatMap(({ hop, standing }): Found[] => {
    if (standing === 'stranger' || !givesAway(hop)) return [];
    const territory = territoryOf(hop.recorder, hop.seq);
    const region = territory === null ? '' : destinationOf(hop);
    if (territory === null || region === '') return [];
    if (territory.regions.some((prefix) => region.startsWith(prefix))) return [];
    return [{ rule: 'out-of-territory', seqs: [territory.seq, hop.seq], severity: 'risk' }];
  });

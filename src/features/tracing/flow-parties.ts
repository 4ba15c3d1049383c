/**
 * The parties of a flow as a drawing and a graph have them: those that are named to the reader by name, others together by
 * their region.
 */
import type { Bilingual } from '../../web/words.ts';
import type { FlowAnswer } from './schemas.ts';

type Station = FlowAnswer['edges'][number]['from'];

export interface FlowParty {
  readonly id: string;
  readonly name: Bilingual;
  readonly region: Station['region'];
  readonly isNamed: boolean;
  /** The first level that it stands on; null where it is not reached from the beginning. */
  readonly level: number | null;
  /** Units. */
  readonly received: number;
  readonly gave: number;
}

/** Names one party alike wherever the flow does. */
export const partyId = ({ party, region }: Pick<Station, 'party' | 'region'>): string =>
  party?.id ?? `unnamed:${region?.code ?? ''}`;

/** All parties by id, from the beginning on. */
export function flowParties({ levels, edges, now, measured }: FlowAnswer): Map<string, FlowParty> {
  const found = new Map<string, FlowParty>();
  const add = (station: Pick<Station, 'party' | 'region'>, level: number | null, received = 0, gave = 0) => {
    const { party } = station;
    const id = partyId(station);
    const known = found.get(id);
    const sums = { received: received + (known?.received ?? 0), gave: gave + (known?.gave ?? 0) };
    found.set(id, {
      ...(known ?? {
        id,
        name: party === null ? unnamed(station.region) : { zh: party.name, en: party.nameEn ?? party.name },
        region: party === null ? station.region : party.region,
        isNamed: party !== null,
        level,
      }),
      ...sums,
    });
  };
  for (const { level, parties } of levels)
    for (const { received, gave, ...party } of parties) add(party, level, received, gave);
  for (const { level, ...party } of measured?.balances ?? []) add(party, level);
  for (const { from, to, level } of [...edges, ...(measured?.edges ?? [])]) {
    add(from, level);
    add(to, null);
  }
  for (const { holder, region, taker } of now) {
    add({ party: holder, region }, null);
    if (taker !== null) add({ party: taker, region: null }, null);
  }
  return found;
}

const unnamed = (region: Station['region']): Bilingual =>
  region === null
    ? { zh: '未登记或不可见的主体', en: 'Parties not named or shown' }
    : { zh: `${region.zh}的主体（未具名）`, en: `Parties in ${region.en}, not named` };

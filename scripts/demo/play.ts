/** The whole play on a running service: everybody, all goods, the troubles, and what to show for it. */
import type { Client } from '../api.ts';
import { seededRandom } from '../random.ts';
import { type Measures, playAuthorities } from './authorities.ts';
import { type Carton, playGoods, playMetres } from './chain.ts';
import { type Cast, registerCast, type Sizes } from './parties.ts';
import { plantTroubles, type Troubles } from './troubles.ts';

export interface Scale extends Sizes {
  /** Of 200 units, each maker of pieces. */
  readonly palletsAMaker: number;
}

/** 12 manufacturers, 60 distributors, 400 using units, 4 maintenance firms, 20,000 units. */
export const fullScale: Scale = { makers: 12, tiers: [8, 16, 36], users: 400, firms: 4, palletsAMaker: 10 };

export interface Played {
  readonly cast: Cast;
  readonly troubles: Troubles;
  readonly measures: Measures;
  /** One that reached a dealer whole, with nothing wrong. */
  readonly carton: Carton;
}

const seed = 20_250_701;

/** `step` is told what begins, `progress` how many of the parties are registered. */
export async function play(
  operator: Client,
  scale: Scale,
  step: (text: string) => void,
  progress: (done: number, total: number) => void,
): Promise<Played> {
  const random = seededRandom(seed);
  step('registering parties 登记主体');
  const total =
    scale.makers + scale.tiers[0] + scale.tiers[1] + scale.tiers[2] + scale.users + scale.firms + 3;
  let registered = 0;
  const cast = await registerCast(operator, random, scale, () => progress(++registered, total));
  const chain = await playGoods(cast, random, scale.palletsAMaker, step);
  step('cutting hose and cable 水带电缆分切');
  await playMetres(cast, random);
  step('planting troubles 埋设疑点');
  const troubles = await plantTroubles(cast, chain, operator);
  step('sampling, stopping, recalling 抽检停售召回');
  const measures = await playAuthorities(cast, chain);
  const carton = chain.pallets
    .flatMap(({ cartons }) => cartons)
    .find(({ units }) => units.includes(troubles.consistent));
  if (carton === undefined) throw new Error('the consistent unit was in no carton');
  return { cast, troubles, measures, carton };
}

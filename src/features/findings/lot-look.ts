/** Looks at goods by measure: applies the rules to what is told of each up to an entry. */
import { arrange, isBirth, type Step } from '../../core/life/history.ts';
import type { LotLife } from '../../core/life/lot.ts';
import { actsByOffice } from '../../core/life/standing.ts';
import { movedUnderOrder } from '../../core/rules/moved-under-order.ts';
import type { Told } from '../../core/rules/thing.ts';
import { foundInGoods } from '../../core/rules/thing-rules.ts';
import { type Findings, ownContradictions } from './found.ts';
import type { Known } from './known.ts';
import type { LivedLot, LoadedLots } from './lots.ts';
import type { Stops } from './stops.ts';

/** What the history of a lot contradicts, by the entries up to `seq`. */
export function lookAtLot(
  {
    lived,
    stops,
    around,
    epcs,
  }: {
    readonly lived: (lot: number) => LivedLot;
    readonly stops: Stops;
  } & Pick<LoadedLots, 'around' | 'epcs'>,
  { atlas, docket }: Known,
  lot: number,
  seq: number,
): Findings {
  const { steps, life, gtin, maker } = lived(lot);
  const told = toldIn(life, steps);
  const goods = {
    told,
    orders: [],
    product: atlas.product(gtin, seq + 1),
    ...around.around({ unit: lot, gtin, sample: epcs.get(lot) ?? '', maker }, seq + 1),
    thresholds: docket.thresholds(seq + 1),
  };
  // Goods by measure are in many hands, so each order asks only of those through whose hands it says that they went.
  const moved = stops.aboutLot(lot).flatMap(({ through, ...stop }) =>
    movedUnderOrder({
      told: through === null ? told : told.filter(({ hop }) => through.has(hop.recorder)),
      orders: [stop],
    }),
  );
  return ownContradictions([...life.contradictions, ...foundInGoods(goods), ...moved], [steps]);
}

/** The hops of a lot with what each is worth, once each. Officials need no balance in it. */
function toldIn({ claims }: LotLife, steps: readonly Step[]): Told[] {
  const worth = new Map(claims.map(({ seq, ...claim }) => [seq, claim]));
  const hops = new Map(arrange(steps).map(({ hop }) => [hop.seq, hop]));
  const others = new Set(steps.flatMap(({ hop, position }) => (isBirth(hop, position) ? [] : [hop.seq])));
  return [...hops.values()].flatMap((hop): Told[] => {
    const claim = actsByOffice(hop) ? byOffice : worth.get(hop.seq);
    return claim === undefined ? [] : [{ hop, ...claim, begins: !others.has(hop.seq), hosts: false }];
  });
}
const byOffice = { standing: 'authority', effect: false } as const;

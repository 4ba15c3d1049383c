/** The orders that stop things, by the entries up to one: those about them, and those about what they were made of. */
import type { PartyId } from '../../core/events/hop.ts';
import { isBirth, type Step } from '../../core/life/history.ts';
import type { Standing } from '../../core/life/lifecycle-state.ts';
import { type Begotten, descent, type MadeUnder, type Making } from '../../core/orders/descent.ts';
import type { Stop } from '../../core/rules/thing.ts';
import type { Known } from './known.ts';
import { isMaking, type Lineage } from './lineage.ts';
import type { Lives } from './lives.ts';
import type { LivedLot } from './lots.ts';
import type { LotStop } from './standing-orders.ts';

export interface Stops {
  /** About a unit or container, named as `likeOf` does. */
  about(thing: number): readonly Stop[];
  aboutLot(lot: number): readonly LotStop[];
  /** Orders over what is downstream of something that a party makes what it makes of a thing or lot subject to. */
  handedOn(number: number, maker: PartyId): ReadonlySet<number>;
}

export function stopsAt(
  { lives, lived, lineage }: { lives: Lives; lived: (lot: number) => LivedLot; lineage: Lineage },
  { orders }: Pick<Known, 'orders'>,
  seq: number,
): Stops {
  const before = seq + 1;
  const begotten = new Map<number, Begotten>();
  const inputs = new Map<number, readonly number[]>();
  const likeOf = (number: number): number => (lineage.lots.has(number) ? number : lives.likeOf(number));

  function beget(number: number): Begotten {
    if (lineage.lots.has(number)) {
      const { steps, life, asked } = lived(number);
      const makings = makingsIn(steps, life.claims);
      return asked === null ? { ...none, makings } : { makings, ...orders.ofMadeLot(asked, life, before) };
    }
    const { chains, life, subject } = lives.lived(number);
    const makings = makingsIn(chains[0], life.claims);
    return subject === null ? { ...none, makings } : { makings, ...orders.ofMade(subject, before) };
  }

  const { madeUnder, handedOn } = descent(
    (number) => {
      const known = begotten.get(number) ?? beget(number);
      begotten.set(number, known);
      return known;
    },
    (making) => {
      const known = inputs.get(making) ?? [...new Set((lineage.inputs.get(making) ?? []).map(likeOf))];
      inputs.set(making, known);
      return known;
    },
  );

  const made = (number: number): MadeUnder =>
    orders.anyDownstream(before) ? madeUnder(number) : nothingMade;

  return {
    about(thing) {
      const { subject } = lives.lived(thing);
      return subject === null ? [] : orders.about(subject, made(thing), before);
    },
    aboutLot(lot) {
      const { asked, life } = lived(lot);
      return asked === null ? [] : orders.aboutLot(asked, life, made(lot), before);
    },
    handedOn: (number, maker) => handedOn(likeOf(number), maker),
  };
}

const nothingMade: MadeUnder = new Map();
const none = { own: () => new Map<number, null>(), admits: () => false };

/** The makings of a thing that its history believes, in order of seq. */
function makingsIn(
  steps: readonly Step[],
  claims: readonly { readonly seq: number; readonly standing: Standing }[],
): Making[] {
  const births = new Map<number, PartyId>();
  for (const { hop, position } of steps)
    if (isMaking(hop.hop) && isBirth(hop, position)) births.set(hop.seq, hop.recorder);
  if (births.size === 0) return [];
  // What nobody took back, and no stranger says: else anybody could draw others' goods in.
  const believed = new Set(claims.flatMap(({ seq, standing }) => (standing === 'stranger' ? [] : [seq])));
  return [...births].flatMap(([seq, recorder]) => (believed.has(seq) ? [{ seq, recorder }] : []));
}

/** The orders that stop things, by the entries up to one: those about them, and those about what they were made of. */
import type { PartyId } from '../../core/events/hop.ts';
import { arrange, type Step } from '../../core/life/history.ts';
import { type Begotten, descent, type MadeUnder, makingsIn, type Spans } from '../../core/orders/descent.ts';
import { type TakenOut, takingsOut } from '../../core/orders/stay.ts';
import type { Stop } from '../../core/rules/thing.ts';
import type { Known } from './known.ts';
import type { Lineage } from './lineage.ts';
import type { Lives } from './lives.ts';
import type { LivedLot } from './lots.ts';
import type { LotStop } from './standing-orders.ts';

export interface Stops {
  /** About a unit or container, named as `likeOf` does. */
  about(thing: number): readonly Stop[];
  aboutLot(lot: number): readonly LotStop[];
  /** Orders over what is downstream of something that a party makes what it makes of a thing or lot subject to, and when. */
  handedOn(number: number, maker: PartyId): ReadonlyMap<number, Spans>;
  /** What may have taken a thing out again of what an entry put it into. */
  takingsOut(number: number, making: number): readonly TakenOut[];
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
      const told = { makings: makingsIn(steps, life.claims), isNamed: namedIn(steps), takingsOut: never };
      return asked === null ? { ...none, ...told } : { ...told, ...orders.ofMadeLot(asked, life, before) };
    }
    const { chains, life, subject } = lives.lived(number);
    const [steps] = chains;
    const told = {
      makings: makingsIn(steps, life.claims),
      isNamed: namedIn(steps),
      takingsOut(making: number): readonly TakenOut[] {
        const believed = new Set(
          life.claims.flatMap(({ seq, standing }) => (standing === 'stranger' ? [] : [seq])),
        );
        return takingsOut(making, arrange(steps), (entry) => believed.has(entry));
      },
    };
    return subject === null ? { ...none, ...told } : { ...told, ...orders.ofMade(subject, before) };
  }

  const begottenOf = (number: number): Begotten => {
    const known = begotten.get(number) ?? beget(number);
    begotten.set(number, known);
    return known;
  };
  const { madeUnder, handedOn } = descent(begottenOf, (making) => {
    const known = inputs.get(making) ?? [...new Set((lineage.inputs.get(making) ?? []).map(likeOf))];
    inputs.set(making, known);
    return known;
  });

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
    takingsOut: (number, making) => begottenOf(likeOf(number)).takingsOut(making),
  };
}

const nothingMade: MadeUnder = new Map();
const none = { own: () => new Map<number, null>(), admits: () => false };
const never = (): readonly TakenOut[] => [];

/** Whether an entry names it, beside as what something was put into or taken out of. */
function namedIn(steps: readonly Step[]): (entry: number) => boolean {
  let seqs: ReadonlySet<number> | null = null;
  return (entry) => {
    seqs ??= new Set(steps.flatMap(({ hop, position }) => (position === 'parent' ? [] : [hop.seq])));
    return seqs.has(entry);
  };
}

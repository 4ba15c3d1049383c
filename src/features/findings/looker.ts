/** Looks at units and containers: applies the rules to what is told of each up to an entry. */

import type { PlaceId } from '../../core/events/hop.ts';
import { isBirth } from '../../core/life/history.ts';
import type { ProductTraits, Thing, Told } from '../../core/rules/thing.ts';
import { foundIn } from '../../core/rules/thing-rules.ts';
import type { Issued } from '../events/context.ts';
import { type Findings, ownContradictions } from './found.ts';
import type { Known } from './known.ts';
import type { Lived, Lives } from './lives.ts';
import type { Stops } from './stops.ts';
import type { Identity, Surroundings } from './surroundings.ts';

/** Tells what the history of a thing contradicts, by the entries up to `seq`, at the time of that entry. */
export function looker(
  { lives, stops, around }: { readonly lives: Lives; readonly stops: Stops; readonly around: Surroundings },
  { masters, docket, atlas, lists }: Known,
  seq: number,
  asOf: number,
): (thing: number) => Findings {
  const before = seq + 1;
  const thresholds = docket.thresholds(before);
  const positionOf = (place: PlaceId) => atlas.positionOf(place, before);
  const known = new Map<number, Findings>();

  function standardOf(product: ProductTraits | null): Thing['standard'] {
    const published = product === null ? null : lists.standards(before);
    const superseded = published?.list.get(product?.standard ?? '');
    return published === null || superseded === undefined ? null : { seq: published.seq, ...superseded };
  }

  function look(thing: number): Findings {
    const lived = lives.lived(thing);
    const { code, context, life, isUnit, unissued, chains } = lived;
    const gtin = context.issued ? (code?.gtin ?? null) : null;
    const product = gtin === null ? null : atlas.product(gtin, before);
    const orders = stops.about(thing);
    return ownContradictions(
      [
        ...life.contradictions,
        ...foundIn({
          state: life.state,
          moves: life.moves,
          told: toldIn(lived),
          orders,
          issued: context.issued,
          unissued,
          isUnit,
          asOf,
          graceMs: context.graceMs,
          positionOf,
          thresholds,
          certificates: gtin === null ? null : masters.certificates(gtin, before),
          product,
          maintenance: context.maintenance,
          standard: standardOf(product),
          ...around.around({ unit: thing, ...identityOf(code, before) }, before),
        }),
      ],
      chains,
      // An order is about the thing itself, even where what it stops is done to its container.
      orders.map((stop) => stop.seq),
    );
  }

  return (thing) => {
    const like = lives.likeOf(thing);
    const found = known.get(like) ?? look(like);
    known.set(like, found);
    return found;
  };
}

/** What of a code was issued by the entries before `before`; nothing of what was never issued here. */
const identityOf = (code: Issued | undefined, before: number): Omit<Identity, 'unit'> =>
  code !== undefined && code.seq < before
    ? { gtin: code.gtin, sample: code.lot ?? '', maker: code.issuer }
    : { gtin: null, sample: '', maker: null };

/** The hops of a life with what each is worth. */
function toldIn({ life: { claims }, concerning, chains: [own] }: Lived): Told[] {
  const hops = new Map(concerning.map(({ hop }) => [hop.seq, hop]));
  const births = new Set(own.flatMap(({ hop, position }) => (isBirth(hop, position) ? [hop.seq] : [])));
  const hosted = new Set(own.flatMap(({ hop, position }) => (position === 'parent' ? [hop.seq] : [])));
  return claims.flatMap(({ seq, standing, effect }) => {
    const hop = hops.get(seq);
    return hop === undefined
      ? []
      : [{ hop, standing, effect, begins: births.has(seq), hosts: hosted.has(seq) }];
  });
}

/** Who may order what: regulators within their jurisdiction, makers about their own goods. */

import type { PartyId } from '../../core/events/hop.ts';
import type { OrderFact, OrderReleaseFact } from '../../core/log/fact.ts';
import type { OrderScope, OrderType } from '../../core/orders/order.ts';
import { parseEventTime } from '../../core/time.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Draft } from '../../ledger/submission.ts';
import { readerOf } from '../access/reader.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { knownSize } from '../tracing/known.ts';
import type { LoadNames } from '../tracing/names.ts';
import type { Order, SeenOrder } from './queries.ts';
import type { OrderBody, OrderView, ReleaseBody } from './schemas.ts';
import { readScope } from './scope.ts';
import { plainOf } from './sight.ts';

type Needs = Pick<FeatureDeps, 'db' | 'reads' | 'policies' | 'ledger' | 'now'>;

/** What makers may order: they call back and hold back, and stop nothing of others. */
const ofMakers: ReadonlySet<OrderType> = new Set<OrderType>(['hold', 'recall', 'tracking']);

/** What is recorded of an order, with the personal data beside it. */
export interface NewOrder extends Draft {
  readonly fact: OrderFact;
}

/** The fact of a new order. */
export async function newOrder(deps: Needs, body: OrderBody, by: Caller): Promise<NewOrder> {
  const { sql } = deps.db;
  const asked = await readScope(deps, body.scope, by.party);
  const asOf = await knownSize(deps, body.asOf === undefined ? undefined : String(body.asOf), '/asOf');
  const deadline = required(parseEventTime(body.acknowledgeBy), '/acknowledgeBy').until;
  if (deadline <= deps.now())
    throw refusalAt(
      '/acknowledgeBy',
      'invalid-time',
      'Leave holders time to acknowledge: name a moment to come.',
    );
  const { scope, reach } = by.roles.includes('regulator')
    ? { scope: asked, reach: await jurisdictionOf(deps, by) }
    : { scope: await ownGoods(sql, asked, body.type, by.party), reach: null };
  return {
    fact: {
      kind: 'order',
      by: by.party,
      id: newId(),
      type: body.type,
      ...authorityOf(body),
      reason: body.reason.trim(),
      ...(body.notice === undefined ? {} : { notice: trimmed(body.notice) }),
      acknowledgeBy: new Date(deadline).toISOString(),
      scope,
      reach,
      asOf,
    },
    private: { officer: body.officer.trim() },
  };
}

const authorityOf = ({ ground, number }: Pick<OrderBody, 'ground' | 'number'>) => ({
  ground: ground.trim(),
  number: number.trim(),
});

const trimmed = ({ zh, en }: NonNullable<OrderBody['notice']>) => ({
  zh: zh.trim(),
  ...(en === undefined ? {} : { en: en.trim() }),
});

/** As it is when the order is made: what it covers later is a matter of later orders. */
async function jurisdictionOf({ db }: Needs, by: Caller): Promise<OrderFact['reach']> {
  const { jurisdiction } = await readerOf(db.sql, by);
  if (jurisdiction === null)
    throw new Refusal('forbidden', 'You are registered without a jurisdiction; ask the operator to add it.');
  return { regions: [...jurisdiction.regions].sort(), places: [...jurisdiction.places].sort() };
}

/** Orders of makers by which they learn who has their goods: a recall calls upon each of them. */
const tellsWhom = (type: OrderType): boolean => type === 'recall';

/** The member of a scope that names somebody or where somebody is; null when none does. */
function handsNamed({ held, holding, downstream }: OrderScope): string | null {
  if (held !== undefined) return 'held';
  if (holding !== undefined) return 'holding';
  const of =
    downstream === undefined ? undefined : (['party', 'place'] as const).find((it) => it in downstream);
  return of === undefined ? null : `downstream/${of}`;
}

async function ownGoods(sql: Sql, scope: OrderScope, type: OrderType, maker: PartyId): Promise<OrderScope> {
  if (!ofMakers.has(type))
    throw refusalAt('/type', 'forbidden', `Makers order ${[...ofMakers].join(', ')} of their own goods.`);
  if (scope.made !== undefined && scope.made !== maker)
    throw refusalAt('/scope/made', 'forbidden', 'Makers order about their own goods; leave this out.');
  const hands = handsNamed(scope);
  if (!tellsWhom(type) && hands !== null)
    throw refusalAt(
      `/scope/${hands}`,
      'forbidden',
      'Through whose hands goods went makers are told in a recall; leave this out, or order a recall.',
    );
  const owners = await ownersOf(sql, (scope.products ?? []).map(gtinKey));
  for (const [i, gtin] of (scope.products ?? []).entries())
    if (owners.get(gtinKey(gtin)) !== maker)
      throw refusalAt(`/scope/products/${i}`, 'gtin-not-owned', `GTIN ${gtin} is not yours.`);
  return { ...scope, made: maker };
}

/** The fact that takes an order back, by who made it. */
export async function newRelease(
  order: Order,
  body: ReleaseBody,
  by: Caller,
): Promise<Draft & { readonly fact: OrderReleaseFact }> {
  if (order.fact.by !== by.party)
    throw new Refusal('forbidden', 'Only who made an order releases it; make one of your own, or ask them.');
  if (order.release !== null) throw new Refusal('state-conflict', 'The order is released already.');
  return {
    fact: {
      kind: 'order-release',
      by: by.party,
      order: order.fact.id,
      ...authorityOf(body),
      reason: body.reason.trim(),
    },
    private: { officer: body.officer.trim() },
  };
}

/** Whether who has the goods is told, beside what they are: to regulators, and to makers in a recall. */
export const namesHolders = ({ fact: { reach, type } }: Order): boolean => reach !== null || tellsWhom(type);

/** Orders as their reader is told of them. */
export async function orderViews(
  load: LoadNames,
  reader: PartyId,
  orders: readonly SeenOrder[],
): Promise<OrderView[]> {
  const names = await load({
    parties: orders.flatMap(({ fact, release }) => [fact.by, ...(release === null ? [] : [release.fact.by])]),
  });
  const party = (id: PartyId) => ({ id, name: names.party(id).name });
  return orders.map(({ seq, at, fact, officer, release, sight }) => {
    const { kind: _, by, id, type, notice = null, reach, scope, ...rest } = fact;
    const isWhole = sight === 'whole';
    return {
      id,
      seq,
      type,
      issuer: party(by),
      issuedAt: new Date(at).toISOString(),
      ...rest,
      officer: isWhole ? officer : null,
      scope: isWhole ? scope : plainOf(scope, reader),
      notice,
      reach: reach === null ? null : { regions: [...reach.regions], places: [...reach.places] },
      state: release === null ? ('in-force' as const) : ('released' as const),
      release:
        release === null
          ? null
          : {
              seq: release.seq,
              by: party(release.fact.by),
              at: new Date(release.at).toISOString(),
              ...authorityOf(release.fact),
              officer: isWhole ? release.officer : null,
              reason: release.fact.reason,
            },
    };
  });
}

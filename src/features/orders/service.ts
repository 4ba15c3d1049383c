/** Who may order what: regulators within their jurisdiction, makers about their own goods. */
import type { OrderFact, OrderReleaseFact } from '../../core/fact.ts';
import type { PartyId } from '../../core/hop.ts';
import type { OrderScope, OrderType } from '../../core/order.ts';
import { parseEventTime } from '../../core/time.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import type { LoadNames } from '../tracing/names.ts';
import type { Order } from './queries.ts';
import type { OrderBody, OrderView, ReleaseBody } from './schemas.ts';
import { readScope } from './scope.ts';

type Needs = Pick<FeatureDeps, 'db' | 'policies' | 'ledger' | 'now'>;

/** What makers may order: they call back and hold back, and stop nothing of others. */
const ofMakers: ReadonlySet<OrderType> = new Set<OrderType>(['hold', 'recall', 'tracking']);

/** The fact of a new order. */
export async function newOrder(deps: Needs, body: OrderBody, by: Caller): Promise<{ fact: OrderFact }> {
  const { sql } = deps.db;
  const asked = await readScope(deps, body.scope, by.party);
  const size = await deps.ledger.size();
  if (body.asOf !== undefined && body.asOf > size)
    throw refusalAt('/asOf', 'invalid-request', `The log has ${size} entries; name no more.`);
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
      asOf: body.asOf ?? size,
    },
  };
}

const authorityOf = ({ ground, number, officer }: Pick<OrderBody, 'ground' | 'number' | 'officer'>) => ({
  ground: ground.trim(),
  number: number.trim(),
  officer: officer.trim(),
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

async function ownGoods(
  sql: FeatureDeps['db']['sql'],
  scope: OrderScope,
  type: OrderType,
  maker: PartyId,
): Promise<OrderScope> {
  if (!ofMakers.has(type))
    throw refusalAt('/type', 'forbidden', `Makers order ${[...ofMakers].join(', ')} of their own goods.`);
  if (scope.made !== undefined && scope.made !== maker)
    throw refusalAt('/scope/made', 'forbidden', 'Makers order about their own goods; leave this out.');
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
): Promise<{ fact: OrderReleaseFact }> {
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
  };
}

/** Whether a reader may see an order: who made it, whom it names, whose product it is about, and every regulator. */
export async function mayReadOrder(
  sql: FeatureDeps['db']['sql'],
  { fact }: Order,
  { party, roles }: Caller,
): Promise<boolean> {
  const { made, held, holding, products = [] } = fact.scope;
  if (roles.includes('regulator') || [fact.by, made, held, holding].includes(party)) return true;
  return [...(await ownersOf(sql, products.map(gtinKey))).values()].includes(party);
}

export async function orderViews(load: LoadNames, orders: readonly Order[]): Promise<OrderView[]> {
  const names = await load({
    parties: orders.flatMap(({ fact, release }) => [fact.by, ...(release === null ? [] : [release.fact.by])]),
  });
  const party = (id: PartyId) => ({ id, name: names.party(id).name });
  return orders.map(({ seq, at, fact, release }) => {
    const { kind: _, by, id, type, notice = null, reach, ...rest } = fact;
    return {
      id,
      seq,
      type,
      issuer: party(by),
      issuedAt: new Date(at).toISOString(),
      ...rest,
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
              reason: release.fact.reason,
            },
    };
  });
}

/**
 * What follows from a failed sample: the same product is stopped at the seller it was taken from, whatever else it has or
 * gets of it, and what the seller passed on is followed into use. Two orders, recorded together.
 */
import type { OrderScope, OrderType } from '../../core/orders/order.ts';
import { Refusal, refusalAt } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import { mayReadEvent, type Reader, touches } from '../access/reading.ts';
import { loadHops } from '../events/chains.ts';
import type { FeatureDeps } from '../feature.ts';
import { requireParty } from '../parties/references.ts';
import type { LoadNames } from '../tracing/names.ts';
import { type FailedSample, failedWithin } from './failed-samples.ts';
import type { FailureBody } from './schemas.ts';
import { type NewOrder, newOrder } from './service.ts';

type Needs = Pick<FeatureDeps, 'db' | 'reads' | 'policies' | 'ledger' | 'now'>;

/** Refuses what is no failed supervision sample in the caller's jurisdiction. */
export async function ordersAfter(
  deps: Needs,
  names: LoadNames,
  { entry, seller: named, ...paper }: FailureBody,
  by: Caller,
): Promise<NewOrder[]> {
  const { sql } = deps.db;
  const hop = (await loadHops(sql, [entry])).get(entry);
  const unseen = refusalAt('/entry', 'unknown-event', 'No inspection that you may read has this number.');
  if (hop === undefined) throw unseen;
  const stations = [hop.recorder, hop.giver, hop.taker].filter((it) => it !== null);
  const places = [hop.place, hop.toPlace].filter((it) => it !== null);
  const involved = (await names({ parties: stations, places })).involved(hop);
  const reader = await readerOf(sql, by);
  const [sample] = await failedWithin(sql, entry, entry + 1);
  if (!mayReadEvent(reader, involved, []) && !(sample !== undefined && isAffairOf(reader, sample)))
    throw unseen;
  if (sample === undefined)
    throw refusalAt(
      '/entry',
      'state-conflict',
      'This is no failed supervision sample: name what a laboratory or a regulator found not in order in a sample that a regulator took, and has not taken back.',
    );
  const seller =
    named === undefined
      ? (sample.giver ?? hop.giver)
      : await requireParty(sql, deps.policies, named, by.party, '/seller');
  if (seller === null)
    throw refusalAt(
      '/seller',
      'invalid-request',
      'The entry does not say who gave the sample; name the seller.',
    );
  const products = [...sample.products].sort();
  if (products.length === 0)
    throw new Refusal(
      'state-conflict',
      'The inspection names no product that was sampled; order about what you mean instead.',
    );
  const scopes: [OrderType, OrderScope][] = [
    ['stop-sale', { products, holding: seller }],
    ['tracking', { products, downstream: { party: seller } }],
  ];
  const drafts: NewOrder[] = [];
  for (const [type, { products: gtins = [], holding, downstream }] of scopes)
    drafts.push(
      await newOrder(
        deps,
        {
          ...paper,
          type,
          scope: {
            products: [...gtins],
            ...(holding === undefined ? {} : { holding }),
            ...(downstream?.party === undefined ? {} : { downstream: { party: downstream.party } }),
          },
        },
        by,
      ),
    );
  return drafts.map(({ fact, ...rest }) => ({ ...rest, fact: { ...fact, result: entry } }));
}

/** Whether goods were sampled by a regulator, or taken, sold or made in its jurisdiction. */
const isAffairOf = ({ party, jurisdiction }: Reader, sample: FailedSample): boolean =>
  sample.sampler === party || (jurisdiction !== null && touches(jurisdiction, sample));

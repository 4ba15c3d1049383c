/** Notices as the party sees them that is told, with the orders they are about. */
import { type Static, Type } from '@sinclair/typebox';
import type { PartyId } from '../../core/events/hop.ts';
import { dueOf, sampleAnswerMs } from '../../core/orders/deadlines.ts';
import type { FeatureDeps } from '../feature.ts';
import { standingSamples } from '../orders/failed-samples.ts';
import { ordersBySeq } from '../orders/queries.ts';
import { OrderSchema } from '../orders/schemas.ts';
import { orderViews } from '../orders/service.ts';
import type { LoadNames } from '../tracing/names.ts';
import { id, oneOf } from '../vocabulary.ts';
import { answersTo, type Notice, noticeKinds } from './queries.ts';

const moment = (description: string) => Type.String({ format: 'date-time', description });

export const NoticeSchema = Type.Object({
  id: Type.Integer({ description: 'Grows with every notice' }),
  at: moment('When it came'),
  kind: oneOf(
    noticeKinds,
    '`order`: you hold goods under it; `release`: it is over; `moved`: something that your order stops was moved or used; `issued`: an order reaches into your jurisdiction; `failed-sample`: a supervision sample failed of goods taken, sold or made in your jurisdiction, and an officer is to decide what is stopped; `overdue`: somebody, or you, did not acknowledge an order in time, or nothing was ordered after such a sample for fifteen days',
  ),
  entry: Type.Integer({
    description: 'The entry that it tells of: of the order, its release, what moved, or the result',
  }),
  order: Type.Union([OrderSchema, Type.Null()], { description: 'Null of failed samples' }),
  sample: Type.Union(
    [
      Type.Object({
        entry: Type.Integer({ description: 'Of the result: `POST /v1/orders/after-failure` takes it' }),
        answeredBy: Type.Union([id('Order'), Type.Null()], {
          description: 'The first order that follows from it; null while it waits for one',
        }),
        withdrawn: Type.Boolean({
          description: 'The result, or that a sample was taken, was taken back since: it waits for nothing',
        }),
      }),
      Type.Null(),
    ],
    { description: 'Of failed samples' },
  ),
  dueBy: Type.Union(
    [
      moment(
        'By when you are to acknowledge the order: who is told of it late has as long as those who were told when it was made',
      ),
      Type.Null(),
    ],
    { description: 'Null of what is not to be acknowledged' },
  ),
  acknowledgedAt: Type.Union([moment('When you acknowledged it'), Type.Null()]),
  overdue: Type.Boolean({
    description: 'What you are to acknowledge or to decide you have not, and the time for it is over',
  }),
});
export type NoticeView = Static<typeof NoticeSchema>;

/** A few statements, however many notices. */
export async function noticeViews(
  { reads: { sql }, now }: Pick<FeatureDeps, 'reads' | 'now'>,
  names: LoadNames,
  party: PartyId,
  notices: readonly Notice[],
): Promise<NoticeView[]> {
  const seqs = notices.map(({ seq }) => seq);
  const [orders, answers] = await Promise.all([ordersBySeq(sql, seqs), answersTo(sql, seqs)]);
  const standing = await standingSamples(
    sql,
    seqs.filter((seq) => !orders.has(seq)),
  );
  const seen = [...orders].map(([seq, order]) => ({
    seq,
    order: { ...order, sight: order.fact.by === party ? ('whole' as const) : ('told' as const) },
  }));
  const views = await orderViews(
    names,
    party,
    seen.map(({ order }) => order),
  );
  const viewBySeq = new Map(seen.map(({ seq }, i) => [seq, views[i] ?? null]));
  return notices.map(({ id, at, kind, seq, entry, acknowledgedAt }) => {
    const order = orders.get(seq);
    const answeredBy = answers.get(seq) ?? null;
    const due =
      kind === 'order' && order !== undefined
        ? dueOf({ at: order.at, acknowledgeBy: Date.parse(order.fact.acknowledgeBy) }, at)
        : null;
    return {
      id,
      at: new Date(at).toISOString(),
      kind,
      entry,
      order: viewBySeq.get(seq) ?? null,
      sample: order === undefined ? { entry: seq, answeredBy, withdrawn: !standing.has(seq) } : null,
      dueBy: due === null ? null : new Date(due).toISOString(),
      acknowledgedAt: acknowledgedAt === null ? null : new Date(acknowledgedAt).toISOString(),
      overdue: isOverdue(),
    };

    function isOverdue(): boolean {
      switch (kind) {
        case 'order':
          return order?.release === null && acknowledgedAt === null && due !== null && due < now();
        case 'failed-sample':
          return answeredBy === null && standing.has(seq) && at + sampleAnswerMs < now();
        case 'release':
        case 'moved':
        case 'issued':
        case 'overdue':
          return false;
      }
    }
  });
}

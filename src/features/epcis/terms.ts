/** On which terms a named query is followed (EPCIS 2.0 §8.2.5, §12.9): as events come or by a schedule, and from when on. */
import { type Static, Type } from '@sinclair/typebox';
import { parseSchedule, type Schedule } from '../../core/epcis/query-schedule.ts';
import { parseEventTime } from '../../core/time.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { closed } from '../vocabulary.ts';
import { definitionOf } from './named-queries.ts';

const field = Type.Optional(Type.String({ maxLength: 200 }));
export const scheduleFields = {
  second: field,
  minute: field,
  hour: field,
  dayOfMonth: field,
  month: field,
  dayOfWeek: field,
};
export const scheduleSchema = closed(scheduleFields);
export const stream = Type.Optional(Type.Literal(true, { description: 'As events come' }));
export const reportIfEmpty = Type.Optional(
  Type.Boolean({ description: 'Of a schedule: whether to send when there is nothing new' }),
);
export const initialRecordTime = Type.Optional(
  Type.String({ maxLength: 40, description: 'Events recorded from here on; from now on unless said' }),
);

/** What is said of it. */
export interface Terms {
  readonly stream?: true;
  readonly schedule?: Static<typeof scheduleSchema>;
  readonly reportIfEmpty?: boolean;
  readonly initialRecordTime?: string;
}

export interface Times {
  /** As it was sent, and as it is read; null for a stream. */
  readonly schedule: { readonly said: Readonly<Record<string, string>>; readonly read: Schedule } | null;
  /** ms since the epoch; null: from now on. */
  readonly initialRecordTime: number | null;
}

/**
 * When it is looked at. `at`: pointer to the object that the fields of the schedule stand in. Refusals:
 * `invalid-subscription`, `invalid-time`.
 */
export function timesOf(
  { stream, schedule, reportIfEmpty, initialRecordTime }: Terms,
  at: '' | '/schedule',
): Times {
  if ((stream === true) === (schedule !== undefined))
    throw new Refusal('invalid-subscription', 'Give either `stream`: true or a `schedule`.');
  if (stream === true && reportIfEmpty === true)
    throw refusalAt(
      '/reportIfEmpty',
      'invalid-subscription',
      'A stream has nothing to say when nothing comes.',
    );
  return {
    schedule:
      schedule === undefined ? null : { said: { ...schedule }, read: required(parseSchedule(schedule, at)) },
    initialRecordTime:
      initialRecordTime === undefined
        ? null
        : required(parseEventTime(initialRecordTime), '/initialRecordTime').from,
  };
}

/** Refusals: `unknown-query`, `invalid-subscription` of a query that ends. */
export async function checkFollowable(
  { reads, genesis }: Pick<FeatureDeps, 'reads' | 'genesis'>,
  { party }: Pick<Caller, 'party'>,
  name: string,
): Promise<void> {
  const { query } = await definitionOf(reads.sql, party, name, genesis.host);
  if (query.limit !== null || query.most !== null)
    throw new Refusal(
      'invalid-subscription',
      'A query with eventCountLimit or maxEventCount has no next events; keep one without.',
    );
}

/**
 * Standing queries asked again and again (EPCIS 2.0 §8.2.5, §12.9): what was recorded since is posted to where a party
 * wants it, as query documents, in order, signed, until it has arrived. A stream is looked at once a second while the
 * log grows, a schedule at its moments.
 */
import { nextTime } from '../../core/epcis/query-schedule.ts';
import { signWebhook } from '../../core/webhook-signature.ts';
import { Refusal } from '../../errors.ts';
import { isDelivered } from '../../http/sending.ts';
import { isRevoked } from '../access/queries.ts';
import type { FeatureDeps } from '../feature.ts';
import { unwrap, wrap } from '../keys/wrapping.ts';
import { createRounds, type Rounds } from '../rounds.ts';
import { nextTry } from '../webhooks/delivery.ts';
import { eventsMax, nextOf, writeMessage } from './next-events.ts';
import type { FoundEvent } from './queries.ts';
import type { QueryDeps } from './querying.ts';
import { formatHeader, wordsHeader } from './representations.ts';
import {
  type ClaimedSubscription,
  claimSubscriptions,
  deleteSubscription,
  holdSubscription,
  noteFailure,
  noteProgress,
  type Progress,
} from './subscriptions.ts';
import { versionHeaders } from './versions.ts';

type Deps = QueryDeps & Pick<FeatureDeps, 'db' | 'keystore' | 'sender'>;

/** Subscriptions that one process works on at once. */
const atOnce = 8;
/** … and of these of one party. */
const ofParty = 2;
const pollMs = 1_000;
/** Between two looks of a stream. */
const streamMs = 1_000;
/** Longer than a sending may take; how long looking takes nobody knows, so that before a sending it is held anew. */
const leaseMs = 30_000;
/** For the audit of reads. */
const route = '/epcis/v2/queries/:name/subscriptions';

/** Under which the secrets of subscriptions are kept. */
const wrappingName = 'epcis subscriptions';

/** A secret as it is kept. */
export const keepSecret = async (
  { keystore }: Pick<Deps, 'keystore'>,
  id: string,
  secret: string,
): Promise<Buffer> => wrap(await keystore.secret(wrappingName), id, Buffer.from(secret));

async function secretOf({ keystore }: Pick<Deps, 'keystore'>, it: ClaimedSubscription): Promise<Buffer> {
  const secret = unwrap(await keystore.secret(wrappingName), it.id, it.secret);
  if (secret === null) throw new Error(`the secret of subscription ${it.id} cannot be unwrapped`);
  const text = secret.toString();
  // Standard Webhooks: what stands behind this is base64; any other secret is its own text.
  return text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : secret;
}

export function createSubscriptions(
  deps: Deps,
  log: { error(details: object, message: string): void },
): Rounds {
  const { sql } = deps.db;

  async function due(limit: number): Promise<(() => Promise<void>)[]> {
    const size = await deps.ledger.size();
    const claimed = await claimSubscriptions(sql, { now: deps.now(), size, leaseMs, limit, ofParty });
    // What fails here is due again when its lease is over.
    return claimed.map((it) => async () => {
      await advance(it, size)
        .catch(async (error: unknown) => {
          if (!(error instanceof Refusal) || error.code !== 'unknown-query') throw error;
          await deleteSubscription(deps.db, it.caller, it.query, it.id);
        })
        .catch((error: unknown) =>
          log.error({ err: error, subscription: it.id }, 'a subscription was not looked at'),
        );
    });
  }

  /** Sends what comes next, if there is anything, and writes down how far that has come. */
  async function advance(it: ClaimedSubscription, size: number): Promise<void> {
    // What a client may be sent ends with the client.
    if (await isRevoked(deps.reads.sql, it.caller.client))
      return deleteSubscription(deps.db, it.caller, it.query, it.id);
    const askedAt = deps.now();
    // After failures fewer, since it may have been too large.
    const perPage = Math.max(1, Math.floor(eventsMax / 4 ** it.failures));
    const { events, watermark, more } = await nextOf(deps, { ...it, route, perPage }, size);
    const scheduled = it.schedule === null ? askedAt + streamMs : nextTime(it.schedule.read, askedAt);
    const progress: Progress = {
      watermark,
      begun: more && (it.begun || events.length > 0),
      dueAt: more ? askedAt : (scheduled ?? askedAt + leaseMs),
      notifiedAt: null,
      askedAt,
    };
    const isReport = it.schedule !== null && it.reportIfEmpty && !more && !it.begun;
    if (events.length === 0 && !isReport) return void (await noteProgress(sql, it, progress));
    const message = events.length > 0 ? `${it.id}-${it.watermark}` : `${it.id}-${it.watermark}-${it.lease}`;
    const held = await holdSubscription(sql, it, leaseMs);
    if (held === null) return;
    const outcome = await post(held, message, events);
    const at = deps.now();
    if (isDelivered(outcome)) await noteProgress(sql, held, { ...progress, notifiedAt: at });
    else await noteFailure(sql, held, nextTry(held, { at, status: outcome.status }), at);
  }

  async function post(it: ClaimedSubscription, message: string, found: readonly FoundEvent[]) {
    const at = deps.now();
    const { text: body, linked } = await writeMessage(deps, it, found);
    const signed = signWebhook(await secretOf(deps, it), { id: message, at, body });
    const headers = {
      'content-type': it.messages.type,
      ...wordsHeader(it.messages),
      ...formatHeader(it.format, linked),
      'gs1-signature': signed['webhook-signature'],
      ...versionHeaders(deps.genesis.host),
      ...signed,
    };
    return deps.sender.post(it.dest, headers, body);
  }

  return createRounds({
    atOnce,
    pollMs,
    due,
    onError: (error) => log.error({ err: error }, 'subscriptions cannot be looked at; trying again'),
  });
}

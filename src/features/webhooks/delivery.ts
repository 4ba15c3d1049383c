/**
 * Sends notices to the webhooks of who is told, each webhook's in order and one at a time: the next goes when the one
 * before it has arrived. At least once: whoever receives keeps the ids it has seen.
 */
import { givenUpAfterMs, retryAfterMs } from '../../core/retrying.ts';
import { signWebhook } from '../../core/webhook-signature.ts';
import { isDelivered } from '../../http/sending.ts';
import type { FeatureDeps } from '../feature.ts';
import { noticesAfter } from '../inbox/queries.ts';
import { noticeViews } from '../inbox/views.ts';
import { createRounds, type Rounds } from '../rounds.ts';
import type { LoadNames } from '../tracing/names.ts';
import {
  type Attempt,
  type ClaimedWebhook,
  claimWebhooks,
  holdWebhook,
  noteArrival,
  noteFailure,
  type Webhook,
} from './queries.ts';

/** Webhooks that one process sends to at once. */
const atOnce = 16;
/** … and of these to those of one party. */
const ofParty = 4;
const pollMs = 1_000;
/** Longer than a sending may take; before one the webhook is held anew. */
const leaseMs = 30_000;
/** "The endpoint should be removed", says the specification of this answer. */
const gone = 410;

/** The secret of a webhook, by its name in the keystore. */
export const secretName = (id: string): string => `webhook ${id}`;

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'keystore' | 'sender' | 'now'>;

/** Signs and posts a message; what came of it. */
export async function sendMessage(
  { keystore, sender, now }: Pick<Deps, 'keystore' | 'sender' | 'now'>,
  { id, url }: Pick<Webhook, 'id' | 'url'>,
  { message, type, data }: { readonly message: string; readonly type: string; readonly data: object },
): Promise<Attempt> {
  const at = now();
  const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
  const secret = await keystore.secret(secretName(id));
  const headers = {
    'content-type': 'application/json',
    ...signWebhook(secret, { id: message, at, body }),
  };
  return { ...(await sender.post(url, headers, body)), message, at };
}

export function createDelivery(
  deps: Deps,
  names: LoadNames,
  log: { error(details: object, message: string): void },
): Rounds {
  const { sql } = deps.db;

  async function due(limit: number): Promise<(() => Promise<void>)[]> {
    const claimed = await claimWebhooks(sql, { now: deps.now(), leaseMs, limit, ofParty });
    // What fails here is due again when its lease is over.
    return claimed.map((webhook) => async () => {
      await deliver(webhook).catch((error: unknown) =>
        log.error({ err: error, webhook: webhook.id }, 'a notice was not sent'),
      );
    });
  }

  /** Sends the next notice of a webhook. */
  async function deliver(webhook: ClaimedWebhook): Promise<void> {
    const { party, cursor } = webhook;
    const notices = await noticesAfter(deps.reads.sql, party, cursor, 1);
    const [view] = await noticeViews(deps, names, party, notices);
    if (view === undefined) throw new Error(`a webhook is due, and no notice comes after ${cursor}`);
    const held = await holdWebhook(sql, webhook, leaseMs);
    if (held === null) return;
    const attempt = await sendMessage(deps, held, {
      message: `notice-${view.id}`,
      type: `inbox.${view.kind}`,
      data: view,
    });
    if (isDelivered(attempt)) await noteArrival(sql, held, view.id, attempt);
    else await noteFailure(sql, held, nextTry(held, attempt), attempt);
  }

  return createRounds({
    atOnce,
    pollMs,
    due,
    onError: (error) => log.error({ err: error }, 'webhooks cannot be looked at; trying again'),
  });
}

/** When to send again what did not arrive; null to give up. */
export function nextTry(
  { failures, failingSince }: Pick<Webhook, 'failures' | 'failingSince'>,
  { at, status }: Pick<Attempt, 'at' | 'status'>,
): number | null {
  const isOver = status === gone || at - (failingSince ?? at) >= givenUpAfterMs;
  return isOver ? null : at + retryAfterMs(failures + 1, Math.random());
}

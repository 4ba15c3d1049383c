/**
 * Signatures of messages that are sent to others, by the Standard Webhooks specification ("Signature scheme"):
 *
 *   secret             whsec_{base64 of 24 to 64 random bytes}
 *   webhook-id         the same whenever the same message is sent
 *   webhook-timestamp  seconds since the epoch, of this sending
 *   webhook-signature  v1,{base64 of HMAC-SHA-256 under the secret's bytes of "{id}.{timestamp}.{body}"}
 *
 *   whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, msg_p5jXN8AQM9LWM0D4loKWxJek at 1614265330, {"test": 2432232314}
 *   → v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
 */
import { createHmac } from 'node:crypto';

export interface WebhookMessage {
  /** Without full stop, as it parts what is signed. */
  readonly id: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly body: string;
}

/** How a secret of these bytes is given to people. */
export const formatWebhookSecret = (secret: Uint8Array): string =>
  `whsec_${Buffer.from(secret).toString('base64')}`;

/** The three headers that sign a message. */
export function signWebhook(
  secret: Uint8Array,
  { id, at, body }: WebhookMessage,
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  if (id.includes('.')) throw new RangeError('the id of a message has no full stop');
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/**
 * Load that keeps its own record of everything it was told: what was acknowledged, with the receipt, and what is not
 * known to have been recorded. It trusts nothing that the service remembers.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../api.ts';

/** A request with what was answered, if it was. */
export interface Sent {
  readonly key: string;
  readonly body: string;
  readonly hops: number;
  /** `facts` of the receipt, as JSON. */
  facts: string | null;
}

export interface Load {
  /** Everything that was ever sent. */
  readonly sent: readonly Sent[];
  /** What was acknowledged, in the order in which it was. */
  readonly acknowledged: readonly (Sent & { readonly facts: string })[];
  /** Requests whose first answer did not come, or was that nobody knows yet. */
  readonly unknown: number;
  /** Signed notes that /log/checkpoint served. */
  readonly notes: ReadonlySet<string>;
  /** Answers that should never be given. */
  readonly wrong: ReadonlySet<string>;
  /** Sends nothing new any more. */
  stop(): Promise<void>;
  /** Sends a request once more with the same key; answers with `facts`, or null when nobody knows. */
  once(sent: Sent): Promise<string | null>;
  /** The same until it is answered. */
  again(sent: Sent): Promise<string>;
}

export interface LoadOptions {
  readonly urls: () => readonly string[];
  readonly epcs: readonly string[];
  readonly client: { readonly id: string; readonly secret: string };
}

const lanes = 6;
const hopsMax = 20;
/** Of a request that nobody disturbs. */
const triesMax = 300;
/** One request in so many is given up by whoever sent it, after this long at most, ms. */
const givenUpEvery = 40;
const givenUpMaxMs = 40;
const timeoutMs = 30_000;

export function startLoad({ urls, epcs, client }: LoadOptions): Load {
  const sent: Sent[] = [];
  const acknowledged: (Sent & { facts: string })[] = [];
  const notes = new Set<string>();
  const wrong = new Set<string>();
  /** By origin: the clocks of processes differ, and with them what they think of a token. */
  const tokens = new Map<string, Promise<string>>();
  let unknown = 0;
  let stopped = false;
  let refs = 0;

  const anyUrl = async (): Promise<string> => {
    for (;;) {
      const running = urls();
      const url = running[Math.floor(Math.random() * running.length)];
      if (url !== undefined) return url;
      await delay(20);
    }
  };

  function tokenOf(url: string): Promise<string> {
    const known = tokens.get(url);
    if (known !== undefined) return known;
    const asked = new Client(url, client.id, client.secret).token();
    tokens.set(url, asked);
    asked.catch(() => tokens.delete(url));
    return asked;
  }

  function request(): Sent {
    const hops = Array.from({ length: 1 + Math.floor(Math.random() * hopsMax) }, () => ({
      hop: 'inspect',
      ref: `T-${refs++}`,
      time: '2026-03-01T10:30:00+08:00',
      epcs: [epcs[Math.floor(Math.random() * epcs.length)]],
    }));
    return { key: randomUUID(), body: JSON.stringify({ hops }), hops: hops.length, facts: null };
  }

  /** `facts` of the receipt; null when nobody knows. */
  async function post({ key, body }: Sent, waitMs = timeoutMs): Promise<string | null> {
    try {
      const url = await anyUrl();
      const token = tokenOf(url);
      const response = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await token}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body,
        signal: AbortSignal.timeout(waitMs),
      });
      const text = await response.text();
      switch (response.status) {
        case 201:
          return JSON.stringify(JSON.parse(text).facts);
        case 401:
          // Its clock has jumped.
          if (tokens.get(url) === token) tokens.delete(url);
          return null;
        case 503:
        case 507:
          return null;
        default:
          wrong.add(`${response.status} ${text.replace(/urn:uuid:[0-9a-f-]+/, '').slice(0, 500)}`);
          return null;
      }
    } catch {
      return null;
    }
  }

  async function lane(): Promise<void> {
    while (!stopped) {
      const fresh = request();
      sent.push(fresh);
      let facts = await post(fresh, refs % givenUpEvery === 0 ? Math.random() * givenUpMaxMs : timeoutMs);
      if (facts === null) unknown++;
      // Half of those that do not know ask at once, perhaps another process, while the first may still be at it.
      if (facts === null && Math.random() < 0.5) facts = await post(fresh);
      if (facts === null) continue;
      fresh.facts = facts;
      acknowledged.push({ ...fresh, facts });
    }
  }

  async function watch(): Promise<void> {
    while (!stopped) {
      const note = await fetch(`${await anyUrl()}/log/checkpoint`, { signal: AbortSignal.timeout(timeoutMs) })
        .then((response) => (response.ok ? response.text() : null))
        .catch(() => null);
      if (note !== null) notes.add(note);
      await delay(200);
    }
  }

  const working = [...Array.from({ length: lanes }, lane), watch()];
  return {
    sent,
    acknowledged,
    get unknown() {
      return unknown;
    },
    notes,
    wrong,
    async stop() {
      stopped = true;
      await Promise.all(working);
    },
    once: (it) => post(it),
    async again(it) {
      for (let tries = 1; tries <= triesMax; tries++) {
        const facts = await post(it);
        if (facts !== null) return facts;
        await delay(100);
      }
      throw new Error(`${it.key} is not answered, though nobody dies any more; ${[...wrong].join('; ')}`);
    },
  };
}
